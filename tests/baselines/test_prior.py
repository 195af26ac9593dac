"""The prior is chosen, and out-of-fold forecasts are made, on what was known at the time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pytest

from trail.baselines import (
    BASELINES,
    Decayed,
    LastWindow,
    LightGBMTweedie,
    choose_prior,
    out_of_fold,
    relative_loss,
)
from trail.baselines.prior import LEAST_HISTORY
from trail.baselines.sample import sample_history
from trail.errors import ConfigError, DataError
from trail.signals import known_at


@dataclass(frozen=True)
class Spy(LastWindow):
    """A last window whose forecasts carry the moment from which its knowledge dates."""

    known: datetime | None = None
    alias: str = "spy"

    @property
    def name(self) -> str:
        return self.alias

    def fit(self, history):
        return replace(super().fit(history), known=max((e.known_from for e in history), default=None))

    def predict(self, cards):
        assert self.known is None or self.known <= cards.cutoff, "it knows the future"
        return super().predict(cards)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_choose_prior_takes_the_last_within_one_standard_error_of_the_lowest_mean_loss(order):
    history = sample_history()
    all_ = [LastWindow(), Decayed(options=(1.0,)), Decayed(options=(3.0,))]
    candidates = [all_[at] for at in order]
    choice = choose_prior(candidates, history, origins=3)
    for candidate in candidates:
        losses = []
        for example in history[-3:]:
            found = candidate.fit(known_at(history, example.cards.cutoff)).predict(example.cards)
            losses.append(relative_loss(example, found.expected, found.score))
        assert choice.losses[candidate.name] == pytest.approx(np.mean(losses))
    assert choice.losses["last_window"] == pytest.approx(1.0)
    by_name = {c.name: [t.loss for t in choice.trials if t.forecaster == c.name] for c in candidates}
    best = by_name[min(choice.losses, key=choice.losses.get)]
    near = []
    for name, losses in by_name.items():
        gaps = [one - other for one, other in zip(losses, best, strict=True)]
        if np.mean(gaps) <= np.std(gaps, ddof=1) / np.sqrt(3):
            near.append(name)
    assert choice.forecaster.name == near[-1]
    assert choice.forecaster == next(c for c in candidates if c.name == choice.forecaster.name).fit(history)
    assert len(choice.trials) == 9
    assert {trial.cutoff for trial in choice.trials} == {e.cards.cutoff for e in history[-3:]}


def test_choose_prior_refits_without_the_future_and_in_any_order():
    history = sample_history()
    candidates = [Spy(), LastWindow()]
    forwards = choose_prior(candidates, history)
    assert choose_prior(candidates, history[::-1]).losses == forwards.losses
    assert forwards.forecaster.name == "last_window"  # equal losses: the last


def test_choose_prior_refuses_what_it_cannot_do():
    with pytest.raises(ConfigError, match="different names"):
        choose_prior([LastWindow(), LastWindow()], sample_history())
    with pytest.raises(ConfigError, match="at least one"):
        choose_prior([], sample_history())
    with pytest.raises(DataError, match="more than 4"):
        choose_prior([LastWindow()], sample_history()[:4])


def test_out_of_fold_knows_no_future_and_says_where_it_fell_back():
    history = sample_history()
    found = [each.forecast for each in out_of_fold(Spy(), history, blocks=3)]
    assert [len(each) for each in found] == [len(e.cards) for e in history]
    # the n-th cutoff knows the n targets before it
    names = [each.forecaster[0] for each in found]
    assert names == ["decayed_1"] * LEAST_HISTORY + ["spy"] * (len(history) - LEAST_HISTORY)


def test_out_of_fold_equals_a_fit_at_the_start_of_its_block_in_the_callers_order():
    history = sample_history()
    trees = LightGBMTweedie(rounds=5, leaves=4)
    forwards = out_of_fold(trees, history, blocks=2)
    backwards = out_of_fold(trees, history[::-1], blocks=2)[::-1]
    assert all(
        np.array_equal(a.forecast.expected, b.forecast.expected)
        for a, b in zip(forwards, backwards, strict=True)
    )
    learned = history[LEAST_HISTORY:]
    start = learned[(len(learned) + 1) // 2].cards.cutoff
    by_hand = trees.fit(known_at(history, start)).predict(history[-1].cards)
    assert np.array_equal(forwards[-1].forecast.expected, by_hand.expected)
    for fold, example in zip(forwards, history, strict=True):
        assert np.array_equal(fold.forecast.expected, fold.forecaster.predict(example.cards).expected)


def test_out_of_fold_refits_once_a_block():
    fits = []

    @dataclass(frozen=True)
    class Counting(LastWindow):
        def fit(self, history):
            fits.append(len(history))
            return super().fit(history)

    out_of_fold(Counting(), sample_history(), blocks=3)
    assert fits == [6, 8, 10]
    assert out_of_fold(Counting(), []) == []


def test_every_registered_baseline_can_be_a_candidate():
    small = LightGBMTweedie(rounds=3, leaves=3)
    slow = {"blend", "stack", "stack_text"}
    candidates = [
        small if name == "lightgbm" else make() for name, make in BASELINES.items() if name not in slow
    ]
    choice = choose_prior(candidates, sample_history(), origins=2)
    assert set(choice.losses) == set(BASELINES) - slow
