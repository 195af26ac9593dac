"""Sentences that state nothing though each word of them is known: questions, orders, conditions, and words of all or none."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from trail.facts.grammar_tokens import Token

#: Verbs that open a question or a condition where a subject follows: "will it", "should orders rise", "had it sold".
_MODALS = frozenset("will would should could can may might did do does is are was were".split())  # noqa: SIM905 - a word list reads best as a sentence
_PERFECT = frozenset({"had", "has", "have"})
_PRONOUNS = frozenset({"it", "we", "they"})
_ARTICLES = frozenset({"the", "its", "their", "our"})
_MEASURES = frozenset({"EV", "US", "CAT", "CATNAME", "ALL", "EVERYITEM", "PRICE"})
_SUBJECTS = _MEASURES | {"ITEM", "ITEMWORD"}
#: Verbs that tell somebody to do something where they open a sentence, and "order 110".
_ORDERS = frozenset("sell give get take make put bring keep find draw order hold move go".split())  # noqa: SIM905 - a word list reads best as a sentence
#: Modal verbs that speak of what did not happen before a participle: "could have sold 110".
_UNREAL = frozenset({"should", "could", "may", "might", "would"})


def moods(sentence: Sequence[Token]) -> None:
    """Makes unknown what turns a sentence into no statement of its facts.

    Args:
        sentence: Its tokens, glue included; the kinds of some are changed.
    """
    if _asks(sentence) or _tells(sentence):
        sentence[0].kind = "X"
    for at, token in enumerate(sentence):
        before, after = sentence[at - 1] if at else None, sentence[at + 1 : at + 3]
        if (
            _is_unreal(token, after)
            or (token.text == "only" and not _limits(sentence[at + 1 :]))
            or (token.kind == "ALLEV" and (before is None or before.kind != "OF"))
        ):
            token.kind = "X"
    _together(sentence)


def _asks(sentence: Sequence[Token]) -> bool:
    """Whether a verb stands before its subject: "will it sell", "should orders rise, 110 are expected"."""
    first, rest = sentence[0], [each for each in sentence[1:4] if each.text not in _ARTICLES]
    if not rest:
        return False
    pronoun = rest[0].text in _PRONOUNS
    if first.text in _PERFECT:
        moved = [each.kind for each in rest[:2]] in (["EV", "D"], ["US", "D"])  # "have orders risen"
        return pronoun or moved
    return first.text in _MODALS and (pronoun or rest[0].kind in _SUBJECTS)


def _tells(sentence: Sequence[Token]) -> bool:
    """Whether a sentence says what to do: "sell 110 next week", "order 110"."""
    first, second = sentence[0], sentence[1].kind if len(sentence) > 1 else ""
    return first.text in _ORDERS and (first.kind != "EV" or second == "Q")


def _is_unreal(token: Token, after: Sequence[Token]) -> bool:
    """Whether a verb says what would be, or would have been: "would sell 110", not "we would expect 110"."""
    if token.text == "would":
        return not any(each.kind == "FUT" for each in after)
    if token.text not in _UNREAL or not after or after[0].text != "have":
        return False
    return len(after) > 1 and (after[1].kind == "EVV" or after[1].past or after[1].text in {"been", "had"})


def _limits(after: Sequence[Token]) -> bool:
    """Whether "only" belongs to a number: "only 40 ratings", "only about an 8% chance"."""
    following = next((each for each in after if each.kind not in {"G", "HEDGE"}), None)
    return following is not None and following.kind == "Q"


def _together(sentence: Sequence[Token]) -> None:
    """Makes unknown a subject of two things, which have no figure in common: "orders and customers rose 31%"."""
    told = [each for each in sentence if each.kind != "G"]
    for at, (one, two) in enumerate(pairwise(told)):
        opens = at == 0 or told[at - 1].kind in {"BREAK", "CAUSE"}
        if opens and one.kind in _MEASURES and two.kind == "BREAK" and len(told) > at + 2:
            other = told[at + 2]
            if other.kind in _MEASURES and other.kind != one.kind and two.text != "(":
                other.kind = "X"
