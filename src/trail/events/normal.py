"""Raw rows as events of the contract, and the reason why a row is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from trail.errors import DataError
from trail.events.log import EVENT_SCHEMA
from trail.events.period import MICROSECOND, to_micros
from trail.events.reading import Reading
from trail.events.sql import nothing, number_of, price_of, text_of
from trail.events.times import FACTORS, census, micros_of, moment_of, reads_whole, settle

BROKEN = "a line that cannot be cut into columns"
NO_ITEM = "no item id"
NO_TIME = "no time"
BAD_TIME = "an unreadable time"
FUTURE = "a time in the future"
UNKNOWN = "a day that stands for an unknown time"
BAD_WEIGHT = "an unreadable weight"
NEGATIVE = "a negative weight"
BAD_ARRIVAL = "an unreadable arrival time"
FUTURE_ARRIVAL = "an arrival in the future"
EARLY = "an arrival a day or more before the event"
DUPLICATE = "an item id that was there before"
#: Reasons that speak against the file; what a layout sets aside does not.
BAD = (
    *(BROKEN, NO_ITEM, NO_TIME, BAD_TIME, FUTURE, UNKNOWN, BAD_WEIGHT, NEGATIVE),
    *(BAD_ARRIVAL, FUTURE_ARRIVAL, EARLY),
)
#: How far clocks and time zones may be apart.
_SLACK = timedelta(days=1)
#: Days that programs write for a time that is missing.
_NO_DAYS = (datetime(1970, 1, 1), datetime(1900, 1, 1), datetime(1899, 12, 30), datetime(1, 1, 1))  # noqa: DTZ001 - days
_DAY = timedelta(days=1) // MICROSECOND
_YOUNG = to_micros(datetime(1971, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Judged:
    """Raw rows with their values in the contract's types.

    Attributes:
        table: The contract's columns, `_file`, `_row`, `_reason` (null where the row is good), `_text`.
        time_unit: Unit or format of the times; empty for items.
    """

    table: ir.Table
    time_unit: str = ""


def raw_text(table: ir.Table, columns: dict[str, str]) -> ir.StringValue:
    """Returns what people need to see of a row: the values read, as JSON, or the broken line itself."""
    values = ibis.struct({column: table[column].cast("string") for column in columns.values()})
    return table["_broken"].notnull().ifelse(table["_broken"], values.cast("json").cast("string"))


def judge_events(raw: ir.Table, reading: Reading, *, now: datetime, tolerated: float) -> Judged:
    """Reads raw rows as events.

    An arrival less than a day before its event, as clocks and time zones make it, is taken as the event's own time.

    Args:
        raw: Source columns, `_file`, `_row`, `_broken`.
        reading: Where each column comes from.
        now: A day after it, the future begins.
        tolerated: Share of rows in another time unit that is set aside rather than refused.

    Raises:
        DataError: If the times are mixed, or in another unit than the one asked for.
    """
    columns = dict(reading.columns)
    where = f"column {columns['timestamp']!r} of {reading.source.shown}"
    month_first = reading.view is not None and reading.view.month_first
    unit = settle(
        census(raw, columns["timestamp"]),
        reading.source.time_unit,
        where=where,
        month_first=month_first,
        tolerated=tolerated,
    )
    time = raw[columns["timestamp"]]
    arrival, arrived = _arrival(raw, reading, unit, tolerated)
    table = raw.mutate(
        _item=text_of(raw[columns["item_id"]]),
        _time=text_of(time),
        _micros=micros_of(time, unit),
        _arrival=arrival,
        _arrived=arrived,
        _weight=text_of(raw[columns["weight"]]) if "weight" in columns else nothing(),
        _number=number_of(raw[columns["weight"]]) if "weight" in columns else nothing("float64"),
        _aside=reading.view.set_aside(raw) if reading.view and reading.view.set_aside else nothing(),
        _text=raw_text(raw, columns),
    )
    judged = table.mutate(_reason=_reason(table, now, _stands_for_none(table)))
    values = {
        "item_id": judged["_item"],
        "timestamp": moment_of(judged["_micros"]),
        "user_id": _optional(judged, columns, "user_id"),
        "weight": judged["_number"].fill_null(1.0),
        "kind": _optional(judged, columns, "kind"),
        "price": price_of(judged[columns["price"]]) if "price" in columns else nothing("float64"),
        "ingested_at": moment_of(
            judged["_arrived"]
            .isnull()
            .ifelse(nothing("float64"), ibis.greatest(judged["_arrived"], judged["_micros"]))
        ),
    }
    assert list(values) == EVENT_SCHEMA.names
    return Judged(judged.select(**values, **_tail(judged)), unit)


def _arrival(
    raw: ir.Table, reading: Reading, unit: str, tolerated: float
) -> tuple[ir.StringValue, ir.FloatingValue]:
    """Returns when rows arrived, as text and in microseconds since 1970; both null where the source does not say."""
    column = dict(reading.columns).get("ingested_at")
    if column is None:
        return nothing(), nothing("float64")
    found = census(raw, column)
    # numbers tell their own unit, and any number can be read in any
    if found.rows and (unit in FACTORS or not reads_whole(raw, column, unit, tolerated)):
        unit = settle(
            found,
            "auto",
            where=f"column {column!r} of {reading.source.shown}",
            month_first=reading.view is not None and reading.view.month_first,
            tolerated=tolerated,
        )
    return text_of(raw[column]), micros_of(raw[column], unit)


def _tail(table: ir.Table) -> dict[str, ir.Value]:
    return {name: table[name] for name in ("_file", "_row", "_reason", "_text")}


def _optional(table: ir.Table, columns: dict[str, str], name: str) -> ir.StringValue:
    return text_of(table[columns[name]]) if name in columns else nothing()


def _stands_for_none(table: ir.Table) -> ir.BooleanValue:
    """Tells which times stand for none: days that programs write then, in a log that is mostly younger.

    One such row would make years before the log a part of it, in which nothing happened. Where times are counted from zero,
    1970 is where the log is.
    """
    micros = table["_micros"]
    row = table.aggregate(old=(micros < _YOUNG).sum(), read=micros.count()).to_pyarrow().to_pylist()[0]
    days = [to_micros(each.replace(tzinfo=UTC)) for each in _NO_DAYS]
    found = reduce(or_, ((micros >= each) & (micros < each + _DAY) for each in days))
    return found & ibis.literal(2 * (row["old"] or 0) <= row["read"])


def _reason(table: ir.Table, now: datetime, unknown: ir.BooleanValue) -> ir.StringValue:
    limit = float(to_micros(now + _SLACK))
    number = table["_number"]
    return ibis.cases(
        (table["_broken"].notnull(), BROKEN),
        (table["_aside"].notnull(), table["_aside"]),
        (table["_item"].isnull(), NO_ITEM),
        (table["_time"].isnull(), NO_TIME),
        (table["_micros"].isnull(), BAD_TIME),
        (table["_micros"] > limit, FUTURE),
        (unknown, UNKNOWN),
        (table["_weight"].notnull() & number.isnull(), BAD_WEIGHT),
        (number < 0, NEGATIVE),
        (table["_arrival"].notnull() & table["_arrived"].isnull(), BAD_ARRIVAL),
        (table["_arrived"] > limit, FUTURE_ARRIVAL),
        (table["_arrived"] <= table["_micros"] - float(_SLACK // MICROSECOND), EARLY),
        else_=nothing(),
    )


def refuse(counts: dict[str, int], rows: int, tolerated: float, where: str, example: str) -> None:
    """Refuses a source with too many bad rows, or without a good one.

    Args:
        counts: Reason -> rows set aside.
        rows: Rows read.
        tolerated: Share of bad rows that is fine.
        where: The source.
        example: A bad row, with file and row number.

    Raises:
        DataError: Naming the most common reason and the example.
    """
    bad = {reason: count for reason, count in counts.items() if reason in BAD}
    total = sum(bad.values())
    if rows and bad.get(FUTURE, 0) > rows / 2:
        raise DataError(
            f"timestamps in the future ({bad[FUTURE]:,} of {rows:,} rows, such as {example})",
            expected="times that have passed",
            where=where,
            fix="the unit is probably wrong: set time_unit to s, ms, us, ns or a format",
        )
    if sum(counts.values()) == rows:
        most = max(counts, key=lambda reason: counts[reason]) if counts else "no row at all"
        raise DataError(
            f"no usable row among {rows:,}: mostly {most}" + (f", such as {example}" if example else ""),
            expected="at least one good row",
            where=where,
            fix="check the columns and the time unit",
        )
    if total > tolerated * rows:
        most = max(bad, key=lambda reason: bad[reason])
        raise DataError(
            f"{total:,} bad rows of {rows:,} ({total / rows:.1%}), mostly {most}, such as {example}",
            expected=f"at most {tolerated:.1%}",
            where=where,
            fix="mend the file or the columns, or raise max_bad_share",
        )
