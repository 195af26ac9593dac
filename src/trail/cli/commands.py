"""The commands: arguments in, one verb of `trail.operations` called, its result shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from trail import __version__
from trail.cli.group import Commands
from trail.cli.progress import reporting
from trail.cli.values import maker, moment, style_of, told, whole_numbers

app = typer.Typer(
    cls=Commands,
    name="trail",
    help="Predicts which items will be popular next and says why, in words that are checked against the data.",
    epilog="Exit codes: 0 done, 2 usage or config, 3 data, 4 engine, 5 model. Start with: trail demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The project: the folder with trail.toml.")]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on stdout, errors as JSON on stderr.")
]
NoModel = Annotated[
    bool, typer.Option("--no-model", help="Leave the language model out: baselines and plain renderings.")
]


def answer(done: Any, as_json: bool, of: Callable[[Any], Any], show: Callable[[Any, Console], None]) -> None:
    """Prints a result on stdout, for a program or for a person."""
    from trail.cli.answers import dumped

    if as_json:
        typer.echo(dumped(of(done)))
    else:
        show(done, Console(emoji=False))


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"trail {__version__}")
        raise typer.Exit


@app.callback()
def _all(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command(epilog="Example: trail demo demo")
def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where the project goes.")] = Path("demo"),
    no_model: NoModel = False,
    as_json: Json = False,
) -> None:
    """Does the whole job on a simulated grocery log that comes with a package: no data, GPU or network."""
    from trail import operations
    from trail.cli import answers, backtested

    if not as_json:
        typer.echo(operations.NOTICE + "\n")
    with reporting() as report:
        done = operations.demo(folder, use_model=not no_model, report=report)
    answer(done, as_json, answers.of_demo, backtested.show_demo)


@app.command(epilog="Example: trail init shop --events 'orders/*.csv' --items products.csv --country GB")
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new project's folder.")],
    events: Annotated[
        list[str], typer.Option("--events", help="File, glob, folder or database URL of the log.")
    ],
    items: Annotated[list[str] | None, typer.Option("--items", help="The same of the catalogue.")] = None,
    horizon_days: Annotated[int, typer.Option("--horizon-days", help="Days predicted.")] = 7,
    country: Annotated[str, typer.Option("--country", help="Whose holidays count: an ISO code.")] = "US",
    noun: Annotated[str, typer.Option("--noun", help="What one event is called in the plural.")] = "",
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="A column that guessing misses, such as item_id=sku; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Looks at the files, guesses the columns, writes trail.toml, and shows what it guessed."""
    from trail import operations
    from trail.cli import answers, show

    done = operations.init(
        folder,
        events,
        items or (),
        horizon_days=horizon_days,
        country=country,
        noun=noun,
        columns=told(column or ()),
    )
    answer(done, as_json, answers.of_init, show.show_initialised)


@app.command(epilog="Example: trail plan shop")
def plan(folder: Folder, as_json: Json = False) -> None:
    """Names every problem at once, and time, memory and disk before anything is spent."""
    from trail import operations
    from trail.cli import answers, show

    with reporting() as report:
        done = operations.plan(folder, report=report)
    answer(done, as_json, answers.of_plan, show.show_plan)
    if done.troubles:
        raise typer.Exit(done.troubles[0].exit_code)


@app.command(epilog="Example: trail train shop --until 2011-09-01")
def train(
    folder: Folder,
    until: Annotated[
        str, typer.Option("--until", help="First moment not known; default the log's end.")
    ] = "",
    name: Annotated[str, typer.Option("--name", help="Name under models/; default the date.")] = "",
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a killed run stopped.")] = False,
    as_json: Json = False,
) -> None:
    """Trains the model on everything known at a moment."""
    from trail import operations
    from trail.cli import answers, show

    with reporting() as report:
        done = operations.train(
            folder, until=moment(until, "--until"), name=name, resume=resume, report=report
        )
    answer(done, as_json, answers.of_train, show.show_trained)


@app.command(epilog="Example: trail forecast shop --at 2011-12-05 --top 50 --explain 20")
def forecast(
    folder: Folder,
    at: Annotated[
        str, typer.Option("--at", help="Cutoff: first moment predicted; default the log's end.")
    ] = "",
    top: Annotated[int | None, typer.Option("--top", min=1, help="K of the chance of the top K.")] = None,
    explain: Annotated[int | None, typer.Option("--explain", min=0, help="Items to explain.")] = None,
    model: Annotated[
        str, typer.Option("--model", help="Name of a model; default the newest that fits.")
    ] = "",
    by: Annotated[
        str,
        typer.Option(
            "--by",
            help="Who makes the numbers: champion (of the latest backtest; without one the model, without that the best "
            "baseline; the default), trail (the default beside --model), best, or a forecaster's name.",
        ),
    ] = "",
    plain: Annotated[
        bool, typer.Option("--plain", help="Plain renderings, even where there is a model that could write.")
    ] = False,
    no_model: NoModel = False,
    as_json: Json = False,
) -> None:
    """Forecasts every item, explains the first ranks, and seals the result in a snapshot."""
    from trail import operations
    from trail.cli import answers, show

    with reporting() as report:
        done = operations.forecast(
            folder,
            at=moment(at, "--at"),
            top=top,
            explained=explain,
            model=model,
            by=maker(by, model, no_model=no_model),
            plainly=plain,
            report=report,
        )
    answer(done, as_json, answers.of_forecast, show.show_forecast)


@app.command(epilog="Example: trail backtest shop --origins 12 --horizon 28 --with all,untuned,ablations")
def backtest(
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
            help="What to try beside the model: names apart by commas, baselines (the default), all (without a "
            "language model), untuned (its backbone asked for a number), ablations (or one of "
            "trail_masked, trail_no_popularity, trail_no_rank, trail_no_language, trail_no_contrast, trail_scores_only), or "
            "none.",
        ),
    ] = None,
    seeds: Annotated[
        str,
        typer.Option(
            "--seeds",
            metavar="SEEDS",
            help="Seeds apart by commas, such as 0,1,2 (a single number is that seed, not a count): what draws is "
            "trained and run once with each and reported as the mean, with the spread over seeds; the rest is run once. "
            "Default the project's seed.",
        ),
    ] = "",
    no_model: NoModel = False,
    as_json: Json = False,
) -> None:
    """Tries the model and other forecasters at past cutoffs, names a champion, and writes a report."""
    from trail import operations
    from trail.cli import answers, backtested

    with reporting() as report:
        done = operations.backtest(
            folder,
            origins=origins,
            horizon=horizon,
            until=until,
            names=names or (),
            seeds=whole_numbers(seeds, "--seeds"),
            use_model=not no_model,
            report=report,
        )
    answer(done, as_json, answers.of_backtest, backtested.show_backtest)


@app.command(epilog="Example: trail explain shop 85123A --length long --for engineer")
def explain(
    folder: Folder,
    item: Annotated[str, typer.Argument(metavar="ITEM", help="The item's identifier.")],
    at: Annotated[str, typer.Option("--at", help="Cutoff of the snapshot; default the latest.")] = "",
    query: Annotated[
        str,
        typer.Option("--query", metavar="SIGNAL", help="Print the SQL behind a receipt's signal instead."),
    ] = "",
    length: Annotated[
        str,
        typer.Option(
            "--length",
            metavar="LENGTH",
            help="Tell the sealed facts anew: short (one sentence), normal or long.",
        ),
    ] = "",
    audience: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="READER",
            help="Tell them for a merchandiser, an engineer or an executive: the same facts, other words.",
        ),
    ] = "",
    language: Annotated[
        str,
        typer.Option(
            "--language",
            metavar="CODE",
            help="Tell them also in German (de), French (fr), Spanish (es) or Chinese (zh), beside the English text.",
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Says why an item stands where it stands, with the receipt of every claim."""
    from trail import operations
    from trail.cli import answers, show

    with reporting() as report:
        style = style_of(length, audience, language, query=query)
        if query:
            sql = operations.query(folder, item, query, at=moment(at, "--at"), report=report)
            typer.echo(answers.dumped({"item_id": item, "signal": query, "sql": sql}) if as_json else sql)
            return
        done = operations.explain(folder, item, at=moment(at, "--at"), style=style, report=report)
    answer(done, as_json, answers.of_explain, show.show_explained)


@app.command(epilog="Example: trail verify shop/snapshots/2011-12-05")
def verify(
    snapshot: Annotated[Path, typer.Argument(metavar="SNAPSHOT", help="The snapshot's folder.")],
    seal: Annotated[str, typer.Option("--seal", help="The seal noted when it was made.")] = "",
    as_json: Json = False,
) -> None:
    """Checks a snapshot offline: its hashes, and every text and number on the cards beside it.

    A change under old hashes is found by them; a text or a stated number changed under new hashes is found
    by reading the texts again. Only a wholesale replacement needs the seal that you noted.
    """
    from trail import operations
    from trail.cli import answers, show

    done = operations.verify(snapshot, seal=seal)
    answer(done, as_json, answers.of_verify, show.show_verified)
    if not done.holds:
        raise typer.Exit(3)


@app.command(epilog="Example: trail scorecard shop")
def scorecard(folder: Folder, as_json: Json = False) -> None:
    """Scores every sealed forecast whose period is over: its figures, and how often its reasons were right.

    The scores lie in reports/scorecard/, and nothing is scored twice against the same data. A snapshot that was
    altered is refused (exit code 3, after the others are scored); one that is not due is listed with the
    day that the log must reach.
    """
    from trail import operations
    from trail.cli import answers, show

    with reporting() as report:
        done = operations.scorecard(folder, report=report)
    answer(done, as_json, answers.of_scorecard, show.show_scorecard)
    if done.card.refused:
        raise typer.Exit(3)


@app.command(epilog="Example: trail diff shop/snapshots/2011-11-28 shop/snapshots/2011-12-05 --why")
def diff(
    older: Annotated[Path, typer.Argument(metavar="A", help="The older snapshot.")],
    newer: Annotated[Path, typer.Argument(metavar="B", help="The newer snapshot.")],
    top: Annotated[int, typer.Option("--top", min=1, help="Ranks of either that are compared.")] = 20,
    why: Annotated[
        bool,
        typer.Option(
            "--why",
            help="Say what moved each: events that came late, new ones, the model, the settings; the parts add up. "
            "Forecasts anew two or three times.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Shows who moved in the ranking between two snapshots, and with --why what moved them."""
    from trail import operations
    from trail.cli import answers, show

    if why:
        with reporting() as report:
            moved = operations.moves(newer.resolve().parents[1], older, newer, top=top, report=report)
        answer(moved, as_json, answers.of_moves, show.show_why_moved)
        return
    done = operations.diff(older, newer, top=top)
    answer(done, as_json, answers.of_diff, show.show_moves)
