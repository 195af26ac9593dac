"""The two measures by which every choice before the test is made, and the loss that joins them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from trail.baselines.scope import active
from trail.signals import Cards, Labelled

#: Depth of the ranking that choices are made by.
DEPTH = 50
_Option = TypeVar("_Option")


def discounts(items: int, k: int) -> np.ndarray:
    """Returns 1 / log2(position + 1) for the first k positions and 0 after, shape (items,)."""
    positions = np.arange(1, items + 1)
    return np.where(positions <= k, 1.0 / np.log2(positions + 1.0), 0.0)


def tie_means(values: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Returns what each item gets of position-wise `values` when ties in `score` are broken at random.

    Args:
        values: One number a position of the ranking, shape (items,).
        score: What ranks, higher first, shape (items,).

    Returns:
        Mean of the values over the positions that the item's group of equal scores fills, shape (items,).
    """
    _, group, sizes = np.unique(-score, return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    means = (sums[ends] - sums[ends - sizes]) / sizes
    return np.asarray(means[group])


def ndcg(gain: np.ndarray, score: np.ndarray, k: int = DEPTH) -> float:
    """Returns the normalised discounted cumulative gain of the first k positions.

    Formula: sum of gain / log2(position + 1) over the first k by score, divided by the same sum in the
    order of the gains themselves. Linear gain; equal scores share their positions (McSherry and Najork
    2008), so that the order of rows never matters. Range 0 to 1, higher is better; NaN where no item
    gains. Reference: Järvelin and Kekäläinen 2002.

    Args:
        gain: What each item is worth, 0 or more, shape (items,).
        score: What ranks, higher first, shape (items,).
        k: Positions counted.
    """
    weight = discounts(len(gain), k)
    ideal = float(np.sort(gain)[::-1] @ weight)
    return float(gain @ tie_means(weight, score)) / ideal if ideal > 0 else float("nan")


def wape(target: np.ndarray, expected: np.ndarray) -> float:
    """Returns the weighted absolute percentage error: sum of |target - expected| / sum of target.

    Range 0 or more, lower is better; NaN where nothing happened. Reference: Hyndman and Koehler 2006
    (there MAD/mean).

    Args:
        target: What happened, 0 or more, shape (items,).
        expected: What was forecast, shape (items,).
    """
    total = float(target.sum())
    return float(np.abs(target - expected).sum()) / total if total > 0 else float("nan")


def joint_loss(target: np.ndarray, last: np.ndarray, expected: np.ndarray, score: np.ndarray) -> float:
    """Returns the mean of 1 - NDCG@50 and WAPE, each divided by that of the last window's count as forecast.

    The division keeps either measure from outweighing the other, and unlike a division by the mean of the
    candidates it lets no candidate change the order of two others. 1 is as good as the last window; 0 or
    more, lower is better; NaN where nothing happened.

    Args:
        target: What happened, 0 or more, shape (items,).
        last: Count of the window before, shape (items,).
        expected: Forecast counts, shape (items,).
        score: What ranks, shape (items,).
    """
    if not target.sum() > 0:
        return float("nan")
    # a last window without a miss would make any other forecast infinitely worse
    rank = (1.0 - ndcg(target, score)) / max(1.0 - ndcg(target, last), 1e-3)
    error = wape(target, expected) / max(wape(target, last), 1e-3)
    return (rank + error) / 2


def relative_loss(example: Labelled, expected: np.ndarray, score: np.ndarray) -> float:
    """Returns the `joint_loss` of a forecast over active items, by which every choice is made.

    Args:
        example: Cards with their targets.
        expected: Forecast counts, shape (items,).
        score: What ranks, shape (items,).
    """
    rows = active(example.cards)
    last = np.nan_to_num(example.cards.column("count_1")[rows])
    return joint_loss(example.target[rows], last, expected[rows], score[rows])


def mean_loss(losses: Sequence[float]) -> float:
    """Returns the mean of the losses that are numbers, infinity where none is."""
    known = [loss for loss in losses if not np.isnan(loss)]
    return float(np.mean(known)) if known else float("inf")


def best_option(
    options: Sequence[_Option], level: Callable[[_Option, Cards], np.ndarray], examples: Sequence[Labelled]
) -> _Option:
    """Returns the option with the lowest mean `relative_loss` on the examples; the first of equals.

    Args:
        options: Settings to choose from, the default first.
        level: Expected counts of the cards under an option, shape (items,).
        examples: Cards with known targets.
    """
    if len(options) == 1:
        return options[0]
    losses = []
    for option in options:
        levels = [level(option, example.cards) for example in examples]
        losses.append(
            mean_loss([relative_loss(e, found, found) for e, found in zip(examples, levels, strict=True)])
        )
    return options[int(np.argmin(losses))]
