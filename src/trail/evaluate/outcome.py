"""A forecast beside what happened, and what both say of each item."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from trail.baselines import Forecast, p_top
from trail.baselines.scope import counts
from trail.signals import WINDOWS, Labelled

#: The K of the chance of the top K that is measured unless another is asked for.
TOP = 50
#: Draws behind a measured chance: a quarter of those behind one that is served, for most of the time goes here.
#: They add at most one part in 500 to the Brier score of a calibrated forecast, to every method's alike.
DRAWS = 500
#: Half a draw: the least chance, and the least doubt, that the logarithmic score takes at its word.
LEAST_CHANCE = 0.5 / DRAWS


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
        q50: Median.
        q90: Ninetieth percentile.
        chance: Stated chance of being among the K highest counts of the catalogue, 0 to 1.
        entered: Share of a place among them that was taken: 1 or 0, between at a tie for the last places.
    """

    target: np.ndarray
    last: np.ndarray
    history: np.ndarray
    expected: np.ndarray
    score: np.ndarray
    q10: np.ndarray
    q50: np.ndarray
    q90: np.ndarray
    chance: np.ndarray
    entered: np.ndarray

    @classmethod
    def of(cls, example: Labelled, forecast: Forecast, *, top: int = TOP, seed: int = 0) -> Self:
        """Joins labelled cards with their forecast, and draws its chances of the top K once.

        Args:
            example: The whole catalogue's cards with their targets.
            forecast: Its forecast.
            top: The K.
            seed: Seed of the draws behind the chances.
        """
        history = counts(example.cards, WINDOWS)
        return cls(
            target=example.target,
            last=np.nan_to_num(history[:, 0]),
            history=history,
            **{name: getattr(forecast, name) for name in ("expected", "score", "q10", "q50", "q90")},
            chance=p_top(forecast, top, seed=seed, draws=DRAWS),
            entered=chosen(example.target, top),
        )

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


def quantile_loss(target: np.ndarray, quantile: np.ndarray, level: float) -> np.ndarray:
    """Returns the pinball loss max(level * miss, (level - 1) * miss), miss = target - quantile, shape (items,).

    Its mean is least where `quantile` is the true quantile of that level. Reference: Koenker and Bassett 1978.
    """
    miss = target - quantile
    return np.asarray(np.maximum(level * miss, (level - 1.0) * miss))


def surprise(outcome: Outcome) -> np.ndarray:
    """Returns -entered * ln(chance) - (1 - entered) * ln(1 - chance), in nats, shape (items,).

    Chances are clipped to `LEAST_CHANCE` from 0 and 1 first: nothing that was not drawn among finitely many draws is
    impossible, and an infinite score would decide alone. Clipping is scikit-learn's way (`log_loss`, at the resolution
    of the numbers); that it happens at the resolution of the draws is that of ensemble forecasts, which never state 0
    or 1 (Wilks 2011, plotting positions; Roulston and Smith 2002).
    """
    chance = np.clip(outcome.chance, LEAST_CHANCE, 1 - LEAST_CHANCE)
    return np.asarray(-outcome.entered * np.log(chance) - (1 - outcome.entered) * np.log1p(-chance))


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


def chosen(score: np.ndarray, k: int) -> np.ndarray:
    """Returns each item's share of a place among the first k by score, ties sharing, shape (items,)."""
    if k >= len(score):
        return np.ones(len(score))
    border = np.partition(score, -k)[-k]
    above, tied = score > border, score == border
    return np.asarray(above + tied * ((k - above.sum()) / tied.sum()))
