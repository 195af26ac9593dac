"""A task is one value: it withholds the future, reads itself back, and refuses what it does not know."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from trail.baselines import LastWindow, p_top
from trail.baselines.sample import sample_history
from trail.errors import ConfigError, DataError
from trail.evaluate import METRICS, Origins, Task, Window, backtest, compare
from trail.evaluate.outcome import DRAWS

HISTORY = sample_history()
CUTOFFS = tuple(example.cards.cutoff for example in HISTORY)
ORIGINS = Origins(CUTOFFS[:4], CUTOFFS[4:7], CUTOFFS[7:])
TASK = Task.of(HISTORY, ORIGINS)


def test_a_window_gives_what_was_known_and_nothing_else():
    for split, cutoffs in (("validation", ORIGINS.validation), ("test", ORIGINS.test)):
        windows = list(TASK.windows(HISTORY[::-1], split))
        assert [window.cutoff for window in windows] == list(cutoffs)
        for window in windows:
            example = HISTORY[CUTOFFS.index(window.cutoff)]
            assert [each.cards.cutoff for each in window.known] == [
                each for each in CUTOFFS if each + example.cards.horizon.span <= window.cutoff
            ]
            assert all(each.known_from <= window.cutoff for each in window.known)
            public = {each.name for each in fields(Window) if not each.name.startswith("_")}
            assert public == {"split", "known", "cards"}
            assert "target" not in window.cards.table.column_names
            with pytest.raises(FrozenInstanceError):
                window.split = "other"


def test_measuring_a_forecast_reaches_the_target():
    window = next(TASK.windows(HISTORY, "test"))
    target = HISTORY[CUTOFFS.index(window.cutoff)].target
    forecast = LastWindow().fit(window.known).predict(window.cards)
    perfect = replace(forecast, expected=target, score=target, q10=target, q50=target, q90=target)
    found = {
        each["metric"]: each["value"] for each in window.measure(perfect).values if each["scope"] == "all"
    }
    assert found["wape"] == found["pinball"] == found["width"] == 0.0
    assert (found["ndcg@50"], found["coverage"]) == (pytest.approx(1.0), 1.0)


def test_a_task_survives_json_and_its_fingerprint_leaves_the_seed_out():
    again = Task.from_dict(json.loads(json.dumps(TASK.as_dict())))
    assert again == TASK
    assert replace(TASK, seed=5).fingerprint == TASK.fingerprint
    others = [
        replace(TASK, metrics=("wape",)),
        replace(TASK, scopes=("all",)),
        replace(TASK, data="0" * 16),
        replace(TASK, horizon_days=1),
        replace(TASK, top=10),
        replace(TASK, origins=replace(ORIGINS, test=CUTOFFS[8:])),
    ]
    assert len({each.fingerprint for each in (TASK, *others)}) == 7


def test_a_task_of_the_top_50_is_the_one_that_it_was_before_k_was_a_choice():
    days = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(weeks=week) for week in range(3)]
    task = Task("0" * 16, 7, Origins(*((day,) for day in days)), ("a",), ("wape",), ("all",))
    assert task.fingerprint == "be03b26b81e17050"
    assert Task.from_dict({name: value for name, value in task.as_dict().items() if name != "top"}) == task


def test_a_task_refuses_unknown_fields_and_impossible_values():
    values = TASK.as_dict()
    for wrong in (
        values | {"origin": []},
        {name: value for name, value in values.items() if name != "seed"},
        values | {"origins": values["origins"] | {"later": []}},
        values | {"metrics": ["accuracy"]},
        values | {"scopes": ["level:high"]},
        values | {"scopes": []},
        values | {"horizon_days": 0},
        values | {"top": 0},
        values | {"origins": values["origins"] | {"test": []}},
        values | {"origins": values["origins"] | {"test": values["origins"]["test"][::-1]}},
        values | {"horizon_days": 8},  # the last validation period would reach into the test
    ):
        with pytest.raises(ConfigError):
            Task.from_dict(wrong)
    changed = replace(HISTORY[0], target=HISTORY[0].target + 1)
    with pytest.raises(DataError, match="another history"):
        next(TASK.windows([changed, *HISTORY[1:]], "test"))


def test_a_task_measures_what_it_names():
    task = replace(TASK, metrics=("wape", "brier"), scopes=("active",))
    found = backtest(task, HISTORY, [LastWindow()], splits=("test",))
    assert {(row.scope, row.metric) for row in found.rows} == {("active", "wape"), ("active", "brier")}
    assert len(METRICS) > 2


def test_the_chance_is_measured_at_the_k_of_the_task():
    window = next(replace(TASK, top=7).windows(HISTORY, "test"))
    target = HISTORY[CUTOFFS.index(window.cutoff)].target
    forecast = LastWindow().fit(window.known).predict(window.cards)
    found = window.measure(forecast)
    values = {each["metric"]: each["value"] for each in found.values if each["scope"] == "all"}
    chance = p_top(forecast, 7, seed=0, draws=DRAWS)
    order = sorted(target, reverse=True)
    assert order[6] != order[7]  # no tie at the border
    entered = target >= order[6]
    assert values["brier"] == pytest.approx(np.mean((chance - entered) ** 2))
    assert sum(each["entered"] for each in found.bins) == 7
    assert sum(each["chance"] for each in found.bins) == pytest.approx(7)
    # nothing else is of that K
    usual = next(TASK.windows(HISTORY, "test")).measure(forecast)
    other = {
        each["metric"]
        for one, each in zip(usual.values, found.values, strict=True)
        if not np.array_equal(one["value"], each["value"], equal_nan=True)
    }
    assert other == {"brier", "log_score"}


def test_seeds_change_draws_only_and_can_be_compared():
    runs = [backtest(replace(TASK, seed=seed), HISTORY, [LastWindow()], splits=("test",)) for seed in (0, 1)]
    both = runs[0] + runs[1]
    for metric, equal in (("wape", True), ("brier", False)):
        values = [[row.value for row in run.rows if row.metric == metric] for run in runs]
        assert np.allclose(*values, rtol=0, atol=0, equal_nan=True) == equal
    assert compare(both.rows, "last_window", "last_window", "wape").origins == len(ORIGINS.test)
