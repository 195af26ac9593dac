"""When events arrive, which is later than they happen: what a log as a whole says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np

from trail.events.period import MICROSECOND, epoch_micros

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Arrivals:
    """When the events of a log arrive.

    Attributes:
        first: The first arrival; before it nothing was known.
        since: The first midnight from which on at least half of what had happened had arrived. A log that was copied
            into another system knows next to nothing of the time before, whatever single events say.
        wait: How long after a cutoff its forecast is made: what the median event takes to arrive after the end of its
            day (of its step, where the log has a grid), up to the end of a whole day. Zero where most events arrive on
            the day they happen; a day where they are loaded in the night after, or counted when the day is over.
        settled: The midnight from which on all of the log is known: the last one for which the log reaches as far as
            a forecast waits. What happened later is too thinly known to be compared with the past.
    """

    first: datetime
    since: datetime
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
    counted = table.group_by(due=due, late=late).aggregate(
        rows=table.count(), first=ibis.coalesce(table.ingested_at, table.timestamp).min()
    )
    found = counted.order_by("due", "late").to_pyarrow()
    told = found.filter(found["late"].is_valid())
    wait = max(_median(told["late"].to_numpy(), told["rows"].to_numpy()), 0)
    ends, rows = found["due"].to_numpy(), found["rows"].to_numpy()
    waited = found["late"].fill_null(0).to_numpy().clip(min=0) - wait  # without a word it came at once
    step = grid // MICROSECOND if grid else day
    missing = max(-int((ends + waited * day).max() - ends.max()), 0)
    return Arrivals(
        min(found["first"].to_pylist()).astimezone(UTC),
        _moment(_half_known(ends, ends + np.maximum(waited, 0) * day, rows)),
        wait * _DAY,
        _moment(int(ends.max()) - -(-missing // step) * step),
    )


def _median(values: np.ndarray, rows: np.ndarray) -> int:
    """Returns the lower median of ascending or other values that occur so many times each."""
    order = np.argsort(values, kind="stable")
    passed = rows[order].cumsum()
    return int(values[order][np.searchsorted(passed, passed[-1] / 2)])


def _half_known(happened: np.ndarray, known: np.ndarray, rows: np.ndarray) -> int:
    """Returns the first moment from which on at least half of what had happened was known, whenever one looks."""
    looks = np.unique([happened, known])
    of_each = []
    for moments in (happened, known):
        order = np.argsort(moments, kind="stable")
        sums = np.concatenate([[0], rows[order].cumsum()])
        of_each.append(sums[np.searchsorted(moments[order], looks, side="right")])
    short = np.flatnonzero(2 * of_each[1] < of_each[0])
    return int(looks[short[-1] + 1 if len(short) else 0])


def _moment(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + micros * MICROSECOND


def step_end(events: ir.Table, grid: timedelta | None) -> ir.IntegerValue:
    """Returns the end of each event's day or step, microseconds since 1970: the first cutoff that it could matter for."""
    happened, day = epoch_micros(events.timestamp), _DAY // MICROSECOND
    return happened + grid // MICROSECOND if grid else happened - happened % day + day
