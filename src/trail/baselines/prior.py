"""Which forecaster becomes the prior, and what it would have said in the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from trail.baselines.accuracy import mean_loss, ndcg, relative_loss, wape
from trail.baselines.formulas import Decayed
from trail.baselines.protocol import Forecast, Forecaster
from trail.baselines.scope import active
from trail.errors import ConfigError, DataError
from trail.signals import Labelled, known_at

#: Cutoffs with known outcomes that a forecaster needs before its out-of-fold forecasts are used.
LEAST_HISTORY = 6


@dataclass(frozen=True)
class Trial:
    """One candidate at one validation origin, refitted before it; over active items.

    Attributes:
        forecaster: Name of the candidate.
        cutoff: The origin.
        ndcg: NDCG@50 of counts.
        wape: Weighted absolute percentage error.
        loss: `relative_loss`: mean of 1 - NDCG@50 and WAPE, each over that of the last window.
    """

    forecaster: str
    cutoff: datetime
    ndcg: float
    wape: float
    loss: float


@dataclass(frozen=True)
class Choice:
    """The forecaster chosen on validation origins, and how every candidate did.

    Attributes:
        forecaster: The chosen one, fitted on the whole history.
        losses: Name of each candidate -> mean loss over the origins; 1 is the last window, lower is better.
        trials: One row a candidate and origin.
    """

    forecaster: Forecaster
    losses: dict[str, float]
    trials: tuple[Trial, ...]


@dataclass(frozen=True)
class Fold:
    """What was said of a past cutoff by a forecaster that knew only what was known there.

    Attributes:
        forecaster: The forecaster, fitted on that.
        forecast: Its forecast of every card of the cutoff.
    """

    forecaster: Forecaster
    forecast: Forecast


def fit_at(forecaster: Forecaster, history: Sequence[Labelled], example: Labelled) -> Fold:
    """Returns what a forecaster fitted on what was known at an example's cutoff says of it."""
    fitted = forecaster.fit(known_at(history, example.cards.cutoff))
    return Fold(fitted, fitted.predict(example.cards))


def try_at(forecaster: Forecaster, history: Sequence[Labelled], example: Labelled) -> Trial:
    """Returns how a forecaster does on an example after a fit on what was known at its cutoff."""
    cutoff, rows = example.cards.cutoff, active(example.cards)
    found = fit_at(forecaster, history, example).forecast
    return Trial(
        forecaster.name,
        cutoff,
        ndcg(example.target[rows], found.score[rows]),
        wape(example.target[rows], found.expected[rows]),
        relative_loss(example, found.expected, found.score),
    )


def choose_prior(
    candidates: Sequence[Forecaster], history: Sequence[Labelled], *, origins: int = 4
) -> Choice:
    """Chooses the last candidate whose mean `relative_loss` on the latest cutoffs is within one standard error of the least.

    Every candidate is refitted before each of these origins on what was known by then; the chosen one is then fitted
    on everything. A few origins cannot tell near equals apart, so among these the one that is trusted more wins: the one
    standard error rule of Breiman et al., Classification and Regression Trees, 1984, with trust in place of simplicity.

    Args:
        candidates: Unfitted forecasters with different names, the most trusted last.
        history: Labelled cutoffs before the first test origin.
        origins: Latest cutoffs to validate on, 1 or more.

    Raises:
        ConfigError: If there is no candidate, or two share a name.
        DataError: If the history has no cutoff left to learn from before the first origin.
    """
    names = [candidate.name for candidate in candidates]
    if not names or len(set(names)) < len(names):
        raise ConfigError(f"the candidates {names}", expected="at least one, with different names")
    ordered = sorted(history, key=lambda each: each.cards.cutoff)
    late = ordered[-origins:]
    if not late or not known_at(ordered, late[0].cards.cutoff):
        raise DataError(
            f"{len(ordered)} labelled cutoffs",
            expected=f"more than {origins}, to learn from some and choose on {origins}",
            fix="use a longer log or fewer validation origins",
        )
    trials = [try_at(candidate, ordered, example) for candidate in candidates for example in late]
    tried = {name: np.array([t.loss for t in trials if t.forecaster == name]) for name in names}
    losses = {name: mean_loss(of.tolist()) for name, of in tried.items()}
    best = min(names, key=losses.__getitem__)
    near = [
        each
        for each in candidates
        if losses[each.name] <= losses[best] + _error(tried[each.name] - tried[best])
    ]
    return Choice(near[-1].fit(ordered), losses, tuple(trials))


def out_of_fold(forecaster: Forecaster, history: Sequence[Labelled], *, blocks: int = 6) -> list[Fold]:
    """Forecasts every labelled cutoff by a copy that knew only what was known at that cutoff.

    The cutoffs are cut into consecutive blocks, and the forecaster is refitted at the start of each, so
    that the cost is `blocks` fits. Where fewer than six outcomes were known, decayed counts with a
    half-life of one window answer, which learn nothing; the column `forecaster` says so.

    Args:
        forecaster: What to fit.
        history: Labelled cutoffs, in any order.
        blocks: Refits at most, 1 or more.

    Returns:
        One fold a labelled cutoff, in the order of `history`.
    """
    order = sorted(range(len(history)), key=lambda each: history[each].cards.cutoff)
    found: dict[int, Fold] = {}
    learned = [i for i in order if _known(history, i) >= LEAST_HISTORY]
    for at in order[: len(order) - len(learned)]:
        plain = Decayed(options=(1.0,)).fit(known_at(history, history[at].cards.cutoff))
        found[at] = Fold(plain, plain.predict(history[at].cards))
    for block in np.array_split(np.array(learned, dtype=np.int64), min(blocks, max(len(learned), 1))):
        if len(block):
            fitted = forecaster.fit(known_at(history, history[block[0]].cards.cutoff))
            found |= {int(at): Fold(fitted, fitted.predict(history[at].cards)) for at in block}
    return [found[at] for at in range(len(history))]


def _error(differences: np.ndarray) -> float:
    """Returns the standard error of the mean of differences, those that are no numbers left out; 0 of fewer than two."""
    known = differences[np.isfinite(differences)]
    return float(known.std(ddof=1) / np.sqrt(len(known))) if len(known) > 1 else 0.0


def _known(history: Sequence[Labelled], at: int) -> int:
    return len(known_at(history, history[at].cards.cutoff))
