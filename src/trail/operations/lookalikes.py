"""Of new items, the past launches most like them: named beside a forecast, sealed with it, no claim of any text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from trail.baselines import Launch, fit_basis
from trail.baselines.launched import nearest
from trail.baselines.scope import NEVER, OLD, state
from trail.baselines.text import TextBasis
from trail.signals import Cards, Labelled

#: New items that are looked up, first by rank; launches named of each.
MOST, NAMED = 1_000, 3


def look_alikes(
    history: Sequence[Labelled], cards: Cards, order: np.ndarray
) -> Mapping[str, tuple[Launch, ...]]:
    """Returns item -> the launches most like it, nearest first, as `trail.baselines.nearest_launches` finds them.

    Of the first thousand new items that are like any launch; a thousand cost about as much as a few, for the
    catalogue's texts are read once.

    Args:
        history: Labelled cutoffs whose outcome was known at the cards' cutoff, oldest first.
        cards: The cards of the whole catalogue.
        order: Rows of the cards, best first, shape (items,).
    """
    kinds = state(cards)
    rows = order[kinds[order] != OLD][:MOST]
    if not len(rows) or not history:
        return {}
    basis, found = fit_basis(history[-1].cards), dict[str, tuple[Launch, ...]]()
    for kind in np.unique(kinds[rows]):
        some = cards.take(rows[kinds[rows] == kind])
        places, ids = basis.embed(some), np.array(some.item_ids, dtype=object)
        near: list[dict[str, Launch]] = [{} for _ in ids]
        for example in history:
            _add(near, example, basis, kind=int(kind), places=places, ids=ids)
        found |= {item: _first(each) for item, each in zip(ids, near, strict=True) if each}
    return found


def _add(
    near: list[dict[str, Launch]],
    example: Labelled,
    basis: TextBasis,
    *,
    kind: int,
    places: np.ndarray,
    ids: np.ndarray,
) -> None:
    """Adds a cutoff's launches of a state to those near each item; a later one replaces an equal of the same item.

    Args:
        near: Item of a launch -> the launch, one mapping an item asked about.
        example: The cutoff, labelled.
        basis: What texts are projected onto.
        kind: The state.
        places: Embeddings of the items asked about, shape (items, dims).
        ids: Their identifiers, shape (items,).
    """
    begun = np.flatnonzero((state(example.cards) == kind) & ((kind != NEVER) | (example.target > 0)))
    if not len(begun):
        return
    some = example.cards.take(begun)
    others, titles = some.item_ids, some.table["title"].to_pylist()
    cosine, at = nearest(
        places, basis.embed(some), ids, np.array(others, dtype=object)
    )  # both (items, nearest)
    # nothing behind the first few of one cutoff can be among the first few of all
    border = np.sort(cosine, axis=1)[:, -min(NAMED, cosine.shape[1])]
    for row, place in np.argwhere((cosine > 0) & (cosine >= border[:, None])):
        like, other = float(cosine[row, place]), int(at[row, place])
        kept = near[row].get(others[other])
        if kept is None or like >= kept.similarity:
            count, title = float(example.target[begun[other]]), str(titles[other] or others[other])
            near[row][others[other]] = Launch(others[other], title, like, example.cards.cutoff, count)


def _first(near: Mapping[str, Launch]) -> tuple[Launch, ...]:
    return tuple(sorted(near.values(), key=lambda each: (-each.similarity, each.item_id))[:NAMED])
