"""`trail run` and `trail publish`: arguments in, one verb called, its result shown."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from trail.cli.commands import Folder, Json, NoModel, answer, app
from trail.cli.progress import reporting
from trail.cli.values import moment

if TYPE_CHECKING:
    from trail.operations import Published, Run


@app.command(epilog="Example, every night at three: 0 3 * * * trail run /srv/shop --json")
def run(
    folder: Folder,
    keep: Annotated[
        int | None, typer.Option("--keep", min=0, help="Snapshots kept, 0 for all; default the project's.")
    ] = None,
    no_model: NoModel = False,
    as_json: Json = False,
) -> None:
    """Does the nightly job: reads, trains where it is time, forecasts, explains, seals, scores, publishes, exports, tidies up.

    A second run of the same night does nothing, one after a crash only what is missing, and two at a time are
    refused. A step that fails is told, and stops only those that need it; the exit code is that of the first failure.
    """
    from trail import operations

    with reporting() as report:
        done = operations.run(folder, keep=keep, use_model=not no_model, report=report)
    answer(done, as_json, of_run, show_run)
    if done.exit_code:
        raise typer.Exit(done.exit_code)


@app.command(epilog="Example, back to an older forecast: trail publish shop --at 2011-11-28")
def publish(
    folder: Folder,
    at: Annotated[
        str,
        typer.Option(
            "--at", help="Cutoff of the snapshot; default the newest. An older one is the way back."
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Verifies a sealed forecast and lets published.json name it, which is what is served.

    One that does not hold is refused (exit code 3), and what was published stays.
    """
    from trail import operations

    done = operations.publish(folder, at=moment(at, "--at"))
    answer(done, as_json, of_publish, show_published)


def of_run(done: Run) -> dict[str, Any]:
    """Returns `trail run --json`: every step, what the reading changed, and which forecast is served."""
    warnings = done.change.warnings if done.change else ()
    return {"exit_code": done.exit_code, "moved": done.moved, "warnings": warnings, **asdict(done)}


def show_run(done: Run, console: Console) -> None:
    """Prints a line a step, and which forecast is served."""
    from trail.cli.show import say, table

    rows = [(each.name, each.status, each.words, f"{each.seconds:,.1f}") for each in done.steps]
    night = f"the night of {done.cutoff:%Y-%m-%d}" if done.cutoff else "a night without data"
    console.print(table(night, ("step", "status", "what", "seconds"), rows, left=3))
    if done.resumed:
        console.print("went on with a run that did not end")
    for each in done.steps:
        if each.status == "failed":
            console.print(f"[red]failed[/] {each.name}: {escape(each.words)}", soft_wrap=True)
    for warning in done.change.warnings if done.change else ():
        console.print(f"[yellow]look at this[/] {escape(warning)}", soft_wrap=True)
    served = f"served: {done.published}" if done.published else "nothing is published"
    say(f"{served}{f' (before: {done.before})' if done.moved and done.before else ''}", console)


def of_publish(done: Published) -> dict[str, Any]:
    """Returns `trail publish --json`."""
    return asdict(done)


def show_published(done: Published, console: Console) -> None:
    """Prints which forecast is served, and which was before."""
    from trail.cli.show import say

    state = "published already" if done.already else "published"
    say(f"{state}: {done.folder} since {done.published}\nseal {done.seal}", console)
    if done.before and done.before != done.folder:
        say(f"before: {done.before}", console)
