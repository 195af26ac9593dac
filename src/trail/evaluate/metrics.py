"""Every metric: an elementwise stat and how it is aggregated, over the items of one origin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from scipy.stats import rankdata

from trail.baselines import Forecast, ndcg, wape
from trail.baselines.accuracy import joint_loss
from trail.baselines.scope import counts
from trail.signals import WINDOWS, Labelled


@dataclass(frozen=True)
class Outcome:
    """A forecast beside what happened; every array starts with the axis (items,).

    Attributes:
        target: Count of the period, 0 or more.
        last: Count of the window before it.
        history: Counts of the 12 windows before, newest first, NaN before the log, shape (items, 12).
        expected: Forecast count.
        score: What ranked.
        q10: Tenth percentile.
        q90: Ninetieth percentile.
    """

    target: np.ndarray
    last: np.ndarray
    history: np.ndarray
    expected: np.ndarray
    score: np.ndarray
    q10: np.ndarray
    q90: np.ndarray

    @classmethod
    def of(cls, example: Labelled, forecast: Forecast) -> Self:
        """Joins labelled cards with their forecast."""
        history = counts(example.cards, WINDOWS)
        last = np.nan_to_num(history[:, 0])
        numbers = (forecast.expected, forecast.score, forecast.q10, forecast.q90)
        return cls(example.target, last, history, *numbers)

    def take(self, rows: np.ndarray) -> Self:
        """Returns the outcome of some rows (a mask or positions)."""
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))


def absolute_error(outcome: Outcome) -> np.ndarray:
    """Returns |target - expected|, shape (items,)."""
    return np.asarray(np.abs(outcome.target - outcome.expected))


def squared_log_error(outcome: Outcome) -> np.ndarray:
    """Returns (log(1 + target) - log(1 + expected))^2, shape (items,)."""
    return np.asarray((np.log1p(outcome.target) - np.log1p(outcome.expected)) ** 2)


def covered(outcome: Outcome) -> np.ndarray:
    """Returns 1 where q10 <= target <= q90, else 0, shape (items,)."""
    inside = (outcome.q10 <= outcome.target) & (outcome.target <= outcome.q90)
    return np.asarray(inside.astype(np.float64))


def growth(outcome: Outcome) -> np.ndarray:
    """Returns max(0, target - last), shape (items,)."""
    return np.asarray(np.maximum(outcome.target - outcome.last, 0.0))


def usual_change(outcome: Outcome) -> np.ndarray:
    """Returns the mean |count - count before| of the covered windows, shape (items,); NaN with fewer than two."""
    steps = np.abs(np.diff(outcome.history, axis=1))
    known = ~np.isnan(steps)
    return np.asarray(
        np.where(known, steps, 0.0).sum(axis=1) / np.where(known.any(axis=1), known.sum(axis=1), np.nan)
    )


def mean(values: np.ndarray) -> float:
    """Returns the mean, NaN of nothing."""
    return float(values.mean()) if len(values) else float("nan")


def ndcg_of_counts(k: int) -> Callable[[Outcome], float]:
    """Returns NDCG@k with the count as gain, ranked by score.

    Formula, range and reference: `trail.baselines.ndcg`. Higher is better; NaN where nothing happened.
    """
    return lambda outcome: ndcg(outcome.target, outcome.score, k)


def recall(k: int) -> Callable[[Outcome], float]:
    """Returns recall@k of the true top k: hits among the first k by score / min(k, items with an event).

    A hit is an item with an event whose count reaches that of the k-th true item, so a tie at the border
    never punishes; equal scores at the border share its places. Range 0 to 1, higher is better; NaN
    where nothing happened.
    """

    def measure(outcome: Outcome) -> float:
        wanted = min(k, int((outcome.target > 0).sum()))
        if not wanted:
            return float("nan")
        border = np.sort(outcome.target)[::-1][wanted - 1]
        return min(1.0, float((outcome.target >= border) @ chosen(outcome.score, k)) / wanted)

    return measure


def chosen(score: np.ndarray, k: int) -> np.ndarray:
    """Returns each item's share of a place among the first k by score, ties sharing, shape (items,)."""
    if k >= len(score):
        return np.ones(len(score))
    border = np.sort(score)[::-1][k - 1]
    above, tied = score > border, score == border
    return np.asarray(above + tied * ((k - above.sum()) / tied.sum()))


def spearman(outcome: Outcome) -> float:
    """Returns the rank correlation of score and target: Pearson's of the ranks, ties sharing their mean rank.

    Range -1 to 1, higher is better; NaN where either is constant or there are fewer than two items.
    Reference: Spearman 1904.
    """
    one, other = rankdata(outcome.score), rankdata(outcome.target)
    one, other = one - one.mean() if len(one) else one, other - other.mean() if len(other) else other
    scale = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / scale if scale > 0 else float("nan")


def rmsle(outcome: Outcome) -> float:
    """Returns the root mean squared logarithmic error: sqrt(mean((log(1 + target) - log(1 + expected))^2)).

    Range 0 or more, lower is better; NaN without items.
    """
    return float(np.sqrt(mean(squared_log_error(outcome))))


def mase(outcome: Outcome) -> float:
    """Returns the mean absolute scaled error: mean of |target - expected| / the item's usual change.

    The usual change is the mean absolute step between successive windows on the card, which is the error
    of "as last window" in the past; items that never changed are left out. Range 0 or more, lower is
    better; NaN where no item changed. Reference: Hyndman and Koehler 2006.
    """
    scale = usual_change(outcome)
    rows = scale > 0
    return mean(absolute_error(outcome)[rows] / scale[rows])


def risers(k: int) -> Callable[[Outcome], float]:
    """Returns NDCG@k of growth: gain max(0, target - last), ranked by expected - last.

    Range 0 to 1, higher is better; NaN where nothing rose.
    """
    return lambda outcome: ndcg(growth(outcome), outcome.expected - outcome.last, k)


def coverage(outcome: Outcome) -> float:
    """Returns the share of items whose target lies in [q10, q90]; 0.8 is right, more is too wide; NaN without items."""
    return mean(covered(outcome))


def loss(outcome: Outcome) -> float:
    """Returns `trail.baselines.accuracy.joint_loss`: NDCG@50 and WAPE in one number, 1 is the last window.

    Range 0 or more, lower is better; NaN where nothing happened.
    """
    return joint_loss(outcome.target, outcome.last, outcome.expected, outcome.score)


@dataclass(frozen=True)
class Metric:
    """One number of a forecast at an origin.

    Attributes:
        name: Name in tables.
        better: 1 where higher is better, -1 where lower is, 0 where it should meet `aim`.
        measure: Outcome -> value, NaN where undefined.
        label: Words for people.
        aim: The right value where neither direction is better.
    """

    name: str
    better: int
    measure: Callable[[Outcome], float]
    label: str
    aim: float | None = None


_ALL = (
    Metric("ndcg@50", 1, ndcg_of_counts(50), "NDCG@50 of counts"),
    Metric("ndcg@10", 1, ndcg_of_counts(10), "NDCG@10 of counts"),
    Metric("recall@50", 1, recall(50), "recall of the true top 50"),
    Metric("spearman", 1, spearman, "rank correlation"),
    Metric("wape", -1, lambda outcome: wape(outcome.target, outcome.expected), "WAPE"),
    Metric("rmsle", -1, rmsle, "RMSLE"),
    Metric("mase", -1, mase, "MASE"),
    Metric("risers@50", 1, risers(50), "NDCG@50 of growth"),
    Metric("coverage", 0, coverage, "coverage of the 80% interval", aim=0.8),
    Metric("loss", -1, loss, "joint loss (last window = 1)"),
)
#: Name -> metric, in the order of the tables.
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _ALL}
