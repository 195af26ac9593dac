"""Fills the slots of a signal's sentences from a card and its forecast, and remembers where each number went."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from string import Formatter

from trail.facts import nouns, numbers
from trail.facts.claims import Outlook
from trail.signals import BY_NAME, Card, Unit

#: Fewer events than these make a percentage meaningless.
TINY = 5.0
#: Changes above this factor are stated in events.
HUGE = 10.0
#: Holidays that prompt and texts may name.
HOLIDAYS = 3
_CHOICE = re.compile(r"\[([^|\]]*)\|([^\]]*)\]")
_TIMES = ((1.0, "doubled"), (2.0, "tripled"), (3.0, "quadrupled"), (-0.5, "halved"))
#: Parts of the forecast that texts state, with their units.
FORECAST: Mapping[str, Unit] = {
    "expected": Unit.COUNT,
    "q10": Unit.COUNT,
    "q90": Unit.COUNT,
    "p_top": Unit.SHARE,
    "forecast_rank": Unit.RANK,
    "forecast_change": Unit.CHANGE,
}


@dataclass(frozen=True)
class Facts:
    """Everything a text may state about one item.

    Attributes:
        card: The item's card.
        outlook: Its forecast; null before there is one.
        changed: Numbers to state instead of the true ones, by name; corruption only.
        swapped: Words to put into a slot instead of the true ones; corruption only.
    """

    card: Card
    outlook: Outlook | None = None
    changed: Mapping[str, float] = field(default_factory=dict)
    swapped: Mapping[str, str] = field(default_factory=dict)

    def stating(self, name: str, value: float) -> Facts:
        """Returns facts that state another number."""
        return replace(self, changed={**self.changed, name: value})

    def swapping(self, slot: str, words: str) -> Facts:
        """Returns facts that put other words into a slot."""
        return replace(self, swapped={**self.swapped, slot: words})

    def number(self, name: str) -> float | None:
        """Returns the value of a signal or of a part of the forecast.

        Forecast names: expected, q10, q90, p_top, forecast_rank, and forecast_change, the expected count
        relative to the last window's, null where that is below five events.
        """
        if name in self.changed:
            return self.changed[name]
        if name not in FORECAST:
            return self.card.values.get(name)
        if self.outlook is None:
            return None
        if name == "forecast_rank":
            return float(self.outlook.rank)
        if name == "forecast_change":
            now = self.card["count_1"]
            return None if now is None or now < TINY else self.outlook.expected / now - 1
        return float(getattr(self.outlook, name))


@dataclass(frozen=True)
class Slot:
    """A number or a time inside a text.

    Attributes:
        name: Signal, part of the forecast, or kind of time (`ago`, `span`, `start`, `holiday`).
        value: What it stands for, unrounded; null for words without a number.
        shown: As written.
        start: First character.
        end: Character after the last.
    """

    name: str
    value: float | None
    shown: str
    start: int
    end: int


@dataclass(frozen=True)
class Clause:
    """A filled sentence without capital and full stop.

    Attributes:
        signal: What it speaks of.
        template: The wording it was made from.
        text: The words.
        slots: Its numbers and times, positions counted from the clause's start.
        relation: `=`, `up`, `down` or `flat`.
    """

    signal: str
    template: str
    text: str
    slots: tuple[Slot, ...]
    relation: str = "="

    def without(self, opening: int) -> Clause:
        """Returns the clause without its first characters, which are words of the template as well."""
        slots = tuple(
            replace(each, start=each.start - opening, end=each.end - opening) for each in self.slots
        )
        return replace(self, template=self.template[opening:], text=self.text[opening:], slots=slots)


def unit_of(name: str) -> Unit:
    """Returns the unit of a signal or of a part of the forecast."""
    return FORECAST.get(name) or BY_NAME[name].unit


def fill(template: str, facts: Facts, signal: str) -> Clause | None:
    """Fills one wording; null where a slot is empty or a direction is asked of a value without one.

    Slots besides those of `Wording`: {times} doubled, tripled, halved; {nth} second, third; {late_days}
    the days of three sevenths of a window; {peak} the highest count; {span:N} the number N where the log
    covers N windows; {next} and {coming} the period predicted as noun and adverb; {start} and {holiday}
    of that period; {k}; {a} the article of the chance.
    """
    value = facts.number(signal) or 0.0
    relation = "="
    if _CHOICE.search(template) or ":more}" in template:
        if not value:
            return None
        relation = "up" if value > 0 else "down"
    template_now = _CHOICE.sub(r"\1" if value > 0 else r"\2", template)
    text, slots = "", []
    for literal, name, spec, _ in Formatter().parse(template_now):
        text += literal
        if name is None:
            continue
        words = facts.swapped.get(name) or _word(name, spec or "", facts, signal)
        if words is None:
            return None
        kept = _kept(name, spec or "", facts, signal)
        if kept:
            slots.append(Slot(*kept, words, len(text), len(text) + len(words)))
        text += words
    return Clause(signal, template, text, tuple(slots), relation)


def _kept(name: str, spec: str, facts: Facts, signal: str) -> tuple[str, float | None] | None:
    """Returns the name and value to remember of a slot, null for plain nouns."""
    own = signal if name in ("value", "nth", "times") else name
    if name == "ago":
        return name, float(_window(spec, facts, signal) or 0)
    if name == "peak":
        return f"count_{round(facts.number('peak_ago') or 0)}", _peak(facts)
    if name == "span":
        return name, float(spec)
    if own in BY_NAME or own in FORECAST:
        return own, facts.number(own)
    return (name, None) if name in ("start", "holiday", "k", "late_days", "counted") else None


def _word(name: str, spec: str, facts: Facts, signal: str) -> str | None:
    """Returns the words of a slot, null where the card leaves it empty."""
    if name == "value":
        return _number(signal, spec, facts)
    if name in BY_NAME or name in FORECAST:
        return _number(name, spec, facts)
    if name == "ago":
        window = _window(spec, facts, signal)
        return nouns.past(facts.card.horizon, window) if window else None
    if name == "span":
        return spec if len(facts.card.counts) >= int(spec) else None
    maker = _MAKERS[name]
    return maker(facts, signal)


def _number(name: str, spec: str, facts: Facts) -> str | None:
    """Returns a number as a slot's spec asks for it, null where there is none."""
    value, unit = facts.number(name), unit_of(name)
    if value is None:
        return None
    text = numbers.bare(unit, value)
    if spec == "signed":
        return ("+" if value > 0 else "-" if value < 0 else "") + text
    noun = _noun(name, unit, facts)
    if spec == "bare" or not noun:
        return text
    if spec == "different" and text != "1":
        noun = f"different {noun}"
    counted = nouns.with_noun(text, noun)
    if spec == "more":
        return counted.replace(" ", " more " if value > 0 else " fewer ", 1)
    return counted


def _noun(name: str, unit: Unit, facts: Facts) -> str:
    """Returns the plural that a number takes, empty for percent, ranks and prices."""
    if unit is Unit.WINDOWS:
        return nouns.windows_of(facts.card.horizon)
    if unit in (Unit.DAYS, Unit.PLACES):
        return unit.value
    if unit not in (Unit.COUNT, Unit.DIFFERENCE, Unit.USERS):
        return ""
    of_people = name in BY_NAME and BY_NAME[name].wording.of_people
    return nouns.people(facts.card.events) if of_people else facts.card.events


def _window(spec: str, facts: Facts, signal: str) -> int | None:
    """Returns the windows ago of a slot: as told, else the signal's own."""
    if spec:
        return int(spec)
    if signal.startswith("count_"):
        return int(signal.removeprefix("count_"))
    value = facts.number(signal)
    return None if value is None else round(value)


def _peak(facts: Facts) -> float | None:
    ago = facts.card.values.get("peak_ago")
    return None if ago is None else facts.card[f"count_{round(ago)}"]


def _peak_words(facts: Facts, _: str) -> str | None:
    count = _peak(facts)
    return None if count is None else nouns.with_noun(numbers.bare(Unit.COUNT, count), facts.card.events)


def _late_days(facts: Facts, _: str) -> str | None:
    days, rest = divmod(facts.card.horizon.days * 3, 7)
    return None if rest else nouns.in_words(days)


def _times(facts: Facts, signal: str) -> str | None:
    value = facts.number(signal) or 0.0
    return next((word for size, word in _TIMES if abs(value - size) <= 0.01 * (1 + size)), None)


def day_words(day: date) -> str:
    """Returns a date as texts say it: "4 December"."""
    return f"{day.day} {day:%B}"


def holiday(card: Card) -> str | None:
    """Returns the first holiday of the period predicted that a text may name, null without one."""
    # a name with a full stop inside would end the sentence for a reader
    return next((name for _, name in card.calendar.holidays[:HOLIDAYS] if "." not in name), None)


def _coming(facts: Facts, _: str) -> str:
    horizon = facts.card.horizon
    return f"in {nouns.coming(horizon)}" if horizon.noun == "day" else nouns.coming(horizon)


_MAKERS: Mapping[str, Callable[[Facts, str], str | None]] = {
    "window": lambda f, _: f.card.horizon.noun,
    "windows": lambda f, _: nouns.windows_of(f.card.horizon),
    "events": lambda f, _: f.card.events,
    "event": lambda f, _: nouns.singular(f.card.events),
    "people": lambda f, _: nouns.people(f.card.events),
    "person": lambda f, _: nouns.singular(nouns.people(f.card.events)),
    "last": lambda f, _: nouns.last(f.card.horizon),
    "before": lambda f, _: f"the {f.card.horizon.noun} before",
    "next": lambda f, _: nouns.coming(f.card.horizon),
    "coming": _coming,
    "counted": lambda f, _: str(len(f.card.counts)) if len(f.card.counts) > 1 else None,
    "peak": _peak_words,
    "late_days": _late_days,
    "times": _times,
    "nth": lambda f, signal: nouns.nth(abs(round(f.number(signal) or 0))),
    "start": lambda f, _: day_words(f.card.calendar.start),
    "holiday": lambda f, _: holiday(f.card),
    "k": lambda f, _: str(f.outlook.k) if f.outlook else None,
    "a": lambda f, _: nouns.article(numbers.bare(Unit.SHARE, f.number("p_top") or 0.0)),
}
