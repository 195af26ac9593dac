"""Every baseline passes the shipped suite, and the suite catches forecasters that break it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import pytest

from trail.baselines import (
    BASELINES,
    LINE_UP,
    PARE,
    Blend,
    Decayed,
    Forecast,
    LambdaRank,
    LastWindow,
    Launches,
    LightGBMLog,
    LightGBMTweedie,
)
from trail.baselines.blend import stack
from trail.baselines.conformance import CHECKS
from trail.baselines.sample import sample_history
from trail.errors import ModelError

SMALL = LightGBMTweedie(rounds=8, leaves=4)
FACTOR = LightGBMLog(rounds=8, leaves=4)
RANKED = LambdaRank(rounds=8, leaves=4)
#: Trees that grow in no time stand in for the full ones.
MADE = LINE_UP | {
    "lightgbm": lambda: SMALL,
    "blend": lambda: Blend(parts=(SMALL, Decayed(options=(1.0,)))),
    "stack": lambda: replace(stack(), parts=(SMALL, FACTOR, replace(FACTOR, loss="l1"), LastWindow())),
    "stack_text": lambda: replace(
        stack(), parts=(SMALL, LastWindow(), replace(SMALL, text_dims=8)), label="stack_text"
    ),
    "lightgbm_log": lambda: FACTOR,
    "lightgbm_median": lambda: replace(FACTOR, loss="l1"),
    "decayed_1": lambda: Decayed(options=(1.0,)),
    "lambdarank": lambda: RANKED,
    "lightgbm_text": lambda: replace(SMALL, text_dims=8),
    "lambdarank_text": lambda: replace(RANKED, text_dims=8),
    "pare": lambda: PARE(width=16, epochs=3),
    "launches": lambda: Launches(base=SMALL, rounds=8, text_dims=8),
}
OPTIONAL = {"croston_sba", "tsb", "auto_ets", "auto_theta"}


def made(name, maker):
    if name in OPTIONAL:
        pytest.importorskip("statsforecast", reason="the extra `statistics` is not installed")
    if name == "pare":
        pytest.importorskip("torch", reason="the extra `pare` is not installed")
    return maker()


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
@pytest.mark.parametrize(("name", "maker"), MADE.items(), ids=MADE)
def test_every_baseline_conforms(check, name, maker):
    check(made(name, maker), sample_history())


@pytest.mark.parametrize(("name", "maker"), LINE_UP.items(), ids=LINE_UP)
def test_registry_names_are_the_forecasters_own(name, maker):
    assert made(name, maker).name == name


def test_the_line_up_holds_the_candidates_for_the_prior():
    assert {name: LINE_UP[name] for name in BASELINES} == BASELINES


@pytest.mark.parametrize("name", sorted(OPTIONAL))
def test_a_missing_library_is_named_with_its_command(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "statsforecast.models", None)
    with pytest.raises(ModelError, match=r"pip install 'trail-forecast\[statistics\]'"):
        LINE_UP[name]()


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
