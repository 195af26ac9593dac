"""The suite that every forecaster must pass, shipped so that yours can be held to it.

from trail.baselines.conformance import CHECKS
from trail.baselines.sample import sample_history

@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_conforms(check):
    check(MyForecaster(), sample_history())
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from trail.baselines.checks import problems
from trail.baselines.protocol import Forecast, Forecaster
from trail.errors import ModelError
from trail.signals import Labelled

_NUMBERS = ("expected", "q10", "q50", "q90", "score")
Check = Callable[[Forecaster, Sequence[Labelled]], None]


def _need(holds: bool, found: str, forecaster: Forecaster, fix: str) -> None:
    if not holds:
        raise ModelError(found, where=f"the forecaster {forecaster.name!r}", fix=fix)


def _same(one: Forecast, other: Forecast, tolerance: float = 0.0) -> bool:
    pairs = [(getattr(one, name), getattr(other, name)) for name in _NUMBERS]
    return len(one) == len(other) and all(np.allclose(a, b, rtol=tolerance, atol=tolerance) for a, b in pairs)


def _fitted(forecaster: Forecaster, history: Sequence[Labelled]) -> Forecaster:
    return forecaster.fit(history[:-1])


def follows_protocol(forecaster: Forecaster, history: Sequence[Labelled]) -> None:
    """Checks that `name`, `fit` and `predict` exist and that the name survives the fit."""
    _need(isinstance(forecaster, Forecaster), "a missing name, fit or predict", forecaster, "add it")
    fitted = _fitted(forecaster, history)
    _need(bool(forecaster.name), "an empty name", forecaster, "name it")
    _need(fitted.name == forecaster.name, f"the name {fitted.name!r} after fit", forecaster, "keep it")


def fit_returns_a_copy(forecaster: Forecaster, history: Sequence[Labelled]) -> None:
    """Checks that `fit` leaves the original as it was: fitted elsewhere in between, it fits the same."""
    cards = history[-1].cards
    before = _fitted(forecaster, history).predict(cards)
    shorter = forecaster.fit(history[: len(history) // 2])
    _need(shorter is not forecaster, "fit returns itself", forecaster, "return a fitted copy")
    again = _fitted(forecaster, history).predict(cards)
    _need(_same(before, again), "a second fit differs from the first", forecaster, "keep no state in fit")


def leaves_examples_alone(forecaster: Forecaster, history: Sequence[Labelled]) -> None:
    """Checks that neither fit nor predict writes into the examples."""
    targets = [example.target.copy() for example in history]
    tables = [example.cards.table for example in history]
    _fitted(forecaster, history).predict(history[-1].cards)
    kept = all(np.array_equal(a, e.target) for a, e in zip(targets, history, strict=True))
    kept = kept and all(t.equals(e.cards.table) for t, e in zip(tables, history, strict=True))
    _need(kept, "examples changed by fit or predict", forecaster, "copy before writing")


def forecasts_every_card(forecaster: Forecaster, history: Sequence[Labelled]) -> None:
    """Checks length, finite numbers, no negative count, ordered quantiles; items without history included."""
    cards = history[-1].cards
    silent = np.flatnonzero(np.isnan(cards.column("age")))
    _need(len(silent) > 0, "no item without history to try", forecaster, "use a history that has one")
    fitted = _fitted(forecaster, history)
    for rows in (np.arange(len(cards)), silent, silent[:0]):
        here = cards.take(rows)
        wrong = problems(fitted.predict(here), here)
        _need(not wrong, "; ".join(wrong), forecaster, "give every card a finite, ordered forecast")


def predicts_the_same_twice(forecaster: Forecaster, history: Sequence[Labelled]) -> None:
    """Checks that predict has no memory and no unseeded chance."""
    fitted = _fitted(forecaster, history)
    first = fitted.predict(history[-1].cards)
    fitted.predict(history[0].cards)
    _need(
        _same(first, fitted.predict(history[-1].cards)), "two answers to one question", forecaster, "seed it"
    )


def ignores_batches(forecaster: Forecaster, history: Sequence[Labelled]) -> None:
    """Checks that a card's forecast does not depend on which other cards are asked about."""
    cards, fitted = history[-1].cards, _fitted(forecaster, history)
    rows = np.random.default_rng(0).permutation(len(cards))[: len(cards) // 2]
    whole, part = fitted.predict(cards).take(rows), fitted.predict(cards.take(rows))
    _need(
        _same(whole, part, 1e-9), "other numbers in another batch", forecaster, "look at one card at a time"
    )


def survives_pickling(forecaster: Forecaster, history: Sequence[Labelled]) -> None:
    """Checks that a fitted forecaster can be sent to another process."""
    fitted = _fitted(forecaster, history)
    sent = pickle.loads(pickle.dumps(fitted))  # noqa: S301 - our own bytes
    same = _same(fitted.predict(history[-1].cards), sent.predict(history[-1].cards))
    _need(same, "other numbers after pickling", forecaster, "keep all state in picklable fields")


#: Name -> check(unfitted forecaster, labelled history oldest first); raises ModelError where it fails.
#: `ignores_batches` is for row-wise methods: leave it out where a forecast depends on the catalogue.
CHECKS: Mapping[str, Check] = {
    "follows_protocol": follows_protocol,
    "fit_returns_a_copy": fit_returns_a_copy,
    "leaves_examples_alone": leaves_examples_alone,
    "forecasts_every_card": forecasts_every_card,
    "predicts_the_same_twice": predicts_the_same_twice,
    "ignores_batches": ignores_batches,
    "survives_pickling": survives_pickling,
}
