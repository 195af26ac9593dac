"""Gradient-boosted trees on every signal, with a count loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from trail.baselines.trees import TreeForecaster
from trail.signals import Cards, Labelled


@dataclass(frozen=True)
class LightGBMTweedie(TreeForecaster):
    """Trees with the Tweedie loss, the count loss that won the M5 competition.

    Reference: Makridakis et al. 2022 (M5).

    Attributes:
        power: Tweedie variance power, between 1 (Poisson) and 2 (gamma).
    """

    plain_name: ClassVar[str] = "lightgbm"
    power: float = 1.3

    def objective(self) -> dict[str, Any]:
        """Returns LightGBM's parameters of the loss."""
        return {"objective": "tweedie", "tweedie_variance_power": self.power}

    def learn(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy with trees grown on the history.

        Raises:
            ModelError: If the history is empty.
        """
        return self.grow(history)

    def level(self, cards: Cards) -> np.ndarray:
        """Returns the trees' expected count, shape (items,).

        Raises:
            ModelError: Before `fit`.
        """
        return self.raw(cards)
