"""Verbs that agree with their subjects in number."""

from __future__ import annotations

from collections.abc import Iterator

from trail.facts.english.phrases import plural, sort_of
from trail.facts.english.words import DETERMINERS, Words, is_adverb
from trail.facts.grammar_numbers import Quantity

_PLURAL_VERBS = frozenset({"are", "were", "have", "do"})
_SINGULAR_VERBS = frozenset({"is", "was", "has", "does"})
_WE = frozenset({"we", "they", "you"})


def agreement(words: Words) -> Iterator[int]:
    """Yields verbs that do not agree with their subject: "orders was", "it have", "its category are"."""
    for at, verb in words.verbs():
        word = words.tokens[at].text.split()[0]
        many = word in _PLURAL_VERBS or verb.forms == {"base"}
        one = word in _SINGULAR_VERBS or (verb.forms == {"third"} and verb.sort != "be")
        singular = many and _is_one(words, at, finite=word in _PLURAL_VERBS)
        if verb.sort != "modal" and (singular or (one and _are_many(words, at))):
            yield at


def _head(words: Words, at: int) -> int:
    """Returns the place of the word in front of a verb, past adverbs."""
    at -= 1
    while (token := words.at(at)) is not None and is_adverb(token):
        at -= 1
    return at


def _is_one(words: Words, at: int, *, finite: bool) -> bool:
    """Whether a verb's subject is one thing: "it", "this item", "its category"; the last only where the verb is surely one."""
    head = _head(words, at)
    token = words.at(head)
    if token is None or token.text.endswith("s"):
        return False
    if finite and token.kind in {"US", "EV"} and not plural(token):
        return words.text(head - 1) in DETERMINERS or words.kind(head - 1) == "HEAVYWORD"
    if token.kind == "ITEMWORD" or (token.text == "it" and words.begins(head)):
        return True
    if token.text == "there":
        number = _there(words, at)
        return finite and number is not None and number.value == 1
    subject = words.subject(at)
    week = subject == "time" and token.when is not None and token.when.kind == "at"
    plurals = any(each.kind in {"CHANCE", "PRICE"} and each.text.endswith("s") for each in words.tokens[:at])
    return finite and not plurals and (week or subject in {"figure", "rank", "whole", "forecast", "peak"})


def _are_many(words: Words, at: int) -> bool:
    """Whether a verb's subject is more than one thing: "we", "orders", "there" before "98 orders"."""
    head = _head(words, at)
    token, before = words.at(head), words.text(head - 1)
    if token is None or token.text in _WE:
        return token is not None
    if token.text == "there":
        number = _there(words, at)
        return number is not None and number.value != 1
    governed = words.kind(head - 1) in {"OF", "IN", "BY", "FROM"} or before.endswith(" of")
    counted = token.kind in {"EV", "US"} and plural(token) and not governed
    return counted and words.subject(at) in {"events", "users", "number"}


def _there(words: Words, at: int) -> Quantity | None:
    """Returns the number of things that a "there is" counts."""
    place = words.object(at)
    counts = place is not None and sort_of(words, place) in {"count", "more"}
    return words.tokens[place].quantity if place is not None and counts else None
