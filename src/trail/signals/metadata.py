"""Metadata and calendar as numbers: price paid, age of the release, position in the year."""

from __future__ import annotations

import ibis

from trail.signals import words_momentum as words
from trail.signals._expressions import missing, relative_change
from trail.signals.core import Family, Group, Signal, Unit, Wording


def _calendar(name: str, doc: str, wording: Wording | None = None) -> Signal:
    return Signal(
        name,
        Family.CALENDAR,
        Group.CALENDAR,
        Unit.NUMBER,
        doc,
        lambda _, c: ibis.literal(c.calendar[name]),
        wording=wording or Wording(),
    )


SIGNALS = (
    Signal(
        "price_paid",
        Family.METADATA,
        Group.PRICE,
        Unit.MONEY,
        "Mean unit price of the last window's priced events; 0 or more; null if there were none or the log has no prices.",
        lambda t, c: t.price_last if c.has_prices else missing(),
        wording=words.PRICE_PAID,
    ),
    Signal(
        "price_change",
        Family.METADATA,
        Group.PRICE,
        Unit.CHANGE,
        "Last window's mean unit price on that of the four before; -1 or more; null as for price_paid.",
        lambda t, c: relative_change(t.price_last, t.price_before) if c.has_prices else missing(),
        neutral=0.0,
        wording=words.PRICE_CHANGE,
    ),
    Signal(
        "release_age",
        Family.METADATA,
        Group.AGE,
        Unit.DAYS,
        "Days from the catalogue's release date to the cutoff; negative before release; null without a date.",
        lambda t, c: ibis.literal(c.cutoff.date()).delta(t.release, unit="day").cast("float64"),
        wording=words.RELEASE_AGE,
    ),
    _calendar(
        "year_sine", "Sine of the day of the year on which the period starts; -1 to 1.", words.SEASON_OF_YEAR
    ),
    _calendar("year_cosine", "Cosine of the day of the year on which the period starts; -1 to 1."),
    _calendar(
        "holidays_inside",
        "Holidays and customs inside the period predicted; 0 or more.",
        words.HOLIDAYS_INSIDE,
    ),
    _calendar("days_to_holiday", "Days from the cutoff to the next holiday or custom; 0 to 365."),
)
