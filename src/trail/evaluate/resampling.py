"""Intervals over items: of a share, and of means where an item is drawn with all that was asked about it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from scipy.stats import norm

#: Bootstrap samples, and the part of them inside an interval.
DRAWS, LEVEL = 2000, 0.95


def item_weights(items: Sequence[Hashable], *, seed: int = 0, draws: int = DRAWS) -> np.ndarray:
    """Returns how often each row counts in every bootstrap sample, shape (draws, rows).

    Items are drawn with replacement (Efron 1979): the answers about one item at several cutoffs are not independent.

    Args:
        items: Item of each row.
        seed: Seed of the draws.
        draws: Bootstrap samples.
    """
    places = {item: at for at, item in enumerate(dict.fromkeys(items))}
    each = np.full(len(places), 1 / max(len(places), 1))
    drawn = np.random.default_rng(seed).multinomial(len(places), each, draws)  # (draws, items)
    return np.asarray(drawn[:, [places[item] for item in items]], dtype=np.float64)


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


def wilson(share: float, cases: int, level: float = 0.95) -> tuple[float, float]:
    """Returns Wilson's interval (1927) of a share, which may be a mean over shuffles; NaN without cases."""
    if not cases:
        return float("nan"), float("nan")
    z = float(norm.ppf((1 + level) / 2))
    middle = share + z**2 / (2 * cases)
    half = z * np.sqrt(share * (1 - share) / cases + z**2 / (4 * cases**2))
    low, high = (float((middle + side * half) / (1 + z**2 / cases)) for side in (-1, 1))
    return max(low, 0.0), min(high, 1.0)
