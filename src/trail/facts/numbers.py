"""How a number of each unit is rounded and written: the same digits in prompts, texts and checks."""

from __future__ import annotations

from trail.signals import Unit

_PERCENT = (Unit.CHANGE, Unit.SHARE)
_TEN = 10.0
_GROUPED = 10_000
_TEENS = (11, 12, 13)
_SUFFIX = {1: "st", 2: "nd", 3: "rd"}


def decimals(unit: Unit, value: float) -> int:
    """Returns how many decimals a value is written with, after percent are taken.

    Counts: none from 10 or where whole, else one. Changes: none. Shares: none from 10%,
    one from 0.1%, else two. Money: two. Ranks, places, windows, days, users: none.
    """
    size = abs(value)
    if unit in (Unit.COUNT, Unit.DIFFERENCE):
        return 0 if size >= _TEN or float(size).is_integer() else 1
    if unit is Unit.SHARE:
        return 0 if size == 0 or size >= 0.1 else 1 if size >= 0.001 else 2  # noqa: PLR2004 - 10%, 0.1%
    return 2 if unit is Unit.MONEY else 0


def step(unit: Unit, value: float) -> float:
    """Returns the distance between neighbouring written numbers at a value, in the signal's own unit."""
    return 10.0 ** -decimals(unit, value) / (100.0 if unit in _PERCENT else 1.0)


def rounded(unit: Unit, value: float) -> float:
    """Returns the value as written, in the signal's own unit and with its sign: 0.3124 becomes 0.31."""
    scale = 100.0 if unit in _PERCENT else 1.0
    return round(value * scale, decimals(unit, value)) / scale


def bare(unit: Unit, value: float) -> str:
    """Returns the number without sign and noun: "98", "2.4", "31%", "5th", "2.95", "12,345"."""
    scale = 100.0 if unit in _PERCENT else 1.0
    number = round(abs(value) * scale, decimals(unit, value))
    if unit is Unit.MONEY:
        return f"{number:,.2f}"
    if unit is Unit.RANK:
        return ordinal(round(number))
    text = f"{number:,}" if number >= _GROUPED else f"{number}"
    text = text.removesuffix(".0")
    return f"{text}%" if unit in _PERCENT else text


def ordinal(number: int) -> str:
    """Returns 1st, 2nd, 3rd, 4th, 11th, 22nd."""
    suffix = "th" if number % 100 in _TEENS else _SUFFIX.get(number % 10, "th")
    return f"{number:,}{suffix}" if number >= _GROUPED else f"{number}{suffix}"


def differs(unit: Unit, one: float, other: float) -> bool:
    """Whether two values are so far apart that no rounding or "about" makes them one.

    They differ by more than a third of the larger one and by at least two written steps.
    """
    gap = abs(one - other)
    return gap > max(abs(one), abs(other)) / 3 and gap >= 2 * max(step(unit, one), step(unit, other))
