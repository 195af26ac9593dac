"""The surrogate: masked texts as numbers, and two penalised logistic regressions on them.

A linear model, because a few hundred texts are all there is and its answer is unique: no seed, no early stopping, one penalty
for every source of texts, nothing chosen by a result. Trees need more rows to follow a level smoothly, and n-grams alone
cannot read a number. What it sees of a text: what each claim states, by our own reader, and the words of each claim and in
front of it ("held back by this").

Shapes: N texts, D features.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from trail.evaluate.simulate.masking import Masked
from trail.facts import Claim

#: Words in fewer training texts are left out.
_LEAST = 3
#: Weight of half the squared coefficients beside a loss a text.
_PENALTY = 1.0
_SIGNS = {"up": 1.0, "down": -1.0, "not up": -1.0, "not down": 1.0}


@dataclass(frozen=True)
class Encoder:
    """Masked texts -> features, as learned from training texts.

    Attributes:
        quantities: What claims may state, with the mean and the spread of what they state.
        words: Words and pairs of neighbouring words.
    """

    quantities: dict[str, tuple[float, float]]
    words: dict[str, int]

    @classmethod
    def fit(cls, texts: Sequence[Masked]) -> Self:
        """Learns which quantities and words there are, and the scale of each quantity."""
        stated: dict[str, list[float]] = {}
        for text in texts:
            for name, value in quantities(text).items():
                stated.setdefault(name, []).append(value)
        counts = Counter(word for text in texts for word in words(text))
        often = sorted(word for word, times in counts.items() if times >= _LEAST)
        scales = {
            name: (float(np.mean(found)), float(np.std(found)) or 1.0)
            for name, found in sorted(stated.items())
        }
        return cls(scales, {word: at for at, word in enumerate(often)})

    def __call__(self, texts: Sequence[Masked]) -> np.ndarray:
        """Returns features, shape (N, D): of each quantity its standardised value and whether it is stated; words.

        A quantity that is not stated has the value 0, the mean of the training texts.
        """
        found = np.zeros((len(texts), 2 * len(self.quantities) + len(self.words)))
        at = {name: 2 * place for place, name in enumerate(self.quantities)}
        for row, text in enumerate(texts):
            for name, value in quantities(text).items():
                if name in at:
                    mean, spread = self.quantities[name]
                    found[row, at[name] : at[name] + 2] = (value - mean) / spread, 1.0
            for word in words(text):
                if word in self.words:
                    found[row, 2 * len(self.quantities) + self.words[word]] = 1.0
        return found


def quantities(text: Masked) -> dict[str, float]:
    """Returns what a text states, by kind and signal: numbers as sign(x) log(1 + |x|), directions as 1, 0 or -1."""
    return {f"{each.kind} {each.signal} {each.other}".strip(): _stated(each) for each in text.claims}


def _stated(claim: Claim) -> float:
    if isinstance(claim.stated, str) or claim.stated is None:
        return _SIGNS.get(claim.relation, 0.0)
    return float(np.sign(claim.stated) * np.log1p(abs(claim.stated)))


def words(text: Masked) -> set[str]:
    """Returns the words of a text's claims and their pairs of neighbouring words; numbers are none."""
    pairs = {f"{one} {other}" for claim in text.words for one, other in pairwise(claim)}
    return {word for claim in text.words for word in claim} | pairs


def learn_order(features: np.ndarray, height: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Returns coefficients whose scores order texts as their heights, shape (D,).

    Logistic loss of every pair of texts of one group, a text's worth each: the linear pairwise model of Bradley and Terry
    1952.

    Args:
        features: Of the texts, shape (N, D).
        height: What is to be ordered by, shape (N,).
        group: Texts are compared within groups, shape (N,).
    """
    higher = (group[:, None] == group) & (height[:, None] > height)  # (N, N)
    share = len(features) / max(1, higher.sum())

    def loss(scores: np.ndarray) -> tuple[float, np.ndarray]:
        gap = scores[:, None] - scores
        missed = np.where(higher, expit(-gap), 0.0)
        value = np.where(higher, np.logaddexp(0, -gap), 0.0).sum()
        return share * float(value), share * (missed.sum(axis=0) - missed.sum(axis=1))

    return _least(features, loss)


def learn_side(features: np.ndarray, side: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Returns coefficients whose scores have the sign of `side`, shape (D + 1,), the constant last.

    Args:
        features: Of the texts, shape (N, D).
        side: What is to be told, 1 or -1, shape (N,).
        weight: Weight of each text, 0 where it has no side, shape (N,).
    """

    def loss(scores: np.ndarray) -> tuple[float, np.ndarray]:
        missed = weight * expit(-side * scores)
        return float((weight * np.logaddexp(0, -side * scores)).sum()), -side * missed

    return _least(_with_constant(features), loss, free=1)


def sides(features: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Returns the scores of texts by coefficients of `learn_side`, shape (N,)."""
    return np.asarray(_with_constant(features) @ coefficients)


def _with_constant(features: np.ndarray) -> np.ndarray:
    return np.column_stack([features, np.ones(len(features))])


def _least(
    features: np.ndarray, loss: Callable[[np.ndarray], tuple[float, np.ndarray]], free: int = 0
) -> np.ndarray:
    """Minimises a convex loss of linear scores; the last `free` coefficients are not penalised."""
    size = features.shape[1]
    if not size:  # texts that state nothing
        return np.zeros(0)
    penalty = np.where(np.arange(size) < size - free, _PENALTY, 0.0)

    def total(coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = loss(features @ coefficients)
        shrunk = penalty * coefficients
        return value + float(shrunk @ coefficients) / 2, features.T @ slope + shrunk

    return np.asarray(minimize(total, np.zeros(size), jac=True, method="L-BFGS-B", tol=1e-9).x)
