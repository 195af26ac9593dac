"""What no card knows though each word of it is known: outcomes of forecasts, marks that look like counts, what is held now."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import dropwhile, takewhile

from trail.facts.grammar_tokens import Token

_VERBS = frozenset({"exceeded", "beat", "beats", "exceeds"})
_FORECASTS = frozenset({"forecast", "forecasts", "prediction", "projection", "outlook"})
_FORETELLS = frozenset("expect predict forecast anticipate estimate foresee project".split())  # noqa: SIM905 - a word list reads best as a sentence
#: A single event that is a mark where it is the item's own, and the verbs that give one.
_MARKS, _MARKED = frozenset({"rating", "review", "vote"}), frozenset({"rated", "reviewed"})
_OWNING = frozenset({"its", "the", "overall", "their"})
_FORECASTERS = frozenset({"model", "trail"})
_FORETOLD = frozenset({"FUT", "CHANCE", "RANGE", "LIKELY", "UNLIKELY"})
_PRESENT = frozenset({"sell", "sells", "selling"})
_PAST = frozenset("had came drew got received took brought saw".split())  # noqa: SIM905 - a word list reads best as a sentence
#: Tokens behind a forecast within which the period it is of must be named.
_NEAR = 6


def outcomes(sentence: Sequence[Token]) -> None:
    """Makes unknown what holds the past against a forecast ("beat the forecast"), and what is told of one event, or of now.

    The forecast that a card has is of the next window: "98 is below the 110 expected next week" names it and may be read.

    Args:
        sentence: Its tokens, glue included; the kinds of some are changed.
    """
    _marks(sentence)
    _holdings(sentence)
    told = [token for token in sentence if token.kind != "G"]
    for at, token in enumerate(told[1:], 1):
        before = told[at - 1]
        compared = before.kind in {"CMP", "FROM"} or (before.kind == "TO" and before.text != "to")
        clause = takewhile(lambda each: each.kind != "BREAK", told[at : at + _NEAR])
        against = token.kind == "FUT" and compared and not any(map(_is_ahead, clause))
        stale = _is_stale(before, token, owned=False) or _is_stale(token, before, owned=True)
        moved = before.text in _FORECASTS and token.kind == "D" and token.past  # "the forecast rose 13%"
        others = before.kind == "US" and token.text in _FORETELLS  # "customers expect 110 orders"
        twice = before.text == "growth" and token.kind == "D" and bool(token.sign) and _is_by(told[at + 1 :])
        if against or stale or moved or twice or others or (token.text in _VERBS and before.kind == "COP"):
            token.kind = "X"
    _past_ahead(sentence)
    foretold = any(token.kind in _FORETOLD for token in told)
    for token in told:
        if _is_ahead(token) and token.text.startswith("this") and not foretold:
            token.kind, token.when = "X", None  # "it had 110 orders this week"
        if token.text in _FORECASTERS and not foretold:
            token.kind = "X"  # "the model sold 98 last week"


def _is_by(after: Sequence[Token]) -> bool:
    """Whether a size follows and no level: "growth rose by 31%", not "growth picked up to 31%"."""
    return bool(after) and after[0].kind in {"BY", "Q"}


def _past_ahead(sentence: Sequence[Token]) -> None:
    """Makes unknown the period predicted in a clause of the past: "it sold 110 next week", "orders rose next week"."""
    clauses: list[list[Token]] = [[]]
    for token in sentence:
        if token.kind in {"BREAK", "CAUSE"}:
            clauses.append([])
        clauses[-1].append(token)
    for clause in clauses:
        if any(map(_is_told, clause)) and not any(token.kind in _FORETOLD for token in clause):
            for token in filter(_is_ahead, clause):
                token.kind, token.when = "X", None


def _is_told(token: Token) -> bool:
    """Whether a verb tells of the past."""
    return token.past or token.text in _PAST or (token.kind == "EVV" and token.text not in _PRESENT)


def _marks(sentence: Sequence[Token]) -> None:
    """Makes unknown a rating that is a mark and no count of ratings: "its rating fell", "it was rated 40"."""
    for before, token, after in zip((None, *sentence), sentence, (*sentence[1:], None), strict=False):
        owned = before is not None and (before.text in _OWNING or before.kind in {"PEAK", "LOWEST", "MEAN"})
        one = token.kind == "EV" and token.text in _MARKS and owned
        number = after is not None and after.quantity is not None and after.quantity.form == "number"
        if one or (token.text in _MARKED and number and not _is_counted(sentence, after)):
            token.kind = "X"


def _is_counted(sentence: Sequence[Token], number: Token | None) -> bool:
    """Whether a number is one of times, or of who did so: "rated 40 times"."""
    following = dropwhile(lambda each: each is not number, sentence)
    return any(each.kind in {"TIMES", "EV", "US"} for each in list(following)[1:3])


def _holdings(sentence: Sequence[Token]) -> None:
    """Reads a count that an item has, at no time, as all that it ever had: "it has 1,204 stars"."""
    for at, token in enumerate(sentence):
        if token.text in {"has", "have"}:
            clause = list(takewhile(lambda each: each.kind not in {"BREAK", "CAUSE"}, sentence[at + 1 :]))
            kinds = [each.kind for each in clause if each.kind not in {"G", "HEDGE"}]
            timed = any(each.when for each in sentence[:at])
            if kinds in (["Q", "EV"], ["Q", "ADJ", "EV"]) and not timed:
                token.kind = "TOTAL"


def _is_stale(forecast: Token, time: Token, *, owned: bool) -> bool:
    """Whether a forecast is an earlier one: "third in the forecast last week", "in last week's forecast"."""
    when = time.when
    past = when is not None and when.kind in {"at", "ago", "back"} and when.n and when.possessive == owned
    return forecast.text in _FORECASTS and bool(past)


def _is_ahead(token: Token) -> bool:
    return token.kind == "PREDICTED" or (
        token.when is not None and token.when.kind == "at" and not token.when.n
    )
