"""A weighted mean of several forecasters, whose errors partly cancel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Self, TypeAlias

import numpy as np

from trail.baselines.accuracy import mean_loss, relative_loss
from trail.baselines.boosted import LightGBMLog, LightGBMTweedie
from trail.baselines.formulas import Decayed
from trail.baselines.point import PointForecaster, split, spread_of
from trail.baselines.rises import Rises
from trail.baselines.surges import missed, shrunk
from trail.baselines.text import DIMS
from trail.engine import side_by_side
from trail.signals import Cards, Labelled, known_at

#: Latest cutoffs whose miss scales the next forecast.
LEVELLED = 3
#: Past copies are refitted at every so many of these cutoffs.
REFIT = 2
#: Past cutoffs, oldest first, each with the logs of the parts, shape (parts, items).
Past: TypeAlias = list[tuple[Labelled, np.ndarray]]
#: Weights, summing to 1 -> their loss at each past cutoff.
Losses: TypeAlias = Callable[[tuple[float, ...]], tuple[float, ...]]


def _two() -> tuple[PointForecaster, ...]:
    return LightGBMTweedie(), Decayed(options=(1.0,))


def _many() -> tuple[PointForecaster, ...]:
    trees = (LightGBMTweedie(), LightGBMLog(loss="l1"), LightGBMLog(loss="l2"))
    return *trees, Decayed(options=(0.5,)), Decayed(options=(1.0,))


@dataclass(frozen=True)
class Blend(PointForecaster):
    """Expects a weighted mean, on the scale of log(1 + count), of what its parts expect, at the level of late.

    Counts err by factors, so logs are averaged; a part that is far too high for once weighs less. Where the
    whole catalogue was lately missed in one direction (users who joined all at once, a crawl that thins out),
    the forecast is scaled by that factor; where rises were ranked better for it, they are lifted (`Rises`). All
    three are chosen on the latest cutoffs, forecast by parts that had learned only what was known there. References:
    Bates and Granger 1969; the weights by greedy selection with replacement, Caruana et al. 2004.

    Attributes:
        parts: What is blended; the first expects a mean where rises are lifted.
        label: Short name.
        picks: Parts picked after the first round, in which each is taken once: the more, the further the
            weights may move from equal ones. 0 keeps them equal.
        levelled: Whether the forecast is scaled.
        lifted: Whether the strongest rises may be lifted towards what the first part expects.
        weights: The weights in use, summing to 1; chosen by `fit`.
        shift: Log of the factor in use; measured by `fit`.
        rises: The lift in use; measured by `fit`.
    """

    parts: tuple[PointForecaster, ...] = field(default_factory=_two)
    label: str = "blend"
    picks: int = 2
    levelled: bool = False
    lifted: bool = False
    weights: tuple[float, ...] = ()
    shift: float = 0.0
    rises: Rises = field(default_factory=Rises)

    @property
    def name(self) -> str:
        """Short name."""
        return self.label

    def held_out(self, cutoffs: int) -> int:
        """Returns how many of the latest cutoffs weights and factor are chosen on: no more than any part holds out."""
        return min(part.held_out(cutoffs) for part in self.parts)

    def learn(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy with all parts learned on the history; weights, factor and lift on its latest cutoffs."""
        past = self._past(history)
        return self._chosen(history, past, _losses(past))

    def fit(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy learned on all of the history, with the spread of past copies on its latest cutoffs.

        Of these cutoffs each is forecast by weights chosen on the others: chosen on itself they would miss it by less
        than they will miss what is to come.
        """
        past = self._past(history)
        losses = _losses(past)
        levels = []
        for at, (example, logs) in enumerate(past):
            others = [each for each in range(len(past)) if each != at]
            weights = self._weights(losses, others)
            shift = self._shift(weights, past[:at])
            rises = self._rises(weights, shift, [past[each] for each in others])
            levels.append(rises(example.cards, *_levels(weights, shift, logs)))
        spread = spread_of(levels, [each for each, _ in past])
        return replace(self._chosen(history, past, losses), spread=spread)

    def level(self, cards: Cards) -> np.ndarray:
        """Returns the weighted mean of the parts at the level of late, rises lifted, shape (items,)."""
        weights = self.weights or (1 / len(self.parts),) * len(self.parts)
        logs = _logs(self.parts, cards)
        return self.rises(cards, *_levels(weights, self.shift, logs))

    def _past(self, history: Sequence[Labelled]) -> Past:
        """Returns the latest cutoffs, oldest first, with the parts' logs of them as they were forecast then."""
        late = split(history, self.held_out(len(history)))[1]
        known = [known_at(history, example.cards.cutoff) for example in late]
        told = [at for at, each in enumerate(known) if each]
        starts = [at for at in told if at == told[0] or at % REFIT == 0]
        calls = [partial(part.learn, known[at]) for at in starts for part in self.parts]
        learned = iter(side_by_side(calls))
        copies = {at: [next(learned) for _ in self.parts] for at in starts}
        latest = [max(each for each in starts if each <= at) for at in told]
        return [
            (late[at], _logs(copies[start], late[at].cards)) for at, start in zip(told, latest, strict=True)
        ]

    def _chosen(self, history: Sequence[Labelled], past: Past, losses: Losses) -> Self:
        """Returns a copy with all parts learned on the history; weights, factor and lift chosen on the past."""
        weights = self._weights(losses, range(len(past)))
        shift = self._shift(weights, past)
        rises = self._rises(weights, shift, past)
        parts = tuple(side_by_side([partial(part.learn, history) for part in self.parts]))
        return replace(self, parts=parts, weights=weights, shift=shift, rises=rises)

    def _weights(self, losses: Losses, kept: Sequence[int]) -> tuple[float, ...]:
        """Returns the weights with the least mean loss over some of the past cutoffs, equal ones over none."""

        def loss(weights: np.ndarray) -> float:
            of = losses(tuple(weights))
            return mean_loss([of[at] for at in kept])

        return picked(len(self.parts), self.picks if kept else 0, loss)

    def _shift(self, weights: Sequence[float], past: Past) -> float:
        """Returns the log of the factor that the latest of some past cutoffs ask for, forecast by some weights."""
        if not self.levelled:
            return 0.0
        return shrunk(np.array([missed(e.target, _mixed(weights, logs)) for e, logs in past[-LEVELLED:]]))

    def _rises(self, weights: Sequence[float], shift: float, past: Past) -> Rises:
        """Returns the lift that some past cutoffs ask for, forecast by some weights and a factor."""
        if not self.lifted:
            return Rises()
        return Rises.measure([(e, *_levels(weights, shift, logs)) for e, logs in past])


def stack() -> Blend:
    """Returns trees of three losses and decayed counts of two speeds, blended: the strongest of our priors."""
    return Blend(parts=_many(), label="stack", picks=5, levelled=True, lifted=True)


def stack_text() -> Blend:
    """Returns the stack with trees that also read the catalogue's texts, which help where counts are few and words many."""
    return replace(stack(), parts=(*_many(), LightGBMTweedie(text_dims=DIMS)), label="stack_text")


def picked(parts: int, picks: int, loss: Callable[[np.ndarray], float]) -> tuple[float, ...]:
    """Returns weights by greedy selection: each part once, then whichever lowers the loss most, again and again.

    Args:
        parts: Number of parts, 1 or more.
        picks: Parts picked after the first round at most; it ends where none lowers the loss.
        loss: Loss of weights that sum to 1, shape (parts,).
    """
    taken = np.ones(parts)
    least = loss(taken / parts)
    for _ in range(picks):
        tried = [taken + one for one in np.eye(parts)]
        losses = [loss(each / each.sum()) for each in tried]
        if not min(losses) < least:
            break
        least, taken = min(losses), tried[int(np.argmin(losses))]
    return tuple(float(each) for each in taken / taken.sum())


def _logs(parts: Sequence[PointForecaster], cards: Cards) -> np.ndarray:
    """Returns log(1 + count) of every part, shape (parts, items)."""
    return np.stack([np.log1p(part.expected(cards)) for part in parts])


def _mixed(weights: Sequence[float], logs: np.ndarray) -> np.ndarray:
    """Returns counts of shape (items,) from weights (parts,) and logs (parts, items)."""
    # a sum by parts, not a matrix product: the same bits whatever the number of items
    return np.asarray(np.expm1((np.array(weights)[:, None] * logs).sum(axis=0)))


def _levels(weights: Sequence[float], shift: float, logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns counts by the weighted mean of logs and by the first part alone, both at one level, each of shape (items,).

    Args:
        weights: Of the parts.
        shift: Log of the factor of the level.
        logs: Of the parts, shape (parts, items).
    """
    factor = np.exp(shift)
    return np.asarray(_mixed(weights, logs) * factor), np.asarray(np.expm1(logs[0]) * factor)


def _losses(past: Past) -> Losses:
    """Returns a call that says the loss of weights at each of the past cutoffs, and remembers what it said.

    Choices that leave one cutoff out try mostly the same weights: without memory they would cost as many times more
    as there are cutoffs.
    """

    @cache
    def losses(weights: tuple[float, ...]) -> tuple[float, ...]:
        levels = [(example, _mixed(weights, logs)) for example, logs in past]
        return tuple(relative_loss(example, level, level) for example, level in levels)

    return losses
