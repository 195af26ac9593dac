"""`trail lists`: arguments in, one verb called, its result shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from trail.cli.commands import Folder, Json, NoModel, answer, app
from trail.cli.progress import reporting

if TYPE_CHECKING:
    from trail.operations.listing import Listed


@app.command(epilog="Example: trail lists shop --origins 12 --no-model")
def lists(
    folder: Folder,
    origins: Annotated[int | None, typer.Option("--origins", min=1, help="Test origins.")] = None,
    until: Annotated[str, typer.Option("--until", help="Day on which the last test period ends.")] = "",
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--with", help="A recommender, or a forecaster to blend, instead of the usual; may be repeated."
        ),
    ] = None,
    no_model: NoModel = False,
    as_json: Json = False,
) -> None:
    """Tries lists for single users at past cutoffs: recommenders, forecasts for all, and blends of both.

    The recommenders come with the package's extra `lists`; what is not installed is left out.
    """
    from trail.operations import listing

    with reporting() as report:
        done = listing.lists(
            folder,
            origins=origins,
            until=until,
            names=names or listing.DEFAULT,
            use_model=not no_model,
            report=report,
        )
    answer(done, as_json, of_lists, show_lists)


def of_lists(done: Listed) -> dict[str, Any]:
    """Returns `trail lists --json`: means over the test origins, and what must be said of them."""
    from trail.evaluate.list_metrics import LIST_METRICS

    return {
        "folder": done.folder,
        "model": done.model,
        "test": done.origins.test,
        "validation": done.origins.validation,
        "table": [
            {
                "method": line.method,
                "settings": line.settings,
                "users": line.users,
                "seconds": line.seconds,
                **dict(zip(LIST_METRICS, line.values, strict=True)),
            }
            for line in done.table
        ],
        "notes": done.notes,
    }


def show_lists(done: Listed, console: Console) -> None:
    """Prints the table and what must be said of it."""
    from trail.cli.show import table
    from trail.evaluate.list_metrics import LIST_METRICS

    start = done.origins.test[0]
    title = f"{len(done.origins.test)} test origins from {start:%Y-%m-%d}, active items, means"
    rows = [(line.method, *line.values, line.seconds) for line in done.table]
    console.print(table(title, ("lists of", *LIST_METRICS, "seconds"), rows))
    for note in done.notes:
        console.print(escape(note))
    console.print(f"rows: {done.folder / 'rows.parquet'}", soft_wrap=True)
