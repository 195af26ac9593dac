"""How far a command is: a bar for all of it, one for each stage, on stderr; in a log file a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

Report = Callable[[str, float, float], None]
#: Seconds between two lines of one stage in a log file.
_EVERY = 60.0


class _Or(ProgressColumn):
    """A column of stages that says something else of the whole.

    Args:
        of_stage: The column.
        of_whole: Returns what is said of the whole.
    """

    def __init__(self, of_stage: ProgressColumn, of_whole: Callable[[Task], str]) -> None:
        super().__init__()
        self.of_stage, self.of_whole = of_stage, of_whole

    def render(self, task: Task) -> RenderableType:
        """Returns the cell of a bar."""
        return Text(self.of_whole(task)) if task.fields["whole"] else self.of_stage.render(task)


def _planned(task: Task) -> str:
    return f"about {(task.total or 0) / 60:.0f} min"


def _left(task: Task) -> str:
    left = max(0.0, (task.total or 0) - (task.elapsed or 0)) / 60
    return f"{left:.0f} min" if left >= 1 else "soon"


@contextmanager
def reporting() -> Iterator[Report]:
    """Yields a function that is told stage, done and total, and shows a bar a stage, or lines where nobody looks."""
    from trail.operations.workspace import IN_ALL

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(console, IN_ALL)
        return
    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(),
        _Or(MofNCompleteColumn(), _planned),
        TimeElapsedColumn(),
        TextColumn("left"),
        _Or(TimeRemainingColumn(), _left),
    )
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: float, total: float) -> None:
            if stage not in tasks or (done == 0 and bars.tasks[tasks[stage]].finished):
                tasks[stage] = bars.add_task(stage, total=int(total), whole=stage == IN_ALL)
            bars.update(tasks[stage], completed=int(done), total=int(total))
            if IN_ALL in tasks:
                whole = bars.tasks[tasks[IN_ALL]]
                # never full before its time: what was planned is a guess
                bars.update(whole.id, completed=min(whole.elapsed or 0, 0.99 * (whole.total or 0)))

        yield report


def _lines(console: Console, whole: str, clock: Callable[[], float] = time.monotonic) -> Report:
    """Returns a report that writes a line when a stage begins, every minute, and when it ends; of the whole what is planned."""
    begun: dict[str, float] = {}
    written: dict[str, float] = {}

    def report(stage: str, done: float, total: float) -> None:
        now, ended = clock(), done >= total
        if stage == whole:
            console.print(f"{stage}: about {total / 60:.0f} minutes", highlight=False)
            return
        if stage in begun and not ended and now - written[stage] < _EVERY:
            return
        start = begun.setdefault(stage, now)
        left = f", about {(now - start) / done * (total - done):.0f} s left" if done and not ended else ""
        parts = f"{done:.0f} of {total:.0f}" if total != 1 else "ended" if ended else "begun"
        console.print(f"{stage}: {parts}, {now - start:.0f} s{left}", highlight=False)
        written[stage] = now
        if ended:
            del begun[stage]

    return report
