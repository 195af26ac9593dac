"""Gradient-boosted trees on every signal, with a count loss."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import lightgbm
import numpy as np

from trail.baselines.point import PointForecaster
from trail.baselines.scope import active
from trail.errors import ModelError
from trail.signals import SIGNALS, Cards, Labelled

_FEATURES = tuple(signal.name for signal in SIGNALS)
#: Trees grown lately, by the hash of what they were grown on; 400 trees take about 3 MB.
_REMEMBERED = 24
_GROWN: OrderedDict[str, lightgbm.Booster] = OrderedDict()


@dataclass(frozen=True)
class LightGBMTweedie(PointForecaster):
    """Trees with the Tweedie loss, the count loss that won the M5 competition, on every signal.

    Reference: Ke et al. 2017 (LightGBM); Makridakis et al. 2022 (M5). Rows are the items active in the
    last eight windows and a sample of the others, at most `max_rows`: of each cutoff the highest levels
    first, the rest at random, a choice by what was known then, which leaves the estimate unbiased.

    Attributes:
        rounds: Trees, 1 or more.
        leaves: Leaves a tree, 2 or more.
        power: Tweedie variance power, between 1 (Poisson) and 2 (gamma).
        learning_rate: Shrinkage of each tree.
        max_rows: Training rows at most; bounds time and memory.
        others: Inactive items sampled at each cutoff, as a share of the active ones.
        threads: Worker threads; the trees do not depend on it. More than one helps on an idle machine only:
            beside other work the threads wait for each other, and two took ten times as long as one.
        seed: Seed of the sample and the trees.
        booster: The trees; null before `fit`.
    """

    rounds: int = 400
    leaves: int = 63
    power: float = 1.3
    learning_rate: float = 0.03
    max_rows: int = 60_000
    others: float = 0.2
    threads: int = 1
    seed: int = 0
    booster: lightgbm.Booster | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Short name."""
        return "lightgbm"

    def held_out(self, cutoffs: int) -> int:
        """Returns how many of the latest cutoffs measure the spread: four, or a third of a short history."""
        return min(4, cutoffs // 3)

    def learn(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy with trees grown on the history.

        Raises:
            ModelError: If the history is empty.
        """
        if not history:
            raise ModelError(
                "no cutoff whose outcome is known",
                expected="at least one to grow trees on",
                where=self.name,
                fix="use a longer log, or a forecaster that learns nothing",
            )
        budget, rng = max(self.max_rows // len(history), 1), np.random.default_rng(self.seed)
        chosen = [training_rows(example.cards, budget, self.others, rng) for example in history]
        pairs = list(zip(history, chosen, strict=True))
        features = np.concatenate([example.cards.take(rows).matrix(_FEATURES) for example, rows in pairs])
        target = np.concatenate([example.target[rows] for example, rows in pairs])
        return replace(self, booster=_grown(features, target, self._settings(), self.rounds))

    def _settings(self) -> dict[str, Any]:
        return {
            "objective": "tweedie",
            "tweedie_variance_power": self.power,
            "num_leaves": self.leaves,
            "learning_rate": self.learning_rate,
            "num_threads": self.threads,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }

    def level(self, cards: Cards) -> np.ndarray:
        """Returns the trees' expected count, shape (items,).

        Raises:
            ModelError: Before `fit`.
        """
        if self.booster is None:
            raise ModelError("trees that were never grown", where=self.name, fix="call fit first")
        if not len(cards):
            return np.zeros(0)
        # rows are independent: unlike growing, predicting loses nothing to other work on the same cores
        return np.asarray(self.booster.predict(cards.matrix(_FEATURES), num_threads=os.cpu_count() or 1))


def _grown(
    features: np.ndarray, target: np.ndarray, settings: dict[str, Any], rounds: int
) -> lightgbm.Booster:
    """Returns trees grown on rows; the same rows and settings, asked for lately, are not grown again.

    The choice of a prior asks for the same trees up to six times: as a part of the blend, and as the past
    of a later origin. Growing is deterministic, so remembering changes no number.

    Args:
        features: Shape (rows, signals).
        target: Shape (rows,).
        settings: Of the trees.
        rounds: Trees.
    """
    digest = hashlib.sha256(repr((sorted(settings.items()), rounds, features.shape)).encode())
    digest.update(np.ascontiguousarray(features).data)
    digest.update(np.ascontiguousarray(target).data)
    key = digest.hexdigest()
    if key not in _GROWN:
        data = lightgbm.Dataset(features, target, feature_name=list(_FEATURES), params={"verbosity": -1})
        _GROWN[key] = lightgbm.train(settings, data, num_boost_round=rounds)
    _GROWN.move_to_end(key)
    while len(_GROWN) > _REMEMBERED:
        _GROWN.popitem(last=False)
    return _GROWN[key]


def training_rows(cards: Cards, budget: int, others: float, rng: np.random.Generator) -> np.ndarray:
    """Returns the rows of a cutoff to learn from, ascending, at most `budget`.

    Half of the budget goes to the active items with the highest counts of the last windows, which decide
    the ranking; a sample of the other active items and of the inactive ones shares the rest.

    Args:
        cards: The cards of one cutoff.
        budget: Rows at most, 1 or more.
        others: Inactive items to sample, as a share of the active ones.
        rng: Source of the sample.
    """
    known = active(cards)
    level = np.where(known, np.nan_to_num(cards.column("level_three")), -1.0)
    ranked = np.argsort(-level, kind="stable")[: int(known.sum())]
    inactive = np.flatnonzero(~known)
    asleep = min(len(inactive), max(1, int(others * len(ranked))), budget // 4)
    awake = min(len(ranked), budget - asleep)
    top = awake if awake == len(ranked) else awake // 2
    sampled = rng.choice(ranked[top:], awake - top, replace=False)
    return np.sort(
        np.concatenate([ranked[:top], sampled, rng.choice(inactive, asleep, replace=False)])
    ).astype(np.int64)
