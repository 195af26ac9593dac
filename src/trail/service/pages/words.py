"""Values as a reader sees them: counts, chances, days, and what a signal without a line of its own means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from trail.evaluate.scorecard.record import GROUPS, named
from trail.facts.quantities import COVERAGE
from trail.service.wire import ClaimRead, Period
from trail.signals import BY_NAME, Unit

NONE = "–"  # noqa: RUF001 - typography
_SMALL, _SURE = 0.01, 0.99
_TEN = 9.95
#: From so many times as high on, times are said and not per cent.
_MANIFOLD = 10
_PERCENT = {Unit.CHANGE, Unit.SHARE}
_FRACTIONS = {"p_top", "coverage"}
#: What the fields are that a text may speak of besides signals.
_FIELDS = {
    "expected": "The expected count of the sealed forecast.",
    "q10": "Lower end of the forecast's range: one outcome in ten should lie below.",
    "q90": "Upper end of the forecast's range: one outcome in ten should lie above.",
    "p_top": "The forecast's chance that the item is among the K highest counts.",
    "k": "How many items the top of the forecast has.",
    "forecast_rank": "The item's rank in the sealed forecast.",
    "coverage": f"The share of outcomes that the range promises to hold, {COVERAGE:.0%}.",
}
_CONTEXT = "What the catalogue or the calendar says; no evidence."
_DERIVED = "Follows from the item's signals by arithmetic."


def count(value: float | None) -> str:
    """Returns a count: whole from ten on, else with a decimal where it has one."""
    if value is None:
        return NONE
    whole = abs(value) >= _TEN or value == round(value)
    return f"{value:,.0f}" if whole else f"{value:,.1f}"


def signed(value: float) -> str:
    """Returns a difference of counts with its sign, by the true minus."""
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    return f"{sign}{count(abs(value))}"


def chance(value: float) -> str:
    """Returns a chance in per cent; draws cannot tell it from 0 or 1."""
    if value < _SMALL:
        return "under 1%"
    return "over 99%" if value > _SURE else f"{value:.0%}"


def figure(value: float | str | None, signal: str = "") -> str:
    """Returns what a receipt states or knows, in its signal's unit."""
    if value is None:
        return NONE
    if isinstance(value, str):
        return value
    found = BY_NAME.get(signal)
    if (found and found.unit in _PERCENT) or signal in _FRACTIONS:
        return f"{value:.1%}"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"


def meaning(claim: ClaimRead) -> str:
    """Returns what the signal or field of a claim is."""
    if claim.meaning:
        return claim.meaning
    return _FIELDS.get(claim.signal, _CONTEXT if claim.verdict == "context" else _DERIVED)


def group(signal: str) -> str:
    """Returns what a driver's signal speaks for, in words."""
    found = BY_NAME.get(signal)
    return GROUPS[found.group] if found else signal


def effect(value: float) -> str:
    """Returns what a driver did to the expected count; its effect is a difference of logarithms."""
    if value > math.log(_MANIFOLD):
        return f"made the forecast {math.exp(value):,.0f} times as high"
    share = abs(math.expm1(value))
    return f"{'raised' if value > 0 else 'lowered'} the forecast by {share:.0%}"


def reason(tally: Mapping[str, Any]) -> str:
    """Returns what a line of the track record is about."""
    return named(tally["basis"], tally["about"], tally["sign"])


def day(value: date) -> str:
    """Returns a day, with the time where it is a moment off midnight."""
    words = f"{value.day} {value:%b %Y}"
    if isinstance(value, datetime) and (value.hour or value.minute):
        words += f", {value:%H:%M} UTC"
    return words


def days(start: date, end: date) -> str:
    """Returns a half-open span of days by its first and its last."""
    last = end - timedelta(days=1)
    if last <= start:
        return day(start)
    return f"{start.day} {start:%b}{'' if start.year == last.year else f' {start.year}'} to {day(last)}"


def span(claim: ClaimRead) -> str:
    """Returns the window that a claim names."""
    return days(claim.from_.date(), claim.until.date()) if claim.from_ and claim.until else NONE


def ago(moment: datetime, now: datetime) -> str:
    """Returns how long a moment is past."""
    hours = math.floor((now - moment.astimezone(UTC)).total_seconds() / 3600)
    if hours < 0:
        return "in the future"
    if hours < 1:
        return "less than an hour ago"
    if hours < 48:  # noqa: PLR2004 - two days
        return f"{hours} hour{'s' if hours > 1 else ''} ago"
    return f"{hours // 24:,} days ago"


def moved(places: int | None, period: Period) -> str:
    """Returns a move in the ranking as words for those who do not see the arrow."""
    if not period.before:
        return "no snapshot before this one"
    if places is None:
        return f"not in the snapshot of {period.before}"
    if places == 0:
        return f"same place as in {period.before}"
    return f"{'up' if places > 0 else 'down'} {abs(places)} since {period.before}"


def shortened(text: str, most: int = 160) -> str:
    """Returns the first sentence of a text, cut at a word where it is long."""
    first = text.split(". ", 1)[0].rstrip(".") + "." if text else ""
    return first if len(first) <= most else first[:most].rsplit(" ", 1)[0] + " …"
