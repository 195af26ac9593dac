"""A sentence as English has it: which tokens are verbs, subjects, articles and numbers with their nouns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trail.facts.english.verbs import GIVING, VERBS, Verb
from trail.facts.grammar_tokens import Token
from trail.facts.grammar_words import listed

DETERMINERS = frozenset(
    listed(
        "a | an | the | its | this | that | our | their | his | her | any | each | every | no | one's | your"
    )
)
MODALS = frozenset(
    listed("should | will | would | could | may | might | can | 'll | won't | will not | cannot")
)
#: Words of glue that may stand between a verb and its object.
_BETWEEN = (
    frozenset(
        listed(
            "about | again | already | also | another | currently | even | just | now | only | quite | rather | some"
        )
    )
    | DETERMINERS
)
_ADVERBS = frozenset(
    listed(
        """
        again | already | also | alone | chiefly | currently | even | hence | indeed | instead | just | mainly | meanwhile |
        most recently | namely | now | only | overall | rather | recently | therefore | thus | together | too | today
        """
    )
)
_FIGURES = frozenset(
    {"MEAN", "SHARE", "CHANCE", "TREND", "RANGE", "PRICE", "PAID", "LOW", "HIGH", "D", "RATE"}
)
_SUBJECTS = {
    **dict.fromkeys(("ITEM", "ITEMWORD", "OTHERNAME", "BRANDNAME"), "it"),
    **dict.fromkeys(("CAT", "CATNAME", "ALL", "EVERYITEM"), "whole"),
    **dict.fromkeys(_FIGURES, "figure"),
    "EV": "events", "US": "users", "HEAVYWORD": "users", "PEAK": "peak", "FIRST": "peak", "LASTSEEN": "peak",
    "RELEASE": "peak", "RANK": "rank",
}  # fmt: skip

_PRONOUNS = {
    **dict.fromkeys(("it", "this", "he", "she", "which"), "it"),
    **dict.fromkeys(("we", "they", "who", "i", "you"), "we"),
    **dict.fromkeys(("number of", "number", "numbers"), "figure"),
    "there": "there",
}  # fmt: skip
#: Nouns of a move that can be a subject.
_MOVES = frozenset({"growth", "change", "rise", "fall", "gain", "loss"})
#: Kinds of token that are nouns as well: "rank", "rise", "forecast", "places".
_NOUN_OR_VERB = frozenset({"D", "RANK", "FUT", "SHARE", "MEAN", "PEAK", "PLACES", "TOTAL"})
_GOVERNING = frozenset({"IN", "BY", "CMP", "FROM", "TO", "OF"})


@dataclass(frozen=True)
class Words:
    """One clause of a text: its tokens, and what joined it to the one before.

    Attributes:
        tokens: Its tokens in order, those of hedges left out.
        opener: The lower-case word or mark in front; empty at the start of a sentence.
        closer: The one behind; empty at its end.
        counted: Whether the text has named by now what a bare number would count.
        heir: What the clauses before it were about, for one without a subject of its own.
    """

    tokens: Sequence[Token]
    opener: str = ""
    closer: str = ""
    counted: bool = False
    heir: str = ""

    def at(self, place: int) -> Token | None:
        """Returns the token at a place, null outside."""
        return self.tokens[place] if 0 <= place < len(self.tokens) else None

    def text(self, place: int) -> str:
        """Returns the words at a place, empty outside."""
        token = self.at(place)
        return token.text if token is not None else ""

    def kind(self, place: int) -> str:
        """Returns the kind of the token at a place, empty outside."""
        token = self.at(place)
        return token.kind if token is not None else ""

    def verb(self, place: int) -> Verb | None:
        """Returns the token at a place as a verb, null if it is none there: "the forecast", "a rise"."""
        token = self.at(place)
        if token is None or token.kind in {"Q", "W", "X", "EV", "US"}:
            return None
        words = token.text.split()
        phrase = token.kind in {"D", "RANK", "COP", "PEAK"} or words[0] in {"been", "stayed"}
        found = VERBS.get(words[0] if phrase else words[-1] if words[0] == "what" else token.text)
        noun = found is not None and token.kind in _NOUN_OR_VERB and found.forms & {"base", "third"}
        return found if not noun or self._may_be_verb(place) else None

    def verbs(self) -> Iterator[tuple[int, Verb]]:
        """Yields the places of its verbs, each with the verb."""
        for at in range(len(self.tokens)):
            verb = self.verb(at)
            if verb is not None:
                yield at, verb

    def _may_be_verb(self, place: int) -> bool:
        """Whether what stands in front lets a word that is a noun as well be a verb."""
        if self.kind(place) in {"PEAK", "MEAN"}:
            return False
        before = self.at(place - 1)
        if before is None:
            return True
        whose = before.when is not None and (before.when.possessive or before.when.kind == "adjective")
        return not (
            before.text in DETERMINERS - {"that", "this"}
            or before.kind in {"ADJ", "OF", "IN", "Q", "ROW", "HEAVYWORD", "PEAK", "TOTAL"}
            or whose
        )

    def back(self, place: int) -> int:
        """Returns the place before one, past adverbs and denials."""
        place -= 1
        while (token := self.at(place)) is not None and (is_adverb(token) or token.kind == "NEG"):
            place -= 1
        return place

    def begins(self, place: int) -> bool:
        """Whether an "it" is a subject: at the start of the clause, or after a time, a mark or "that"."""
        before = self.at(place - 1)
        if before is None:
            return self.opener not in {"with", "after", "following"}
        return (
            before.when is not None
            or before.kind in {"AT", "NEG", "TOTAL", "MEAN", "FUTG"}
            or before.text in {"that", "note"}
        )

    def subject(self, place: int) -> str:
        """Returns what stands in front of a place: it, we, there, events, users, whole, time, figure, peak or nothing."""
        found, governed = "", False
        for at in range(place):
            token = self.tokens[at]
            named = self._named(at, governed=governed)
            if named:
                return named
            if token.when is not None:
                found = found or ("" if governed else "time")
                governed = governed and token.when.possessive
            elif token.kind != "D":
                found = found or ("number" if token.kind == "Q" else "")
                governed = token.kind in _GOVERNING or (governed and token.kind == "G")
        return found

    def _named(self, place: int, *, governed: bool) -> str:
        """Returns what a token is as a subject, empty where it is none; what a preposition governs is none."""
        token = self.tokens[place]
        if token.kind == "FUT":
            return "" if self.verb(place) is not None else "forecast"
        if token.text in _PRONOUNS:
            return "" if governed and _PRONOUNS[token.text] == "it" else _PRONOUNS[token.text]
        if governed or token.text == "on average" or (token.kind == "D" and token.text not in _MOVES):
            return ""
        return _SUBJECTS.get(token.kind, "")

    def object(self, place: int) -> int | None:
        """Returns the place of the number or length of time that a verb has as its object, null without one."""
        at, giving = place + 1, self.text(place) in GIVING
        while (token := self.at(at)) is not None:
            if token.kind == "Q" or (token.when is not None and token.when.kind in {"length", "ago"}):
                return at
            passed = token.text in _BETWEEN or token.kind == "ADJ"
            if not passed and not (token.text == "it" and giving):
                return None
            at += 1
        return None


def is_adverb(token: Token) -> bool:
    """Whether a token may stand between a subject and its verb."""
    return token.text in _ADVERBS or token.kind in {"DEGREE", "HEDGE"}
