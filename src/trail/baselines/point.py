"""What the forecasters of this stage share: a level, learned from history, and its measured spread."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Self

import numpy as np

from trail.baselines.protocol import Forecast
from trail.baselines.scope import ABSTAINED, active, kinds, unknown
from trail.baselines.spread import Spread
from trail.engine import side_by_side
from trail.signals import Cards, Labelled, known_at

#: Latest cutoffs on which a formula's spread is measured.
SPREAD_CUTOFFS = 12
#: Inactive items of a held-out cutoff that are always kept.
INACTIVE = 2_000


@dataclass(frozen=True, kw_only=True)
class PointForecaster(ABC):
    """A forecaster that says how much to expect; its spread is measured on cutoffs it has not learned from.

    Attributes:
        spread: Measured by `fit`; Poisson before.
    """

    spread: Spread = field(default_factory=Spread)

    @property
    @abstractmethod
    def name(self) -> str:
        """Short name in tables and in the column `forecaster`."""

    @abstractmethod
    def level(self, cards: Cards) -> np.ndarray:
        """Returns the expected count of every card, shape (items,); NaN and negatives count as 0."""

    def learn(self, history: Sequence[Labelled]) -> Self:  # noqa: ARG002 - a formula learns nothing
        """Returns a copy with its settings learned, without a spread; may be given nothing."""
        return self

    def held_out(self, cutoffs: int) -> int:
        """Returns how many of the latest cutoffs measure the spread of a copy that has not seen them."""
        return min(cutoffs, SPREAD_CUTOFFS)

    def sampled(self, example: Labelled) -> Labelled:
        """Returns the part of a held-out cutoff that measures the spread: all of it, unless items cost much."""
        return example

    def fit(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy learned on all of the history, with the spread of one learned on its start."""
        early, late = split(history, self.held_out(len(history)))
        now, *then = side_by_side(
            [partial(self.learn, each) for each in (history, *([early] if late else []))]
        )
        parts = [self.sampled(example) for example in late]
        spread = spread_of([then[0].expected(e.cards) for e in parts], parts)
        return replace(now, spread=spread)

    def expected(self, cards: Cards) -> np.ndarray:
        """Returns the level as a count: finite, 0 or more, shape (items,)."""
        level = np.nan_to_num(self.level(cards), nan=0.0, posinf=0.0, neginf=0.0)
        return np.asarray(np.maximum(level, 0.0))

    def score(self, cards: Cards, expected: np.ndarray) -> np.ndarray:  # noqa: ARG002 - most rank by the count
        """Returns what ranks, finite, shape (items,): the expected count, unless a method ranks by something else.

        Args:
            cards: The cards.
            expected: What `expected` says of them, shape (items,).
        """
        return expected

    def predict(self, cards: Cards) -> Forecast:
        """Returns the forecast of every card, in row order; an item of which nothing is known is marked `abstained`."""
        expected = self.expected(cards)
        q10, q50, q90 = self.spread.quantiles(expected, kinds(cards))
        names = np.where(unknown(cards), ABSTAINED, self.name).astype(object)
        score = self.score(cards, expected)
        shared = self.spread.shared
        return Forecast(expected, q10, q50, q90, score, names, shared).holding_expected()


def spread_of(expected: Sequence[np.ndarray], examples: Sequence[Labelled]) -> Spread:
    """Returns the spread of past forecasts, by kind of item.

    Args:
        expected: Counts that did not know their targets, one array an example.
        examples: What happened.
    """
    return Spread.measure(expected, [e.target for e in examples], [kinds(e.cards) for e in examples])


def split(history: Sequence[Labelled], late: int) -> tuple[list[Labelled], list[Labelled]]:
    """Splits a history, oldest first, into what was known before its latest cutoffs, and these.

    Of the latest cutoffs no more inactive items are kept than active ones (at least `INACTIVE`): in a large
    catalogue most rows are items that nobody touches, and they would take most of the time.

    Args:
        history: Labelled cutoffs, oldest first.
        late: Number of latest cutoffs.
    """
    latest = [_thinned(each) for each in history[len(history) - late :]]
    return (known_at(history, latest[0].cards.cutoff) if latest else list(history)), latest


def _thinned(example: Labelled) -> Labelled:
    """Returns an example with all active items and evenly spaced inactive ones."""
    known = active(example.cards)
    idle = np.flatnonzero(~known)
    most = max(int(known.sum()), INACTIVE)
    if len(idle) <= most:
        return example
    kept = idle[np.linspace(0, len(idle) - 1, most).astype(np.int64)]
    return example.take(np.sort(np.concatenate([np.flatnonzero(known), kept])))
