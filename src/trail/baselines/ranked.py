"""Gradient-boosted trees that learn to rank, and the counts that belong to the places of their ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
from scipy.optimize import isotonic_regression

from trail.baselines.point import split
from trail.baselines.scope import active
from trail.baselines.spread import Spread
from trail.baselines.trees import TreeForecaster
from trail.signals import Cards, Labelled

#: Grades of a cutoff's highest count; grades are proportional to counts.
GRADES = 1_000


@dataclass(frozen=True)
class Calibration:
    """A rising map from standings to shares, linear between its knots and flat beyond them.

    Attributes:
        standings: Knots, ascending.
        shares: Count over the cutoff's `volume` at each knot, never falling, 0 or more.
    """

    standings: np.ndarray
    shares: np.ndarray

    @classmethod
    def measure(cls, standings: Sequence[np.ndarray], shares: Sequence[np.ndarray]) -> Self:
        """Returns the rising map with the least squared error on past standings and what followed.

        Reference: Barlow et al. 1972 (isotonic regression); Zadrozny and Elkan 2002 (as calibration).

        Args:
            standings: One array a cutoff, not all empty.
            shares: Counts over volumes, arrays of the same shapes.
        """
        known, which, sizes = np.unique(np.concatenate(standings), return_inverse=True, return_counts=True)
        means = np.bincount(which, np.concatenate(shares)) / sizes
        return cls(known, np.asarray(isotonic_regression(means, weights=sizes).x))

    def __call__(self, standings: np.ndarray) -> np.ndarray:
        """Returns the share that belongs to each standing, shape (items,)."""
        return np.asarray(np.interp(standings, self.standings, self.shares))


@dataclass(frozen=True)
class LambdaRank(TreeForecaster):
    """Trees that rank the items of a cutoff; the count comes from a rising map of the place in that ranking.

    Reference: Burges 2010 (LambdaMART). One group a cutoff. A count's grade is its share of the cutoff's
    highest count in thousandths, rounded up, and the gain of a grade is the grade itself: up to rounding
    that is the NDCG of this project, whose gains are counts and which no scale changes. The loss compares
    scores within a cutoff only, so that their level and scale mean nothing from one cutoff, or one ranker,
    to the next: an item's `standing` says its share of the cutoff's `volume`, so that its count depends on the
    catalogue beside it. The map is learned on held-out latest cutoffs by trees that had not seen them. It never falls,
    so that ranking by the count agrees with the score up to ties.

    Attributes:
        truncation: Positions from the top whose pairs count.
        calibration: The map; null before `fit`.
    """

    plain_name: ClassVar[str] = "lambdarank"
    truncation: int = 60
    calibration: Calibration | None = field(default=None, repr=False, compare=False)

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
        places, targets, volumes = self._past(history)
        return replace(self.grow(history), calibration=Calibration.measure(places, _over(targets, volumes)))

    def fit(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy learned on all of the history; each held-out cutoff's spread by a map of the others.

        Raises:
            ModelError: If the history is empty.
        """
        places, targets, volumes = self._past(history)
        shares = _over(targets, volumes)
        levels = [
            Calibration.measure(places[:at] + places[at + 1 :], shares[:at] + shares[at + 1 :])(places[at])
            * volumes[at]
            for at in range(len(places) if len(places) > 1 else 0)
        ]
        spread = Spread.measure(levels, targets[: len(levels)])
        return replace(self.grow(history), calibration=Calibration.measure(places, shares), spread=spread)

    def level(self, cards: Cards) -> np.ndarray:
        """Returns the count that belongs to each item's standing by the trees, shape (items,).

        Raises:
            ModelError: Before `fit`.
        """
        if self.calibration is None:
            return self.raw(cards)
        return self.calibration(self.standings(cards)) * volume(cards)

    def score(self, cards: Cards, expected: np.ndarray) -> np.ndarray:  # noqa: ARG002 - ranks by the trees
        """Returns what the trees say, shape (items,)."""
        return self.raw(cards)

    def standings(self, cards: Cards) -> np.ndarray:
        """Returns the `standing` of all cards of a cutoff, by what the trees say, shape (items,)."""
        return standing(self.raw(cards), active(cards))

    def _past(self, history: Sequence[Labelled]) -> tuple[list[np.ndarray], list[np.ndarray], list[float]]:
        """Returns standings, counts, volumes of held-out latest cutoffs; a history too short to split ranks itself."""
        early, late = split(history, self.held_out(len(history)))
        ranker, late = (self.grow(early), late) if late else (self.grow(history), list(history))
        cards = [example.cards for example in late]
        places, volumes = [ranker.standings(each) for each in cards], [volume(each) for each in cards]
        return places, [example.target for example in late], volumes


def graded(counts: np.ndarray) -> np.ndarray:
    """Returns whole grades proportional to counts: 0 for 0, `GRADES` for the highest, rounded up between."""
    return np.asarray(np.ceil(GRADES * counts / max(float(counts.max(initial=0.0)), np.finfo(float).tiny)))


def standing(scores: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Returns minus the number of active items that score higher, those that score the same counting half.

    The first of the active ones stands at -1/2. Shape (items,), rising with the score. Others are not counted, for
    their number hangs on how large a catalogue is and how it was thinned; where nothing is active all are.

    Args:
        scores: What ranks, shape (items,).
        known: Which items are active, shape (items,) of bool.
    """
    ordered = np.sort(scores[known] if known.any() else scores)
    sides = np.searchsorted(ordered, scores, "left") + np.searchsorted(ordered, scores, "right")
    return np.asarray(sides / 2 - len(ordered))


def volume(cards: Cards) -> float:
    """Returns the decayed count, half-life one window, of all active items of a cutoff together; 1 where it is less."""
    return max(float(np.nansum(cards.column("level_one")[active(cards)])), 1.0)


def _over(targets: Sequence[np.ndarray], volumes: Sequence[float]) -> list[np.ndarray]:
    return [target / each for target, each in zip(targets, volumes, strict=True)]
