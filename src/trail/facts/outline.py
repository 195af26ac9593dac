"""What a text says, before any words: parts of the forecast, reasons with their side, context; by length."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from trail.facts import numbers
from trail.facts.claims import Driver
from trail.facts.contexts import contexts_of, relevant
from trail.facts.frames import WHEN
from trail.facts.outlook import worth
from trail.facts.slots import Facts
from trail.facts.speak import agrees, clauses, core, speaker, spoken
from trail.signals import BY_NAME, WINDOWS, Card, Group, Unit

#: The groups that speak where no drivers are known; the calendar is equal for all items.
_TELLING = (
    Group.MOMENTUM,
    Group.LEVEL,
    Group.PAST,
    Group.SEASON,
    Group.CATEGORY,
    Group.STANDING,
    Group.BREADTH,
    Group.PRICE,
)
#: Counts of one window, which can be held against what is expected of the next.
_COMPARED = (*(f"count_{ago}" for ago in range(2, WINDOWS + 1)), "mean_4", "mean_12", "last_year")
_LAST = "count_1"
#: Reasons that a text of normal length gives: a longer one's further ones choose no context, so that it says no less.
_TOLD = 2
#: Windows after which an item is no longer young, and its age tells a reader nothing beside another reason.
_AGED = 12
#: Weight of a stand-in whose value is no relative size: the last count before the others.
_LEVEL, _OTHER, _STREAK = 0.2, 0.1, 5.0


class Length(StrEnum):
    """How much is said."""

    SHORT = "short"  # one sentence: what is expected, and the first reason
    NORMAL = "normal"  # and how sure, the second reason, what the item is or the period holds
    LONG = "long"  # and all that the prompt knows of the forecast, a third reason, more context


#: Forms from the shortest to the longest: parts of the forecast, number of reasons, number of contexts.
_SAID: dict[Length, tuple[tuple[str, ...], int, int]] = {
    Length.SHORT: (("expected",), 1, 0),
    Length.NORMAL: (("expected", "q10"), 2, 1),
    Length.LONG: (("expected", "q10", "forecast_change", "p_top", "forecast_rank"), 3, 2),
}


@dataclass(frozen=True)
class Reason:
    """A fact of the card that a text gives beside the forecast.

    Attributes:
        signal: The signal that is stated.
        side: 1 where it speaks for more, -1 for fewer, 0 for neither.
        driver: Whether it is measured that it moved the forecast, to that side if it has one; only then is it called a reason.
    """

    signal: str
    side: int
    driver: bool


@dataclass(frozen=True)
class Outline:
    """The facts of a text in the order in which they count.

    Attributes:
        forecast: Names of the parts of the forecast, the expected count first.
        reasons: Facts of the card, the strongest first.
        context: `holiday`, `start`, `category`, `title`: never evidence.
    """

    forecast: tuple[str, ...]
    reasons: tuple[Reason, ...]
    context: tuple[str, ...]


def outline(
    facts: Facts, drivers: Sequence[Driver], length: Length = Length.NORMAL, mask: Collection[str] = ()
) -> Outline:
    """Chooses the facts of a text; a shorter form's are always among a longer one's.

    Args:
        facts: Card and forecast.
        drivers: What moved the forecast; where none can speak, the most telling facts stand in.
        length: How much is said.
        mask: "metadata" keeps title and catalogue fields out.
    """
    parts, reasons, contexts = _SAID[length]
    # the calendar is equal for all items: it may be context here, never a reason
    named = [each for each in reasons_of(facts, drivers) if BY_NAME[each.signal].group is not Group.CALENDAR]
    if (facts.number("age") or 0.0) >= _AGED * facts.card.horizon.days:
        named = [each for each in named if BY_NAME[each.signal].group is not Group.AGE] or named
    found = named or telling(facts)
    return Outline(
        forecast=tuple(name for name in parts if worth(name, facts)),
        reasons=tuple(found[:reasons]),
        context=_contexts(facts, found[:_TOLD], contexts, mask),
    )


def _contexts(facts: Facts, reasons: Sequence[Reason], most: int, mask: Collection[str]) -> tuple[str, ...]:
    """Returns the context of a text: what bears on the forecast; in the longest form, what else there is beside it."""
    if not most:
        return ()
    found = relevant(facts, [BY_NAME[each.signal].group for each in reasons], mask)
    more = contexts_of(facts, mask) if most > 1 else []
    dated = [key for key in (*found, *more) if key in WHEN][:1]
    named = [key for key in (*found, *more) if key not in WHEN][:1]
    return (*dated, *named)


def reasons_of(facts: Facts, drivers: Sequence[Driver]) -> list[Reason]:
    """Returns the drivers that can speak, strongest first.

    A side has only what shows it: a change by its own way, a count of one window by lying on that side of what is
    expected, as both are written. Of others it would be anybody's guess; and the last window, which the forecast is held
    against, has none: where it raised the forecast by its height, the forecast falls from it.
    """
    named = (each for each in spoken(drivers, facts.card) if clauses(each.signal, facts))
    return [Reason(each.signal, _side(each.signal, facts, each.effect), driver=True) for each in named]


def _side(name: str, facts: Facts, effect: float) -> int:
    if name == _LAST:
        return 0
    value, expected = facts.number(name), facts.number("expected")
    shown = BY_NAME[name].group is not Group.CALENDAR and agrees(name, facts.card, effect)
    if name in _COMPARED and value is not None and expected is not None:
        apart = numbers.bare(Unit.COUNT, value) != numbers.bare(Unit.COUNT, expected)  # as they are written
        shown = apart and (value - expected) * effect > 0
    return (1 if effect > 0 else -1) if shown else 0


def causes(reason: Reason, facts: Facts) -> bool:
    """Whether a reason may be called the cause: it is measured and points the way the forecast moves."""
    move = facts.number("forecast_change")
    measured = reason.driver and agrees(reason.signal, facts.card, float(reason.side))
    return measured and (move is None or move * reason.side > 0)


def telling(facts: Facts) -> list[Reason]:
    """Returns the facts that stand in where no drivers are known, the most telling first; none are called reasons.

    One a group; a relative change weighs by its size, a streak by its length, the last count more than the rest.
    """
    move = facts.number("forecast_change") or 0.0
    names = [name for group in _TELLING if (name := speaker(group, facts.card, move))]
    if not names:
        names = [name for name in (*core(facts.card), _LAST) if clauses(name, facts)][:1]
    found = sorted(names, key=lambda name: -_weight(name, facts))
    return [Reason(name, _points(name, facts.card), driver=False) for name in found if clauses(name, facts)]


def _weight(name: str, facts: Facts) -> float:
    value, signal = facts.number(name) or 0.0, BY_NAME[name]
    if signal.unit is Unit.CHANGE:
        return min(abs(value), 1.0)
    if signal.unit is Unit.WINDOWS and signal.wording.raises:
        return abs(value) / _STREAK
    return _LEVEL if signal.group is Group.LEVEL else _OTHER


def _points(name: str, card: Card) -> int:
    return next((sign for sign in (1, -1) if agrees(name, card, sign)), 0)
