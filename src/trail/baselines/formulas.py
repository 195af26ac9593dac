"""Forecasters that are one formula on the counts of the last windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from trail.baselines.accuracy import best_option
from trail.baselines.point import PointForecaster
from trail.baselines.scope import counts
from trail.signals import WINDOWS, Cards, Labelled

#: Latest cutoffs of the history on which a formula's one setting is chosen.
TUNING_CUTOFFS = 8


@dataclass(frozen=True)
class LastWindow(PointForecaster):
    """Expects the last window's count again."""

    @property
    def name(self) -> str:
        """Short name."""
        return "last_window"

    def level(self, cards: Cards) -> np.ndarray:
        """Returns the last window's count, shape (items,)."""
        return cards.column("count_1")


@dataclass(frozen=True)
class WindowedMean(PointForecaster):
    """Expects the mean count of the last windows.

    Attributes:
        options: Numbers of windows to choose from, 1 to 12, the default first.
        windows: The number in use; chosen by `fit`.
    """

    options: tuple[int, ...] = (4, 2, 8, 12)
    windows: int | None = None

    @property
    def name(self) -> str:
        """Short name, with the number of windows where there was no choice."""
        return f"mean_{self.options[0]}" if len(self.options) == 1 else "windowed_mean"

    def learn(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy with the number of windows that did best on the latest cutoffs."""
        return replace(self, windows=best_option(self.options, _mean, history[-TUNING_CUTOFFS:]))

    def level(self, cards: Cards) -> np.ndarray:
        """Returns the mean count of the windows that the log covers, shape (items,)."""
        return _mean(self.windows or self.options[0], cards)


@dataclass(frozen=True)
class Decayed(PointForecaster):
    """Expects the weighted mean of the last 12 counts, weights halving every so many windows.

    Simple exponential smoothing (Brown 1956) with a bounded memory.

    Attributes:
        options: Half-lives in windows to choose from, above 0, the default first.
        half_life: The half-life in use; chosen by `fit`.
    """

    options: tuple[float, ...] = (1.0, 0.5, 2.0, 3.0)
    half_life: float | None = None

    @property
    def name(self) -> str:
        """Short name, with the half-life where there was no choice."""
        return f"decayed_{self.options[0]:g}" if len(self.options) == 1 else "decayed"

    def learn(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy with the half-life that did best on the latest cutoffs."""
        return replace(self, half_life=best_option(self.options, _decayed, history[-TUNING_CUTOFFS:]))

    def level(self, cards: Cards) -> np.ndarray:
        """Returns the decayed mean count of the windows that the log covers, shape (items,)."""
        return _decayed(self.half_life or self.options[0], cards)


@dataclass(frozen=True)
class Growth(PointForecaster):
    """Ranks by the increase of the last window over the one before: "trending now" as hosted products define it.

    Amazon Personalize's recipe Trending-Now counts each item's interactions in equal intervals and puts
    first the items whose interactions increased fastest (docs.aws.amazon.com/personalize/latest/dg/
    native-recipe-trending-now.html); with intervals of equal length that is the difference of two counts.
    Such a product states no count. The count here is the damped extrapolation of the same difference, the
    last count plus a part of the increase, as in the damped trend of Gardner and McKenzie 1985.

    Attributes:
        options: Parts of the increase expected again, above 0 and at most 1, to choose from, the default first.
        part: The part in use; chosen by `fit`.
    """

    options: tuple[float, ...] = (0.25, 0.5, 1.0)
    part: float | None = None

    @property
    def name(self) -> str:
        """Short name."""
        return "growth"

    def learn(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy with the part of the increase that did best on the latest cutoffs."""
        return replace(self, part=best_option(self.options, _damped, history[-TUNING_CUTOFFS:]))

    def level(self, cards: Cards) -> np.ndarray:
        """Returns the last count plus a part of its increase, shape (items,)."""
        return _damped(self.part or self.options[0], cards)

    def score(self, cards: Cards, expected: np.ndarray) -> np.ndarray:  # noqa: ARG002 - ranks by growth alone
        """Returns the last count less the one before, shape (items,); one before the log's start counts as 0."""
        last, before = np.nan_to_num(counts(cards, 2)).T
        return np.asarray(last - before)


def _damped(part: float, cards: Cards) -> np.ndarray:
    last, before = counts(cards, 2).T
    return np.asarray(np.maximum(last + part * np.nan_to_num(last - before), 0.0))


def _mean(windows: int, cards: Cards) -> np.ndarray:
    return _weighted(counts(cards, windows), np.ones(windows))


def _decayed(half_life: float, cards: Cards) -> np.ndarray:
    return _weighted(counts(cards, WINDOWS), 2.0 ** (-np.arange(WINDOWS) / half_life))


def _weighted(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Returns the weighted mean of the covered windows, shape (items,); 0 where none is."""
    covered = ~np.isnan(values)
    # a sum by rows, not a matrix product: the same bits whatever the number of rows
    total = (np.where(covered, values, 0.0) * weights).sum(axis=1)
    return np.asarray(total / np.maximum((covered * weights).sum(axis=1), np.finfo(float).tiny))
