"""How far counts fall from what is expected: quantiles that every forecaster shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.stats import poisson

#: Percentiles that a forecast states.
PERCENTILES = (0.1, 0.5, 0.9)
#: Added to counts before taking logs, so that zero has one.
OFFSET = 1.0
#: Examples a bucket of levels needs where there are many; thinner ones join their lower neighbour.
ENOUGH = 200
#: The same where there are few: a bucket of half a small catalogue would give its largest items the spread of the smallest.
FEWEST = 30
#: Buckets that few examples are cut into, about.
PARTS = 20
Quantiles = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Spread:
    """Quantiles of log((target + 1) / (expected + 1)) by level, measured on past forecasts.

    New items miss their forecast by other factors than items of the same level with a past, so theirs are measured apart
    where the past shows enough of them.

    Attributes:
        levels: Mean log(expected + 1) of each bucket, ascending; empty before anything was measured,
            when counts are taken as Poisson.
        ratios: The three quantiles of the log ratio in each bucket, one row a bucket.
        new: The same of new items; null where they are among the others.
    """

    levels: tuple[float, ...] = ()
    ratios: tuple[tuple[float, float, float], ...] = ()
    new: Spread | None = None

    @classmethod
    def measure(
        cls, expected: Sequence[np.ndarray], targets: Sequence[np.ndarray], new: Sequence[np.ndarray] = ()
    ) -> Self:
        """Returns the spread of past forecasts that did not know their targets.

        Args:
            expected: Forecast counts, one array a cutoff.
            targets: What happened, arrays of the same shapes.
            new: Which items were new, arrays of the same shapes of bool; by default none is measured apart.
        """
        if not expected:
            return cls()
        level = np.log(np.concatenate(expected) + OFFSET)
        ratio = np.log(np.concatenate(targets) + OFFSET) - level
        apart = np.concatenate(new) if new else np.zeros(len(level), dtype=bool)
        if min(apart.sum(), (~apart).sum()) < FEWEST:
            return cls(*_table(level, ratio))
        return cls(*_table(level[~apart], ratio[~apart]), cls(*_table(level[apart], ratio[apart])))

    def quantiles(self, expected: np.ndarray, new: np.ndarray | None = None) -> Quantiles:
        """Returns q10, q50 and q90 of each item, 0 or more and in order, each of shape (items,).

        Between the mean levels of two buckets the quantiles of the log ratio are interpolated, which
        keeps their order.

        Args:
            expected: Forecast counts, shape (items,).
            new: Which items are new, shape (items,) of bool; none by default.
        """
        if self.new is not None and new is not None and new.any():
            q10, q50, q90 = (
                np.where(new, theirs, others)
                for theirs, others in zip(self.new.quantiles(expected), self.quantiles(expected), strict=True)
            )
            return q10, q50, q90
        if not self.levels:
            q10, q50, q90 = (poisson.ppf(p, expected).clip(min=0.0) for p in PERCENTILES)
            return q10, q50, q90
        level = np.log(expected + OFFSET)
        q10, q50, q90 = (
            np.maximum(np.exp(level + np.interp(level, self.levels, column)) - OFFSET, 0.0)
            for column in zip(*self.ratios, strict=True)
        )
        return q10, q50, q90


def _table(
    level: np.ndarray, ratio: np.ndarray
) -> tuple[tuple[float, ...], tuple[tuple[float, float, float], ...]]:
    """Returns levels and ratios of rows, as `Spread` has them."""
    parts = buckets(level)
    return (
        tuple(float(level[rows].mean()) for rows in parts),
        tuple(_three(np.quantile(ratio[rows], PERCENTILES)) for rows in parts),
    )


def _three(values: np.ndarray) -> tuple[float, float, float]:
    low, middle, high = (float(value) for value in values)
    return low, middle, high


def buckets(level: np.ndarray) -> list[np.ndarray]:
    """Splits rows by level in steps of sqrt(2), low to high, each with enough rows if it can.

    Enough are `ENOUGH`, or fewer of a small catalogue: the part that would be one of `PARTS`, but `FEWEST`.
    """
    enough = min(ENOUGH, max(FEWEST, len(level) // PARTS))
    step = np.floor(level / (np.log(2.0) / 2)).astype(np.int64)
    groups: list[np.ndarray] = []
    pending = np.empty(0, dtype=np.int64)
    for value in np.unique(step)[::-1]:
        pending = np.concatenate([np.flatnonzero(step == value), pending])
        if len(pending) >= enough:
            groups.append(pending)
            pending = np.empty(0, dtype=np.int64)
    if len(pending):
        last = groups.pop() if groups else np.empty(0, dtype=np.int64)
        groups.append(np.concatenate([pending, last]))
    return groups[::-1]
