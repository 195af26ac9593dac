"""Names that say something: a title may read as a claim, and is none only where quotes show that it is a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from trail.facts import Kind, read, scene_for
from trail.facts.grammar_names import BRAND, CATEGORY, ITEM, mask
from trail.signals import Card

_RUN = re.compile("|".join(f"{each}+" for each in (ITEM, CATEGORY, BRAND)))
_QUOTES = '"\u201c\u201d'
_SILENT = (Kind.CONTEXT, Kind.UNKNOWN)


def bare_claims(text: str, card: Card) -> Iterator[int]:
    """Yields where a text says, outside quotes, a name of its item that a person would read as a claim.

    The reader knows the item's names and takes them for names, whatever they say. A title such as "Sales tripled last
    week" is then context, though whoever reads it without its quotes is told that sales tripled.

    Args:
        text: The text.
        card: The card of its item.
    """
    nameless = scene_for(replace(card, metadata={}))
    for run in _RUN.finditer(mask(text, scene_for(card))):
        start, end = run.span()
        if start and text[start - 1] in _QUOTES and text[end : end + 1] in tuple(_QUOTES):
            continue
        if any(each.kind not in _SILENT for each in read(text[start:end], nameless)):
            yield start
