"""Forecasters that fit a statistical model to each item's own series of counts."""

from __future__ import annotations

import importlib
import warnings
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, ClassVar, Self

import numpy as np

from trail.baselines.accuracy import best_option
from trail.baselines.formulas import WindowedMean
from trail.baselines.point import PointForecaster
from trail.baselines.scope import active, counts
from trail.errors import ModelError
from trail.signals import WINDOWS, Cards, Labelled

_QUIET = Lock()

#: Latest cutoffs that measure the spread, and that a setting is chosen on: every series costs a fit.
SERIES_CUTOFFS = 3
#: Items of such a cutoff that are fitted.
SAMPLED = 1_500


@dataclass(frozen=True)
class SeriesForecaster(PointForecaster):
    """Expects what a model of the item's own counts says: one series an item, the covered windows, oldest first.

    The models are those of statsforecast (Garza et al. 2022). Items without an event in the last eight
    windows, and all items where the log covers fewer windows than the model needs, get the windowed mean.
    Equal series are fitted once: in a sparse log most are equal. No series sees another, and no fit draws
    at random.

    Attributes:
        rest: Forecasts the other items.
    """

    shortest: ClassVar[int] = 1
    rest: WindowedMean = field(default_factory=WindowedMean)

    def __post_init__(self) -> None:
        library()

    @abstractmethod
    def model(self) -> Any:
        """Returns the library's model, which has `forecast(y, h)`."""

    def held_out(self, cutoffs: int) -> int:
        """Returns how many of the latest cutoffs measure the spread: three at most."""
        return min(cutoffs, SERIES_CUTOFFS)

    def sampled(self, example: Labelled) -> Labelled:
        """Returns evenly spaced items of a held-out cutoff, at most `SAMPLED`."""
        return evenly(example, SAMPLED)

    def learn(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy in which the windowed mean has learned its number of windows."""
        return replace(self, rest=self.rest.learn(history))

    def level(self, cards: Cards) -> np.ndarray:
        """Returns the model's forecast of the next window, shape (items,)."""
        found = self.rest.level(cards)
        newest_first = counts(cards, WINDOWS)
        long_enough = (~np.isnan(newest_first)).sum(axis=1) >= self.shortest
        fitted = np.flatnonzero(active(cards) & long_enough)
        if len(fitted):
            found = found.copy()
            found[fitted] = next_values(self.model(), newest_first[fitted, ::-1])
        return found


@dataclass(frozen=True)
class CrostonSBA(SeriesForecaster):
    """Smooths the sizes of the demands and the gaps between them apart, with the bias taken out.

    Reference: Croston 1972; Syntetos and Boylan 2005.
    """

    @property
    def name(self) -> str:
        """Short name."""
        return "croston_sba"

    def model(self) -> Any:
        """Returns the library's model."""
        return library().CrostonSBA()


@dataclass(frozen=True)
class TSB(SeriesForecaster):
    """Smooths the size of the demands and the chance of one, so that a forecast fades while nothing happens.

    Reference: Teunter, Syntetos and Babai 2011.

    Attributes:
        options: Smoothing of the size and of the chance, each above 0 and below 1, to choose from; the
            default first.
        smoothing: The pair in use; chosen by `fit`.
    """

    options: tuple[tuple[float, float], ...] = ((0.3, 0.1), (0.1, 0.1), (0.5, 0.3), (0.8, 0.6))
    smoothing: tuple[float, float] | None = None

    @property
    def name(self) -> str:
        """Short name."""
        return "tsb"

    def learn(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy with the smoothing that did best on samples of the latest cutoffs."""
        late = [self.sampled(example) for example in history[-SERIES_CUTOFFS:]]
        chosen = best_option(
            self.options, lambda pair, cards: replace(self, smoothing=pair).level(cards), late
        )
        return replace(super().learn(history), smoothing=chosen)

    def model(self) -> Any:
        """Returns the library's model."""
        size, chance = self.smoothing or self.options[0]
        return library().TSB(alpha_d=size, alpha_p=chance)


@dataclass(frozen=True)
class AutoETS(SeriesForecaster):
    """Exponential smoothing whose error and trend are chosen by the corrected Akaike criterion; no season.

    Twelve windows hold no season of a year. Reference: Hyndman and Khandakar 2008.
    """

    shortest: ClassVar[int] = 8  # with fewer the criterion divides by zero

    @property
    def name(self) -> str:
        """Short name."""
        return "auto_ets"

    def model(self) -> Any:
        """Returns the library's model."""
        return library().AutoETS(season_length=1)


@dataclass(frozen=True)
class AutoTheta(SeriesForecaster):
    """The Theta method in the variant that fits the series best; no season.

    Reference: Assimakopoulos and Nikolopoulos 2000; Fiorucci et al. 2016.
    """

    shortest: ClassVar[int] = 4

    @property
    def name(self) -> str:
        """Short name."""
        return "auto_theta"

    def model(self) -> Any:
        """Returns the library's model."""
        return library().AutoTheta(season_length=1)


def library() -> Any:
    """Returns the module `statsforecast.models`.

    Raises:
        ModelError: If it is not installed.
    """
    try:
        return importlib.import_module("statsforecast.models")
    except ImportError as error:
        raise ModelError(
            "statsforecast is not installed",
            expected="it, for croston_sba, tsb, auto_ets and auto_theta",
            fix="pip install 'trail-forecast[statistics]'",
        ) from error


def next_values(model: Any, series: np.ndarray) -> np.ndarray:
    """Returns a model's forecast of the value after each series, shape (items,).

    Args:
        model: Has `forecast(y, h)`, as in `statsforecast.models`.
        series: Shape (items, windows), oldest first; NaN before the log.
    """
    different, which = np.unique(series, axis=0, return_inverse=True)
    # filters of warnings are the process's, and copies may learn side by side
    with _QUIET, warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # a perfect fit has no residual to take the log of
        values = [float(model.forecast(y=line[~np.isnan(line)], h=1)["mean"][0]) for line in different]
    return np.array(values)[which.reshape(-1)]


def evenly(example: Labelled, most: int) -> Labelled:
    """Returns an example with at most so many evenly spaced rows."""
    if len(example.cards) <= most:
        return example
    rows = np.linspace(0, len(example.cards) - 1, most).astype(np.int64)
    return example.take(rows)
