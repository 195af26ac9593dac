"""Every metric: an elementwise stat and how it is aggregated, over the items of one origin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from trail.baselines import ndcg, wape
from trail.baselines.accuracy import joint_loss
from trail.baselines.spread import PERCENTILES
from trail.evaluate.outcome import (
    Outcome,
    absolute_error,
    chosen,
    covered,
    growth,
    quantile_loss,
    squared_log_error,
    surprise,
    usual_change,
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
    """Returns the share of items whose target lies in [q10, q90]; `coverage_gap` says what is right; NaN without items."""
    return mean(covered(outcome))


def coverage_gap(outcome: Outcome) -> float:
    """Returns the coverage less what the ranges promise: mean of [q10 <= target <= q90] - promise.

    A range promises that a tenth of the outcomes lie beyond each end. Counts end at 0: nothing can lie below a
    range that begins there, which promises 0.9, others 0.8. Range -0.9 to 0.2; 0 is right, more is too wide; NaN
    without items. Between counts as low as these an end has few places to be, so a little too wide is usual.
    """
    return coverage(outcome) - mean(np.where(outcome.q10 > 0, 1 - 2 * PERCENTILES[0], 1 - PERCENTILES[0]))


def brier(outcome: Outcome) -> float:
    """Returns the Brier score of the chance of the top K: mean of (chance - entered)^2.

    Chance and outcome are of the whole catalogue, whatever the scope; K is the task's. Range 0 to 1, lower is better; it
    shrinks with the share of items that can enter, so compare within a scope only; NaN without items.
    Reference: Brier 1950.
    """
    return mean((outcome.chance - outcome.entered) ** 2)


def log_score(outcome: Outcome) -> float:
    """Returns the logarithmic score of the chance of the top K: mean of `surprise`, in nats.

    Chance and outcome are of the whole catalogue, as for `brier`, and so is what it can be compared with. It tells a
    chance of 0.1% from one of 5%, which the Brier score hardly does. Range 0 or more (where all chances are sure and
    right, the clipping leaves 0.001), lower is better; NaN without items. References: Good 1952; Gneiting and
    Raftery 2007.
    """
    return mean(surprise(outcome))


def pinball(outcome: Outcome) -> float:
    """Returns the mean pinball loss of the three quantiles, in counts.

    A proper score of the stated distribution: half the continuous ranked probability score where there are
    many quantiles. Range 0 or more, lower is better; NaN without items. Reference: Gneiting and Raftery 2007.
    """
    stated = (outcome.q10, outcome.q50, outcome.q90)
    losses = [quantile_loss(outcome.target, each, p) for each, p in zip(stated, PERCENTILES, strict=True)]
    return mean(np.mean(losses, axis=0))


def width(outcome: Outcome) -> float:
    """Returns the interval's width as a share of what happened: sum of (q90 - q10) / sum of target.

    Range 0 or more; narrower is better only at equal coverage; NaN where nothing happened.
    """
    total = float(outcome.target.sum())
    return float((outcome.q90 - outcome.q10).sum()) / total if total > 0 else float("nan")


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
        better: 1 where higher is better, -1 where lower is, 0 where neither is, or where it should meet `aim`.
        measure: Outcome -> value, NaN where undefined.
        label: Words for people.
        aim: The right value where there is one.
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
    Metric("recall@10", 1, recall(10), "recall of the true top 10"),
    Metric("spearman", 1, spearman, "rank correlation"),
    Metric("wape", -1, lambda outcome: wape(outcome.target, outcome.expected), "WAPE"),
    Metric("rmsle", -1, rmsle, "RMSLE"),
    Metric("mase", -1, mase, "MASE"),
    Metric("risers@50", 1, risers(50), "NDCG@50 of growth"),
    Metric("coverage", 0, coverage, "coverage of the 80% interval"),
    Metric("coverage_gap", 0, coverage_gap, "coverage less what the ranges promise", aim=0.0),
    Metric("width", 0, width, "width of the 80% interval"),
    Metric("pinball", -1, pinball, "pinball loss of the three quantiles"),
    Metric("brier", -1, brier, "Brier score of the chance of the top K"),
    Metric("log_score", -1, log_score, "logarithmic score of the chance of the top K"),
    Metric("loss", -1, loss, "joint loss (last window = 1)"),
)
#: Name -> metric, in the order of the tables.
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _ALL}
