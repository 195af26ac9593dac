"""Who may speak: which signals of a card are worth a sentence, and which one speaks for a group."""

from __future__ import annotations

from collections.abc import Sequence

from trail.facts import numbers
from trail.facts.claims import Driver
from trail.facts.slots import HUGE, TINY, Clause, Facts, fill
from trail.signals import BY_NAME, SIGNALS, Card, Group, Signal, Unit

#: Windows that the prompt lists one by one.
LISTED = 6


def clauses(name: str, facts: Facts, *, held_out: bool = False) -> list[Clause]:
    """Returns every wording of a signal that its value allows, plainest first; empty where it is not worth one.

    Args:
        name: Signal.
        facts: Card and forecast.
        held_out: Whether to use the wordings kept for tests instead of those for training.
    """
    signal, value = BY_NAME[name], facts.number(name)
    if value is None or not _worth(signal, value, facts):
        return []
    wording = signal.wording
    flat = value == 0 and bool(wording.flat)
    templates = wording.flat if flat else wording.held_out if held_out else wording.say
    filled = (fill(template, facts, name) for template in templates)
    found = [clause for clause in filled if clause is not None]
    return [_as_flat(clause) for clause in found] if flat else found


def _as_flat(clause: Clause) -> Clause:
    return Clause(clause.signal, clause.template, clause.text, clause.slots, "flat")


def sayable(name: str, card: Card) -> bool:
    """Whether a text may state a signal: not null, not a percentage of next to nothing, not rounded away."""
    return bool(clauses(name, Facts(card)))


def _worth(signal: Signal, value: float, facts: Facts) -> bool:
    wording = signal.wording
    if not wording.say or abs(value - (signal.neutral or 0.0)) < wording.least:
        return False
    if signal.unit in (Unit.CHANGE, Unit.SHARE) and _tiny(signal, value, facts):
        return False
    if signal.unit is Unit.CHANGE and value > HUGE:
        return False
    if signal.unit is Unit.NUMBER:  # spoken of by name, never as a number
        return True
    vanished = numbers.rounded(signal.unit, value) == 0
    return not vanished or (value == 0 and signal.unit not in (Unit.SHARE, Unit.DAYS))


def _tiny(signal: Signal, value: float, facts: Facts) -> bool:
    """Whether the count that a percentage refers to is below five events, or unknown."""
    if not signal.wording.of:
        return False
    count = facts.number(signal.wording.of)
    if count is None or (signal.unit is Unit.CHANGE and value <= -1):
        return True
    return (count / (1 + value) if signal.unit is Unit.CHANGE else count) < TINY


def agrees(name: str, card: Card, effect: float) -> bool:
    """Whether a signal's value points the way the forecast moved; false where it has no direction."""
    signal, value = BY_NAME[name], card.values.get(name)
    return value is not None and signal.wording.raises * (value - (signal.neutral or 0.0)) * effect > 0


def speaker(group: Group, card: Card, effect: float) -> str | None:
    """Returns the signal that speaks for a group, null where the card has none worth a sentence.

    Preferred is the first that points the way of the effect, then the first without a direction, then
    the first as it is: a fact is never bent to fit the effect.

    Args:
        group: Group whose effect is explained.
        card: The item's card.
        effect: Change of the log of the expected count; positive raised it.
    """
    able = [
        each for each in SIGNALS if each.group == group and each.wording.voice and sayable(each.name, card)
    ]
    ranked = sorted(able, key=lambda each: -each.wording.voice)
    agreeing = [each for each in ranked if agrees(each.name, card, effect)]
    neutral = [each for each in ranked if not each.wording.raises]
    return next((each.name for each in (*agreeing, *neutral, *ranked)), None)


def spoken(drivers: Sequence[Driver], card: Card, most: int = 3) -> list[Driver]:
    """Returns the drivers that a text can name, strongest first, each by a signal that can speak.

    A driver whose own signal is not worth a sentence is spoken for by another of its group; groups that
    have no such signal are left out, and no signal is named twice.
    """
    found: dict[str, Driver] = {}
    for driver in sorted(drivers, key=lambda each: -abs(each.effect)):
        name: str | None = driver.signal
        if not sayable(driver.signal, card):
            name = speaker(BY_NAME[driver.signal].group, card, driver.effect)
        if name is not None and name not in found:
            found[name] = Driver(name, driver.effect)
    return list(found.values())[:most]


def core(card: Card) -> list[str]:
    """Returns the signals that the card part of every prompt states besides the recent counts.

    The change in events stands in only where the percentage may not be stated.
    """
    names = [each.name for each in SIGNALS if each.wording.core and sayable(each.name, card)]
    return [name for name in names if name != "change" or "growth" not in names]
