"""Noun phrases around a token: what a number is with its noun, and the article of a noun."""

from __future__ import annotations

import re

from trail.facts.english.verbs import VERBS
from trail.facts.english.words import DETERMINERS, Words
from trail.facts.grammar_tokens import Token

ARTICLE = re.compile(r"\b(an?) (?=\d)")
_NEXT_NOUN = {
    "OF": "part", "CHANCE": "chance", "RANGE": "range", "SHARE": "share", "TIMES": "times", "EV": "count", "US": "count",
    "RANGEG": "range",
}  # fmt: skip
#: Kinds that make an ordinal the number of something: "fifth rise", "second best", "third week".
_NTH = frozenset(
    {"RANK", "D", "PEAK", "LOWEST", "ROW", "EV", "US", "TOPWORD", "ITEMWORD", "W", "STREAK", "FIRST"}
)
_PLURALS = frozenset({"people", "demand"})
_AHEAD = frozenset(
    {"up", "down", "upward", "downward", "more", "fewer", "less", "higher", "lower", "flat", "level"}
)
_PASSED = frozenset({"whole", "full", "entire", "overall", "own", "better", "likely"})
_OWNED = frozenset({"'s", "week's", "month's", "day's"})


def sort_of(words: Words, place: int) -> str:
    """Returns what a number or a length of time is with the noun behind it.

    `time`, `ratio`, `money`; `rank` (5th) and `nth` (5th rise); `count` (98 orders), `more` (8 more customers), `excess`
    (8 more than), `difference` (31% above), `places`, `climb` (12 places up), `times`, `part` (12% of), `move` (a 31% rise),
    `chance`, `range`, `share`; else `percent` or `number`.
    """
    number, following = words.tokens[place].quantity, words.at(place + 1)
    if number is None:
        return "time"
    if number.form in {"ratio", "money"}:
        return number.form
    if number.form == "ordinal":
        return "nth" if following is not None and _is_nth(following) else "rank"
    after = place + 1
    while (token := words.at(after)) is not None and (
        token.kind == "ADJ" or (token.kind == "D" and token.more)
    ):
        after += 1
    more = any(token.more for token in words.tokens[place + 1 : after])
    return _measured(words, after, more=more) or (
        "percent" if number.form in {"percent", "fraction"} else "number"
    )


def _measured(words: Words, after: int, *, more: bool) -> str:
    """Returns what a number is by the token behind it and its adjectives, empty if that says nothing."""
    following, kind = words.at(after), words.kind(after)
    if more:
        bare = kind not in {*_NEXT_NOUN, "PLACES"} and words.text(after - 1) in {"higher", "lower"}
        return "difference" if bare else "more"
    if following is None:
        return ""
    if kind == "CMP" and following.text.startswith(("more", "fewer", "less")):
        return "excess"
    if kind == "PLACES":
        then = words.at(after + 1)
        return "climb" if then is not None and _compares(then) else "places"
    if kind == "TIMES" and _multiplies(words, after + 1):
        return "ratio"
    return "difference" if _compares(following) else "move" if _moves(following) else _NEXT_NOUN.get(kind, "")


def _moves(token: Token) -> bool:
    """Whether a token is a noun of a move: "rise", "gain", "growth"."""
    verb = VERBS.get(token.text)
    base = verb is not None and "base" in verb.forms
    return token.kind == "D" and (base or token.text in {"growth", "loss"})


def _multiplies(words: Words, place: int) -> bool:
    """Whether "times" is followed by what it multiplies: "three times its mean"."""
    token = words.at(place)
    if token is None:
        return False
    owned = token.when is not None and (token.when.possessive or token.when.kind == "adjective")
    return (
        owned or token.text in DETERMINERS or token.kind in {"MEAN", "HIGH"} or token.text.startswith("as ")
    )


def _is_nth(following: Token) -> bool:
    when = following.when
    if when is not None:
        return when.kind in {"unit", "adjective", "per"} and not when.possessive
    return following.kind in _NTH and following.text not in _AHEAD


def _compares(token: Token) -> bool:
    return (token.kind == "CMP" and token.sign is not None) or (token.kind == "D" and token.text in _AHEAD)


def article(words: Words, place: int) -> str:
    """Returns the determiner of the noun phrase that a token stands in, empty without one.

    A number has its article inside ("an 80%"); a possessive ("last week's") is one as well.
    """
    inside = ARTICLE.search(words.tokens[place].text)
    if inside:
        return inside[1]
    at = place - 1
    while (token := words.at(at)) is not None and _passed(token):
        at -= 1
    if token is None:
        return ""
    if token.kind == "Q":
        inside = ARTICLE.search(token.text)
        return inside[1] if inside else words.text(at - 1) if words.text(at - 1) in DETERMINERS else ""
    if token.text == "that" and at == 0 and words.opener:
        return ""  # "given that release"
    owned = (token.when is not None and token.when.possessive) or token.text in _OWNED or token.kind == "NEG"
    first = token.text.split()[0]
    if token.text in DETERMINERS or (token.when is not None and first in DETERMINERS):
        return first
    return "its" if owned or token.text.endswith(" its") else ""


def _passed(token: Token) -> bool:
    """Whether a token may stand between an article and its noun."""
    if token.when is not None:
        return not token.when.possessive and token.text.split()[0] not in DETERMINERS
    return token.kind in {"ADJ", "CATNAME", "HEAVYWORD", "PEAK"} or token.text in _PASSED


def plural(token: Token) -> bool:
    """Whether a noun of events, users or places stands in the plural."""
    return token.text.endswith("s") or token.text in _PLURALS
