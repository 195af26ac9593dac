"""Outcomes that no card knows: a count held against an earlier forecast, and the period predicted told as past."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from trail.facts.grammar_tokens import Token

_VERBS = frozenset({"exceeded", "beat", "beats", "exceeds"})
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
        if against or (token.text in _VERBS and before.kind == "COP"):
            token.kind = "X"
    foretold = any(token.kind in {"FUT", "CHANCE", "RANGE", "LIKELY", "UNLIKELY"} for token in told)
    for token in told:
        if _is_ahead(token) and token.text.startswith("this") and not foretold:
            token.kind, token.when = "X", None  # "it had 110 orders this week"


def _is_ahead(token: Token) -> bool:
    return token.kind == "PREDICTED" or (
        token.when is not None and token.when.kind == "at" and not token.when.n
    )
