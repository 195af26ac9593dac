"""Outcomes that no card knows: a count held against an earlier forecast, and the period predicted told as past."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from trail.facts.grammar_tokens import Token

_VERBS = frozenset({"exceeded", "beat", "beats", "exceeds"})
_FORECASTS = frozenset({"forecast", "forecasts", "prediction", "projection", "outlook"})
#: Tokens behind a forecast within which the period it is of must be named.
_NEAR = 6


def outcomes(sentence: Sequence[Token]) -> None:
    """Makes unknown what holds the past against a forecast: "beat the forecast", "as predicted", "was exceeded".

    The forecast that a card has is of the next window: "98 is below the 110 expected next week" names it and may be read.

    Args:
        sentence: Its tokens, glue included; the kinds of some are changed.
    """
    told = [token for token in sentence if token.kind != "G"]
    for at, token in enumerate(told[1:], 1):
        before = told[at - 1]
        compared = before.kind in {"CMP", "FROM"} or (before.kind == "TO" and before.text != "to")
        clause = takewhile(lambda each: each.kind != "BREAK", told[at : at + _NEAR])
        against = token.kind == "FUT" and compared and not any(map(_is_ahead, clause))
        stale = _is_stale(before, token, owned=False) or _is_stale(token, before, owned=True)
        if against or stale or (token.text in _VERBS and before.kind == "COP"):
            token.kind = "X"
    foretold = any(token.kind in {"FUT", "CHANCE", "RANGE", "LIKELY", "UNLIKELY"} for token in told)
    for token in told:
        if _is_ahead(token) and token.text.startswith("this") and not foretold:
            token.kind, token.when = "X", None  # "it had 110 orders this week"


def _is_stale(forecast: Token, time: Token, *, owned: bool) -> bool:
    """Whether a forecast is an earlier one: "third in the forecast last week", "in last week's forecast"."""
    when = time.when
    past = when is not None and when.kind in {"at", "ago", "back"} and when.n and when.possessive == owned
    return forecast.text in _FORECASTS and bool(past)


def _is_ahead(token: Token) -> bool:
    return token.kind == "PREDICTED" or (
        token.when is not None and token.when.kind == "at" and not token.when.n
    )
