"""A progress bar for each stage, one after the other, on stderr, with the time left; in a log file a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

Report = Callable[[str, float, float], None]
#: Seconds between two lines of one stage in a log file.
_EVERY = 60.0


@contextmanager
def reporting() -> Iterator[Report]:
    """Yields a function that is told stage, done and total, and shows a bar a stage, or lines where nobody looks."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(console)
        return
    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: float, total: float) -> None:
            if stage not in tasks or (done == 0 and bars.tasks[tasks[stage]].finished):
                tasks[stage] = bars.add_task(stage, total=int(total))
            bars.update(tasks[stage], completed=int(done), total=int(total))

        yield report


def _lines(console: Console, clock: Callable[[], float] = time.monotonic) -> Report:
    """Returns a report that writes a line when a stage begins, every minute, and when it ends."""
    begun: dict[str, float] = {}
    written: dict[str, float] = {}

    def report(stage: str, done: float, total: float) -> None:
        now, ended = clock(), done >= total
        if stage in begun and not ended and now - written[stage] < _EVERY:
            return
        start = begun.setdefault(stage, now)
        left = f", about {(now - start) / done * (total - done):.0f} s left" if done and not ended else ""
        console.print(f"{stage}: {done:.0f} of {total:.0f}, {now - start:.0f} s{left}", highlight=False)
        written[stage] = now
        if ended:
            del begun[stage]

    return report
