"""When events arrive, which is later than they happen: what a log as a whole says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import ibis
import ibis.expr.types as ir

from trail.events.period import MICROSECOND, epoch_micros

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Arrivals:
    """When the events of a log arrive.

    Attributes:
        first: The first arrival; before it nothing was known.
        wait: How long after a cutoff its forecast is made: what the median event takes to arrive after the end of its
            day (of its step, where the log has a grid), up to the end of a whole day. Zero where most events arrive on
            the day they happen; a day where they are loaded in the night after, or counted when the day is over.
    """

    first: datetime
    wait: timedelta


def arrivals_of(table: ir.Table, grid: timedelta | None) -> Arrivals:
    """Measures when the events of a log arrive; at least one must say so.

    Args:
        table: Normalised events.
        grid: The log's own step, null where it has none.
    """
    late = ((epoch_micros(table.ingested_at) - step_end(table, grid)) / float(_DAY // MICROSECOND)).floor()
    counted = table.group_by(days=late.cast("int64") + 1).aggregate(
        rows=table.count(), first=ibis.coalesce(table.ingested_at, table.timestamp).min()
    )
    found = counted.order_by("days").to_pyarrow().to_pylist()
    told = [row for row in found if row["days"] is not None]
    half, passed = sum(row["rows"] for row in told) / 2, 0
    for row in told:
        passed += row["rows"]
        if passed >= half:
            break
    return Arrivals(min(row["first"] for row in found).astimezone(UTC), max(row["days"], 0) * _DAY)


def step_end(events: ir.Table, grid: timedelta | None) -> ir.IntegerValue:
    """Returns the end of each event's day or step, microseconds since 1970: the first cutoff that it could matter for."""
    happened, day = epoch_micros(events.timestamp), _DAY // MICROSECOND
    return happened + grid // MICROSECOND if grid else happened - happened % day + day
