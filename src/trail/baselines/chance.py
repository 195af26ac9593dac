"""The chance of entering the top k, from the quantiles of every item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.stats import norm

from trail.baselines.protocol import Forecast

_Z90 = float(norm.ppf(0.9))
#: Draws end here in standard deviations: one normal draw in 15,000 lies beyond.
_LIMIT = 4.0
#: Numbers drawn at once; bounds memory at about 100 MB.
_CHUNK = 2_000_000
#: Items that are always drawn: the highest medians; only who can overtake them joins.
_PILOT = 2_000


def p_top(forecast: Forecast, k: int, *, seed: int, draws: int = 2000) -> np.ndarray:
    """Returns each item's chance of being among the k highest counts, by Monte Carlo.

    Items are drawn independently, without what all of them miss together (`Forecast.shared`), which moves none past
    another. An item's log(count + 1) is normal on either side of its median, with the side's own width, so that the rest
    of q10, q50 and q90 is met and the tails are log-normal (cut at four standard deviations). Equal draws at the border share the places left, so the chances sum to
    min(k, items). Items that could not have entered any draw are not drawn, and get 0.

    Args:
        forecast: Quantiles of every item.
        k: Places, 1 or more.
        seed: Seed of the draws.
        draws: Number of draws; the standard error is at most 0.5 / sqrt(draws).

    Returns:
        Chances, 0 to 1, shape (items,).
    """
    items = len(forecast)
    if k >= items:
        return np.ones(items)
    shape = _Shape.of(forecast)
    order = np.lexsort((-shape.up, -shape.middle))
    pilot, rest = np.split(order, [min(items, max(_PILOT, 4 * k))])
    floor = min(_border(drawn, k).min() for drawn in shape.drawn(pilot, rest[:0], draws, seed))
    able = rest[shape.middle[rest] + _LIMIT * shape.up[rest] >= floor]
    total = np.zeros(items)
    for drawn in shape.drawn(pilot, able, draws, seed):
        total[np.concatenate([pilot, able])] += _places(drawn, k)
    return total / draws


@dataclass(frozen=True)
class _Shape:
    """Two half-normals of log(count + 1) an item; arrays of shape (items,)."""

    middle: np.ndarray
    down: np.ndarray
    up: np.ndarray

    @classmethod
    def of(cls, forecast: Forecast) -> Self:
        low, middle, high = (np.log1p(each) for each in (forecast.q10, forecast.q50, forecast.q90))
        own = (
            np.sqrt(np.maximum(each**2 - forecast.shared**2, 0.0)) for each in (middle - low, high - middle)
        )
        return cls(middle, *(each / _Z90 for each in own))

    def drawn(self, pilot: np.ndarray, others: np.ndarray, draws: int, seed: int) -> Iterator[np.ndarray]:
        """Yields log counts in chunks, shape (draws of the chunk, pilot + others).

        The pilot's numbers do not depend on the others, so that what was learned from it alone holds.
        """
        rows = np.concatenate([pilot, others])
        size = max(1, _CHUNK // len(rows))
        for start in range(0, draws, size):
            lines = []
            for draw in range(start, min(start + size, draws)):
                rng = np.random.default_rng([seed, draw])
                lines.append(
                    np.concatenate([rng.standard_normal(len(pilot)), rng.standard_normal(len(others))])
                )
            z = np.clip(np.stack(lines), -_LIMIT, _LIMIT)
            width = np.where(z > 0, self.up[rows], self.down[rows])
            yield np.maximum(self.middle[rows] + width * z, 0.0)


def _border(drawn: np.ndarray, k: int) -> np.ndarray:
    """Returns the k-th highest of each draw, shape (draws,)."""
    return np.asarray(np.partition(drawn, -k, axis=1)[:, -k])


def _places(drawn: np.ndarray, k: int) -> np.ndarray:
    """Sums over draws the share of a top-k place that each row takes, shape (rows,)."""
    border = _border(drawn, k)[:, None]
    above, tied = drawn > border, drawn == border
    left = (k - above.sum(axis=1)) / tied.sum(axis=1)
    return np.asarray((above + tied * left[:, None]).sum(axis=0))
