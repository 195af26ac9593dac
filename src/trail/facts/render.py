"""Plain sentences of a card: one fixed rendering, and varied ones for training."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from trail.facts.claims import Driver, Outlook
from trail.facts.draft import Piece, Rendered, assemble
from trail.facts.outlook import CHANCE, EXPECTED, PLACE, RANGE, VERSUS, Phrases, said
from trail.facts.prompt import FIELD, TITLE, clean
from trail.facts.slots import FORECAST, Clause, Facts
from trail.facts.speak import agrees, clauses, core, spoken
from trail.signals import BY_NAME, SIGNALS, Card, Group

_NAMES = (
    ("title", TITLE, 'the item is "{}"'),
    ("category", FIELD, 'its category is "{}"'),
    ("brand", FIELD, 'its brand is "{}"'),
)
#: Shares of the texts that have another fact, context, a range or comparison, and reasons in separate sentences.
_EXTRA, _CONTEXT, _TAIL, _SPLIT = 0.4, 0.25, 0.75, 0.3
_CALENDAR = tuple(each.name for each in SIGNALS if each.group is Group.CALENDAR)
#: Sentences of a text.
_MOST = 3


def plain(card: Card, outlook: Outlook, drivers: Sequence[Driver]) -> str:
    """Returns the fixed rendering: the forecast with its range, then one sentence a driver.

    Without drivers that can speak, the last window's count stands in, where the log covers one.
    """
    facts = Facts(card, outlook)
    opening: list[Piece] = [*said(EXPECTED, facts)[:1], *said(RANGE, facts)[:1]]
    names = [each.signal for each in spoken(drivers, card)] or ["count_1"]
    reasons: list[list[Piece]] = [[*clauses(name, facts)[:1]] for name in names if clauses(name, facts)]
    return assemble([opening, *reasons], dict(card.values)).text


def render(
    card: Card,
    outlook: Outlook,
    drivers: Sequence[Driver],
    rng: np.random.Generator,
    *,
    held_out: bool = False,
    mask: Collection[str] = (),
) -> Rendered:
    """Writes a true text of two or three sentences, varied in order, length and wording.

    The drivers come before any further fact; a cause is claimed ("because", "so") only for a driver that
    points the way the forecast moved.

    Args:
        card: The item's card.
        outlook: Its forecast.
        drivers: What moved the forecast.
        rng: Source of all variety.
        held_out: Whether to use only the wordings kept for tests.
        mask: "metadata" keeps title and catalogue fields out.
    """
    return _Writer(Facts(card, outlook), rng, held_out).write(drivers, mask)


class _Writer:
    """Draws the sentences of one text.

    Args:
        facts: Card and forecast.
        rng: Source of all variety.
        held_out: Whether to use only the wordings kept for tests.
    """

    def __init__(self, facts: Facts, rng: np.random.Generator, held_out: bool) -> None:
        self.facts, self.rng, self.held_out = facts, rng, held_out

    def write(self, drivers: Sequence[Driver], mask: Collection[str]) -> Rendered:
        named = spoken(drivers, self.facts.card) or [Driver("count_1", 0.0)]
        named = [each for each in named if clauses(each.signal, self.facts)]
        sentences = self._body(named)
        if len(sentences) < _MOST and self._chance(_EXTRA) and (more := self._extra(named)):
            sentences.append(more)
        if len(sentences) == 1 or (len(sentences) < _MOST and self._chance(_EXTRA)):
            sentences += [[more] for more in self._forecast_more()]
        if len(sentences) < _MOST and self._chance(_CONTEXT) and (context := self._context(named, mask)):
            sentences.insert(int(self.rng.choice([0, len(sentences)])), [context])
        names = (*self.facts.card.values, *FORECAST)
        return assemble(sentences, {name: self.facts.number(name) for name in names})

    def _body(self, named: list[Driver]) -> list[list[Piece]]:
        """Returns forecast and drivers: reasons first, forecast first, or bound by a cause."""
        if not named:
            return [self._forecast(RANGE, VERSUS)]
        first, rest = self._clause(named[0]), named[1:]
        causal = agrees(named[0].signal, self.facts.card, named[0].effect)
        shape = self.rng.integers(4 if causal else 2)
        if shape == 2:  # noqa: PLR2004 - the third shape
            return [[self._pick(self._said(EXPECTED)), " because ", first], *self._reasons(rest)]
        if shape == 3:  # noqa: PLR2004 - the fourth shape
            return [[first, ", so ", *self._forecast(RANGE)], *self._reasons(rest)]
        forecast, reasons = self._forecast(RANGE, VERSUS), self._reasons(named)
        return [forecast, *reasons] if shape else [*reasons, forecast]

    def _reasons(self, named: Sequence[Driver]) -> list[list[Piece]]:
        """Returns the drivers in one or two sentences, and the calendar in one of its own.

        Joined to another clause, a date would lend it its time.
        """
        dates = [each for each in named if each.signal in _CALENDAR]
        facts = [each for each in named if each not in dates]
        if len(facts) > 1 and not (len(named) < _MOST and self._chance(_SPLIT)):
            one, two = facts[0], facts[1]
            glue = ", but " if self._oppose(one, two) else str(self.rng.choice([", and ", "; "]))
            sentences: list[list[Piece]] = [[self._clause(one), glue, self._clause(two)]]
            facts = facts[2:]
        else:
            sentences = []
        return sentences + [[self._clause(each)] for each in (*facts, *dates)]

    def _oppose(self, one: Driver, two: Driver) -> bool:
        """Whether one fact points up and the other down."""
        signs = {
            sign for each in (one, two) for sign in (-1, 1) if agrees(each.signal, self.facts.card, sign)
        }
        return len(signs) == 2  # noqa: PLR2004 - both directions

    def _clause(self, driver: Driver) -> Clause:
        return self._pick(
            clauses(driver.signal, self.facts, held_out=self.held_out) or clauses(driver.signal, self.facts)
        )

    def _forecast(self, *tail: Phrases) -> list[Piece]:
        """Returns the expected count, often with a tail: its range, or how it compares with the last window."""
        tails = [found for each in tail if (found := self._said(each))]
        pieces: list[Piece] = [self._pick(self._said(EXPECTED))]
        if tails and self._chance(_TAIL):
            pieces.append(self._pick(tails[int(self.rng.integers(len(tails)))]))
        return pieces

    def _forecast_more(self) -> list[Clause]:
        """Returns one sentence on the chance of the top K or on the rank in the forecast."""
        options = [found for each in (CHANCE, PLACE) if (found := self._said(each))]
        return [self._pick(options[int(self.rng.integers(len(options)))])] if options else []

    def _extra(self, named: Sequence[Driver]) -> list[Piece]:
        """Returns one more fact of another group that the card part of the prompt shows."""
        used = {BY_NAME[each.signal].group for each in named}
        names = [name for name in (*core(self.facts.card), "count_1") if BY_NAME[name].group not in used]
        options = [found for name in names if (found := clauses(name, self.facts, held_out=self.held_out))]
        return [self._pick(options[int(self.rng.integers(len(options)))])] if options else []

    def _context(self, named: Sequence[Driver], mask: Collection[str]) -> Clause | None:
        """Returns what the item is or what the period holds, from catalogue and calendar only."""
        calendar = () if any(each.signal in _CALENDAR for each in named) else _CALENDAR
        options = [clauses(name, self.facts, held_out=self.held_out) for name in calendar]
        if "metadata" not in mask:
            options += [[Clause("context", words, words, ())] for words in _catalogue(self.facts.card)]
        options = [each for each in options if each]
        return self._pick(options[int(self.rng.integers(len(options)))]) if options else None

    def _said(self, phrases: Phrases) -> list[Clause]:
        return said(phrases, self.facts, held_out=self.held_out) or said(phrases, self.facts)

    def _pick(self, options: list[Clause]) -> Clause:
        return options[int(self.rng.integers(len(options)))]

    def _chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)


def _catalogue(card: Card) -> list[str]:
    """Returns context sentences from the catalogue alone; names that must be cut are left out."""
    found = []
    for key, most, words in _NAMES:
        name = str(card.metadata.get(key) or "")
        if name and clean(name, most) == name:
            found.append(words.format(name))
    return found
