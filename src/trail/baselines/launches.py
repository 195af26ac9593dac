"""New items, forecast from metadata, calendar and the launches most like them; another forecaster has the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Self

import lightgbm
import numpy as np

from trail.baselines.accuracy import joint_loss, mean_loss
from trail.baselines.boosted import LightGBMTweedie
from trail.baselines.launched import Launched
from trail.baselines.point import PointForecaster, split
from trail.baselines.protocol import Forecast
from trail.baselines.scope import ABSTAINED, NEVER, is_new, state
from trail.baselines.spread import Spread
from trail.baselines.text import DIMS, TextBasis, fit_basis
from trail.baselines.trees import FEATURES, grown
from trail.errors import ModelError
from trail.signals import Cards, Labelled

#: Launches below which the base answers for new items too; new items held out below which their spread is not measured.
LEAST, LEAST_HELD_OUT = 50, 30
#: What may be averaged on the scale of log(1 + count): base, look-alikes, trees; the first of equals is chosen.
MIXES = tuple(each for size in (3, 2, 1) for each in combinations(range(3), size))
#: Cosines from which a look-alike may count as one; the first of equals is chosen.
FLOORS = (0.0, 0.2, 0.4, 0.6, 0.8)
#: Held-out cutoffs at most, as for trees.
HELD_OUT = 4
_SETTINGS = {
    "objective": "tweedie",
    "tweedie_variance_power": 1.3,
    "num_leaves": 15,
    "learning_rate": 0.05,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "min_data_in_leaf": 20,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


def _trees() -> LightGBMTweedie:
    return LightGBMTweedie(text_dims=DIMS)


@dataclass(frozen=True)
class Launches(PointForecaster):
    """Answers for items that never sold or did first within two windows; a base forecaster answers for the others.

    For a new item three say what to expect: the base, the mean of its nearest launches (nearest neighbours with a
    kernel, Nadaraya 1964, Watson 1964; texts embedded by latent semantic analysis), and trees grown on past launches only,
    which see every signal and the text. Which of them are averaged is chosen on held-out latest cutoffs, and so is
    the similarity below which an item without an event has no look-alike: it gets the base rate of such launches and
    their own range, and the column `forecaster` says `abstained`. Others' ranges are measured on new items
    alone. With fewer than 50 launches the base answers for all.

    Attributes:
        base: Forecaster of all items, whose expected count is what it ranks by.
        rounds: Trees, 1 or more.
        text_dims: Numbers of a text's embedding, 1 or more.
        seed: Seed of the sample of launches and of the trees on them; the base has its own.
        mix: Which of base, look-alikes and trees are averaged; chosen by `fit`.
        floor: Similarity below which an item has no look-alike; chosen by `fit`.
        launched: What is learned from; null before `fit` and where the base answers for all.
        basis: What texts are projected onto.
        booster: The trees.
    """

    base: PointForecaster = field(default_factory=_trees)
    rounds: int = 150
    text_dims: int = DIMS
    seed: int = 0
    mix: tuple[int, ...] = MIXES[0]
    floor: float = FLOORS[0]
    launched: Launched | None = field(default=None, repr=False, compare=False)
    basis: TextBasis | None = field(default=None, repr=False, compare=False)
    booster: lightgbm.Booster | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Short name."""
        return "launches"

    def held_out(self, cutoffs: int) -> int:
        """Returns how many of the latest cutoffs choices and spread rest on: no more than the base holds out."""
        return min(HELD_OUT, self.base.held_out(cutoffs))

    def learn(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy learned on all of the history, its choices made on the latest cutoffs, without a spread."""
        found = self.fit(history)
        return replace(found, base=self.base.learn(history), spread=Spread())

    def fit(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy learned on all of the history; choices and spread by one that had not seen the latest."""
        early, late = split(history, self.held_out(len(history)))
        ready = replace(self._learned(history), base=self.base.fit(history))
        past = self._learned(early) if early else self
        learned = past.launched
        if ready.launched is None or learned is None:
            return ready
        past = replace(past, base=self.base.learn(early))
        seen = [_new(example) for example in late]
        said = [past.parts(example.cards) for example in seen]
        mix = _least(
            MIXES,
            lambda each: mean_loss([_loss(e, _mixed(s, each)) for e, s in zip(seen, said, strict=True)]),
        )
        mixed = [_mixed(each, mix) for each in said]
        best = [past.alike(example.cards)[1] for example in seen]
        rate = learned.base_rate(NEVER)
        return replace(
            ready,
            mix=mix,
            floor=_floor(seen, mixed, best, rate),
            spread=_spread(mixed, [example.target for example in seen]),
        )

    def level(self, cards: Cards) -> np.ndarray:
        """Returns the expected count of every card, shape (items,).

        Raises:
            ModelError: If the base has to be fitted first and was not.
        """
        return self.predict(cards).expected

    def predict(self, cards: Cards) -> Forecast:
        """Returns the forecast of every card, in row order; the column `forecaster` says who made each."""
        found = self.base.predict(cards)
        rows = np.flatnonzero(is_new(cards))
        if self.launched is None or not len(rows):
            return replace(found, score=found.expected)
        new, kinds = cards.take(rows), state(cards)[rows]
        expected = _mixed(self.parts(new, found.expected[rows]), self.mix)
        shared = found.shared
        measured = bool(self.spread.levels)
        q10, q50, q90 = self.spread.quantiles(expected, shared=shared) if measured else self._ranges(kinds)
        names = np.full(len(rows), self.name, dtype=object)
        made = Forecast(expected, q10, q50, q90, expected, names, shared)
        made = _whole(self._abstaining(new, kinds, made).holding_expected())
        placed = found.placed(rows, made)
        return replace(placed, score=placed.expected)

    def parts(self, cards: Cards, base: np.ndarray | None = None) -> np.ndarray:
        """Returns what base, look-alikes and trees expect of new items, shape (3, items).

        Args:
            cards: The new items.
            base: What the base expects of them, shape (items,), where that is known already.
        """
        if self.launched is None or self.booster is None or self.basis is None:
            raise ModelError("no launches", where=self.name, fix="call fit first")
        said = self.base.expected(cards) if base is None else base
        if not len(cards):
            return np.zeros((3, 0))
        alike, _ = self.alike(cards)
        seen = np.hstack([cards.matrix(FEATURES), self.basis.embed(cards)])
        trees = np.maximum(self.booster.predict(seen, num_threads=1), 0.0)
        return np.stack([said, np.where(np.isnan(alike), said, alike), trees])

    def alike(self, cards: Cards) -> tuple[np.ndarray, np.ndarray]:
        """Returns what the nearest launches of new items did, and the cosine of the nearest, as `Launched.alike`."""
        if self.launched is None or self.basis is None:
            raise ModelError("no launches", where=self.name, fix="call fit first")
        known = self.launched.known_by(cards.cutoff)
        return known.alike(cards, self.basis.embed(cards), state(cards))

    def _learned(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy with the launches of a history and trees grown on them; without, if there are too few."""
        if not history:
            return replace(self, launched=None, basis=None, booster=None)
        basis = fit_basis(history[-1].cards, self.text_dims)
        launched = Launched.of(history, basis, seed=self.seed)
        if len(launched) < LEAST or not launched.count.any():
            return replace(self, launched=None, basis=None, booster=None)
        seen = np.hstack([launched.signals, launched.places])
        weight, sizes, settings = launched.weight, [len(launched)], _SETTINGS | {"seed": self.seed}
        booster = grown(seen, launched.count, sizes, settings, self.rounds, weight=weight)
        return replace(self, launched=launched, basis=basis, booster=booster)

    def _ranges(self, kinds: np.ndarray) -> np.ndarray:
        """Returns the ranges of the launches of some states, shape (3, items); zeros where there was none."""
        if self.launched is None:
            return np.zeros((3, len(kinds)))
        ranges = {int(kind): self.launched.range_of(int(kind)) for kind in np.unique(kinds)}
        return np.asarray(np.nan_to_num(np.array([ranges[int(kind)] for kind in kinds]).reshape(-1, 3).T))

    def _abstaining(self, cards: Cards, kinds: np.ndarray, made: Forecast) -> Forecast:
        """Returns a forecast with the base rate and its range where nothing is known of an item."""
        rate = self.launched.base_rate(NEVER) if self.launched else np.nan
        if np.isnan(rate):
            return made
        silent = silenced(kinds, self.alike(cards)[1], self.floor)
        low, middle, high = (
            np.where(silent, *each)
            for each in zip(self._ranges(kinds), (made.q10, made.q50, made.q90), strict=True)
        )
        expected = np.where(silent, rate, made.expected)
        names = np.where(silent, ABSTAINED, made.forecaster).astype(object)
        return Forecast(expected, low, middle, high, expected, names, made.shared)


def silenced(kinds: np.ndarray, best: np.ndarray, floor: float) -> np.ndarray:
    """Returns which items nothing is known of: no event, and no launch at least as similar as the floor; (items,).

    Args:
        kinds: States, shape (items,).
        best: Cosine of the nearest launch, 0 without one, shape (items,).
        floor: Least similarity of a look-alike.
    """
    return np.asarray((kinds == NEVER) & ((best < floor) | (best <= 0)))


def _whole(forecast: Forecast) -> Forecast:
    """Returns a forecast whose ranges reach outward to whole counts: between two of them lies no outcome to miss."""
    return replace(forecast, q10=np.floor(forecast.q10), q90=np.ceil(forecast.q90))


def _new(example: Labelled) -> Labelled:
    return example.take(np.flatnonzero(is_new(example.cards)))


def _mixed(parts: np.ndarray, mix: Sequence[int]) -> np.ndarray:
    """Returns the mean on the scale of log(1 + count) of some of the parts (3, items), shape (items,)."""
    return np.asarray(np.expm1(np.mean([np.log1p(parts[at]) for at in mix], axis=0)))


def _loss(example: Labelled, expected: np.ndarray) -> float:
    last = np.nan_to_num(example.cards.column("count_1"))
    return joint_loss(example.target, last, expected, expected)


def _least(options: Sequence[tuple[int, ...]], loss: Callable[[tuple[int, ...]], float]) -> tuple[int, ...]:
    return options[int(np.argmin([loss(each) for each in options]))]


def _floor(
    seen: Sequence[Labelled], mixed: Sequence[np.ndarray], best: Sequence[np.ndarray], rate: float
) -> float:
    """Returns the floor with the least Poisson deviance over held-out items that had never sold.

    Up to a constant the deviance is the mean of expected - count * log(expected), which the right mean makes least.
    """
    kinds = np.concatenate([state(example.cards) for example in seen])
    target, said, near = (np.concatenate(each) for each in ([e.target for e in seen], mixed, best))
    if np.isnan(rate) or not len(kinds):
        return FLOORS[0]

    def deviance(floor: float) -> float:
        answer = np.maximum(np.where(silenced(kinds, near, floor), rate, said), 1e-3)[kinds == NEVER]
        return float((answer - target[kinds == NEVER] * np.log(answer)).sum())

    return min(FLOORS, key=deviance)


def _spread(mixed: Sequence[np.ndarray], targets: Sequence[np.ndarray]) -> Spread:
    """Returns the spread of held-out new items; an empty one where there are too few to measure it."""
    enough = sum(len(each) for each in mixed) >= LEAST_HELD_OUT
    return Spread.measure(mixed, targets) if enough else Spread()
