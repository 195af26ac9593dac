"""A backtest for people: its table in a hundred columns, what it says in words, and the demo that ends with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from trail.cli.show import number, say, show_forecast, table
from trail.evaluate import summarise
from trail.evaluate.methods import label
from trail.evaluate.summary import lines_of, method_of
from trail.operations import Backtested, Demonstrated

#: Metrics that fit a terminal; the page has them all.
_METRICS = ("ndcg@50", "recall@50", "wape", "rmsle", "risers@50")
_GAP = "gap"


def show_backtest(done: Backtested, console: Console) -> None:
    """Prints the table of a backtest, what it says in words, and where its page lies."""
    start = done.origins.test[0]
    title = f"{len(done.origins.test)} test origins from {start:%Y-%m-%d}, active items, means"
    cells = {method_of(line): _cells(line) for line in done.table}
    same = [name for name, _ in cells if cells.get((name, "every")) == cells.get((name, "once"))]
    rows = [
        (label(method_of(line)), *cells[method_of(line)], line["seconds"])
        for line in done.table
        if line["refit"] == "every" or line["forecaster"] not in same
    ]
    console.print(table(title, ("forecaster", *_METRICS, _GAP, "seconds"), rows))
    console.print(f"{_GAP}: coverage of the 80% range less what it promises; right at 0")
    if same:
        names = ", ".join(dict.fromkeys(same))
        console.print(f"the same fitted once or at every origin, shown as one line: {escape(names)}")
    if new := _new_items(done):
        console.print(escape(new))
    for sentence in done.verdict.sentences:
        console.print(escape(sentence))
    say(f"report: {done.page}", console)


def _cells(line: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns a line's numbers as they are shown, without the seconds, which no two fits share."""
    gap = line["coverage_gap"]
    return (*(number(line[name]) for name in _METRICS), "-" if gap is None else f"{gap:+.2f}")


def _new_items(done: Backtested) -> str:
    """Returns how the champion does on new items, beside who does best there; empty without new items or a champion."""
    found: Sequence[Mapping[str, Any]] = lines_of(summarise(done.results.rows), "test", "new")
    measured = [line for line in found if line["loss"] is not None]
    mine = next((line for line in measured if method_of(dict(line)) == done.verdict.champion.method), None)
    if mine is None:
        return ""
    said = f"new items, about {mine['items']:,.0f} an origin: champion {_worth(mine)}"
    return (
        f"{said}, the best there" if mine is measured[0] else f"{said}; the best there {_worth(measured[0])}"
    )


def _worth(line: Mapping[str, Any]) -> str:
    values = ", ".join(f"{name} {number(line[name])}" for name in ("ndcg@50", "wape"))
    return f"{label(method_of(dict(line)))} ({values})"


def show_demo(done: Demonstrated, console: Console) -> None:
    """Prints the whole job: backtest, forecast, texts, and what must be said of the data."""
    show_backtest(done.backtest, console)
    console.print()
    show_forecast(done.forecast, console)
    console.print(f"\n[yellow]{escape(done.notice)}[/]")
