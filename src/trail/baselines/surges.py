"""What strikes a whole catalogue at once: users who join in one week, a crawl that stands still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from trail.signals import Cards, Labelled

#: Items that say what a cutoff's miss was: the highest forecasts.
HEAD = 200
#: Log of a miss that says nothing: three cutoffs show too little of their own noise.
ORDINARY = 0.1
#: A surge begins so many deviations from the median, and at this log of a factor at least.
USUAL, LEAST = 2.0, 0.1
#: Median absolute deviation -> standard deviation, of a normal distribution.
_TO_DEVIATION = 1.4826


def missed(target: np.ndarray, level: np.ndarray) -> float:
    """Returns the log of the factor that would have suited the head of a forecast: 0 where it was right.

    The median of log((count + 1) / (forecast + 1)) over the `HEAD` highest forecasts, weighted by the forecast:
    the factor with the least absolute error there, whatever single items did. 0 without items.

    Args:
        target: What happened, shape (items,).
        level: What was forecast, shape (items,).
    """
    head = np.argsort(-level, kind="stable")[:HEAD]
    ratio = np.log((target[head] + 1) / (level[head] + 1))
    order = np.argsort(ratio, kind="stable")
    weight = np.cumsum(level[head][order])
    if not len(head) or not weight[-1] > 0:
        return 0.0
    return float(ratio[order][np.searchsorted(weight, weight[-1] / 2)])


def shrunk(values: np.ndarray) -> float:
    """Returns the mean of log factors of shape (n,), drawn to 0 by as much as chance could have made it.

    Formula: m * m^2 / (m^2 + s^2 / n + ORDINARY^2), with the mean m and the variance s^2, m^2 of a single value;
    0 of none. Reference: the shrinkage of James and Stein 1961 with the variance estimated.
    """
    if not len(values):
        return 0.0
    mean = float(values.mean())
    error = float(values.var(ddof=1)) / len(values) if len(values) > 1 else mean**2
    return mean * mean**2 / (mean**2 + error + ORDINARY**2)


def log_level(cards: Cards) -> np.ndarray:
    """Returns log(1 + decayed count, half-life one window), shape (items,); 0 without history."""
    return np.asarray(np.log1p(np.nan_to_num(cards.column("level_one"))))


def calmed(history: Sequence[Labelled]) -> list[Labelled]:
    """Returns a history without what struck the whole catalogue for once, oldest first.

    A cutoff whose total fell short of the decayed counts by more than is usual (a crawl that stood still, a shop that was
    shut) says nothing of its items and is left out; where it surged, log(1 + count) of all items is less by the surge,
    which takes counts of 0 below it: only what learns from log(1 + count) may be given these. A season that strikes
    every year is calmed like any other: who learns from the rest expects none.

    Args:
        history: Labelled cutoffs, oldest first.
    """
    totals = [(each.target.sum() + 1, np.expm1(log_level(each.cards)).sum() + 1) for each in history]
    found = surges(np.log([after / before for after, before in totals]))
    return [
        replace(each, target=(1 + each.target) * np.exp(-surge) - 1) if surge else each
        for each, surge in zip(history, found, strict=True)
        if surge >= 0
    ]


def surges(ratios: np.ndarray) -> np.ndarray:
    """Returns how far each cutoff's ratio lies beyond the usual ones, 0 for most, shape (n,).

    The usual ones lie within two deviations of the median, the deviation by the median absolute one, and within 0.1 of it
    in any case. Reference: Winsorising, Tukey 1962; the deviation, Hampel 1974.

    Args:
        ratios: Log of each cutoff's total over what it was before, shape (n,).
    """
    if not len(ratios):
        return np.zeros(0)
    away = ratios - np.median(ratios)
    usual = max(USUAL * _TO_DEVIATION * float(np.median(np.abs(away))), LEAST)
    return np.asarray(away - np.clip(away, -usual, usual))
