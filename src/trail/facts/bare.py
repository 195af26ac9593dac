"""Names that say something: a title may read as a claim, and is none only where quotes show that it is a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from trail.facts.claims import Kind
from trail.facts.grammar_names import BRAND, CATEGORY, ITEM, Scene, mask
from trail.facts.read import read

_RUN = re.compile("|".join(f"{each}+" for each in (ITEM, CATEGORY, BRAND)))
_QUOTES = '"\u201c\u201d'
_PARTED = re.compile(f"[{_QUOTES}]")
_SILENT = (Kind.CONTEXT, Kind.UNKNOWN)


def bare_claims(text: str, scene: Scene) -> Iterator[tuple[int, int]]:
    """Yields start and end of each name that a text says outside quotes and that a person would read as a claim.

    The reader knows the item's names and takes them for names, whatever they say. A title such as "Sales tripled last
    week" is then context, though whoever reads it without its quotes is told that sales tripled.

    Args:
        text: The text.
        scene: Of the card of its item.
    """
    for run in _RUN.finditer(mask(text, scene)):
        start, end = run.span()
        name = text[start:end]
        if start and text[start - 1] in _QUOTES and text[end : end + 1] in tuple(_QUOTES):
            name = _outside(name)
        if name and _claims(name, replace(scene, titles=(), categories=(), brands=())):
            yield start, end


def _outside(name: str) -> str:
    """Returns what stands outside quotes in a quoted name whose own quotes close before they open: 'Wax", which tripled, "Oil'."""
    parts = _PARTED.split(name)
    nested = not parts[0][-1:].strip() and len(parts) > 1 and parts[1][:1].isalnum()  # 'The "Red" Candle'
    return "" if nested else " ".join(parts[1::2])


@lru_cache(maxsize=4096)
def _claims(name: str, nameless: Scene) -> bool:
    return any(each.kind not in _SILENT for each in read(name, nameless))
