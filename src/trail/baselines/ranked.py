"""Gradient-boosted trees that learn to rank, and the counts that belong to their scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
from scipy.optimize import isotonic_regression

from trail.baselines.point import split, spread_of
from trail.baselines.trees import TreeForecaster
from trail.signals import Cards, Labelled

#: Grades of a cutoff's highest count; grades are proportional to counts.
GRADES = 1_000


@dataclass(frozen=True)
class Calibration:
    """A rising map from scores to counts, linear between its knots and flat beyond them.

    Attributes:
        scores: Knots, ascending.
        counts: Count at each knot, never falling, 0 or more.
    """

    scores: np.ndarray
    counts: np.ndarray

    @classmethod
    def measure(cls, scores: Sequence[np.ndarray], targets: Sequence[np.ndarray]) -> Self:
        """Returns the rising map with the least squared error on past scores and what followed.

        Reference: Barlow et al. 1972 (isotonic regression); Zadrozny and Elkan 2002 (as calibration).

        Args:
            scores: One array a cutoff, not all empty.
            targets: Counts, arrays of the same shapes.
        """
        known, which, sizes = np.unique(np.concatenate(scores), return_inverse=True, return_counts=True)
        means = np.bincount(which, np.concatenate(targets)) / sizes
        return cls(known, np.asarray(isotonic_regression(means, weights=sizes).x))

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Returns the count that belongs to each score, shape (items,)."""
        return np.asarray(np.interp(scores, self.scores, self.counts))


@dataclass(frozen=True)
class LambdaRank(TreeForecaster):
    """Trees that rank the items of a cutoff; the count comes from a rising map of an earlier copy's score.

    Reference: Burges 2010 (LambdaMART). One group a cutoff. A count's grade is its share of the cutoff's
    highest count in thousandths, rounded up, and the gain of a grade is the grade itself: up to rounding
    that is the NDCG of this project, whose gains are counts and which no scale changes. The map is
    learned on held-out latest cutoffs by trees that had not seen them, and belongs to these trees: the loss compares
    scores within a cutoff only, and trees grown on more cutoffs score on another level and scale. So the trees of
    all the history rank, and those before the held-out cutoffs count; the two may disagree about neighbours.

    Pairs cost most of the time, so half as many trees as elsewhere take steps twice as large.

    Attributes:
        rounds: Trees, 1 or more.
        learning_rate: Shrinkage of each tree.
        truncation: Positions from the top whose pairs count.
        calibration: The map; null before `fit`.
        before: The copy whose scores are mapped, which had not seen the held-out cutoffs; null before `fit`.
    """

    plain_name: ClassVar[str] = "lambdarank"
    #: LightGBM compares no more rows of one query.
    most_of_one: ClassVar[int] = 10_000
    rounds: int = 200
    learning_rate: float = 0.06
    truncation: int = 60
    calibration: Calibration | None = field(default=None, repr=False, compare=False)
    before: LambdaRank | None = field(default=None, repr=False, compare=False)

    def objective(self) -> dict[str, Any]:
        """Returns LightGBM's parameters of the loss."""
        return {
            "objective": "lambdarank",
            "lambdarank_truncation_level": self.truncation,
            "label_gain": list(range(GRADES + 1)),
        }

    def labels(self, cards: Cards, target: np.ndarray) -> np.ndarray:  # noqa: ARG002 - grades are of the counts
        """Returns the grades of one cutoff's counts, 0 to `GRADES`, shape (rows,)."""
        return graded(target)

    def learn(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy with trees grown on the history and the map learned on its latest cutoffs.

        Raises:
            ModelError: If the history is empty.
        """
        before, scores, past = self._past(history)
        calibration = Calibration.measure(scores, [each.target for each in past])
        return replace(self.grow(history), calibration=calibration, before=before)

    def fit(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy learned on all of the history; each held-out cutoff's spread by a map of the others.

        Where fewer than two cutoffs are held out no spread is measured: the map, or the trees, had seen them.

        Raises:
            ModelError: If the history is empty.
        """
        before, scores, past = self._past(history)
        targets = [each.target for each in past]
        held = self.held_out(len(history))
        levels = [
            Calibration.measure(scores[:at] + scores[at + 1 :], targets[:at] + targets[at + 1 :])(scores[at])
            for at in range(held if held > 1 else 0)
        ]
        spread = spread_of(levels, past[: len(levels)])
        calibration = Calibration.measure(scores, targets)
        return replace(self.grow(history), calibration=calibration, before=before, spread=spread)

    def level(self, cards: Cards) -> np.ndarray:
        """Returns the count that belongs to the earlier trees' score, shape (items,).

        Raises:
            ModelError: Before `fit`.
        """
        if self.calibration is None or self.before is None:
            return self.raw(cards)
        return self.calibration(self.before.raw(cards))

    def score(self, cards: Cards, expected: np.ndarray) -> np.ndarray:  # noqa: ARG002 - ranks by the trees
        """Returns what the trees say, shape (items,)."""
        return self.raw(cards)

    def _past(self, history: Sequence[Labelled]) -> tuple[Self, list[np.ndarray], list[Labelled]]:
        """Returns an earlier copy, its scores of held-out latest cutoffs, and these.

        A history too short to split scores itself.
        """
        early, late = split(history, self.held_out(len(history)))
        before, late = (self.grow(early), late) if late else (self.grow(history), list(history))
        return before, [before.raw(each.cards) for each in late], late


def graded(counts: np.ndarray) -> np.ndarray:
    """Returns whole grades proportional to counts: 0 for 0, `GRADES` for the highest, rounded up between."""
    return np.asarray(np.ceil(GRADES * counts / max(float(counts.max(initial=0.0)), np.finfo(float).tiny)))
