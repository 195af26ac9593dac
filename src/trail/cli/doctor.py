"""`trail doctor ...`: tests of a project's own forecaster, one command each."""

from __future__ import annotations

from typing import Annotated

import typer

from trail.cli.commands import Folder, Json, NoModel, answer
from trail.cli.progress import reporting
from trail.cli.values import maker, moment

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
            "--by",
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
        done = operations.leaks(
            folder, at=moment(at, "--at"), name=name, use_model=not no_model, report=report
        )
    answer(done, as_json, of_leaks, show_leaks)
    if done.exit_code:
        raise typer.Exit(done.exit_code)


@checks.command(epilog="Example: trail doctor reasons shop --by trail --items 20")
def reasons(
    folder: Folder,
    at: Annotated[str, typer.Option("--at", help="First moment not known; default the log's end.")] = "",
    by: Annotated[
        str,
        typer.Option(
            "--by",
            help="Whose reasons: champion (of the latest backtest; the default), trail (the default beside --model), best, "
            "or a forecaster's name.",
        ),
    ] = "",
    model: Annotated[
        str, typer.Option("--model", help="Name of a model; default the newest that fits.")
    ] = "",
    items: Annotated[int, typer.Option("--items", min=2, help="Items tested, from the first rank on.")] = 50,
    rewrite: Annotated[
        bool,
        typer.Option(
            "--rewrite", help="Let the model write each text, three times an item; default plain renderings."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Edits away what explanations name as drivers, in copies of the log: does each forecast move as was said?

    The named group of signals is taken to its neutral values by changing the item's own events (for its category,
    those of the others), cards are rebuilt and forecast again. Good: the first driver's edit moves the forecast
    the stated way in nine of ten items (right) and by three times what editing an unnamed group does (ratio); the own
    drivers of two items fit better than exchanged ones in nine of ten pairs (own). A liar, who tells each item what
    is true of another, and a parrot, who tells all the commonest driver, are measured beside: own of 0.5 is
    chance. Most texts should change after the edit of their first driver, few after another's. Comprehensiveness
    should be larger in the drivers' order than in a random one, sufficiency smaller.

    Exits with 0 whatever it measures. Rows are in reports/reasons/; the project's other files stay as they are.
    """
    from trail import operations
    from trail.cli.findings import of_reasons, show_reasons

    with reporting() as report:
        done = operations.reasons(
            folder,
            at=moment(at, "--at"),
            by=maker(by, model),
            model=model,
            items=items,
            rewrite=rewrite,
            report=report,
        )
    answer(done, as_json, of_reasons, show_reasons)
