"""Decides whether an altered text of the writer is still true, from what the writer knew and sums of its own.

The writer keeps where each number went and what it stands for; the card keeps the counts. Neither the reader
nor the verifier is asked. What counts as still true, and is no mutant:

- a number within half a unit of its last digit of the value (within 5% after "about"): 98.5 is "98" and "99";
- another window, span or year of which the same sentence holds: three orders two weeks ago and four weeks ago;
- a percentage for a count, or a count for a percentage or rank, where both are the same number: 50% of 100;
- "lowest" for "highest" where every window is as high, "lightest" for "heaviest" where every user is as heavy;
- another holiday that falls in the period too.

Where a sentence could be read in two ways, it is skipped if either is true. The bench prints how many were.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from bench.mutation_words import NTH, WORDS
from bench.mutations import Mutant

from trail.facts import Outlook, Rendered, Statement
from trail.facts.slots import FORECAST, Facts, Slot, unit_of
from trail.signals import BY_NAME, Card, Unit

_HEDGE = 0.05
_LEVEL = 0.05
_PERCENT = (Unit.CHANGE, Unit.SHARE)
_OF_TIME = ("ago", "span", "counted", "k", "late_days", "start", "holiday")
_NUMBER = re.compile(r"(?P<minus>-?)(?P<num>\d[\d,]*(?:\.\d+)?)(?P<pct>\s?%)?")
_AGO = re.compile(r"(two|three|six) \w+s ago")


@dataclass(frozen=True)
class _Stated:
    """A number as a text states it: value, unit of its last digit, whether it is below zero, whether "about"."""

    value: float
    step: float = 1.0
    negative: bool = False
    about: bool = False

    def says(self, actual: float | None, unit: Unit = Unit.COUNT) -> bool:
        """Whether the number is true of a value within its rounding; a fall is said in words, not by a sign."""
        if actual is None or self.negative:
            return False
        size = abs(actual) * (100.0 if unit in _PERCENT else 1.0)
        slack = max(self.step / 2, _HEDGE * self.value if self.about else 0.0)
        return abs(size - self.value) <= slack + 1e-9


def _parsed(words: str, *, about: bool = False) -> _Stated | None:
    """Returns the first number of some words, null without one."""
    match = _NUMBER.search(words)
    if match:
        digits = match["num"].replace(",", "")
        return _Stated(float(digits), 10.0 ** -len(digits.partition(".")[2]), bool(match["minus"]), about)
    low = words.lower().partition(" ")[0]
    return next((_Stated(each.index(low) + 1.0) for each in (WORDS, NTH) if low in each), None)


def still_true(mutant: Mutant, rendered: Rendered, card: Card, outlook: Outlook) -> bool:
    """Whether an altered text still says what is so; of two numbers that changed places, both must hold."""
    truth = _Truth(rendered, card, outlook)
    return all(truth.holds(mutant.kind, *edit) for edit in mutant.edits)


class _Truth:
    """What a text's writer knew.

    Args:
        rendered: The true text.
        card: Its card.
        outlook: Its forecast.
    """

    def __init__(self, rendered: Rendered, card: Card, outlook: Outlook) -> None:
        self.rendered, self.card, self.facts = rendered, card, Facts(card, outlook)
        self.counts = dict(enumerate(card.counts, 1))

    def holds(self, kind: str, start: int, end: int, words: str) -> bool:
        """Whether the text is true with the words put at a place."""
        if kind == "date":
            return words in {name for _, name in self.card.calendar.holidays}
        said = next((each for each in self.rendered.statements if each.start <= start < each.end), None)
        if said is None or kind in {"name", "denied", "admitted"}:
            return False
        if kind in {"direction", "window"}:
            word = self.rendered.text[start:end].lower()
            return self._turned(said, word) if kind == "direction" else self._elsewhere(said, _ago(words))
        return self._numbered(said, kind, (start, end), words)

    def _numbered(self, said: Statement, kind: str, place: tuple[int, int], words: str) -> bool:
        """Whether a sentence is true with another number, or with its unit taken for another."""
        start, end = place
        slot = next((each for each in said.slots if each.start < end and start < each.end), None)
        stated = _parsed(words, about=self.rendered.text[:start].endswith("about "))
        if slot is None or stated is None:
            return False
        if " to " in kind:
            return any(stated.says(*twin) for twin in self._twins(slot.name, kind))
        return self._number(said, slot, stated)

    def _number(self, said: Statement, slot: Slot, stated: _Stated) -> bool:
        whole = int(stated.value) if stated.value == int(stated.value) and not stated.negative else 0
        if slot.name == "ago":
            return self._elsewhere(said, whole or None)
        if slot.name in {"span", "counted"}:
            return 0 < whole <= len(self.counts) and self._over(said, whole)
        return slot.name not in _OF_TIME and stated.says(slot.value, unit_of(slot.name))

    def _over(self, said: Statement, n: int) -> bool:
        """Whether a sentence about the last windows is true of n of them."""
        counts, ago = self.card.counts[:n], round(self.facts.number("peak_ago") or 0)
        made = {
            "mean_4": (sum(counts) / n, Unit.COUNT),
            "mean_12": (sum(counts) / n, Unit.COUNT),
            "active_windows": (float(sum(each > 0 for each in counts)), Unit.WINDOWS),
            "peak_share": (counts[0] / (max(counts) or 1.0), Unit.SHARE),
        }
        own = _own(said)
        if said.signal in made:
            return own is not None and own.says(*made[said.signal])
        return 0 < ago <= n and self.card.counts[ago - 1] == max(counts)

    def _elsewhere(self, said: Statement, ago: int | str | None) -> bool:
        """Whether the sentence can be true with its time moved to so many windows ago, or to last year."""
        year, expected = ago == "year", self.facts.number("expected")
        whole = ago if isinstance(ago, int) else -1
        now = self.card.values.get("last_year") if year else expected if ago == 0 else self.counts.get(whole)
        if ago is None or now is None:
            return False
        own, peak = _own(said), max(self.card.counts, default=0.0)
        if said.signal in {"growth", "change", "forecast_change"}:
            last = self.counts.get(1)
            pairs = (
                (now, self.counts.get(whole + 1) if whole > 0 else None),
                (last, now),
                (expected, now),
                (now, last),
            )
            return any(self._moved(said, *pair) for pair in pairs)
        if said.signal in {"peak_ago", "streak"}:
            return (
                now == peak if said.signal == "peak_ago" else whole > 0 and self._streak(whole) == said.value
            )
        if said.signal in {"rank", "users"}:
            value = (
                self._before(said.signal)
                if ago == 2
                else self.facts.number("forecast_rank")
                if ago == 0
                else None
            )
            return own is not None and own.says(value)
        if said.signal == "peak_share":
            return own is not None and own.says(now / (peak or 1.0), Unit.SHARE)
        return (
            said.signal.startswith(("count_", "expected", "last_year")) and own is not None and own.says(now)
        )

    def _before(self, signal: str) -> float:
        """Returns the rank or the users of the window before."""
        change = self.facts.number(f"{signal}_change") or 0.0
        return (self.facts.number(signal) or 0.0) + (change if signal == "rank" else -change)

    def _moved(self, said: Statement, now: float | None, then: float | None) -> bool:
        """Whether a sentence about a move is true of another pair of counts."""
        if now is None or then is None:
            return False
        if said.relation == "flat":
            return abs(now - then) < max(1.0, _LEVEL * then)
        numbers = [(each.name, _parsed(each.shown)) for each in said.slots if each.name not in _OF_TIME]
        meant = {"change": now - then, "count_1": then} | dict.fromkeys(
            ("growth", "forecast_change"), now / then - 1 if then else None
        )
        up = said.relation == "up"
        same = (now > then) == up if said.relation != "=" else True
        return same and all(
            number is None or number.says(meant.get(name), unit_of(name)) for name, number in numbers
        )

    def _streak(self, ago: int) -> float:
        """Returns the rises (positive) or falls (negative) in a row that end so many windows ago."""
        counts, length = self.card.counts[ago - 1 :], 0
        signs = [(a > b) - (a < b) for a, b in pairwise(counts)]
        while length < len(signs) and signs[length] == signs[0] != 0:
            length += 1
        return float(length * signs[0]) if signs else 0.0

    def _turned(self, said: Statement, word: str) -> bool:
        """Whether "lowest" is as true as "highest", "lightest" as "heaviest", "up" as "level"."""
        counts = self.card.counts
        if word in {"highest", "best", "peak", "peaked"}:
            ago = round(self.facts.number("peak_ago") or 1)
            return bool(counts) and counts[ago - 1 if said.signal == "peak_ago" else 0] == min(counts)
        if word == "heaviest":
            value, users = self.facts.number("heaviest_share"), self.facts.number("users")
            return bool(value and users) and round((value or 0) * (users or 0), 6) == 1
        return False

    def _twins(self, name: str, kind: str) -> list[tuple[float | None, Unit]]:
        """Returns what a number could mean with its unit taken for another: of a share the count, of a count the share."""
        count, number = self.counts.get(1) or 0.0, self.facts.number
        rank = [(count, Unit.COUNT), (number("expected"), Unit.COUNT), (number("users"), Unit.COUNT)]
        if kind == "rank to count":
            return rank
        if kind == "count to rank":
            return [(number(each), Unit.RANK) for each in ("rank", "category_rank", "forecast_rank")]
        growth, users, before = number("growth"), number("users") or 0.0, number("users_change") or 0.0
        to_count: dict[str, list[tuple[float | None, Unit]]] = {
            "growth": [(number("change"), Unit.COUNT)],
            "forecast_change": [((number("expected") or 0.0) - count, Unit.COUNT)],
            "late_share": [(number("late"), Unit.COUNT)],
            "heaviest_share": [((number("heaviest_share") or 0.0) * count, Unit.COUNT)],
            "category_growth": [(_gap(number("category_count"), number("category_growth")), Unit.COUNT)],
            "last_year_change": [(_gap(number("last_year"), number("last_year_change")), Unit.COUNT)],
            "price_change": [(_gap(number("price_paid"), number("price_change")), Unit.COUNT)],
        } | {key: [(count, Unit.COUNT)] for key in ("share", "category_share", "peak_share")}
        to_percent: dict[str, list[tuple[float | None, Unit]]] = {
            "change": [(growth, Unit.CHANGE)],
            "late": [(number("late_share"), Unit.SHARE)],
            "expected": [(number("forecast_change"), Unit.CHANGE)],
            "users_change": [(before / (users - before) if users > before else None, Unit.CHANGE)],
        }
        return (to_count if kind == "percent to count" else to_percent).get(name, [])


def _gap(now: float | None, growth: float | None) -> float | None:
    """Returns the difference that a relative change was."""
    return None if now is None or growth is None or growth <= -1 else now - now / (1 + growth)


def _own(said: Statement) -> _Stated | None:
    """Returns the number that a statement makes of its own signal."""
    own = next((each for each in said.slots if each.name not in _OF_TIME), None)
    return _parsed(own.shown) if own is not None and (own.name in BY_NAME or own.name in FORECAST) else None


def _ago(words: str) -> int | str | None:
    """Returns the window that a phrase of time names: windows ago, 0 the one predicted, "year", null if none."""
    low = words.lower()
    named = _AGO.fullmatch(low)
    if named:
        return WORDS.index(named[1]) + 1
    if "month" in low or "hour" in low or "two years" in low:
        return None
    if "year" in low:
        return "year"
    return 0 if low.startswith("next") else 1 if low.startswith(("last", "in the last")) else None
