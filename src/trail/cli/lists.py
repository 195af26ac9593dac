"""`trail lists`: arguments in, one verb called, its result shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from trail.cli.commands import Folder, Json, NoModel, answer, app
from trail.cli.progress import reporting
from trail.cli.values import whole_numbers

if TYPE_CHECKING:
    from trail.operations.listing import Listed


@app.command(epilog="Example: trail lists shop --origins 12 --no-model")
def lists(
    folder: Folder,
    origins: Annotated[int | None, typer.Option("--origins", min=1, help="Test origins.")] = None,
    horizon: Annotated[
        int | None,
        typer.Option("--horizon", help="Days predicted in this run, 1 to 92; default the project's."),
    ] = None,
    until: Annotated[str, typer.Option("--until", help="Day on which the last test period ends.")] = "",
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="NAMES",
            help="Recommenders, and forecasters to blend, instead of the usual: names apart by commas; may be repeated.",
        ),
    ] = None,
    seeds: Annotated[
        str,
        typer.Option(
            "--seeds",
            metavar="SEEDS",
            help="Seeds apart by commas, such as 0,1,2: what draws is run once with each, as are its blends, and reported as "
            "the mean, with the spread over seeds; the rest counts once. The model needs a backtest with the same seeds. "
            "Default the project's seed.",
        ),
    ] = "",
    no_model: NoModel = False,
    as_json: Json = False,
) -> None:
    """Tries lists for single users at past cutoffs: recommenders, forecasts for all, and blends; writes a report.

    The recommenders come with the package's extra `lists`; what is not installed is left out.
    """
    from trail.operations import listing

    with reporting() as report:
        done = listing.lists(
            folder,
            origins=origins,
            horizon=horizon,
            until=until,
            names=names or listing.DEFAULT,
            seeds=whole_numbers(seeds, "--seeds"),
            use_model=not no_model,
            report=report,
        )
    answer(done, as_json, of_lists, show_lists)


def of_lists(done: Listed) -> dict[str, Any]:
    """Returns `trail lists --json`: means over the test origins, and what must be said of them."""
    from trail.evaluate.list_metrics import LIST_METRICS
    from trail.evaluate.list_rows import list_spreads

    return {
        "folder": done.folder,
        "report": done.page,
        "model": done.model,
        "test": done.origins.test,
        "validation": done.origins.validation,
        "seeds": sorted({row.seed for row in done.rows}),
        "seed_spread": list_spreads(done.rows),
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
    from trail.cli.show import say, table
    from trail.evaluate.list_metrics import LIST_METRICS

    start = done.origins.test[0]
    title = f"{len(done.origins.test)} test origins from {start:%Y-%m-%d}, active items, means"
    rows = [(each.method, *each.values, each.seconds) for each in done.table]
    console.print(table(title, ("lists of", *LIST_METRICS, "seconds"), rows))
    for note in done.notes:
        console.print(escape(note))
    say(f"report: {done.page}", console)
