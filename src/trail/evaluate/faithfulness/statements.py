"""Stated drivers held against the moves of the log: the forecaster's own, a liar's and a parrot's.

Three figures, each over the drivers as stated, by whoever states them:

- *right*: the share of items whose first driver, edited away, moved the forecast the stated way: down if it was
  said to have raised it. No move is not right.
- *ratio*: the size of that move over that of editing away a group that was not named; median over items, each
  with all of its unnamed groups.
- *own*: of two items with other drivers, whether their own drivers fit better than exchanged ones,
  `(m_a - m_b) . (s_a - s_b) > 0` with m the moves and s the stated signs; a tie counts half.

A liar states for each item what is true of another one, a parrot the commonest first driver for everyone. Items
at the top resemble each other (nearly all are raised by their level), so that both may often be *right*. *Own* takes
away what is true of all: a parrot gets 0.5 by definition, and a liar on average.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trail.evaluate.faithfulness.intervene import TESTED
from trail.evaluate.resampling import wilson
from trail.facts import Driver
from trail.signals import BY_NAME

#: Moves of the log of the expected count below this are rounding: a network's numbers have seven digits.
STILL = 1e-6
#: Shuffles over which a liar's figures are averaged.
SHUFFLES = 50


@dataclass(frozen=True)
class Statements:
    """What is said to have moved each forecast.

    Attributes:
        signs: 1 where a group is said to have raised the forecast, -1 lowered, 0 not named; shape (items, groups),
            columns as `TESTED`.
        first: Column of the first driver, shape (items,); -1 where there is none, or none that can be edited.
    """

    signs: np.ndarray
    first: np.ndarray

    @classmethod
    def of(cls, drivers: Sequence[Sequence[Driver]]) -> Statements:
        """Returns what drivers say, those of each item strongest first."""
        signs, first = np.zeros((len(drivers), len(TESTED))), np.full(len(drivers), -1)
        for row, named in enumerate(drivers):
            groups = [BY_NAME[each.signal].group for each in named]
            for group, each in zip(groups, named, strict=True):
                if group in TESTED:
                    signs[row, TESTED.index(group)] = np.sign(each.effect)
            if groups and groups[0] in TESTED:
                first[row] = TESTED.index(groups[0])
        return cls(signs, first)

    def exchanged(self, rows: np.ndarray) -> Statements:
        """Returns what is said of other items instead, shape (items,)."""
        return Statements(self.signs[rows], self.first[rows])

    def parrot(self) -> Statements:
        """Returns the commonest first driver with its sign, for every item that has a first driver."""
        told = np.flatnonzero(self.first >= 0)
        said = Counter((int(self.first[row]), float(self.signs[row, self.first[row]])) for row in told)
        signs, first = np.zeros_like(self.signs), np.full_like(self.first, -1)
        if said:
            (column, sign), _ = min(said.items(), key=lambda each: (-each[1], each[0]))
            signs[told, column], first[told] = sign, column
        return Statements(signs, first)


@dataclass(frozen=True)
class Score:
    """How well stated drivers stand up to the log.

    Attributes:
        who: `named`, `liar` or `parrot`.
        cases: Items whose first driver could be edited away.
        right: Share of them whose forecast moved the stated way; NaN without cases.
        low: Lower end of Wilson's 95% interval of it.
        high: Upper end.
        ratio: Move of the first driver over that of an unnamed group, median; infinite where unnamed ones move
            nothing, NaN without any.
        pairs: Pairs of items with other drivers.
        own: Share of them whose own drivers fit better than exchanged ones; 0.5 where all are told the same, NaN
            where fewer than two are told anything.
    """

    who: str
    cases: int
    right: float
    low: float
    high: float
    ratio: float
    pairs: int
    own: float


def scores(said: Statements, moves: np.ndarray, *, seed: int = 0) -> tuple[Score, Score, Score]:
    """Returns the scores of the stated drivers, of a liar and of a parrot.

    Args:
        said: What is stated.
        moves: What each group did by intervention, shape (items, groups), NaN where it could not be edited.
        seed: Seed of the liar's shuffles.
    """
    return (
        score("named", said, moves),
        _liar(said, moves, np.random.default_rng(seed)),
        score("parrot", said.parrot(), moves),
    )


def score(who: str, said: Statements, moves: np.ndarray) -> Score:
    """Returns the score of stated drivers.

    Args:
        who: Who states them.
        said: What is stated.
        moves: As for `scores`.
    """
    right, ratios = _cases(said, moves), _ratios(said, moves)
    wins, share = _wins(said, moves), _mean(right)
    many = len(right)
    return Score(who, many, share, *wilson(share, many), _median(*ratios), len(wins), _own(wins, said))


def _liar(said: Statements, moves: np.ndarray, rng: np.random.Generator) -> Score:
    """Returns the mean score of statements shuffled between items, so that nobody keeps their own."""
    told = np.flatnonzero((said.signs != 0).any(axis=1))
    if len(told) < 2:  # noqa: PLR2004 - nobody to take a statement from
        return score("liar", Statements.of([()] * len(moves)), moves)
    found, rights, wins, sizes = [], list[float](), list[float](), [np.zeros((2, 0))]
    for _ in range(SHUFFLES):
        order, rows = rng.permutation(told), np.arange(len(moves))
        rows[order] = np.roll(order, 1)
        lies = said.exchanged(rows)
        found.append(score("liar", lies, moves))
        rights += _cases(lies, moves).tolist()
        wins += _wins(lies, moves).tolist()
        sizes.append(np.stack(_ratios(lies, moves)))
    cases, share = round(np.mean([each.cases for each in found])), _mean(np.array(rights))
    low, high = wilson(share, cases)
    return replace(
        found[0],
        cases=cases,
        right=share,
        low=low,
        high=high,
        ratio=_median(*np.concatenate(sizes, axis=1)),
        pairs=round(np.mean([each.pairs for each in found])),
        own=_own(np.array(wins), said),
    )


def _cases(said: Statements, moves: np.ndarray) -> np.ndarray:
    """Returns whether the forecast moved the stated way, for each item whose first driver was edited, of 0 and 1."""
    rows = np.flatnonzero(said.first >= 0)
    stated = said.signs[rows, said.first[rows]] * moves[rows, said.first[rows]]
    return np.asarray(stated[np.isfinite(stated)] > STILL, dtype=np.float64)


def _ratios(said: Statements, moves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns first over unnamed moves and the weight of each: those of one item weigh one together."""
    sizes = np.where(np.abs(moves) > STILL, np.abs(moves), np.where(np.isnan(moves), np.nan, 0.0))
    values, weights = list[float](), list[float]()
    for row in np.flatnonzero(said.first >= 0):
        first = sizes[row, said.first[row]]
        others = sizes[row][(said.signs[row] == 0) & np.isfinite(sizes[row])]
        if np.isfinite(first) and len(others):
            values += [_over(first, other) for other in others]
            weights += [1 / len(others)] * len(others)
    return np.array(values), np.array(weights)


def _over(first: float, other: float) -> float:
    if other > 0:
        return float(first / other)
    return float("inf") if first > 0 else 1.0


def _wins(said: Statements, moves: np.ndarray) -> np.ndarray:
    """Returns 1, 0 or a half for a tie, for each pair of items with other drivers."""
    told = (said.signs != 0).any(axis=1)
    signs, found = said.signs[told], moves[told]
    known, filled = np.isfinite(found), np.nan_to_num(found)
    one, other = np.triu_indices(len(found), 1)
    apart = (signs[one] - signs[other]) * (known[one] & known[other])  # (pairs, groups)
    fit = ((filled[one] - filled[other]) * apart).sum(axis=1)[(apart != 0).any(axis=1)]
    return np.where(np.abs(fit) <= STILL, 0.5, (fit > 0).astype(np.float64))


def _own(wins: np.ndarray, said: Statements) -> float:
    """Returns the mean of wins; where all items are told the same, nothing is told apart: chance."""
    told = (said.signs != 0).any(axis=1).sum()
    return _mean(wins) if len(wins) or told < 2 else 0.5  # noqa: PLR2004 - a pair


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _median(values: np.ndarray, weights: np.ndarray) -> float:
    """Returns the weighted median, the lower one of two; NaN of none."""
    if not len(values):
        return float("nan")
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])
