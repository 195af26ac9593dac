"""What a page says of a forecast and its texts besides names and values: chances, moves, who wrote, what a claim rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from trail.evaluate.scorecard.record import named
from trail.facts.quantities import COVERAGE
from trail.operations.naming import named as of_signal
from trail.operations.wording import WHOLE, count
from trail.service.wire import ClaimRead, Hit, Period, Text

_SMALL, _SURE = 0.01, 0.99
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


def signed(value: float) -> str:
    """Returns a difference of counts with its sign, by the true minus."""
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    return f"{sign}{count(abs(value))}"


def chance(value: float) -> str:
    """Returns a chance in per cent; draws cannot tell it from 0 or 1."""
    if value < _SMALL:
        return "under 1%"
    return "over 99%" if value > _SURE else f"{value:.0%}"


def where(claim: ClaimRead) -> str:
    """Returns what a claim was tested on: the forecast's own numbers are not what was sold."""
    return {"forecast": "in the forecast", "context": "in the catalogue"}.get(claim.kind, "in the data")


def subject(claim: ClaimRead, period: Period, noun: str) -> str:
    """Returns what a claim is about, with its days."""
    return of_signal(claim.signal or claim.kind, period, noun)


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


def reason(tally: Mapping[str, Any]) -> str:
    """Returns what a line of the track record is about."""
    return named(tally["basis"], tally["about"], tally["sign"])


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


def exact(number: float | None) -> str:
    """Returns a number that a form sends back as it was asked for; empty for none."""
    return "" if number is None else repr(float(number)).removesuffix(".0")


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
    whole = max(hit.expected, hit.last) >= WHOLE
    more = round(hit.expected) - round(hit.last) if whole else round(hit.rise, 1)
    if not more:
        return f"as many as last {noun}"
    return f"{count(abs(more))} {'more' if more > 0 else 'fewer'} than last {noun}"
