"""The facts of the plain text in other languages: the same outline, the same values, the language's own words.

The reader reads English. What a translation says is true because it is filled from the outline and the values
that the English text is filled from; tests hold the two side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from string import Formatter

from babel import Locale
from babel.dates import format_skeleton
from babel.numbers import format_decimal

from trail.facts import nouns, numbers
from trail.facts.claims import Driver, Outlook
from trail.facts.contexts import name_of, released
from trail.facts.draft import Rendered, Statement
from trail.facts.outline import Outline, Reason, causes, outline
from trail.facts.render import Style
from trail.facts.slots import FORECAST, Facts, Slot, holiday, unit_of
from trail.facts.tongues import TONGUES, Tongue
from trail.facts.tongues.tongue import Noun, Span
from trail.signals import Card, Unit

_PERCENT = (Unit.CHANGE, Unit.SHARE)
#: Numbers from here on have their thousands set apart, as in English.
_GROUPED = 10_000


def translated(card: Card, outlook: Outlook, drivers: Sequence[Driver], style: Style) -> Rendered:
    """Returns the plain rendering of an item in another language than English, with its statements.

    Its facts are those of the English text of the same length; one wording serves all readers.
    """
    facts = Facts(card, outlook)
    plan = outline(facts, drivers, style.length)
    return _Teller(facts, TONGUES[style.language]).write(plan)


@dataclass(frozen=True)
class _Said:
    """A filled sentence: its signal, words and slots, positions counted from its start."""

    signal: str
    text: str
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True)
class _Teller:
    """Writes outlines about one item in one language."""

    facts: Facts
    tongue: Tongue

    def write(self, plan: Outline) -> Rendered:
        opening = [
            self._fill(name, self._pick(self.tongue.forecast[name], name))
            for name in ("expected", "forecast_change", "q10")
            if name in plan.forecast
        ]
        reasons = [
            [_Said("", self._lead(plan.reasons, at)), self._reason(each)]
            for at, each in enumerate(plan.reasons)
        ]
        if len(plan.forecast) == 1 and reasons:  # the short form: one sentence
            return self._joined([[*opening, _Said("", self.tongue.frames["short"]), *reasons[0]]])
        context = [[self._fill("context", self.tongue.context[key])] for key in plan.context]
        return self._joined([*context, opening, *self._place(plan), *reasons])

    def _place(self, plan: Outline) -> list[list[_Said]]:
        names = [name for name in ("p_top", "forecast_rank") if name in plan.forecast]
        if not names:
            return []
        template = self.tongue.forecast["both" if len(names) > 1 else names[0]]
        return [[self._fill(names[0], str(template))]]

    def _lead(self, reasons: Sequence[Reason], at: int) -> str:
        """Returns the words in front of a reason, by the same rules as the English text."""
        frames, reason = self.tongue.frames, reasons[at]
        before = reasons[at - 1].side if at else 0
        opposed = reason.side * before < 0
        if not reason.driver:
            return frames["but" if opposed else "more" if at else "bare"]
        if not reason.side:
            return frames["more" if at and not before else "basis"]
        if at == 0 and causes(reason, self.facts):
            return frames["cause"]
        if at > 0 and not opposed:
            return frames["more"]
        return frames["support" if reason.side > 0 else "against"]

    def _reason(self, reason: Reason) -> _Said:
        return self._fill(
            reason.signal, self._pick(self.tongue.signals[kind_of(reason.signal)], reason.signal)
        )

    def _pick(self, wording: str | tuple[str, ...], name: str) -> str:
        if isinstance(wording, str):
            return wording
        value = self.facts.number(name) or 0.0
        return wording[0 if value > 0 else 1 if value < 0 else 2]

    def _fill(self, signal: str, template: str) -> _Said:
        text, slots = "", []
        for literal, name, _, _ in Formatter().parse(template):
            text += literal
            if name is None:
                continue
            words = self._word(name, signal)
            own = signal if name in ("value", "bare") else name
            if own in FORECAST or own in self.facts.card.values:
                slots.append(Slot(own, self.facts.number(own), words, len(text), len(text) + len(words)))
            text += words
        return _Said(signal, text, tuple(slots))

    def _word(self, name: str, signal: str) -> str:
        if name == "value":
            return self._counted(signal)
        if name == "bare":
            return self.number(signal)
        if name in FORECAST:
            return self._counted(name) if name == "expected" else self.number(name)
        return _WORDS[name](self, signal)

    @property
    def span(self) -> Span:
        """Phrases of the card's windows."""
        return self.tongue.spans[self.facts.card.horizon.noun]

    @property
    def events(self) -> Noun:
        """What the log counts."""
        known = self.tongue.events
        return known.get(self.facts.card.events) or list(known.values())[-1]

    def _counted(self, name: str) -> str:
        """Returns a number with its noun."""
        unit = unit_of(name)
        things: Mapping[Unit, Noun | Span] = {
            Unit.COUNT: self.events,
            Unit.DIFFERENCE: self.events,
            Unit.DAYS: self.tongue.days,
            Unit.PLACES: self.tongue.places,
            Unit.USERS: self.tongue.people[nouns.people(self.facts.card.events)],
            Unit.WINDOWS: self.span,
        }
        return self._with(things[unit], self.number(name), name) if unit in things else self.number(name)

    def _with(self, thing: Noun | Span, shown: str, name: str) -> str:
        value = abs(numbers.rounded(unit_of(name), self.facts.number(name) or 0.0))
        singular = Locale(self.tongue.locale).plural_form(Decimal(f"{value:g}")) == "one"
        return (thing.one if singular else thing.many).format(n=shown)

    def number(self, name: str) -> str:
        """Returns a number without sign and noun, rounded as in English, written as the language does."""
        unit, value = unit_of(name), abs(self.facts.number(name) or 0.0)
        return written(unit, value, self.tongue.locale)

    def windows(self, signal: str) -> str:
        """Returns how many windows a signal looks back over."""
        return (
            signal.removeprefix("mean_") if signal.startswith("mean_") else str(len(self.facts.card.counts))
        )

    def ago(self, signal: str) -> str:
        """Returns the window of a signal as an adverb."""
        card = self.facts.card
        ago = int(signal.removeprefix("count_")) if signal.startswith("count_") else round(card[signal] or 0)
        return self.span.last if ago == 1 else self.span.ago.format(n=ago)

    def peak(self, _: str) -> str:
        """Returns the highest count with its noun."""
        name = f"count_{round(self.facts.card['peak_ago'] or 0)}"
        return self._with(self.events, self.number(name), name)

    def holiday(self, _: str) -> str:
        """Returns the name of the first holiday of the period."""
        name = holiday(self.facts.card) or ""
        return self.tongue.holidays.get(name, name)

    def date(self, day: date) -> str:
        """Returns a day and its month."""
        return format_skeleton("MMMMd", day, locale=self.tongue.locale)

    def _joined(self, sentences: Sequence[Sequence[_Said]]) -> Rendered:
        text, statements = "", list[Statement]()
        for sentence in sentences:
            text += self.tongue.gap if text else ""
            opening = len(text)
            for said in sentence:
                at = len(text)
                text += said.text
                if said.signal:
                    statements.append(self._placed(said, at))
            text = (
                text[:opening] + text[opening : opening + 1].upper() + text[opening + 1 :] + self.tongue.stop
            )
        return Rendered(text, tuple(statements))

    def _placed(self, said: _Said, at: int) -> Statement:
        slots = tuple(replace(each, start=each.start + at, end=each.end + at) for each in said.slots)
        value = self.facts.number(said.signal)
        return Statement(said.signal, "=", value, at, at + len(said.text), slots, "")


def kind_of(signal: str) -> str:
    """Returns the key of a signal's sentences: the counts of all windows share theirs, and so do the means."""
    stem, _, number = signal.rpartition("_")
    return stem if stem in ("count", "mean") and number.isdigit() else signal


def written(unit: Unit, value: float, locale: str) -> str:
    """Returns a number as a language writes it, with the decimals that English has: "31 %", "2,4", "12.345"."""
    scale = 100.0 if unit in _PERCENT else 1.0
    places = 0 if unit is Unit.RANK else numbers.decimals(unit, value)
    number = round(value * scale, places)
    if unit is not Unit.MONEY and float(number).is_integer():
        places = 0
    pattern = ("#,##0" if number >= _GROUPED else "0") + ("." + "0" * places if places else "")
    text = format_decimal(Decimal(f"{number:.{places}f}"), format=pattern, locale=locale)
    if unit not in _PERCENT:
        return text
    return str(Locale(locale).percent_formats[None].pattern).replace("#,##0", text)


_WORDS: Mapping[str, Callable[[_Teller, str], str]] = {
    "last": lambda t, _: t.span.last,
    "next": lambda t, _: t.span.next,
    "before": lambda t, _: t.span.before,
    "than": lambda t, _: t.span.than,
    "per": lambda t, _: t.span.per,
    "year": lambda t, _: t.span.year,
    "ago": lambda t, signal: t.ago(signal),
    "over": lambda t, signal: t.span.over.format(n=t.windows(signal)),
    "of_last": lambda t, signal: t.span.of_last.format(n=t.windows(signal)),
    "the": lambda t, _: t.events.the,
    "noun": lambda t, _: t.events.bare,
    "of": lambda t, _: t.events.of,
    "people": lambda t, _: t.tongue.people[nouns.people(t.facts.card.events)].bare,
    "of_people": lambda t, _: t.tongue.people[nouns.people(t.facts.card.events)].of,
    "late_days": lambda t, _: str(t.facts.card.horizon.days * 3 // 7),
    "peak": lambda t, signal: t.peak(signal),
    "count_1": lambda t, _: t.number("count_1"),
    "holiday": lambda t, signal: t.holiday(signal),
    "category": lambda t, _: name_of(t.facts.card, "category"),
    "title": lambda t, _: name_of(t.facts.card, "title"),
    "start": lambda t, _: t.date(t.facts.card.calendar.start),
    "release": lambda t, _: t.date(released(t.facts.card) or t.facts.card.calendar.start),
    "k": lambda t, _: str(t.facts.outlook.k) if t.facts.outlook else "",
}
