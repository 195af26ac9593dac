"""What PARE sees of a history: counts in consecutive bins, their smoothed course, the rows it learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trail.baselines.scope import counts
from trail.events import Horizon
from trail.signals import WINDOWS, Cards, Labelled

_NOTHING = timedelta()
#: A bin with a higher count is always learned from.
LOW = 2.0


@dataclass(frozen=True)
class Bins:
    """Every item's count in consecutive bins one horizon long, from the first card's windows to the last target.

    Attributes:
        start: First instant of bin 0.
        horizon: Length of a bin.
        item_ids: Item of each row.
        logs: ln(1 + count), shape (items, bins); NaN before the item's first bin.
    """

    start: datetime
    horizon: Horizon
    item_ids: pa.Array
    logs: np.ndarray

    @classmethod
    def of(cls, history: Sequence[Labelled]) -> Self:
        """Reads a history, oldest first, at least one cutoff; those off the latest one's grid are left out."""
        latest = history[-1].cards
        kept = [e for e in history if (latest.cutoff - e.cards.cutoff) % latest.horizon.span == _NOTHING]
        start = kept[0].cards.cutoff - WINDOWS * latest.horizon.span
        ids = pc.unique(pa.concat_arrays([item_ids(e.cards) for e in kept]))
        found = cls(start, latest.horizon, ids, np.zeros((len(ids), 0)))
        length = found.bin_of(latest) + 1
        heard, first = np.zeros((len(ids), length)), np.full(len(ids), length)
        for example in kept:
            rows, now = found.rows_of(example.cards), found.bin_of(example.cards)
            heard[rows, now - WINDOWS : now] = counts(example.cards, WINDOWS)[:, ::-1]
            heard[rows, now] = example.target
            begun = first_bins(example.cards, now)
            first[rows] = np.where(np.isnan(begun), np.where(example.target > 0, now, length), begun)
        unborn = np.arange(length) < first[:, None]
        return cls(start, latest.horizon, ids, np.where(unborn, np.nan, np.log1p(np.maximum(heard, 0.0))))

    @property
    def length(self) -> int:
        """Number of bins."""
        return int(self.logs.shape[1])

    def bin_of(self, cards: Cards) -> int:
        """Returns the bin that cards predict, the nearest where their cutoff is off the grid."""
        return round((cards.cutoff - self.start) / self.horizon.span)

    def rows_of(self, cards: Cards) -> np.ndarray:
        """Returns the row of each card's item, -1 for an item that the history lacks, shape (cards,)."""
        return positions(item_ids(cards), self.item_ids)

    def releases(self) -> np.ndarray:
        """Returns each item's first bin, 0 where it may be older, `length` without one, shape (items,)."""
        return np.asarray(np.isnan(self.logs).sum(axis=1))


def item_ids(cards: Cards) -> pa.Array:
    """Returns the item of each card."""
    return cards.table["item_id"].combine_chunks().cast(pa.string())


def positions(values: pa.Array, among: pa.Array) -> np.ndarray:
    """Returns where each value stands first among others, -1 where it does not, shape (values,) of int64."""
    found = pc.fill_null(pc.index_in(values, value_set=among), -1)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


def first_bins(cards: Cards, now: int) -> np.ndarray:
    """Returns the bin of each item's first event, negative before bin 0, NaN without events, shape (items,).

    Args:
        cards: The cards.
        now: The bin that they predict.
    """
    # an event on a bin's first instant is a whole number of bins old, but for rounding
    return np.asarray(now - np.ceil(np.round(cards.column("age") / cards.horizon.days, 9)))


def smoothed(logs: np.ndarray, b: float, before: np.ndarray) -> np.ndarray:
    """Returns PARE's popularity history e after every bin, shape (items, bins).

    e = p in the item's first bin, then e = b p + (1 - b) (e of the bin before); NaN before the first bin.

    Args:
        logs: p, ln(1 + count), shape (items, bins); NaN before the first bin.
        b: Weight of the newest bin, above 0 and at most 1.
        before: e before the first column, shape (items,); NaN for items that start here.
    """
    found, level = np.empty_like(logs), before
    for at in range(logs.shape[1]):
        p = logs[:, at]
        known = np.where(np.isnan(level), p, b * p + (1.0 - b) * level)
        level = np.where(np.isnan(p), level, known)
        found[:, at] = level
    return found


def chosen_rows(logs: np.ndarray, most: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Returns items and bins to learn from: every bin with a count above 2, and one sampled low bin for each.

    Low bins are drawn from all of the bins since each item's first. Bin 0, before which nothing is known, is
    left out. Empty where no count is above 2.

    Args:
        logs: ln(1 + count), shape (items, bins); NaN before the item's first bin.
        most: Rows at most; a random half of it are high bins where there are more. 2 or more.
        rng: Source of the samples.
    """
    later = logs[:, 1:]
    high = np.argwhere(later > np.log1p(LOW))
    low = np.argwhere(later <= np.log1p(LOW))
    high = rng.permutation(high)[: most // 2]
    rows = np.concatenate([high, rng.permutation(low)[: len(high)]])
    return rows[:, 0], rows[:, 1] + 1
