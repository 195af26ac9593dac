"""When events arrive, which is later than they happen: what a log as a whole says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np

from trail.events.period import MICROSECOND, epoch_micros

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)

#: Weeks before a last day whose same weekday says how few events it may hold.
_USUAL = 4


@dataclass(frozen=True)
class Arrivals:
    """When the events of a log arrive.

    Attributes:
        first: Since when something is known, by the same rule: before it nothing was.
        short: Spans, start in and end out, in which less than half of what had happened had arrived: before a log was
            copied into the system that keeps it, say, whatever single events arrived there. Their cards say too little.
        wait: How long after a cutoff its forecast is made: what the median event takes to arrive after the end of its
            day (of its step, where the log has a grid), up to the end of a whole day. Zero where most events arrive on
            the day they happen; a day where they are loaded in the night after, or counted when the day is over.
        settled: The end of the last day (or step) that the log knows well: where the log does not reach as long after it as
            the median event takes to arrive, the last days are left out while they hold less than half of the events of the
            quietest of the same weekdays in the four weeks before.
    """

    first: datetime
    short: tuple[tuple[datetime, datetime], ...]
    wait: timedelta
    settled: datetime


def arrivals_of(table: ir.Table, grid: timedelta | None) -> Arrivals:
    """Measures when the events of a log arrive; at least one must say so.

    Args:
        table: Normalised events.
        grid: The log's own step, null where it has none.
    """
    due, day = step_end(table, grid), _DAY // MICROSECOND
    late = ((epoch_micros(table.ingested_at) - due) / float(day)).floor().cast("int64") + 1
    arrived = ibis.coalesce(table.ingested_at, table.timestamp)
    counted = table.group_by(due=due, late=late).aggregate(
        rows=table.count(), last=epoch_micros(arrived).max()
    )
    delay = (epoch_micros(table.ingested_at) - due).median().to_pyarrow().as_py()
    found = counted.order_by("due", "late").to_pyarrow()
    told = found.filter(found["late"].is_valid())
    wait = max(_median(told["late"].to_numpy(), told["rows"].to_numpy()), 0) * day
    ends, rows = found["due"].to_numpy(), found["rows"].to_numpy()
    known = ends + found["late"].fill_null(0).to_numpy() * day - wait  # without a word it came at once
    first = ibis.greatest(epoch_micros(table.timestamp), epoch_micros(arrived) - wait).min()
    return Arrivals(
        first=_moment(first.to_pyarrow().as_py()),
        short=_short(ends, np.maximum(known, ends), rows),
        wait=wait * MICROSECOND,
        settled=_moment(_settled(ends, rows, int(found["last"].to_numpy().max() - max(delay, 0)))),
    )


def _median(values: np.ndarray, rows: np.ndarray) -> int:
    """Returns the lower median of values that occur so many times each."""
    order = np.argsort(values, kind="stable")
    passed = rows[order].cumsum()
    return int(values[order][np.searchsorted(passed, passed[-1] / 2)])


def _short(
    happened: np.ndarray, known: np.ndarray, rows: np.ndarray
) -> tuple[tuple[datetime, datetime], ...]:
    """Returns the spans in which less than half of what had happened was known."""
    looks = np.unique([happened, known])
    of_each = []
    for moments in (happened, known):
        order = np.argsort(moments, kind="stable")
        sums = np.concatenate([[0], rows[order].cumsum()])
        of_each.append(sums[np.searchsorted(moments[order], looks, side="right")])
    short = 2 * of_each[1] < of_each[0]  # never at the last look, where all is known
    edges = [_moment(int(looks[at])) for at in np.flatnonzero(np.diff(np.concatenate([[False], short])))]
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _settled(ends: np.ndarray, rows: np.ndarray, reached: int) -> int:
    """Returns the end of the last step that is known well, of a log that reaches so far, less what events usually take."""
    steps, step_of = np.unique(ends, return_inverse=True)
    held = np.bincount(step_of, weights=rows)
    at = len(steps) - 1
    while reached < steps[at] and 2 * held[at] < _usual(steps, held, at):
        at -= 1
    return int(steps[at])


def _usual(steps: np.ndarray, held: np.ndarray, at: int) -> float:
    """Returns the fewest events that the same weekday held in the weeks before, where it held any; zero in a log's first week."""
    before = steps[at] - np.arange(1, _USUAL + 1) * (_WEEK // MICROSECOND)
    there = np.isin(steps[:at], before)  # a holiday without an event says nothing of a usual day
    return float(held[:at][there].min()) if there.any() else 0.0


def _moment(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + micros * MICROSECOND


def step_end(events: ir.Table, grid: timedelta | None) -> ir.IntegerValue:
    """Returns the end of each event's day or step, microseconds since 1970: the first cutoff that it could matter for."""
    happened, day = epoch_micros(events.timestamp), _DAY // MICROSECOND
    return happened + grid // MICROSECOND if grid else happened - happened % day + day
