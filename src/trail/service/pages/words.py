"""Values as a reader sees them: counts, chances, days, and what a signal without a line of its own means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from trail.evaluate.scorecard.record import GROUPS, named
from trail.facts.quantities import COVERAGE
from trail.service.wire import ClaimRead, Hit, Period, Text
from trail.signals import BY_NAME, Unit

NONE = "–"  # noqa: RUF001 - typography
_SMALL, _SURE = 0.01, 0.99
_TEN = 9.95
#: From so many times as high on, times are said and not per cent.
_MANIFOLD = 2
_PERCENT, _FINE = {Unit.CHANGE, Unit.SHARE}, {Unit.MONEY, Unit.NUMBER}
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
        return f"{value:.1%}".replace(".0%", "%")
    fine = found is not None and found.unit in _FINE
    return f"{value:,.2f}" if fine and value != round(value) else count(value)


def where(claim: ClaimRead) -> str:
    """Returns what a claim was tested on: the forecast's own numbers are not what was sold."""
    return {"forecast": "in the forecast", "context": "in the catalogue"}.get(claim.kind, "in the data")


def standing(text: Text) -> str:
    """Returns who wrote a text and whether its claims hold."""
    by = {"model": "written by the model", "plain": "plain rendering of the facts"}.get(
        text.source, text.source
    )
    holds = "every claim holds" if text.holds else "a claim does not hold"
    return f"{by}; {holds}{'' if text.sealed else '; not part of the sealed snapshot'}"


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
        return f"made the forecast {count(math.exp(value))} times as high as without it"
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
    month = "" if (start.year, start.month) == (last.year, last.month) else f" {start:%b}"
    year = "" if start.year == last.year else f" {start.year}"
    return f"{start.day}{month}{year} to {day(last)}"


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
    number = f"{abs(places):,} place{'s' if abs(places) > 1 else ''}"
    return f"{'up' if places > 0 else 'down'} {number} since {period.before}"


def rise(hit: Hit, noun: str) -> str:
    """Returns how far the expected count lies from the last window's, by the numbers that are shown of both."""
    whole = max(hit.expected, hit.last) >= _TEN
    more = round(hit.expected) - round(hit.last) if whole else round(hit.rise, 1)
    if not more:
        return f"as many as last {noun}"
    return f"{count(abs(more))} {'more' if more > 0 else 'fewer'} than last {noun}"
