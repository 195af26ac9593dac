"""How far counts fall from what is expected: quantiles that every forecaster shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from scipy.stats import poisson, t

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
#: The most that a miss which all items share widens a range, as a factor: beyond it a range says nothing.
WIDEST = 3.0
#: Items that show it: the highest forecasts.
HEAD = 300
Quantiles = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Spread:
    """Quantiles of log((target + 1) / (expected + 1)) by level, measured on past forecasts.

    Items of one level miss their forecast by other factors where they are new, or where nobody touched them lately, so each
    kind of item (`scope.kinds`) is measured apart where the past shows enough of it. What strikes the whole catalogue at once shows in a few cutoffs only, however
    many items they have, so both ends are moved out by what these few leave open: the deviation of the mean miss of a
    cutoff's head, times Student's t of so many. The pooled ratios hold a part of it already; it is counted
    whole, since what strikes real logs has longer tails than a normal distribution (docs/log.md).

    Attributes:
        levels: Mean log(expected + 1) of each bucket, ascending; empty before anything was measured,
            when counts are taken as Poisson.
        ratios: The three quantiles of the log ratio in each bucket, one row a bucket.
        apart: Kind of item -> the same of it; the others are measured together.
        shared: Half of a range of the shared miss, in logs, from the median to its ninetieth percentile; at most log(`WIDEST`).
    """

    levels: tuple[float, ...] = ()
    ratios: tuple[tuple[float, float, float], ...] = ()
    apart: Mapping[int, Spread] = field(default_factory=dict)
    shared: float = 0.0

    @classmethod
    def measure(
        cls, expected: Sequence[np.ndarray], targets: Sequence[np.ndarray], kinds: Sequence[np.ndarray] = ()
    ) -> Self:
        """Returns the spread of past forecasts that did not know their targets.

        Args:
            expected: Forecast counts, one array a cutoff.
            targets: What happened, arrays of the same shapes.
            kinds: Of what kind each item was, arrays of the same shapes of int: 0 is never apart, and all are 0 by default.
        """
        if not expected:
            return cls()
        level = np.log(np.concatenate(expected) + OFFSET)
        ratio = np.log(np.concatenate(targets) + OFFSET) - level
        shared = _shared(np.array([_missed(*each) for each in zip(targets, expected, strict=True)]))
        kind = np.concatenate(kinds) if kinds else np.zeros(len(level), dtype=np.int64)
        rows = {each: kind == each for each in np.unique(kind).tolist() if each}
        rows = {each: mine for each, mine in rows.items() if mine.sum() >= FEWEST}
        rest = ~np.any(list(rows.values()), axis=0) if rows else np.ones(len(level), dtype=bool)
        if rest.sum() < FEWEST:
            return cls(*_table(level, ratio), shared=shared)
        apart = {each: cls(*_table(level[mine], ratio[mine])) for each, mine in rows.items()}
        return cls(*_table(level[rest], ratio[rest]), apart, shared)

    def quantiles(
        self, expected: np.ndarray, kinds: np.ndarray | None = None, *, shared: float | None = None
    ) -> Quantiles:
        """Returns q10, q50 and q90 of each item, 0 or more and in order, each of shape (items,).

        Between the mean levels of two buckets the quantiles of the log ratio are interpolated, which
        keeps their order.

        Args:
            expected: Forecast counts, shape (items,).
            kinds: Of what kind each item is, shape (items,) of int; all 0 by default.
            shared: A shared miss to use instead of the measured one: that of the items these stand among.
        """
        own = self.own(expected)
        if kinds is not None:
            for kind, theirs in self.apart.items():
                own = _either(kinds == kind, theirs.own(expected), own)
        return _widened(own, self.shared if shared is None else shared)

    def own(self, expected: np.ndarray) -> Quantiles:
        """Returns the quantiles without kinds told apart and without the miss that all share, each of shape (items,)."""
        if not self.levels:
            q10, q50, q90 = (poisson.ppf(p, expected).clip(min=0.0) for p in PERCENTILES)
            return q10, q50, q90
        level = np.log(expected + OFFSET)
        q10, q50, q90 = (
            np.maximum(np.exp(level + np.interp(level, self.levels, column)) - OFFSET, 0.0)
            for column in zip(*self.ratios, strict=True)
        )
        return q10, q50, q90


def _missed(target: np.ndarray, expected: np.ndarray) -> float:
    """Returns the mean log ratio of the `HEAD` highest forecasts, weighted by their roots: counts' precision; 0 without."""
    head = np.argsort(-expected, kind="stable")[:HEAD]
    weight = np.sqrt(expected[head])
    ratio = np.log((target[head] + OFFSET) / (expected[head] + OFFSET))
    return float(weight @ ratio / weight.sum()) if weight.sum() > 0 else 0.0


def _shared(misses: np.ndarray) -> float:
    """Returns half of the range of a next miss, from those of past cutoffs, shape (cutoffs,); 0 of one alone."""
    if not len(misses) > 1:
        return 0.0
    wide = float(t.ppf(PERCENTILES[-1], len(misses) - 1) * misses.std(ddof=1))
    return min(wide, float(np.log(WIDEST)))


def _either(chosen: np.ndarray, ones: Quantiles, others: Quantiles) -> Quantiles:
    q10, q50, q90 = (np.where(chosen, *each) for each in zip(ones, others, strict=True))
    return q10, q50, q90


def _widened(quantiles: Quantiles, shared: float) -> Quantiles:
    """Returns quantiles whose ends lie further out, as if a miss of their own and a shared one met by chance."""
    if not shared:
        return quantiles
    low, middle, high = (np.log(each + OFFSET) for each in quantiles)
    ends = (middle - np.hypot(middle - low, shared), middle + np.hypot(high - middle, shared))
    q10, q90 = (np.maximum(np.exp(each) - OFFSET, 0.0) for each in ends)
    return q10, quantiles[1], q90


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
