"""Corrupted texts: of a text that was true one thing is made false, by the card's values or by what moved the forecast."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

import numpy as np

from trail.facts import nouns
from trail.facts.claims import Outlook
from trail.facts.draft import Rendered, Statement
from trail.facts.frames import AGAINST, FOR
from trail.facts.numbers import differs
from trail.facts.slots import FORECAST, Clause, Facts, day_words, fill, unit_of
from trail.signals import BY_NAME, SIGNALS, WINDOWS, Card, Signal, Unit


class Corruption(StrEnum):
    """What is made false."""

    DIRECTION = "direction"  # up becomes down
    NUMBER = "number"  # another number
    SIGNAL = "signal"  # the number said of another signal
    ITEM = "item"  # another item's text
    DATE = "date"  # another window or day
    SIDE = "side"  # what speaks for more said to speak for fewer: each claim still holds


#: Kinds that no lesson holds, so that it can be measured whether what was learned is truth or the habits of a corruption.
#: Direction, number, signal and side are what a text gets wrong when it is refused: these are taught.
HELD_OUT = (Corruption.ITEM, Corruption.DATE)
#: Kinds that lessons are made of.
TAUGHT = tuple(kind for kind in Corruption if kind not in HELD_OUT)
_FACTORS = (0.2, 0.4, 0.5, 1.7, 2.5, 4.0)
_SHIFTS = (-21, -14, -7, 7, 14, 21)
_NEXT = re.compile(r"\. ")
_HOLIDAYS = ("Christmas Eve", "Halloween", "Valentine's Day", "New Year's Eve")


def corrupt(
    rendered: Rendered,
    card: Card,
    outlook: Outlook,
    kind: Corruption | str,
    rng: np.random.Generator,
    *,
    donor: Rendered | None = None,
    held_out: bool = False,
) -> str | None:
    """Makes one thing in a true text false: a statement, far beyond any rounding, or the side of a reason.

    Args:
        rendered: The true text of this card.
        card: The item's card.
        outlook: Its forecast.
        kind: What to make false.
        rng: Source of the choice.
        donor: Another item's text at the same cutoff, for `item`.
        held_out: Whether new sentences use the wordings kept for tests.

    Returns:
        The corrupted text; null where the kind does not apply to this text.
    """
    kind, facts = Corruption(kind), Facts(card, outlook)
    if kind is Corruption.ITEM:
        return donor.text if donor is not None and _foreign(donor, facts) else None
    if kind is Corruption.SIDE:
        return _turned(rendered.text, rng)
    for at in rng.permutation(len(rendered.statements)):
        statement = rendered.statements[at]
        for words in _MAKERS[kind](statement, facts, rng, held_out):
            changed = _put(rendered.text, statement, words)
            if changed != rendered.text:
                return changed
    return None


def corrupt_any(
    rendered: Rendered,
    card: Card,
    outlook: Outlook,
    rng: np.random.Generator,
    *,
    kinds: Sequence[Corruption] = TAUGHT,
    donor: Rendered | None = None,
    held_out: bool = False,
) -> tuple[Corruption, str] | None:
    """Corrupts a text by one of the kinds, drawn at random among those that apply; null if none does.

    The kinds are those that lessons may hold, unless others are asked for.
    """
    for at in rng.permutation(len(kinds)):
        text = corrupt(rendered, card, outlook, kinds[at], rng, donor=donor, held_out=held_out)
        if text is not None:
            return kinds[at], text
    return None


def _put(text: str, statement: Statement, words: str) -> str:
    """Puts other words in a statement's place, with its capital."""
    opening = statement.start == 0 or text[: statement.start].endswith(". ")
    words = words[:1].upper() + words[1:] if opening else words
    return text[: statement.start] + words + text[statement.end :]


def _direction(statement: Statement, facts: Facts, rng: np.random.Generator, held_out: bool) -> Iterator[str]:
    """Says down of what went up, with the same number."""
    value = facts.number(statement.signal)
    if statement.relation not in ("up", "down") or value is None or not _moved(statement.signal, value):
        return
    if not _fits(unit_of(statement.signal), statement.signal, -value, facts):
        return
    yield from _filled(statement, facts.stating(statement.signal, -value), rng, held_out)


def _moved(signal: str, value: float) -> bool:
    """Whether a change is too large to be called level."""
    return differs(unit_of(signal), value, 0.0) and differs(unit_of(signal), value, -value)


def _number(statement: Statement, facts: Facts, rng: np.random.Generator, held_out: bool) -> Iterator[str]:
    """States another value of the same sign for one of the statement's own numbers."""
    names = [each.name for each in statement.slots if each.name in BY_NAME or each.name in FORECAST]
    for name in rng.permutation(sorted(set(names))):
        true = facts.number(name)
        if true is None or (f"{{{name}" not in statement.template and name != statement.signal):
            continue
        for value in _others(name, true, facts, rng):
            yield from _filled(statement, facts.stating(str(name), value), rng, held_out)


def _others(name: str, true: float, facts: Facts, rng: np.random.Generator) -> Iterator[float]:
    """Yields values far from the true one that the signal could have."""
    unit = unit_of(name)
    for factor in rng.permutation(_FACTORS):
        value = true * factor if true else float(rng.integers(3, 30))
        if unit in (Unit.RANK, Unit.WINDOWS, Unit.DAYS, Unit.PLACES, Unit.USERS, Unit.COUNT):
            value = float(round(value + np.sign(factor - 1) * 2 * np.sign(true or 1)))
        fits = _fits(unit, name, value, facts)
        if fits and value * (true or 1.0) > 0 and differs(unit, true, value):
            yield value


def _fits(unit: Unit, name: str, value: float, facts: Facts) -> bool:
    """Whether a value is possible in its unit, so that only the card tells it false."""
    if unit is Unit.SHARE:
        return 0 < value < 1
    if unit is Unit.CHANGE:
        return value > -1
    if name in ("q10", "q90"):
        low, high = (value, facts.number("q90")) if name == "q10" else (facts.number("q10"), value)
        return low is not None and high is not None and low < high
    if unit is Unit.WINDOWS:
        return 0 < abs(value) <= len(facts.card.counts) and (name != "streak" or abs(value) > 1)
    return unit is not Unit.RANK or value >= 1


def _signal(statement: Statement, facts: Facts, rng: np.random.Generator, held_out: bool) -> Iterator[str]:
    """Says the number of another signal of the same unit, whose own value is far from it."""
    if statement.signal not in BY_NAME or statement.value is None:
        return
    own = BY_NAME[statement.signal]
    others = [
        each for each in SIGNALS if each.unit == own.unit and each.name != own.name and each.wording.say
    ]
    for at in rng.permutation(len(others)):
        other, true = others[at], facts.number(others[at].name)
        if true is None or own.wording.of_people != other.wording.of_people:
            continue
        if not differs(own.unit, statement.value, true) or abs(statement.value) < other.wording.least:
            continue
        told = facts.stating(other.name, statement.value)
        for clause in _wordings(other, told, rng, held_out):
            if any(each.name == other.name for each in clause.slots) and (
                statement.value >= 0 or clause.relation == "down"
            ):
                yield clause.text


def _date(statement: Statement, facts: Facts, rng: np.random.Generator, _held_out: bool) -> Iterator[str]:
    """Moves a statement to another window, another span or another day."""
    slots = {each.name: each for each in statement.slots}
    counts = [each for each in statement.slots if each.name.startswith("count_")]
    if "ago" in slots and len(counts) == 1 and counts[0].value is not None:
        for ago in rng.permutation(np.arange(1, WINDOWS + 1)):
            told = facts.number(f"count_{ago}")
            if told is not None and differs(Unit.COUNT, counts[0].value, told):
                words = nouns.past(facts.card.horizon, int(ago))
                yield from _same(statement, facts.swapping("ago", words))
    elif statement.signal in ("mean_4", "mean_12") and "span" in slots:
        other = "mean_12" if statement.signal == "mean_4" else "mean_4"
        true, told = facts.number(statement.signal), facts.number(other)
        if true is not None and told is not None and differs(Unit.COUNT, true, told):
            yield from _same(statement, facts.swapping("span", other.removeprefix("mean_")))
    elif "start" in slots:
        shift = timedelta(days=int(rng.choice(_SHIFTS)))
        yield from _same(statement, facts.swapping("start", day_words(facts.card.calendar.start + shift)))
    elif "holiday" in slots:
        inside = {name for _, name in facts.card.calendar.holidays}
        names = [name for name in _HOLIDAYS if name not in inside]
        yield from _same(statement, facts.swapping("holiday", str(rng.choice(names))))


def _same(statement: Statement, facts: Facts) -> Iterator[str]:
    """Fills the statement's own wording again."""
    clause = fill(statement.template, facts, statement.signal)
    if clause is not None:
        yield clause.text


def _filled(statement: Statement, facts: Facts, rng: np.random.Generator, held_out: bool) -> Iterator[str]:
    """Fills the statement's own wording, or where it does not take the value, another of its signal."""
    yield from _same(statement, facts)
    if statement.signal in BY_NAME:
        yield from (each.text for each in _wordings(BY_NAME[statement.signal], facts, rng, held_out))


def _wordings(signal: Signal, facts: Facts, rng: np.random.Generator, held_out: bool) -> Iterator[Clause]:
    """Yields the wordings of a signal that take its value, in a random order."""
    templates = signal.wording.held_out if held_out else signal.wording.say
    for at in rng.permutation(len(templates)):
        clause = fill(templates[at], facts, signal.name)
        if clause is not None:
            yield clause


def _turned(text: str, rng: np.random.Generator) -> str | None:
    """Gives one reason the other side; null where no words give a side."""
    starts = [0, *(each.end() for each in _NEXT.finditer(text))]
    said = [
        (at, at + len(words), others)
        for own, others in ((FOR, AGAINST), (AGAINST, FOR))
        for words in own
        for at in starts
        if text[at : at + len(words)].lower() == words
    ]
    if not said:
        return None
    start, end, others = said[int(rng.integers(len(said)))]
    words = others[int(rng.integers(len(others)))]
    return text[:start] + words[:1].upper() + words[1:] + text[end:]


def _foreign(donor: Rendered, facts: Facts) -> bool:
    """Whether some number of another item's text is far from this item's."""
    for statement in donor.statements:
        for slot in statement.slots:
            if slot.value is None or not (slot.name in BY_NAME or slot.name in FORECAST):
                continue
            own = facts.number(slot.name)
            if own is not None and differs(unit_of(slot.name), own, slot.value):
                return True
    return False


_MAKERS: Mapping[Corruption, Callable[[Statement, Facts, np.random.Generator, bool], Iterator[str]]] = {
    Corruption.DIRECTION: _direction,
    Corruption.NUMBER: _number,
    Corruption.SIGNAL: _signal,
    Corruption.DATE: _date,
}
