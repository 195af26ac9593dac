"""The same period last year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from trail.baselines.accuracy import best_option
from trail.baselines.formulas import TUNING_CUTOFFS
from trail.baselines.point import PointForecaster
from trail.events import YEAR
from trail.signals import Cards, Labelled, known_at

#: Latest cutoffs over which the catalogue's growth on last year is measured.
GROWTH_CUTOFFS = 4


@dataclass(frozen=True)
class SeasonalNaive(PointForecaster):
    """Expects last year's count, scaled by the catalogue's growth where that did better.

    Items whose history is younger than a year, and logs that are, get the last window's count.

    Attributes:
        growth: Factor on last year's counts; learned by `fit`: 1, or the sum of recent targets over the
            sum of the counts a year before them.
    """

    growth: float = 1.0

    @property
    def name(self) -> str:
        """Short name."""
        return "seasonal_naive"

    def learn(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy with the latest growth as factor, or 1 if that did no worse on the latest cutoffs.

        Each of these is judged by the growth that was known at it.
        """

        def level(grown: bool, cards: Cards) -> np.ndarray:
            return _level(_growth(known_at(history, cards.cutoff)) if grown else 1.0, cards)

        grown = best_option((False, True), level, history[-TUNING_CUTOFFS:])
        return replace(self, growth=_growth(history) if grown else 1.0)

    def level(self, cards: Cards) -> np.ndarray:
        """Returns last year's count times the growth, else the last window's count, shape (items,)."""
        return _level(self.growth, cards)


def _seasonal(cards: Cards) -> np.ndarray:
    """Returns whether each item had its first event before the period a year ago, shape (items,)."""
    old = np.nan_to_num(cards.column("age")) >= YEAR.days
    return np.asarray(old & ~np.isnan(cards.column("last_year")))


def _level(growth: float, cards: Cards) -> np.ndarray:
    return np.where(_seasonal(cards), cards.column("last_year") * growth, cards.column("count_1"))


def _growth(history: Sequence[Labelled]) -> float:
    """Returns the latest targets over counts a year before, of the items that have both; 1 where none has."""
    now = then = 0.0
    for example in history[-GROWTH_CUTOFFS:]:
        rows = _seasonal(example.cards)
        now += float(example.target[rows].sum())
        then += float(example.cards.column("last_year")[rows].sum())
    return now / then if now > 0 and then > 0 else 1.0
