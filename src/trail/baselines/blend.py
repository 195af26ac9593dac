"""A weighted mean of two forecasters, whose errors partly cancel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from trail.baselines.accuracy import best_option
from trail.baselines.boosted import LightGBMTweedie
from trail.baselines.formulas import Decayed
from trail.baselines.point import PointForecaster, split
from trail.baselines.spread import Spread
from trail.signals import Cards, Labelled


@dataclass(frozen=True)
class Blend(PointForecaster):
    """Expects a weighted mean of what two forecasters expect (Bates and Granger 1969).

    Attributes:
        first: One forecaster.
        second: The other.
        options: Weights of the first to choose from, 0 to 1, the default first.
        weight: The weight in use; chosen by `fit` on cutoffs that neither part had learned from.
    """

    first: PointForecaster = field(default_factory=LightGBMTweedie)
    second: PointForecaster = field(default_factory=lambda: Decayed(options=(1.0,)))
    options: tuple[float, ...] = (0.5, 0.25, 0.75)
    weight: float | None = None

    @property
    def name(self) -> str:
        """Short name."""
        return "blend"

    def held_out(self, cutoffs: int) -> int:
        """Returns how many of the latest cutoffs choose the weight: no more than either part holds out."""
        return min(self.first.held_out(cutoffs), self.second.held_out(cutoffs))

    def learn(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy with both parts learned on the history and the weight on its latest cutoffs."""
        return self._with(history, self._past(history)[0])

    def fit(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy learned on all of the history, with the spread of one learned on its start."""
        past, late = self._past(history)
        spread = Spread.measure([past.expected(e.cards) for e in late], [e.target for e in late])
        return replace(self._with(history, past), spread=spread)

    def level(self, cards: Cards) -> np.ndarray:
        """Returns the weighted mean of the two levels, shape (items,)."""
        weight = self.options[0] if self.weight is None else self.weight
        return weight * self.first.expected(cards) + (1.0 - weight) * self.second.expected(cards)

    def _past(self, history: Sequence[Labelled]) -> tuple[Self, list[Labelled]]:
        """Returns a copy learned on the start of the history, its weight chosen on the rest, and the rest."""
        early, late = split(history, self.held_out(len(history)))
        if not late:
            return self, []
        first, second = self.first.learn(early), self.second.learn(early)
        levels = {id(e.cards): (first.expected(e.cards), second.expected(e.cards)) for e in late}

        def mixed(weight: float, cards: Cards) -> np.ndarray:
            one, other = levels[id(cards)]
            return np.asarray(weight * one + (1.0 - weight) * other)

        return replace(self, first=first, second=second, weight=best_option(self.options, mixed, late)), late

    def _with(self, history: Sequence[Labelled], past: Self) -> Self:
        first, second = self.first.learn(history), self.second.learn(history)
        return replace(self, first=first, second=second, weight=past.weight)
