"""What every forecaster is: fitted on labelled cards, it forecasts cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np

from trail.baselines.accuracy import tie_means
from trail.signals import Cards, Labelled


@dataclass(frozen=True)
class Forecast:
    """A forecast of every card, in the cards' row order; all arrays (`ARRAYS`) have shape (items,).

    Attributes:
        expected: Expected count in the period, 0 or more.
        q10: Tenth percentile, 0 or more and at most the expected count.
        q50: Median, q10 or more.
        q90: Ninetieth percentile, q50 or more and at least the expected count.
        score: What ranks; higher is more popular.
        forecaster: Name of the forecaster that made each number, shape (items,) of str.
        shared: Part of half of every range, in logs, that all items miss together (`Spread.shared`): it moves no item past
            another, so it has no say in who enters the top.
    """

    expected: np.ndarray
    q10: np.ndarray
    q50: np.ndarray
    q90: np.ndarray
    score: np.ndarray
    forecaster: np.ndarray
    shared: float = 0.0

    def __len__(self) -> int:
        return len(self.expected)

    def holding_expected(self) -> Forecast:
        """Returns the forecast with ranges widened where they miss their own expected count.

        A mean may lie beyond a percentile (rare bursts pull it up), but a reader takes "2, between 0 and 1" for
        a mistake, and half-way rules between buckets make some.
        """
        low, high = np.minimum(self.q10, self.expected), np.maximum(self.q90, self.expected)
        return replace(self, q10=low, q90=high)

    def ranked_in_counts(self) -> Forecast:
        """Returns the forecast with scores on the scale of counts: the r-th by score gets the r-th highest count.

        The order stays, equal scores stay equal, and where the expected count ranks nothing changes. A correction
        that multiplies counts can then multiply scores, whatever they were (a growth, a ranker's output).
        """
        counts = tie_means(np.sort(self.expected)[::-1], self.score)
        return replace(self, score=counts)

    def take(self, rows: np.ndarray) -> Forecast:
        """Returns the forecasts of the given rows, in their order."""
        taken: dict[str, Any] = {name: getattr(self, name)[rows] for name in ARRAYS}
        return replace(self, **taken)

    def placed(self, rows: np.ndarray, other: Forecast) -> Forecast:
        """Returns a copy in which the given rows are those of another forecast, of shape (rows,), with ranges that share as much."""
        changed: dict[str, Any] = {name: np.array(getattr(self, name)) for name in ARRAYS}
        for name, values in changed.items():
            values[rows] = getattr(other, name)
        return replace(self, **changed)


#: Fields of a forecast with one value an item.
ARRAYS = tuple(name for name in Forecast.__dataclass_fields__ if name != "shared")


@runtime_checkable
class Forecaster(Protocol):
    """Anything that forecasts a catalogue.

    `fit` returns a fitted copy and leaves the original as it was; the caller passes only examples whose
    target was known at the cutoff to be predicted (`known_at`). `predict` needs no state but the fitted
    one, gives every card a finite forecast, and the same one twice.
    """

    @property
    def name(self) -> str:
        """Short name in tables and in the column `forecaster`."""
        ...

    def fit(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy fitted on examples, oldest first; may be empty for methods that learn nothing."""
        ...

    def predict(self, cards: Cards) -> Forecast:
        """Returns the forecast of every card, in row order."""
        ...
