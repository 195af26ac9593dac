"""Whether the last day of a log was over when the log was copied: by its own habit, for a copy does not say when it was made."""

from __future__ import annotations

from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
#: Weeks before the last day (or step) whose same day says what it may still hold.
_WEEKS = 4
#: Events, and share of a day's, that never failed to follow: fewer may be missing by chance on a day that is over.
_FOLLOW, _SHARE = 10, 0.1


def is_unfinished(table: ir.Table, grid: timedelta | None, end: datetime) -> bool:
    """Tells whether a log ends in the midst of its last day (or step), whose missing hours would count as zero.

    It does where on each of the same weekdays of the four weeks before a tenth of the day's events, and ten or more, came later
    in the day than the log's last one; where only the step is known, where the last one lacks as many and holds less than half
    of what each of them held. Days without an event, as holidays may be, say nothing. On a log whose traffic has just halved,
    one day in a few hundred that is over is taken for one that is not (simulated, 24 to 120 events a day).

    Args:
        table: Normalised events.
        grid: The log's own step, null where it has none.
        end: The last event.
    """
    step = grid or _DAY
    start = end if grid else end.replace(hour=0, minute=0, second=0, microsecond=0)
    if start == end and not grid:  # a first instant says nothing of its day, which is not counted either
        return False
    begins = [start - at * max(step, _WEEK) for at in range(_WEEKS + 1)]
    passed = end - start + timedelta(microseconds=1)
    near = table.filter(table.timestamp >= ibis.literal(begins[-1]))
    sums = {f"held{at}": _inside(near, each, each + step) for at, each in enumerate(begins)}
    sums |= {f"after{at}": _inside(near, each + passed, each + step) for at, each in enumerate(begins[1:], 1)}
    row = near.aggregate(**sums).to_pyarrow().to_pylist()[0]
    usual = [(row[f"held{at}"], row[f"after{at}"]) for at in range(1, _WEEKS + 1) if row[f"held{at}"]]
    if grid:
        usual = [(held, (held - row["held0"]) * (2 * row["held0"] < held)) for held, _ in usual]
    return bool(usual) and all(lacking >= max(_FOLLOW, _SHARE * held) for held, lacking in usual)


def _inside(table: ir.Table, start: datetime, end: datetime) -> ir.IntegerValue:
    return ((table.timestamp >= ibis.literal(start)) & (table.timestamp < ibis.literal(end))).sum()
