"""Every baseline passes the shipped suite, and the suite catches forecasters that break it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import pytest

from trail.baselines import BASELINES, Blend, Decayed, Forecast, LastWindow, LightGBMTweedie
from trail.baselines.conformance import CHECKS
from trail.baselines.sample import sample_history
from trail.errors import ModelError

SMALL = LightGBMTweedie(rounds=8, leaves=4)
MADE = {name: make() for name, make in BASELINES.items()} | {
    "lightgbm": SMALL,
    "blend": Blend(first=SMALL),
    "decayed_1": Decayed(options=(1.0,)),
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
@pytest.mark.parametrize("forecaster", MADE.values(), ids=MADE)
def test_every_baseline_conforms(check, forecaster):
    check(forecaster, sample_history())


def test_registry_names_are_the_forecasters_own():
    assert {name: make().name for name, make in BASELINES.items()} == {name: name for name in BASELINES}


@dataclass(frozen=True)
class Broken(LastWindow):
    """A last window with one fault."""

    fault: str = ""
    calls: count = None  # type: ignore[assignment]

    def fit(self, history):
        if self.fault == "itself":
            return self
        if self.fault == "writes":
            history[0].target[0] += 1
        if self.fault == "memory":
            return replace(super().fit(history), calls=self.calls or count())
        return super().fit(history)

    def predict(self, cards) -> Forecast:
        found = super().predict(cards)
        changes = {
            "short": lambda: found.take(np.arange(max(len(cards) - 1, 0))),
            "infinite": lambda: replace(
                found, expected=np.where(found.expected == 0, np.nan, found.expected)
            ),
            "crossed": lambda: replace(found, q10=found.q90 + 1),
            "batch": lambda: replace(found, score=found.score - (found.score.mean() if len(cards) else 0)),
            "memory": lambda: replace(found, score=found.score + next(self.calls)),
        }
        return changes.get(self.fault, lambda: found)()


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("itself", "fit_returns_a_copy"),
        ("writes", "leaves_examples_alone"),
        ("short", "forecasts_every_card"),
        ("infinite", "forecasts_every_card"),
        ("crossed", "forecasts_every_card"),
        ("batch", "ignores_batches"),
        ("memory", "predicts_the_same_twice"),
    ],
)
def test_suite_catches(fault, check):
    history = [replace(example, target=example.target.copy()) for example in sample_history()]
    with pytest.raises(ModelError, match="last_window"):
        CHECKS[check](Broken(fault=fault), history)
