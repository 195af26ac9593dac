"""Intervals over items: the items of each cutoff are drawn anew, those of one cutoff never mixed with another's."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

#: Bootstrap samples, and the part of them inside an interval.
DRAWS, LEVEL = 2000, 0.95


def item_weights(groups: Sequence[Hashable], *, seed: int = 0, draws: int = DRAWS) -> np.ndarray:
    """Returns how often each item is drawn in every bootstrap sample, shape (draws, items).

    Each group's items are drawn with replacement, as many as it has (Efron 1979, stratified).

    Args:
        groups: Group of each item.
        seed: Seed of the draws.
        draws: Bootstrap samples.
    """
    rng = np.random.default_rng(seed)
    places: dict[Hashable, list[int]] = {}
    for at, group in enumerate(groups):
        places.setdefault(group, []).append(at)
    found = np.zeros((draws, len(groups)))
    for rows in places.values():
        found[:, rows] = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), draws)
    return found


def weighted_means(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Returns the mean of values of shape (items,) in every sample of weights of shape (draws, items)."""
    with np.errstate(invalid="ignore"):  # a sample may hold none of them
        return np.asarray(weights @ values / weights.sum(axis=1))


def interval(means: np.ndarray, level: float = LEVEL) -> tuple[float, float]:
    """Returns the percentile interval of bootstrap means; NaN where no sample had a value."""
    known = means[np.isfinite(means)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
