"""Gradient-boosted trees on every signal, with a count loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from trail.baselines.surges import calmed, log_level
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

    def level(self, cards: Cards) -> np.ndarray:
        """Returns the trees' expected count, shape (items,).

        Raises:
            ModelError: Before `fit`.
        """
        return self.raw(cards)


@dataclass(frozen=True)
class LightGBMLog(TreeForecaster):
    """Trees that learn by which factor the decayed count will be missed, with a loss on logs.

    What they learn is log(1 + count) less log(1 + decayed count, half-life one window): a factor says the same
    of every level, and where the whole catalogue rises or falls the forecast moves with it. Rows, leaves and
    features of each tree are drawn, which keeps the trees from learning single weeks by heart. Weeks in
    which the whole catalogue surged or fell silent are calmed first (`calmed`): trees refitted on such a week would
    take it for what items do.

    Attributes:
        loss: `l2` expects the mean of the log, the best for squared log errors; `l1` its median, which is the
            median of the count too, the best for absolute errors.
    """

    plain_name: ClassVar[str] = "lightgbm_log"
    rounds: int = 300
    leaves: int = 31
    learning_rate: float = 0.04
    loss: Literal["l1", "l2"] = "l2"

    @property
    def name(self) -> str:
        """Short name."""
        return "lightgbm_median" if self.loss == "l1" else "lightgbm_log"

    def objective(self) -> dict[str, Any]:
        """Returns LightGBM's parameters of the loss and of the draws."""
        drawn = {"feature_fraction": 0.4, "bagging_fraction": 0.6, "bagging_freq": 1, "min_data_in_leaf": 50}
        return {"objective": self.loss, **drawn}

    def lessons(self, examples: list[Labelled]) -> list[Labelled]:
        """Returns the examples without what struck the whole catalogue for once."""
        return calmed(examples)

    def labels(self, cards: Cards, target: np.ndarray) -> np.ndarray:
        """Returns the log of the factor to learn, shape (rows,)."""
        return np.asarray(np.log1p(target) - log_level(cards))

    def level(self, cards: Cards) -> np.ndarray:
        """Returns the decayed count times the trees' factor, shape (items,).

        Raises:
            ModelError: Before `fit`.
        """
        return np.asarray(np.expm1(log_level(cards) + self.raw(cards)))
