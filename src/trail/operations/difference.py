"""Two states of a log laid side by side, row by row where their days differ."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import ibis
import ibis.expr.types as ir

from trail.engine import connect
from trail.events import EVENT_SCHEMA, Horizon, epoch_micros, to_micros


@dataclass(frozen=True)
class Difference:
    """How a log differs from an earlier state of it; equal rows are told apart by their number.

    Attributes:
        new: Rows that it has more.
        vanished: Rows that it has less.
        late: New rows from before a moment.
        late_days: Day -> its late rows.
        late_windows: Windows before that moment that late rows lie in.
    """

    new: int = 0
    vanished: int = 0
    late: int = 0
    late_days: Mapping[str, int] = field(default_factory=dict)
    late_windows: int = 0


NONE = Difference()


def difference(earlier: Path, now: Path, cutoff: datetime, horizon: Horizon, *, spill: Path) -> Difference:
    """Compares two normalised event files: days by their sums, and row by row only where these differ.

    Args:
        earlier: The earlier state, columns of `EVENT_SCHEMA`.
        now: The later one.
        cutoff: New rows from before it are late.
        horizon: The length of the windows before it.
        spill: Folder for what memory does not hold.
    """
    connection = connect()
    try:
        with tempfile.TemporaryDirectory(prefix=".difference.", dir=spill) as aside:
            quoted = aside.replace("'", "''")
            connection.raw_sql(f"SET temp_directory = '{quoted}'")
            old, new = (connection.read_parquet(str(path)) for path in (earlier, now))
            days = _days(old, new)
            return _by_row(old, new, days, cutoff, horizon) if days else NONE
    finally:
        connection.disconnect()


def _day(events: ir.Table) -> ir.DateValue:
    return events.timestamp.cast("timestamp").date()


def _days(old: ir.Table, new: ir.Table) -> list[date]:
    """Returns the days whose rows are not the same in both, by their number and the sum of their hashes."""
    sums = []
    for sign, table in ((1, new), (-1, old)):
        row = ibis.struct({name: table[name] for name in EVENT_SCHEMA.names}).hash().cast("decimal(38, 0)")
        told = table.select(day=_day(table), row=row)
        sums.append(told.group_by("day").aggregate(rows=told.count() * sign, sum=told.row.sum() * sign))
    both = ibis.union(*sums)
    both = both.group_by("day").aggregate(rows=both.rows.sum(), sum=both["sum"].sum())
    found = both.filter((both.rows != 0) | (both["sum"] != 0)).order_by("day").to_pyarrow()
    return list(found["day"].to_pylist())


def _by_row(old: ir.Table, new: ir.Table, days: list[date], cutoff: datetime, horizon: Horizon) -> Difference:
    signed = [
        table.filter(_day(table).isin(days)).mutate(_rows=ibis.literal(sign, "int64"))
        for sign, table in ((1, new), (-1, old))
    ]
    both = ibis.union(*signed)
    rows = both.group_by(EVENT_SCHEMA.names).aggregate(n=both["_rows"].sum())
    is_late = (rows.n > 0) & (rows.timestamp < ibis.literal(cutoff))
    back = (
        ((to_micros(cutoff) - 1 - epoch_micros(rows.timestamp)) / float(horizon.micros)).floor().cast("int64")
    )
    told = rows.mutate(
        day=_day(rows), window=is_late.ifelse(back, ibis.null("int64")), late=is_late.ifelse(rows.n, 0)
    )
    counted = told.group_by("day", "window").aggregate(
        new=ibis.greatest(told.n, 0).sum(), vanished=ibis.greatest(-told.n, 0).sum(), late=told.late.sum()
    )
    found = counted.order_by("day", "window").to_pyarrow().to_pylist()
    late_days: dict[str, int] = {}
    for row in found:
        if row["late"]:
            late_days[row["day"].isoformat()] = late_days.get(row["day"].isoformat(), 0) + int(row["late"])
    return Difference(
        new=sum(int(row["new"]) for row in found),
        vanished=sum(int(row["vanished"]) for row in found),
        late=sum(late_days.values()),
        late_days=late_days,
        late_windows=len({row["window"] for row in found if row["window"] is not None}),
    )
