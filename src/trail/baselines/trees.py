"""What the forecasters on gradient-boosted trees share: features, training rows, growing, remembering."""

from __future__ import annotations

import hashlib
import os
import sys
from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, ClassVar, Self

import lightgbm
import numpy as np

from trail.baselines.point import PointForecaster
from trail.baselines.scope import active
from trail.baselines.text import TextBasis, fit_basis
from trail.errors import ModelError
from trail.signals import SIGNALS, Cards, Labelled, every

FEATURES = tuple(signal.name for signal in SIGNALS)
#: Trees grown lately, by the hash of what they were grown on; 400 trees take about 3 MB.
_REMEMBERED = 64
_GROWN: OrderedDict[str, lightgbm.Booster] = OrderedDict()
_GROWING = Lock()


@dataclass(frozen=True)
class TreeForecaster(PointForecaster):
    """Trees on every signal, and on the embeddings of the catalogue's texts where asked.

    Reference: Ke et al. 2017 (LightGBM). Rows are the items active in the last eight windows and a sample of
    the others, at most `max_rows`: of each cutoff the highest levels first, the rest at random, a choice by
    what was known then, which leaves the estimate unbiased. Cutoffs between those a horizon apart are learned from
    too, where the history has them, and twice the rows are taken then.

    Attributes:
        rounds: Trees, 1 or more.
        leaves: Leaves a tree, 2 or more.
        learning_rate: Shrinkage of each tree.
        max_rows: Training rows at most; bounds time and memory.
        others: Inactive items sampled at each cutoff, as a share of the active ones.
        threads: Worker threads; the trees do not depend on it. More than one helps on an idle machine only:
            beside other work the threads wait for each other, and two took ten times as long as one.
        seed: Seed of the sample and the trees.
        text_dims: Numbers of an item's embedding that join the signals; 0 for none.
        basis: What texts are projected onto, made from the latest catalogue of the history; null before
            `fit` and without texts.
        booster: The trees; null before `fit`.
    """

    plain_name: ClassVar[str]
    #: Rows of one cutoff at most, where the loss has a limit.
    most_of_one: ClassVar[int] = sys.maxsize
    rounds: int = 400
    leaves: int = 63
    learning_rate: float = 0.03
    max_rows: int = 60_000
    others: float = 0.2
    threads: int = 1
    seed: int = 0
    text_dims: int = 0
    basis: TextBasis | None = field(default=None, repr=False, compare=False)
    booster: lightgbm.Booster | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Short name."""
        return self.plain_name + "_text" * bool(self.text_dims)

    @abstractmethod
    def objective(self) -> dict[str, Any]:
        """Returns what the trees are grown for, as LightGBM's parameters."""

    def labels(self, cards: Cards, target: np.ndarray) -> np.ndarray:  # noqa: ARG002 - some learn a change
        """Returns what the trees learn of one cutoff's cards and counts, shape (rows,): the counts."""
        return target

    def held_out(self, cutoffs: int) -> int:
        """Returns how many of the latest cutoffs measure the spread: four, or a third of a short history."""
        return min(4, cutoffs // 3)

    def lessons(self, examples: list[Labelled]) -> list[Labelled]:
        """Returns what of all examples, oldest first, the trees learn from: everything."""
        return examples

    def learn(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy with trees grown on the history.

        Raises:
            ModelError: If the history is empty.
        """
        return self.grow(history)

    def grow(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy with trees grown on the history, oldest first.

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
        basis = fit_basis(history[-1].cards, self.text_dims) if self.text_dims else None
        ready = replace(self, basis=basis)
        there = every(history)
        examples, rows = self.lessons(there), self.max_rows * (2 if len(there) > len(history) else 1)
        budget = min(max(rows // len(examples), 1), self.most_of_one)
        rng = np.random.default_rng(self.seed)
        chosen = [training_rows(example.cards, budget, self.others, rng) for example in examples]
        pairs = list(zip(examples, chosen, strict=True))
        features = np.concatenate([ready.features(example.cards, rows) for example, rows in pairs])
        labels = np.concatenate(
            [self.labels(example.cards.take(rows), example.target[rows]) for example, rows in pairs]
        )
        sizes = [len(rows) for rows in chosen]
        return replace(ready, booster=grown(features, labels, sizes, self._settings(), self.rounds))

    def features(self, cards: Cards, rows: np.ndarray) -> np.ndarray:
        """Returns what the trees see of some rows, shape (rows, signals + text_dims).

        Texts are embedded for the whole catalogue, which is remembered from one cutoff to the next.
        """
        signals = cards.take(rows).matrix(FEATURES)
        return signals if self.basis is None else np.hstack([signals, self.basis.embed(cards)[rows]])

    def raw(self, cards: Cards) -> np.ndarray:
        """Returns what the trees say of every card, shape (items,).

        Raises:
            ModelError: Before `fit`.
        """
        if self.booster is None:
            raise ModelError("trees that were never grown", where=self.name, fix="call fit first")
        if not len(cards):
            return np.zeros(0)
        seen = self.features(cards, np.arange(len(cards)))
        # rows are independent: unlike growing, predicting loses nothing to other work on the same cores
        return np.asarray(self.booster.predict(seen, num_threads=os.cpu_count() or 1))

    def _settings(self) -> dict[str, Any]:
        return self.objective() | {
            "num_leaves": self.leaves,
            "learning_rate": self.learning_rate,
            "num_threads": self.threads,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }


def grown(
    features: np.ndarray,
    labels: np.ndarray,
    sizes: Sequence[int],
    settings: dict[str, Any],
    rounds: int,
    *,
    weight: np.ndarray | None = None,
) -> lightgbm.Booster:
    """Returns trees grown on rows; the same rows and settings, asked for lately, are not grown again.

    The choice of a prior asks for the same trees up to six times: as a part of the blend, and as the past
    of a later origin. Growing is deterministic, so remembering changes no number.

    Args:
        features: Shape (rows, features), the signals first.
        labels: Shape (rows,).
        sizes: Rows of each cutoff, in order; a ranking loss compares within these.
        settings: Of the trees.
        rounds: Trees.
        weight: How many rows each stands for, shape (rows,); 1 by default.
    """
    digest = hashlib.sha256(repr((sorted(settings.items()), rounds, features.shape, list(sizes))).encode())
    digest.update(np.ascontiguousarray(features).data)
    digest.update(np.ascontiguousarray(labels).data)
    if weight is not None:
        digest.update(np.ascontiguousarray(weight).data)
    key = digest.hexdigest()
    trees = _GROWN.get(key)
    if trees is None:
        if not labels.any():  # nothing happened: zero by any loss, which losses on logs refuse to learn
            settings = settings | {"objective": "l2"}
        names = [*FEATURES, *(f"text_{at}" for at in range(features.shape[1] - len(FEATURES)))]
        group = sizes if settings["objective"] == "lambdarank" else None
        data = lightgbm.Dataset(
            features, labels, weight=weight, group=group, feature_name=names, params={"verbosity": -1}
        )
        trees = lightgbm.train(settings, data, num_boost_round=rounds)
    with _GROWING:
        _GROWN[key] = trees
        _GROWN.move_to_end(key)
        while len(_GROWN) > _REMEMBERED:
            _GROWN.popitem(last=False)
    return trees


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
