"""PARE's four modules and their fusion, on embeddings that are folded into one number each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trail.baselines.pare_bins import Bins, first_bins, item_ids, positions
from trail.signals import Cards

#: Parts of an item's category path that are used.
PARTS = 8
#: Slots of a row before those of its category path; a slot is the number of an embedding.
SLOTS = ("release", "time", "item", "brand", "season")
_GLUE = " | "


class Inputs(NamedTuple):
    """What the modules look at, one row an item and bin.

    Attributes:
        slots: Numbers of the embeddings, shape (rows, 5 + 8): `SLOTS`, then the category path, -1 past its end.
        history: e, the smoothed ln(1 + count) before the bin, shape (rows,).
    """

    slots: np.ndarray
    history: np.ndarray


@dataclass(frozen=True)
class Vocabulary:
    """Which values have an embedding; number 0 of each kind is that of every other value.

    Attributes:
        values: Kind (item, brand, season, category) -> the values that training rows have.
        times: Number of time embeddings, one a bin.
    """

    values: Mapping[str, pa.Array]
    times: int

    @classmethod
    def of(cls, cards: Cards, months: np.ndarray, times: int) -> Self:
        """Returns the values of training rows.

        Args:
            cards: The card of each row's item.
            months: Month of each row's bin, shape (rows,).
            times: Number of bins.
        """
        parts = pa.array([part for path in _paths(cards) for part in path], pa.string())
        found = {**_values(cards, months), "category": parts}
        return cls({kind: pc.unique(each) for kind, each in found.items()}, times)

    @property
    def starts(self) -> dict[str, int]:
        """Number of each kind's first embedding; times come first."""
        sizes = np.cumsum([self.times, *(1 + len(each) for each in self.values.values())])
        return dict(zip(self.values, sizes.tolist(), strict=False))

    @property
    def size(self) -> int:
        """Number of embeddings."""
        return self.times + sum(1 + len(each) for each in self.values.values())

    def slots(self, cards: Cards, months: np.ndarray, times: np.ndarray, releases: np.ndarray) -> np.ndarray:
        """Returns the numbers of the embeddings of rows, shape (rows, 5 + 8).

        A time outside the bins has the embedding of the nearest one.

        Args:
            cards: The card of each row's item.
            months: Month of each row's bin, shape (rows,).
            times: Bin of each row, shape (rows,).
            releases: Bin of each item's release, shape (rows,).
        """
        starts = self.starts
        found = np.full((len(cards), len(SLOTS) + PARTS), -1, dtype=np.int64)
        for at, bins in enumerate((releases, times)):
            found[:, at] = np.clip(bins, 0, self.times - 1)
        for kind, values in _values(cards, months).items():
            found[:, SLOTS.index(kind)] = starts[kind] + 1 + positions(values, self.values[kind])
        paths = _paths(cards)
        deep = np.array([len(path) for path in paths], dtype=np.int64)
        flat = pa.array([part for path in paths for part in path], pa.string())
        filled = np.arange(PARTS) < deep[:, None]
        found[:, len(SLOTS) :][filled] = starts["category"] + 1 + positions(flat, self.values["category"])
        return found


class Numbers(NamedTuple):
    """What training leaves: every embedding times the weights of the layers it meets, one number each.

    The layers are linear and end in one number, so that no more of an embedding can matter.

    Attributes:
        release: Part of the temporal module, shape (embeddings,).
        time: Likewise.
        item: Likewise.
        brand: Part of the side module, shape (embeddings,).
        season: Part of the periodic module, shape (embeddings,).
        category: Part of the side module, shape (embeddings,).
        offsets: Biases of the temporal, side and periodic module, shape (3,).
        fusion: Weights of the four modules, shape (4,).
    """

    release: np.ndarray
    time: np.ndarray
    item: np.ndarray
    brand: np.ndarray
    season: np.ndarray
    category: np.ndarray
    offsets: np.ndarray
    fusion: np.ndarray

    def modules(self, inputs: Inputs) -> np.ndarray:
        """Returns the four modules' ln(1 + count), shape (rows, 4): history, temporal, side, periodic.

        Temporal: ReLU(w [E(release) - E(t); E(item); E(t); E(release)] + c). Side: ReLU of a linear layer on
        the brand's embedding and the mean of the category path's. Periodic: likewise on the embedding of
        category and month.
        """
        slots, past = inputs.slots[:, : len(SLOTS)].T, inputs.slots[:, len(SLOTS) :]
        release, time, item, brand, season = slots
        share = (past >= 0) / np.maximum((past >= 0).sum(axis=1, keepdims=True), 1)
        linear = np.stack(
            [
                self.release[release] + self.time[time] + self.item[item],
                self.brand[brand] + (self.category[past] * share).sum(axis=1),
                self.season[season],
            ],
            axis=1,
        )
        return np.column_stack([inputs.history, np.maximum(linear + self.offsets, 0.0)])

    def fused(self, inputs: Inputs) -> np.ndarray:
        """Returns the modules' weighted mean, sum of w y over sum of w, shape (rows,)."""
        return np.asarray(self.modules(inputs) @ self.fusion / self.fusion.sum())

    def with_means(self, vocabulary: Vocabulary) -> Numbers:
        """Returns numbers in which the values without an embedding have the mean of their kind."""
        changed = {}
        for kind, values in vocabulary.values.items():
            start, numbers = vocabulary.starts[kind], getattr(self, kind).copy()
            numbers[start] = numbers[start + 1 : start + 1 + len(values)].mean()
            changed[kind] = numbers
        return self._replace(**changed)


def releases(cards: Cards, now: int) -> np.ndarray:
    """Returns the bin of each item's release: its first event, else the catalogue's date, else `now`.

    Args:
        cards: The cards.
        now: The bin that they predict.
    """
    first = first_bins(cards, now)
    listed = now - np.ceil(cards.column("release_age") / cards.horizon.days)
    return np.minimum(np.where(np.isnan(first), np.nan_to_num(listed, nan=now), first), now).astype(np.int64)


def months(bins: Bins, times: np.ndarray) -> np.ndarray:
    """Returns the month, 1 to 12, of the middle of each bin, shape (bins,).

    In the paper bins are 30 days long and the season is the bin's number modulo 12; the calendar's month
    says the same for bins of any length.
    """
    found: dict[int, int] = {}
    for time in np.unique(times).tolist():
        middle: datetime = bins.start + (time + 0.5) * bins.horizon.span
        found[time] = middle.month
    return np.array([found[time] for time in times.tolist()], dtype=np.int64)


def _values(cards: Cards, months: np.ndarray) -> dict[str, pa.Array]:
    """Returns the value of each kind but the category path, shape (rows,) each; a missing one is empty."""
    table = cards.table
    brand, category = (
        pc.fill_null(table[name].combine_chunks().cast(pa.string()), "") for name in ("brand", "category")
    )
    season = pc.binary_join_element_wise(category, pa.array(months.tolist()).cast(pa.string()), _GLUE)
    return {"item": item_ids(cards), "brand": brand, "season": season}


def _paths(cards: Cards) -> list[list[str]]:
    """Returns the parts of each item's category path, at least one; without a path one empty part."""
    return [(path or "").split(_GLUE)[:PARTS] for path in cards.table["categories"].to_pylist()]
