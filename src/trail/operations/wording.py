"""Values as a reader sees them, on the page and in the terminal: counts, figures in their unit, days, and what a driver did."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

from trail.evaluate.scorecard.record import GROUPS
from trail.signals import BY_NAME, Unit

NONE = "–"  # noqa: RUF001 - typography
#: From here on a count is said without decimals.
WHOLE = 9.95
#: From so many times as high on, times are said and not per cent.
_MANIFOLD = 2
#: A count that is next to nothing.
_NONE = 0.05
_PERCENT, _FINE = {Unit.CHANGE, Unit.SHARE}, {Unit.MONEY, Unit.NUMBER}
_FRACTIONS = {"p_top", "coverage"}


def count(value: float | None) -> str:
    """Returns a count: whole from ten on, else with a decimal where it has one."""
    if value is None:
        return NONE
    whole = abs(value) >= WHOLE or value == round(value)
    return f"{value:,.0f}" if whole else f"{value:,.1f}"


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


def group(signal: str) -> str:
    """Returns what a driver's signal speaks for, in words."""
    found = BY_NAME.get(signal)
    return GROUPS[found.group] if found else signal


def effect(value: float, expected: float) -> str:
    """Returns what a driver did to an expected count.

    Args:
        value: Its effect on log(1 + expected count).
        expected: The count as it is forecast.
    """
    without = math.expm1(math.log1p(expected) - value)
    if without <= _NONE or expected > _MANIFOLD * without:
        # of next to nothing nobody can be so many times as much
        times = (
            f"{count(round(expected / without, 1))} times as high as"
            if without > _NONE
            else "what it is, next to nothing"
        )
        return f"made the forecast {times} without it"
    share = abs(expected / without - 1)
    return f"{'raised' if value > 0 else 'lowered'} the forecast by {share:.0%}"


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
