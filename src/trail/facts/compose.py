"""Puts an outline into English sentences: the forecast first, then what is for it and what is against it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trail.facts.contexts import words_of
from trail.facts.draft import Piece, Rendered, assemble
from trail.facts.frames import WHAT, WHEN, Frames
from trail.facts.outline import Outline, Reason, causes
from trail.facts.outlook import PHRASES
from trail.facts.slots import FORECAST, Clause, Facts, fill
from trail.facts.speak import clauses
from trail.signals import BY_NAME, Group

#: Chooses one of `n` by what it is chosen for: a draw, or the same for the same item.
Pick = Callable[[str, int], int]
#: Template -> its twins that are kept for tests.
_HELD = {words: each.held_out for each in PHRASES for words in each.say}
#: What a name takes the place of.
_IT = "it "
#: Kinds of tails, in their order, with the part of the forecast that they say.
_TAILS = (
    ("versus", "forecast_change"),
    ("forecast_change", "forecast_change"),
    ("q10", "q10"),
    ("likely", "p_top"),
)


@dataclass(frozen=True)
class Composer:
    """Writes outlines about one item.

    Attributes:
        facts: Card and forecast.
        frames: Words around the facts.
        pick: Makes every choice of wording.
        held_out: Whether facts are said in the wordings kept for tests.
    """

    facts: Facts
    frames: Frames
    pick: Pick
    held_out: bool = False

    def write(self, plan: Outline, *, bound: bool, leading: bool = False) -> Rendered:
        """Writes a text.

        Args:
            plan: What to say.
            bound: Whether the first reason stands in the sentence of the forecast.
            leading: Whether it stands before the forecast, where it is its cause.
        """
        reasons = [each for each in plan.reasons if not _dated(each)]
        opening, rest = self._opening(plan), reasons
        named = any(key in WHAT for key in plan.context)  # "it" must not stand before the name
        if reasons and leading and not named and causes(reasons[0], self.facts):
            opening, rest = [self._clause(reasons[0]), ", so ", *opening], reasons[1:]
        elif reasons and bound:
            opening, rest = [*opening, self._bond(reasons[0]), self._clause(reasons[0])], reasons[1:]
        sentences = [opening, *self._place(plan)]
        sentences += self._reasons(rest, reasons[0] if len(rest) < len(reasons) else None)
        sentences += [[self._clause(each)] for each in plan.reasons if _dated(each)]
        return assemble(sentences, self._values())

    def _values(self) -> dict[str, float | None]:
        return {name: self.facts.number(name) for name in (*self.facts.card.values, *FORECAST)}

    def _opening(self, plan: Outline) -> list[Piece]:
        """Returns context, expected count and tails."""
        dates = (fill(WHEN[key], self.facts, "context") for key in plan.context if key in WHEN)
        pieces: list[Piece] = [clause for clause in dates if clause]
        dated = any(key in WHEN for key in plan.context)
        pieces += self._named(plan, self._part("expected", "dated" if dated else "expected"))
        # how it compares comes before how wide it is: what follows brackets speaks of the brackets
        for kind, name in _TAILS:
            if kind in plan.forecast:
                pieces += self._part(name, kind)
        return pieces

    def _named(self, plan: Outline, expected: list[Piece]) -> list[Piece]:
        """Returns the expected count with what the item is, which takes the place of "it" or stands in front."""
        key = next((key for key in plan.context if key in WHAT), None)
        if key is None:
            return expected
        words = WHAT[key].format(words_of(self.facts.card, key))
        if key != "release" and expected and self.pick("behind", 2) == 0:
            behind = f" for {words}"
            return [*expected, Clause("context", behind, behind, ())]
        name, first = Clause("context", words, words, ()), expected[0] if expected else ""
        if isinstance(first, Clause) and first.text.startswith(_IT):
            return [name, ", " if key == "release" else " ", first.without(len(_IT)), *expected[1:]]
        return ["for ", name, ", ", *expected]

    def _part(self, name: str, kind: str) -> list[Piece]:
        clause = self._said(name, self.frames.forecast[kind])
        return [clause] if clause else []

    def _place(self, plan: Outline) -> list[list[Piece]]:
        """Returns a sentence of the chance of the top K and of the rank in the forecast."""
        names = [name for name in ("p_top", "forecast_rank") if name in plan.forecast]
        if not names:
            return []
        kind = "both" if len(names) > 1 else names[0]
        clause = self._said(names[0], self.frames.place[kind])
        return [[clause]] if clause else []

    def _said(self, name: str, options: Sequence[str]) -> Clause | None:
        held = _HELD.get(options[0], ()) if self.held_out else ()
        if not any("count_1" in each for each in options):
            held = tuple(each for each in held if "count_1" not in each)
        filled = [clause for each in (held or options) if (clause := fill(each, self.facts, name))]
        return filled[self.pick(name, len(filled))] if filled else None

    def _bond(self, reason: Reason) -> str:
        if causes(reason, self.facts):
            return self._any("because", self.frames.because)
        if not reason.driver:
            return self._any("beside", self.frames.beside)
        if not reason.side:
            return self._any("resting", self.frames.resting)
        return self._any("bond", self.frames.helped if reason.side > 0 else self.frames.hindered)

    def _reasons(self, reasons: Sequence[Reason], before: Reason | None) -> list[list[Piece]]:
        """Returns the facts in sentences of one or two."""
        sentences: list[list[Piece]] = []
        at = 0
        while at < len(reasons):
            first, pair = reasons[at], reasons[at + 1 : at + 2]
            pieces: list[Piece] = [self._lead(first, before), self._clause(first)]
            # nobody ends on the first of two reasons: it is bound to the forecast, or the second to it
            joined = pair and (before is None or len(reasons) > 2 or self.pick(f"join {at}", 3) < 2)  # noqa: PLR2004
            if joined:
                pieces += [self._glue(first, pair[0]), self._clause(pair[0])]
            sentences.append(pieces)
            before, at = (pair[0], at + 2) if joined else (first, at + 1)
        return sentences

    def _lead(self, reason: Reason, before: Reason | None) -> str:
        """Returns the words in front of a fact that opens a sentence."""
        if before is None:
            return self._first(reason)
        opposed = reason.side * before.side < 0
        if not opposed and _goes_on(before, reason):
            return self._any("more", self.frames.more)
        if not (opposed and reason.driver):
            return self._any("bare", self.frames.bare)
        return self._any("against", self.frames.against if reason.side < 0 else self.frames.counter)

    def _first(self, reason: Reason) -> str:
        """Returns the words in front of the first fact, which say whether it is a reason, and for what."""
        frames = self.frames
        if not reason.driver:
            return self._any("bare", frames.bare)
        if not reason.side:
            return self._any("basis", frames.basis)
        if causes(reason, self.facts):
            return self._any("cause", frames.cause)
        return self._any("support", frames.support if reason.side > 0 else frames.held)

    def _glue(self, one: Reason, other: Reason) -> str:
        if one.side * other.side < 0:
            return self._any("turn", self.frames.turn)
        tied = _goes_on(one, other)
        return self._any("tie", self.frames.tie) if tied else self._any("beside", self.frames.beside)

    def _any(self, key: str, options: Sequence[str]) -> str:
        return options[self.pick(key, len(options))]

    def _clause(self, reason: Reason) -> Clause:
        options = clauses(reason.signal, self.facts, held_out=self.held_out)
        options = options or clauses(reason.signal, self.facts)
        return options[self.pick(reason.signal, len(options))]


def _goes_on(one: Reason, other: Reason) -> bool:
    """Whether what is said of one fact is true of another that is tied on: "held back by this: ..., and ..."."""
    return not one.driver or (other.driver and one.side in {0, other.side})


def _dated(reason: Reason) -> bool:
    """Whether a fact is a date: joined to another clause it would lend it its time."""
    return BY_NAME[reason.signal].group is Group.CALENDAR
