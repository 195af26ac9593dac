"""Which unit or format a column of times is in, and its values as microseconds since 1970."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis.expr.types as ir

from trail.errors import DataError
from trail.events.period import epoch_micros
from trail.events.sql import make_timestamp, nothing, number_of, text_of, try_strptime

#: Unit -> microseconds.
FACTORS = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}
#: Unit -> magnitudes of a moment between 1973 and 5138; they do not overlap, so one value tells its unit.
MAGNITUDES = {"s": (1e8, 1e11), "ms": (1e11, 1e14), "us": (1e14, 1e17), "ns": (1e17, 1e20)}
_DATES = ("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%d-%b-%Y")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
#: Formats tried on text that is neither a number nor ISO; month-first stands before day-first.
FORMATS = (
    *(day + clock for day in _DATES for clock in _CLOCKS),
    "%Y%m%d",
    "%Y%m%d%H%M%S",
    "%m %d, %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d %b %Y",
    "%d/%b/%Y:%H:%M:%S %z",
    "%a %b %d %H:%M:%S %z %Y",
)
_EARLIEST_YEAR = 1900
#: Beyond every date that a log can hold, and inside what a timestamp can.
_LAST = 4e18


def unit_of(values: Iterable[Any]) -> str:
    """Returns the unit or format that fits every example value, else an empty text.

    Where month and day cannot be told apart the answer is empty too: the whole column decides.
    """
    texts = [value.isoformat() if hasattr(value, "isoformat") else str(value).strip() for value in values]
    if not texts:
        return ""
    for unit, (low, high) in MAGNITUDES.items():
        if all(_within(text, low, high) for text in texts):
            return unit
    if all(_is_iso(text) for text in texts):
        return "iso"
    fitting = [form for form in FORMATS if all(_fits(text, form) for text in texts)]
    return fitting[0] if len(fitting) == 1 else ""


def looks_like_time(values: list[Any], *, share: float = 0.9) -> bool:
    """Whether at least this share of the example values reads as a moment."""
    texts = [
        value.isoformat() if hasattr(value, "isoformat") else str(value).strip() for value in values[:200]
    ]
    good = sum(
        _is_iso(text)
        or any(_within(text, low, high) for low, high in MAGNITUDES.values())
        or any(_fits(text, form) for form in FORMATS)
        for text in texts
    )
    return bool(texts) and good >= share * len(texts)


def _within(text: str, low: float, high: float) -> bool:
    try:
        return low <= float(text) < high
    except ValueError:
        return False


def _is_iso(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return "-" in text


def _fits(text: str, form: str) -> bool:
    try:
        return datetime.strptime(text, form).year >= _EARLIEST_YEAR  # noqa: DTZ007 - only whether it fits
    except ValueError:
        return False


@dataclass(frozen=True)
class Census:
    """How the values of a time column read, over all rows.

    Attributes:
        rows: Values that are not empty.
        fits: Unit or format -> values that it reads.
    """

    rows: int
    fits: dict[str, int]


def _parsed(text: ir.StringValue, form: str) -> ir.TimestampValue:
    moment = try_strptime(text, form)
    return (moment.year() >= _EARLIEST_YEAR).ifelse(moment, nothing("timestamp"))


def _is_moment(value: ir.Value) -> bool:
    return bool(value.type().is_timestamp() or value.type().is_date())


def _iso(text: ir.StringValue) -> ir.TimestampValue:
    # Words such as `epoch` and `infinity` are times to the database, not to a log.
    return text.re_search(r"^\d{4}-").ifelse(text, nothing()).try_cast("timestamp('UTC')")


def census(table: ir.Table, column: str) -> Census:
    """Counts which units and formats read how many values of a raw time column."""
    value = table[column]
    text = text_of(value)
    counts: dict[str, ir.Value] = {}
    if _is_moment(value):
        counts["iso"] = value.count()
    else:
        number = number_of(value)
        for unit, (low, high) in MAGNITUDES.items():
            counts[unit] = ((number >= low) & (number < high)).sum()
        counts["%Y%m%d"] = _parsed(text, "%Y%m%d").count()
    if value.type().is_string():
        counts["iso"] = _iso(text).count()
    row = table.aggregate(rows=text.count(), **counts).to_pyarrow().to_pylist()[0]
    rows, fits = int(row.pop("rows")), {name: int(count or 0) for name, count in row.items()}
    # The formats are rare and many: tried only where numbers and ISO leave most of the column unread.
    if value.type().is_string() and max(fits.values()) < rows / 2:
        texts = table.select(text=text).filter(lambda t: t.text.notnull())
        tried = {form: _parsed(texts.text, form).count() for form in FORMATS if form not in fits}
        fits |= texts.aggregate(**tried).to_pyarrow().to_pylist()[0]
    return Census(rows, fits)


def settle(found: Census, unit: str, *, where: str, month_first: bool, tolerated: float) -> str:
    """Returns the one unit or format of a column.

    Args:
        found: What the column holds.
        unit: The unit asked for, or `auto`.
        where: Source and column, for messages.
        month_first: Whether 12/1/2010 is the first of December where nothing tells.
        tolerated: Share of rows in another unit that are set aside as bad rather than refused.

    Raises:
        DataError: If units are mixed, the unit asked for is not the one in the column, month and day
            cannot be told apart, or nothing can be read.
    """
    usual = max(MAGNITUDES, key=lambda name: found.fits.get(name, 0))
    _refuse_mixture(found, where, tolerated)
    if unit in FACTORS and unit != usual and found.fits[usual] > found.rows / 2:
        raise DataError(
            f"times that are {usual}, not {unit}: read as {unit} they lie in 1970 or in the future",
            where=where,
            fix=f'set time_unit = "{usual}"',
        )
    if unit != "auto":
        return unit
    best = max(found.fits, key=lambda name: found.fits[name])
    if not found.fits[best]:
        raise DataError(
            "no usable row: no time can be read",
            expected="ISO times, Unix times, or a known format",
            where=where,
            fix="set time_unit to a strptime format such as %d/%m/%Y %H:%M",
        )
    rival = best.replace("%m/%d", "%d/%m")
    if rival != best and found.fits[rival] == found.fits[best] and not month_first:
        raise DataError(
            "times whose day and month cannot be told apart",
            where=where,
            fix=f'set time_unit = "{best}" or "{rival}"',
        )
    return best


def reads_whole(table: ir.Table, column: str, unit: str, tolerated: float = 0.0) -> bool:
    """Whether a unit or format reads the values of a raw time column that are not empty, all but a tolerated share."""
    value = table[column]
    row = table.aggregate(rows=text_of(value).count(), read=micros_of(value, unit).count())
    found: dict[str, int] = row.to_pyarrow().to_pylist()[0]
    return found["read"] >= (1 - tolerated) * found["rows"]


def _refuse_mixture(found: Census, where: str, tolerated: float) -> None:
    many = [unit for unit in MAGNITUDES if found.fits.get(unit, 0) > max(1.0, tolerated * found.rows)]
    if len(many) > 1:
        shares = " and ".join(f"{unit} ({found.fits[unit]:,} rows)" for unit in many)
        raise DataError(
            f"mixed time units in one column: {shares}",
            expected="one unit",
            where=where,
            fix="write all times in one unit, or keep the two kinds in two files",
        )


def micros_of(value: ir.Value, unit: str) -> ir.FloatingValue:
    """Returns microseconds since 1970 (float64, exact until the year 2255), null where unreadable."""
    if _is_moment(value):
        return epoch_micros(value.cast("timestamp('UTC')")).cast("float64")
    if unit == "iso":
        return epoch_micros(_iso(text_of(value))).cast("float64")
    if unit in FACTORS:
        number = number_of(value)
        # A second in a column of milliseconds would lie in 1970; the other way round it is in the future.
        strange = (number < 0) | ((number >= MAGNITUDES["s"][0]) & (number < MAGNITUDES[unit][0]))
        return strange.ifelse(nothing("float64"), (number * FACTORS[unit]).round())
    return epoch_micros(_parsed(text_of(value), unit).cast("timestamp('UTC')")).cast("float64")


def moment_of(micros: ir.FloatingValue) -> ir.TimestampValue:
    """Returns the UTC timestamp of microseconds since 1970."""
    safe = (micros.abs() < _LAST).ifelse(micros, nothing("float64"))
    return make_timestamp(safe.cast("int64")).cast("timestamp('UTC')")
