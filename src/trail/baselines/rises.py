"""Items about to rise: where the mean of logs, which is nearest to most counts, expects too little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from trail.baselines.accuracy import ndcg
from trail.baselines.scope import active
from trail.signals import Cards, Labelled

#: How many items, about, count as the strongest rises of a catalogue, and which part of a small one's active items at most.
STRONGEST, PART = 100, 0.1


@dataclass(frozen=True)
class Rises:
    """Lifts the items that a mean expects to rise most, halfway from the mean of logs to that mean, and lowers none.

    Counts of what is about to rise are skewed: many come to little, some to very much. The mean of their logs, or a
    median, is nearest to most of them and low on average, so it ranks rises badly; a mean taken for every item
    would cost error everywhere else. Whether an item is lifted depends on its own card alone.

    Attributes:
        least: Rise over the last window, in counts, from which an item is lifted; infinity where none is.
    """

    least: float = np.inf

    @classmethod
    def measure(cls, past: Sequence[tuple[Labelled, np.ndarray, np.ndarray]]) -> Self:
        """Returns the lift that past cutoffs ask for: none, unless it ranked their rises better.

        Args:
            past: Cutoffs with their outcomes, each with the level that was forecast and the mean, both of shape
                (items,); neither knew the outcome.
        """
        strongest = [_strongest(example.cards, mean) for example, _, mean in past]
        lift = cls(max(float(np.median(strongest)), 0.0)) if strongest else cls()
        gains = [
            _found(example, lift(example.cards, level, mean)) - _found(example, level)
            for example, level, mean in past
        ]
        known = [gain for gain in gains if not np.isnan(gain)]
        return lift if known and float(np.mean(known)) > 0 else cls()

    def __call__(self, cards: Cards, level: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """Returns the level with the rises lifted, shape (items,).

        Args:
            cards: The cards of one cutoff.
            level: Expected counts by the mean of logs, shape (items,).
            mean: Expected counts by a mean, shape (items,).
        """
        halfway = np.sqrt((1 + level) * (1 + np.maximum(mean, level))) - 1
        return np.where(mean - _last(cards) > self.least, halfway, level)


def _last(cards: Cards) -> np.ndarray:
    return np.asarray(np.nan_to_num(cards.column("count_1")))


def _strongest(cards: Cards, mean: np.ndarray) -> float:
    """Returns the rise of the item that is just beyond the strongest of a catalogue; 0 without active items."""
    rises = np.sort((mean - _last(cards))[active(cards)])[::-1]
    return float(rises[min(STRONGEST, int(PART * len(rises)))]) if len(rises) else 0.0


def _found(example: Labelled, level: np.ndarray) -> float:
    """Returns the NDCG of growth over active items; NaN where nothing rose."""
    rows, last = active(example.cards), _last(example.cards)
    return ndcg(np.maximum(example.target - last, 0)[rows], (level - last)[rows])
