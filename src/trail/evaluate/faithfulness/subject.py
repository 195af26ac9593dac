"""Whose reasons are tested: a forecaster with the drivers that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from trail.baselines import Forecast, Forecaster
from trail.baselines.occlusion import Effects, effects, neutral_values
from trail.evaluate.faithfulness.worlds import Rebuild
from trail.events import EventLog, Items
from trail.signals import Cards

#: Items of the highest forecasts whose medians are the neutral values of a forecaster without a shortlist.
REFERENCE = 1_000


@dataclass(frozen=True)
class Setting:
    """The forecast whose reasons are tested, and what it was made from.

    Attributes:
        log: The events; never changed.
        items: The catalogue; never changed.
        cards: All cards of the cutoff.
        forecast: Their forecast.
        rows: Rows of the explained items, shape (explained,).
        rebuild: The normal query of cards at the same cutoff.
    """

    log: EventLog
    items: Items
    cards: Cards
    forecast: Forecast
    rows: np.ndarray
    rebuild: Rebuild


@dataclass(frozen=True)
class Subject:
    """A forecaster under question.

    Attributes:
        name: Its name.
        predict: The forecast of cards of the cutoff, the prior recomputed where it has one; each card's expected
            count depends on that card alone.
        reference: The cards whose medians are the neutral values, and whose spread is the unit of `shifts`.
        neutral: Neutral value of each signal.
        effects: What it says moved its forecast of cards.
    """

    name: str
    predict: Callable[[Cards], Forecast]
    reference: Cards
    neutral: Mapping[str, float]
    effects: Callable[[Cards], Effects]

    @classmethod
    def of(cls, name: str, predict: Callable[[Cards], Forecast], reference: Cards) -> Self:
        """Returns a forecaster with drivers by occlusion, as explanations name them.

        Args:
            name: Its name.
            predict: As in the attributes.
            reference: As in the attributes.
        """
        neutral = neutral_values(reference)

        def found(cards: Cards) -> Effects:
            return effects(cards, lambda changed: predict(changed).expected, neutral)

        return cls(name, predict, reference, neutral, found)

    @classmethod
    def of_forecaster(cls, forecaster: Forecaster, cards: Cards, made: Forecast | None = None) -> Self:
        """Returns any fitted forecaster; its reference is the thousand cards that it expects most of.

        Args:
            forecaster: The forecaster.
            cards: All cards of the cutoff.
            made: Its forecast of them, where there is one already.
        """
        expected = (forecaster.predict(cards) if made is None else made).expected
        best = np.argsort(-expected, kind="stable")[:REFERENCE]
        return cls.of(forecaster.name, forecaster.predict, cards.take(np.sort(best)))

    def logs(self, cards: Cards) -> np.ndarray:
        """Returns the log of one more than the expected count, shape (items,): the scale of effects."""
        return np.asarray(np.log1p(self.predict(cards).expected))
