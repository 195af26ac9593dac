"""Blind comparisons: two texts about one item, in an order drawn at random, and which of them is whose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from trail.engine import value_hash
from trail.errors import DataError
from trail.evaluate.judging.shown import Row, shown_card
from trail.facts import plain
from trail.snapshots import Explained, Snapshot

#: What the model wrote, and the plain rendering of the same facts.
TRAIL, PLAIN = "trail", "plain"
#: Short name -> what a judge is asked of every two texts.
QUESTIONS: Mapping[str, str] = {
    "faithful": "Which text is more faithful to the numbers of the table?",
    "useful": "Which text is more useful to somebody who decides about this item?",
    "written": "Which text is better written?",
}
#: What may be answered: one of the two as they are shown, or neither.
FIRST, SECOND, TIE = CHOICES = ("first", "second", "tie")


@dataclass(frozen=True)
class Comparison:
    """Two texts about one item as a judge sees them, and their sources, which no judge sees.

    Attributes:
        number: Its number on the sheet, from 1.
        item_id: The item.
        card: What is known of it: label and value a row.
        first: The text shown first.
        second: The text shown second.
        first_source: Who wrote the first.
        second_source: Who wrote the second.
    """

    number: int
    item_id: str
    card: tuple[Row, ...]
    first: str
    second: str
    first_source: str
    second_source: str

    @property
    def pair(self) -> tuple[str, str]:
        """The two sources in the order of their names."""
        one, other = sorted((self.first_source, self.second_source))
        return one, other


@dataclass(frozen=True)
class Sheet:
    """What judges compare, people and machines alike.

    Attributes:
        snapshot: Name of the sealed forecast whose texts are compared.
        seal: Its seal.
        seed: Seed of items, order of the comparisons and order of the texts.
        comparisons: In the order shown.
    """

    snapshot: str
    seal: str
    seed: int
    comparisons: tuple[Comparison, ...]

    @property
    def id(self) -> str:
        """Fingerprint of what is shown, the sources left out; answers carry it."""
        shown = [[each.number, each.card, each.first, each.second] for each in self.comparisons]
        return value_hash([QUESTIONS, shown])

    @property
    def sources(self) -> tuple[str, ...]:
        """Whose texts are compared."""
        return tuple(sorted({name for each in self.comparisons for name in each.pair}))


def texts_of(snapshot: Snapshot, explained: Explained, others: Mapping[str, str]) -> dict[str, str]:
    """Returns source -> text of one item.

    A plain rendering that stepped in for the model is no text of the model's: it is there once, as what it is.

    Args:
        snapshot: The sealed forecast.
        explained: The item's sealed text.
        others: Further sources -> their text.
    """
    card, outlook = snapshot.card(explained.item_id), snapshot.outlook(explained.item_id)
    own = {TRAIL: explained.text} if explained.source == "model" else {}
    return {**own, PLAIN: plain(card, outlook, explained.drivers), **others}


def make_sheet(
    snapshot: Snapshot, others: Mapping[str, Mapping[str, str]], *, items: int, seed: int
) -> Sheet:
    """Draws items, pairs every two sources of each, and shuffles comparisons and the order of the two texts.

    Two texts that are the same are not compared.

    Args:
        snapshot: The sealed forecast.
        others: Item -> further sources -> their text.
        items: How many items at most.
        seed: Seed of all that is drawn.

    Raises:
        DataError: If no item has two texts that differ.
    """
    rng = np.random.default_rng(seed)
    found = [
        pairs
        for each in snapshot.explanations
        if (pairs := _pairs(snapshot, each, others.get(each.item_id, {})))
    ]
    if not found:
        raise DataError(
            f"nothing to compare among {len(snapshot.explanations)} explained items",
            expected="texts by the model, or of another source, beside the plain renderings",
            where=snapshot.folder.name,
            fix="forecast with the model and --explain, or give a file of texts with --texts",
        )
    chosen = [each for at in rng.permutation(len(found))[:items] for each in found[at]]
    drawn = [chosen[at] for at in rng.permutation(len(chosen))]
    turned = rng.random(len(drawn)) < 0.5  # noqa: PLR2004 - a fair coin
    comparisons = tuple(
        replace(_turned(each) if turn else each, number=number)
        for number, (each, turn) in enumerate(zip(drawn, turned, strict=True), 1)
    )
    return Sheet(snapshot.folder.name, snapshot.manifest.seal, seed, comparisons)


def _pairs(snapshot: Snapshot, explained: Explained, others: Mapping[str, str]) -> Sequence[Comparison]:
    """Returns every two different texts of one item, not numbered yet."""
    texts = texts_of(snapshot, explained, others)
    item = explained.item_id
    card = shown_card(snapshot.card(item), snapshot.outlook(item))
    return [
        Comparison(0, item, card, texts[one], texts[other], one, other)
        for one, other in combinations(sorted(texts), 2)
        if texts[one] != texts[other]
    ]


def _turned(each: Comparison) -> Comparison:
    return replace(
        each,
        first=each.second,
        second=each.first,
        first_source=each.second_source,
        second_source=each.first_source,
    )
