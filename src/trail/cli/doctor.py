"""`trail doctor ...`: tests of a project's own forecaster, one command each."""

from __future__ import annotations

from typing import Annotated

import typer

from trail.cli.commands import Folder, Json, NoModel, answer
from trail.cli.progress import reporting
from trail.cli.values import moment

checks = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")


@checks.callback()
def _all() -> None:
    """Puts the project's own forecaster to the test."""


@checks.command(epilog="Example: trail doctor leaks shop --with lightgbm")
def leaks(
    folder: Folder,
    at: Annotated[
        str, typer.Option("--at", help="First moment not known; default one horizon before the log's end.")
    ] = "",
    name: Annotated[
        str,
        typer.Option(
            "--with",
            metavar="NAME",
            help="A forecaster or a model; default the latest backtest's champion, else the newest model that "
            "fits, else the best baseline.",
        ),
    ] = "",
    no_model: NoModel = False,
    as_json: Json = False,
) -> None:
    """Plants futures, later catalogues, other ids and other orders in copies of the data: no number may move.

    Exits with 3 if a signal of a card moved, with 5 if only the forecast did. What it cannot see is said with
    the result; the project's files stay as they are.
    """
    from trail import operations
    from trail.cli.findings import of_leaks, show_leaks

    with reporting() as report:
        done = operations.leaks(folder, at=moment(at), name=name, use_model=not no_model, report=report)
    answer(done, as_json, of_leaks, show_leaks)
    if done.exit_code:
        raise typer.Exit(done.exit_code)
