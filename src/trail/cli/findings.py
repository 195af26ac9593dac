"""What the doctor found, for people and for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape

from trail.cli.show import number, say, table
from trail.evaluate.faithfulness import COMPREHENSIVE, DRIVERS, RANDOM, SUFFICIENT, UNTESTABLE, summary
from trail.operations import Diagnosis, Reasoned

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


def of_reasons(done: Reasoned) -> dict[str, Any]:
    """Returns `trail doctor reasons --json`: all but the rows."""
    about = {"folder": done.folder, "cutoff": done.cutoff, "model": done.model, "writer": done.writer}
    return {**about, **summary(done.found)}


def show_reasons(done: Reasoned, console: Console) -> None:
    """Prints how the named drivers stand up to the log, beside a liar and a parrot, and what could be tested."""
    found = done.found
    console.print(
        f"forecaster {escape(found.forecaster)} ({escape(f'model {done.model}' if done.model else 'no language model')}), "
        f"cutoff {done.cutoff:%Y-%m-%d %H:%M}; {found.items:,} items, {found.told:,} of them with a driver",
        soft_wrap=True,
    )
    rows = [
        (
            each.who,
            each.cases,
            each.right,
            f"{number(each.low)}-{number(each.high)}",
            each.ratio,
            each.own,
            each.pairs,
        )
        for each in found.scores
    ]
    columns = ("drivers", "items", "right", "95% interval", "ratio", "own", "pairs")
    console.print(table("the first driver edited away in the log", columns, rows))
    texts = [
        (each.what, each.cases, each.share, f"{number(each.low)}-{number(each.high)}")
        for each in found.shares
    ]
    console.print(
        table(f"texts written again ({done.writer})", ("text", "texts", "share", "95% interval"), texts)
    )
    curves = [
        (measure, *(found.areas[f"{measure} {order}"] for order in (DRIVERS, RANDOM)))
        for measure in (COMPREHENSIVE, SUFFICIENT)
    ]
    console.print(
        table("areas of the curves, by occlusion", ("curve", "drivers' order", "random order"), curves)
    )
    groups = [
        (
            each.group,
            each.spilled,
            each.first,
            each.tested,
            each.right,
            each.named,
            each.named_right,
            each.reached,
            each.spill,
        )
        for each in found.groups
    ]
    names = (
        "group",
        "moves along",
        "first of",
        "tested",
        "right",
        "named",
        "right of these",
        "to neutral",
        "along",
    )
    console.print(table("by group of signals", names, groups, left=2))
    for group, why in UNTESTABLE.items():
        console.print(f"[yellow]not tested[/] {group.value}: {why}", soft_wrap=True)
    say(f"rows in {done.folder}", console)
