"""Which items the model corrects: those that can matter; the prior forecasts the rest."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from trail.baselines import Forecast
from trail.signals import Cards

#: Signals that tell rows apart whose places are equal, the last first.
_TELLING = ("total", "age", "level_three", "mean_4")


def shortlist(cards: Cards, prior: Forecast, size: int) -> np.ndarray:
    """Returns the rows of the items that can matter, ascending, shape (at most size,).

    Items enter by their best place in any of four lists: the prior's forecast, the prior's upper quantile,
    the last window's count, and the change of the last window on the mean of four (risers, new items). Equal values
    share their place; equal best places are told apart by the mean place, the prior and numbers of the card, and where
    nothing tells the last ones apart none of them enters: the order of the rows decides nothing.

    Args:
        cards: All cards of a cutoff.
        prior: The prior's forecast of them.
        size: Most rows; 0 for all.
    """
    if size <= 0 or size >= len(cards):
        return np.arange(len(cards))
    last = np.nan_to_num(cards.column("count_1"))
    rising = last - np.nan_to_num(cards.column("mean_4"))
    lists = (prior.expected, prior.q90, last, rising)
    places = np.column_stack([_places(values) for values in lists])
    places[:, 3] *= 4  # a riser counts for less than a leader: its place in that list is worth a quarter
    told = [np.nan_to_num(cards.column(name)) for name in _TELLING]
    keys = np.stack([*(-each for each in told), -prior.expected, places.mean(axis=1), places.min(axis=1)])
    order = np.lexsort(keys)
    border = (keys[:, order[:size]] == keys[:, order[size]][:, None]).all(axis=0)
    return np.sort(order[:size][~border])


def reach(target: np.ndarray, last: np.ndarray, rows: np.ndarray, k: int = 50) -> tuple[float, float]:
    """Returns the shares of the true top k, and of the k strongest rises, that are among the rows; 1 of none.

    Args:
        target: What happened, shape (items,).
        last: Count of the window before, shape (items,).
        rows: Of the shortlist.
        k: How many at most; fewer where fewer had an event, or rose. Of equal ones those of earlier rows count.
    """
    inside = np.zeros(len(target), dtype=bool)
    inside[rows] = True
    found = []
    for values in (target, target - last):
        best = np.argsort(-values, kind="stable")[:k]
        wanted = best[values[best] > 0]
        found.append(float(inside[wanted].mean()) if len(wanted) else 1.0)
    return found[0], found[1]


def _places(values: np.ndarray) -> np.ndarray:
    """Returns each row's place in a descending order, 0 is the first; equal values share theirs."""
    return np.asarray(rankdata(-values, method="min") - 1.0)
