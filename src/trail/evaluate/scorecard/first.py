"""The first items of a sealed forecast: what was said of each, and what happened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trail.evaluate.scorecard.happened import Happened
from trail.snapshots import Snapshot

#: Items that a page shows; at least so many are kept.
SHOWN = 20


@dataclass(frozen=True)
class First:
    """One of the first items of a sealed forecast, and what came of it.

    Attributes:
        seal: The snapshot's seal.
        item_id: The item.
        title: Its title on the sealed card; empty without one.
        rank: The sealed rank; 1 is the first.
        expected: The sealed forecast.
        q10: Lower end of its range.
        q90: Upper end.
        target: What happened.
        true_rank: 1 and how many items of the log had more in the period, also those that were not forecast; equal
            counts share the rank.
    """

    seal: str
    item_id: str
    title: str
    rank: int
    expected: float
    q10: float
    q90: float
    target: float
    true_rank: int


def first(snapshot: Snapshot, happened: Happened) -> tuple[First, ...]:
    """Returns the first K items of a snapshot, `SHOWN` at least, by their sealed rank.

    Args:
        snapshot: What was sealed.
        happened: What happened to its items, in its row order.
    """
    names = ("item_id", "rank", "expected", "q10", "q90")
    table = snapshot.forecast.select(names).slice(0, max(snapshot.manifest.k, SHOWN))
    cards = snapshot.cards
    titles = dict(zip(cards.item_ids, cards.table["title"].to_pylist(), strict=True))
    counts = np.sort(np.concatenate([happened.target, happened.others]))
    target = happened.target[: len(table)]
    true_rank = len(counts) - np.searchsorted(counts, target, side="right") + 1
    return tuple(
        First(
            seal=snapshot.manifest.seal,
            title=titles.get(row["item_id"]) or "",
            **row,
            target=float(count),
            true_rank=int(place),
        )
        for row, count, place in zip(table.to_pylist(), target, true_rank, strict=True)
    )
