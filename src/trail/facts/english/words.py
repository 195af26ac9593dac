"""A sentence as English has it: which tokens are verbs, subjects, articles and numbers with their nouns."""

from __future__ import annotations

import re
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
_NEXT_NOUN = {
    "OF": "part", "CHANCE": "chance", "RANGE": "range", "SHARE": "share", "PLACES": "places", "TIMES": "times",
    "EV": "count", "US": "count", "RANGEG": "range",
}  # fmt: skip
_NTH = frozenset(
    {"RANK", "D", "PEAK", "LOWEST", "ROW", "EV", "US", "TOPWORD", "ITEMWORD", "W", "STREAK", "FIRST"}
)
_FIGURES = frozenset(
    {"MEAN", "SHARE", "CHANCE", "RANK", "TREND", "RANGE", "PRICE", "PAID", "LOW", "HIGH", "D", "RATE"}
)
_SUBJECTS = {
    **dict.fromkeys(("ITEM", "ITEMWORD", "OTHERNAME", "BRANDNAME"), "it"),
    **dict.fromkeys(("CAT", "CATNAME", "ALL", "EVERYITEM"), "whole"),
    **dict.fromkeys(_FIGURES, "figure"),
    "EV": "events", "US": "users", "HEAVYWORD": "users", "PEAK": "peak", "FIRST": "peak", "LASTSEEN": "peak",
    "RELEASE": "peak",
}  # fmt: skip
_PLURALS = frozenset({"people", "demand"})
_AHEAD = frozenset(
    listed("up | down | upward | downward | more | fewer | less | higher | lower | flat | level")
)
ARTICLE = re.compile(r"\b(an?) (?=\d)")


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
        if token.kind in {"D", "RANK", "COP", "PEAK"} or words[0] in {"been", "stayed"}:
            word = words[0]
        else:
            word = words[-1] if words[0] == "what" else token.text
        if token.kind == "COP" and word not in VERBS:
            return None
        found = VERBS.get(word)
        noun = token.kind in {"D", "RANK", "FUT", "SHARE", "MEAN", "PEAK", "PLACES"}
        if found is None or (noun and found.forms & {"base", "third"} and not self._may_be_verb(place)):
            return None
        return found

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
            or before.kind in {"ADJ", "OF", "IN", "Q", "ROW", "HEAVYWORD", "PEAK"}
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
            if token.text in {"it", "this", "he", "she"} and not governed:
                return "it"
            if token.text in {"we", "they", "there", "which", "who", "i", "you"}:
                return {"which": "it", "there": "there"}.get(token.text, "we")
            if token.text in {"number of", "number", "numbers"}:
                return "figure"
            if token.kind == "FUT" and self.verb(at) is None:
                return "forecast"
            if token.kind in _SUBJECTS and not governed and token.text != "on average":
                if token.kind == "D" and token.text not in {
                    "growth",
                    "change",
                    "rise",
                    "fall",
                    "gain",
                    "loss",
                }:
                    continue
                return _SUBJECTS[token.kind]
            if token.when is not None:
                found = found or ("time" if not governed else "")
                governed = governed and token.when.possessive
                continue
            if token.kind == "Q":
                found = found or "number"
            governed = token.kind in {"IN", "BY", "CMP", "FROM", "TO", "OF"} or (
                governed and token.kind == "G"
            )
        return found

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

    def sort(self, place: int) -> str:
        """Returns what a number is with the noun behind it: rank, nth, count, number, percent, part, chance, ..."""
        token = self.tokens[place]
        if token.when is not None:
            return "time"
        number = token.quantity
        assert number is not None
        after, following = place + 1, self.at(place + 1)
        if number.form in {"ratio", "money"}:
            return number.form
        if number.form == "ordinal":
            return "nth" if following is not None and self._is_nth(following) else "rank"
        more = False
        while following is not None and (
            following.kind == "ADJ" or (following.kind == "D" and following.more)
        ):
            more = more or following.more
            after, following = after + 1, self.at(after + 1)
        kind = following.kind if following is not None else ""
        if following is not None and kind == "CMP" and following.text.startswith(("more", "fewer", "less")):
            return "excess"
        if more:
            return (
                "difference"
                if self.text(after - 1) in {"higher", "lower"} and kind not in _NEXT_NOUN
                else "more"
            )
        if following is not None and _compares(following):
            return "difference"
        if kind == "TIMES" and self._multiplies(after + 1):
            return "ratio"
        if kind == "PLACES":
            then = self.at(after + 1)
            return "climb" if then is not None and _compares(then) else "places"
        if (
            kind == "D"
            and following is not None
            and (VERBS.get(following.text) or following.text in {"growth", "loss"})
        ):
            base = VERBS.get(following.text)
            return "move" if base is None or "base" in base.forms else self._bare(number.form)
        return _NEXT_NOUN.get(kind) or self._bare(number.form)

    def _multiplies(self, place: int) -> bool:
        """Whether "times" is followed by what it multiplies: "three times its mean"."""
        token = self.at(place)
        if token is None:
            return False
        owned = token.when is not None and (token.when.possessive or token.when.kind == "adjective")
        return (
            owned
            or token.text in DETERMINERS
            or token.kind in {"MEAN", "HIGH"}
            or token.text.startswith("as ")
        )

    @staticmethod
    def _is_nth(following: Token) -> bool:
        when = following.when
        if when is not None:
            return when.kind in {"unit", "adjective", "per"} and not when.possessive
        return following.kind in _NTH and following.text not in _AHEAD

    @staticmethod
    def _bare(form: str) -> str:
        return "percent" if form in {"percent", "fraction"} else "number"

    def article(self, place: int) -> str:
        """Returns the determiner of the noun phrase that a token stands in, empty without one.

        A number has its article inside ("an 80%"); a possessive ("last week's") is one as well.
        """
        inside = ARTICLE.search(self.tokens[place].text)
        if inside:
            return inside[1]
        at = place - 1
        while (token := self.at(at)) is not None:
            first = token.text.split()[0] if token.text.split() else ""
            if token.kind == "Q":
                return _article_of(token.text) or (
                    self.text(at - 1) if self.text(at - 1) in DETERMINERS else ""
                )
            if token.text == "that" and at == 0 and self.opener:
                return ""  # "given that release"
            if token.text.endswith(" its"):
                return "its"
            if token.text in DETERMINERS or (token.when is not None and first in DETERMINERS):
                return token.text if token.text in DETERMINERS else first
            if (token.when is not None and token.when.possessive) or token.text in {
                "'s",
                "week's",
                "month's",
                "day's",
            }:
                return "its"
            if token.kind == "NEG" or token.text in {"'s", "'"}:
                return "no"
            passed = token.kind in {"ADJ", "CATNAME", "HEAVYWORD", "PEAK"} or token.when is not None or token.text in {
                "whole", "full", "entire", "overall", "own", "better", "likely",
            }  # fmt: skip
            if not passed:
                return ""
            at -= 1
        return ""


def _article_of(text: str) -> str:
    found = ARTICLE.search(text)
    return found[1] if found else ""


def _compares(token: Token) -> bool:
    return (token.kind == "CMP" and token.sign is not None) or (token.kind == "D" and token.text in _AHEAD)


def is_adverb(token: Token) -> bool:
    """Whether a token may stand between a subject and its verb."""
    return token.text in _ADVERBS or token.kind in {"DEGREE", "HEDGE"}


def plural(token: Token) -> bool:
    """Whether a noun of events, users or places stands in the plural."""
    return token.text.endswith("s") or token.text in _PLURALS
