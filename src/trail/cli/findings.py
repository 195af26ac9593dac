"""What the doctor found, for people and for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape

from trail.cli.show import table
from trail.operations import Diagnosis

_COLUMNS = ("plant", "item", "of", "number", "before", "after")


def of_leaks(done: Diagnosis) -> dict[str, Any]:
    """Returns `trail doctor leaks --json`."""
    return {"holds": not done.findings, **asdict(done)}


def show_leaks(done: Diagnosis, console: Console) -> None:
    """Prints every number that moved, how many each plant moved, and what the alarm cannot see."""
    if done.findings:
        rows = [(f.plant, f.item_id, f.of, f.column, f.before, f.after) for f in done.findings]
        console.print(table("numbers that moved", _COLUMNS, rows, left=4))
        counted = Counter((each.plant, each.of) for each in done.findings)
        for (plant, of), moved in counted.items():
            console.print(f"[red]leak[/] {plant} moved {moved:,} numbers of the {of}s", soft_wrap=True)
    else:
        console.print(
            f"[green]no leak found[/]: {len(done.tried)} plants, {done.items:,} items, no number moved"
        )
    source = f"model {done.model}" if done.model else "no language model"
    console.print(
        f"forecaster {escape(done.forecaster)} ({escape(source)}), cutoff {done.cutoff:%Y-%m-%d %H:%M}; "
        f"tried {', '.join(done.tried)}",
        soft_wrap=True,
    )
    for plant, lacks in done.skipped.items():
        console.print(f"[yellow]not tried[/] {plant}: needs {lacks}", soft_wrap=True)
    for limit in done.limits:
        console.print(f"[dim]limit: {escape(limit)}[/]", soft_wrap=True)
