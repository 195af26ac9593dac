"""A text without its forecast: what stands beside the number is all that a surrogate may see."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from trail.facts import Claim, Kind, nouns, read, scene_for
from trail.facts.grammar_clause import OUTLOOK
from trail.signals import Card

#: Stands for what is hidden.
HIDDEN = "…"
#: Words in front of a claim that are read with it: "the main reason is that", "held back by this".
_LEAD = 8
_WORD = re.compile(r"[^\W\d_]+(?:'\w+)?")
_END = re.compile(r"[.!?](?=\s|$)")


@dataclass(frozen=True)
class Masked:
    """A text of which the forecast is hidden.

    Attributes:
        text: The text; parts about the forecast are `…`, names and dates are their kind (`<title>`).
        claims: What it still claims of the card, in the order of the text.
        words: Of each claim, the words in front of it and its own, in lower case, numbers left out.
    """

    text: str
    claims: tuple[Claim, ...]
    words: tuple[tuple[str, ...], ...]


def masked(text: str, card: Card) -> Masked:
    """Hides what a text says of the forecast: count, range, chance, rank, and how it compares with the past.

    By the spans of the reader's claims, with the noun that follows a number ("1 order" would betray it). A sentence that the
    reader does not wholly understand is hidden too: it might state the forecast, and pass for a count of the past. A claim about
    the card that shares a word with a hidden one goes with it ("up from 98 last week"). Names and dates are no reasons: what
    an item is called would let a surrogate look its forecast up.

    Args:
        text: Plain English about the item.
        card: Its card, which tells names from words; no value of it is looked at.
    """
    claims = read(text, scene_for(card))
    hidden = {at for each in claims for at in _hidden(text, each, card)}
    kept = [each for each in claims if hidden.isdisjoint(range(each.start, each.end))]
    named = {at: each for each in kept if each.kind is Kind.CONTEXT for at in range(each.start, each.end)}
    stated = tuple(each for each in kept if each.kind is not Kind.CONTEXT)
    walls = hidden | named.keys() | {found.start() for found in _END.finditer(text)}
    words = []
    end = 0
    for each in stated:
        words.append(tuple(_words(text, each, walls, min(end, each.start))))
        end = each.end
    return Masked("".join(_pieces(text, hidden, named)), stated, tuple(words))


def _hidden(text: str, claim: Claim, card: Card) -> range:
    """Returns the places that a claim asks to hide: itself with its noun, its whole sentence, or nothing."""
    if claim.kind is Kind.UNKNOWN:
        ends = [found.start() for found in _END.finditer(text)]
        first = max((at + 1 for at in ends if at < claim.start), default=0)
        return range(first, min((at for at in ends if at >= claim.start), default=len(text)))
    if not {claim.signal, claim.other} & OUTLOOK:
        return range(0)
    noun = re.compile(rf"\s+(?:{re.escape(card.events)}|{re.escape(nouns.singular(card.events))})(?!\w)")
    found = noun.match(text, claim.end)
    return range(claim.start, found.end() if found else claim.end)


def _words(text: str, claim: Claim, walls: Collection[int], begin: int) -> Iterator[str]:
    """Yields a claim's words after a few in front of it, from `begin` on and behind any wall."""
    first = max((at + 1 for at in walls if begin <= at < claim.start), default=begin)
    lead = _WORD.findall(text[first : claim.start].lower())[-_LEAD:]
    yield from (*lead, *_WORD.findall(text[claim.start : claim.end].lower()))


def _pieces(text: str, hidden: Collection[int], named: Mapping[int, Claim]) -> Iterator[str]:
    """Yields the text; a run that is hidden, or that is one name, once as what stands for it."""
    before: object = None
    for at, letter in enumerate(text):
        now: str | Claim | None = HIDDEN if at in hidden else named.get(at)
        if now is None:
            yield letter
        elif now is not before:
            yield now if isinstance(now, str) else f"<{now.signal.partition('_')[0]}>"
        before = now
