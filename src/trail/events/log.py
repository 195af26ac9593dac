"""The contract of the two inputs: an event log and a catalogue, as Ibis tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from trail.errors import DataError
from trail.events.arrival import Arrivals, arrivals_of
from trail.events.ending import is_unfinished
from trail.events.period import MICROSECOND, Horizon, epoch_micros, to_micros

#: Columns of a normalised event table; `price` is the unit price paid, `ingested_at` when the event arrived, not before
#: it happened; null where the log has none.
EVENT_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("timestamp", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("user_id", pa.string()),
        pa.field("weight", pa.float64(), nullable=False),
        pa.field("kind", pa.string()),
        pa.field("price", pa.float64()),
        pa.field("ingested_at", pa.timestamp("us", tz="UTC")),
    ]
)
#: Columns of a normalised catalogue; parts of `categories` are joined with " | ", and `category` is the
#: first part that tells items apart (no single value of it covers four in five items).
ITEM_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("title", pa.string()),
        pa.field("categories", pa.string()),
        pa.field("category", pa.string()),
        pa.field("brand", pa.string()),
        pa.field("description", pa.string()),
        pa.field("price", pa.float64()),
        pa.field("release", pa.date32()),
    ]
)
_GRIDS = (timedelta(days=7), timedelta(days=1))


@dataclass(frozen=True)
class EventLog:
    """Normalised events with what the later stages must know about them.

    Attributes:
        table: Ibis table with the columns of `EVENT_SCHEMA`.
        start: First timestamp.
        end: Last timestamp.
        rows: Number of events.
        has_users: Whether any event names a user; without, breadth is unknown (null), not zero.
        has_prices: Whether any event carries a unit price.
        grid: The coarsest of week or day on whose multiples every timestamp lies, else null. Nothing
            finer than the grid exists in such a log, and cutoffs must lie on it.
        name: What one unit of weight is called in the plural: events, orders, ratings, stars.
        arrivals: When events arrive; null where no event says when it did, and all are known when they happen.
        unfinished: Whether it ends in the midst of its last day (or step), as when it is copied by day; where events say
            when they arrived, `Arrivals.settled` tells.
    """

    table: ir.Table
    start: datetime
    end: datetime
    rows: int
    has_users: bool
    has_prices: bool
    grid: timedelta | None
    name: str = "events"
    arrivals: Arrivals | None = None
    unfinished: bool = False

    def check_cutoff(self, cutoff: datetime) -> None:
        """Refuses a cutoff that does not lie on the log's own grid.

        Raises:
            DataError: If the cutoff would cut a day or week of counts in two.
        """
        if self.grid and (cutoff - self.start) % self.grid:
            step = "week" if self.grid.days == 7 else "day"  # noqa: PLR2004 - a week
            raise DataError(
                f"the cutoff {cutoff:%Y-%m-%d %H:%M}",
                expected=f"whole {step}s from {self.start:%Y-%m-%d}, because the log counts by the {step}",
                fix=f"move the cutoff to {self.start + (cutoff - self.start) // self.grid * self.grid:%Y-%m-%d}",
            )

    def _first_day(self) -> datetime:
        return self.start.replace(hour=0, minute=0, second=0, microsecond=0)

    def covers(self, moment: datetime) -> bool:
        """Tells whether the log had begun: the day of the first event counts as a whole day."""
        return moment >= self._first_day()

    def windows_before(self, cutoff: datetime, horizon: Horizon) -> int:
        """Returns how many full windows of history the log covers before the cutoff."""
        return max(0, (cutoff - self._first_day()) // horizon.span)

    def knowable(self, events: ir.Table) -> ir.IntegerValue:
        """Returns from when on each event is known, in microseconds since 1970: at every cutoff after that moment.

        The one rule of what was known when. An event is known at a cutoff if it happened before the cutoff and had
        arrived when the cutoff's forecast is made: `Arrivals.wait` after it, by the log's own habit. One that does not
        say when it arrived did so when it happened. At the log's last cutoff, and later, all that happened before it is
        known: that forecast is made now, and what the log holds has arrived, however late.

        Args:
            events: Rows of `table`.
        """
        happened = epoch_micros(events.timestamp)
        if self.arrivals is None:
            return happened
        arrived = epoch_micros(ibis.coalesce(events.ingested_at, events.timestamp))
        told = arrived - self.arrivals.wait // MICROSECOND
        return ibis.greatest(happened, ibis.least(told, to_micros(self.last_cutoff()) - 1))

    def is_known(self, events: ir.Table, cutoff: datetime) -> ir.BooleanValue:
        """Tells which events were known at a cutoff, as `knowable` says."""
        # compared as timestamps, engines skip what lies outside
        before = events.timestamp < ibis.literal(cutoff)
        if self.arrivals is None or cutoff >= self.last_cutoff():
            return before
        return before & (self.knowable(events) < to_micros(cutoff))

    def known(self, cutoff: datetime) -> ir.Table:
        """Returns the events known at a cutoff, as `knowable` says."""
        return self.table.filter(self.is_known(self.table, cutoff))

    def begins_before(self, cutoff: datetime) -> bool:
        """Tells whether anything was known at a cutoff."""
        if to_micros(cutoff) <= to_micros(self.start):
            return False
        if self.arrivals is None or cutoff >= self.last_cutoff():
            return True
        return self.arrivals.first < cutoff

    def teaches(self, cutoff: datetime) -> bool:
        """Tells whether enough was known at a cutoff to learn from its cards: half of what had happened (`Arrivals.short`)."""
        short = self.arrivals.short if self.arrivals else ()
        return self.begins_before(cutoff) and not any(start <= cutoff < end for start, end in short)

    def last_cutoff(self) -> datetime:
        """Returns the first midnight (or grid point) after the last event: the cutoff of tonight's forecast.

        That before it, where the last day is not over yet; where events arrive late and the last days are hardly there, the
        end of those that are: `Arrivals.settled`.
        """
        end = self._end_of_last()
        if self.unfinished:
            end -= self.grid or timedelta(days=1)
        return min(end, self.arrivals.settled) if self.arrivals else end

    @property
    def cut(self) -> bool:
        """Whether the last cutoff leaves out last days that are not over, or hardly there yet."""
        return self.last_cutoff() < self._end_of_last()

    def _end_of_last(self) -> datetime:
        if self.grid:
            return self.start + ((self.end - self.start) // self.grid + 1) * self.grid
        midnight = self.end.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight if midnight == self.end else midnight + timedelta(days=1)


@dataclass(frozen=True)
class Items:
    """The catalogue: one row an item.

    Attributes:
        table: Ibis table with the columns of `ITEM_SCHEMA`.
        rows: Number of items.
    """

    table: ir.Table
    rows: int


def event_log(table: ir.Table, *, name: str = "events") -> EventLog:
    """Measures a normalised event table once and returns it as an `EventLog`.

    Raises:
        DataError: If the table is empty.
    """
    if "ingested_at" not in table.columns:
        table = table.mutate(ingested_at=ibis.null("timestamp('UTC', 6)"))
    day, week = (epoch_micros(table.timestamp) % (length // MICROSECOND) for length in reversed(_GRIDS))
    row = (
        table.aggregate(
            start=table.timestamp.min(),
            end=table.timestamp.max(),
            rows=table.count(),
            users=table.user_id.count(),
            prices=table.price.count(),
            arrivals=table.ingested_at.count(),
            in_day=day.max() - day.min(),
            in_week=week.max() - week.min(),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    if not row["rows"]:
        raise DataError(
            "an event log without rows", expected="at least one event", fix="check the file and its filters"
        )
    grid = None
    if row["in_day"] == 0:
        grid = _GRIDS[0] if row["in_week"] == 0 and row["start"] != row["end"] else _GRIDS[1]
    return EventLog(
        table=table,
        start=row["start"].astimezone(UTC),
        end=row["end"].astimezone(UTC),
        rows=row["rows"],
        has_users=row["users"] > 0,
        has_prices=row["prices"] > 0,
        grid=grid,
        name=name,
        arrivals=arrivals_of(table, grid) if row["arrivals"] else None,
        unfinished=not row["arrivals"] and is_unfinished(table, grid, row["end"].astimezone(UTC)),
    )


def open_log(connection: ibis.BaseBackend, path: Path, *, name: str = "events") -> EventLog:
    """Opens a normalised Parquet event file (columns of `EVENT_SCHEMA`)."""
    return event_log(connection.read_parquet(path), name=name)


def open_items(connection: ibis.BaseBackend, path: Path) -> Items:
    """Opens a normalised Parquet catalogue (columns of `ITEM_SCHEMA`)."""
    table = connection.read_parquet(path)
    return Items(table=table, rows=int(table.count().to_pyarrow().as_py()))
