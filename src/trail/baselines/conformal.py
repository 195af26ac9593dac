"""Ranges that held in the past as often as they say: conformal calibration, by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from trail.baselines.protocol import Forecast
from trail.baselines.spread import OFFSET, PERCENTILES, buckets


@dataclass(frozen=True)
class Conformal:
    """Moves both ends of a range so that past outcomes fell beyond each as often as they should.

    On the scale of log(1 + count), one move an end and level, interpolated between levels. Counts have only
    so many values: where more than a tenth of them are 0, no range leaves out a tenth below, and the end stays.
    Reference: Romano, Patterson and Candes, Conformalized Quantile Regression, 2019, its one-sided form.

    Attributes:
        levels: Mean log(1 + expected) of each bucket, ascending; empty before anything was measured.
        low: What is taken off log(1 + q10) in each bucket.
        high: What is added to log(1 + q90) in each bucket.
    """

    levels: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()

    @classmethod
    def measure(cls, forecasts: Sequence[Forecast], targets: Sequence[np.ndarray]) -> Self:
        """Returns the moves that past forecasts needed.

        Args:
            forecasts: Forecasts that did not know their outcomes, one a cutoff.
            targets: What happened, arrays of the same lengths.
        """
        if not sum(len(each) for each in forecasts):
            return cls()
        level = np.log(np.concatenate([each.expected for each in forecasts]) + OFFSET)
        happened = np.log(np.concatenate(targets) + OFFSET)
        below = np.log(np.concatenate([each.q10 for each in forecasts]) + OFFSET) - happened
        above = happened - np.log(np.concatenate([each.q90 for each in forecasts]) + OFFSET)
        parts = buckets(level)
        return cls(
            levels=tuple(float(level[rows].mean()) for rows in parts),
            low=tuple(_least(below[rows]) for rows in parts),
            high=tuple(_least(above[rows]) for rows in parts),
        )

    def __call__(self, forecast: Forecast) -> Forecast:
        """Returns a forecast with its range moved: in order, 0 or more, and around what is expected."""
        if not self.levels:
            return forecast
        level = np.log(forecast.expected + OFFSET)
        moves = (np.interp(level, self.levels, self.low), np.interp(level, self.levels, self.high))
        q10 = np.maximum((forecast.q10 + OFFSET) * np.exp(-moves[0]) - OFFSET, 0.0)
        q90 = np.maximum((forecast.q90 + OFFSET) * np.exp(moves[1]) - OFFSET, 0.0)
        q50 = np.clip(forecast.q50, np.minimum(q10, q90), np.maximum(q10, q90))
        moved = replace(forecast, q10=np.minimum(q10, q50), q50=q50, q90=np.maximum(q90, q50))
        return moved.holding_expected()


def _least(scores: np.ndarray) -> float:
    """Returns the least move that leaves a tenth of the outcomes beyond, counting one that is yet to come."""
    wanted = min(1.0, PERCENTILES[-1] * (1 + 1 / len(scores)))
    return float(np.quantile(scores, wanted, method="higher"))
