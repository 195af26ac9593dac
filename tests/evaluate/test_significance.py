"""Paired intervals against scipy and a slow bootstrap; a winner needs both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf, nan

import numpy as np
import pytest
from scipy.stats import ttest_rel

from trail.errors import DataError
from trail.evaluate import Row, compare
from trail.evaluate.significance import bootstrap_interval, t_interval

START = datetime(2024, 1, 1, tzinfo=UTC)


def rows_of(values, metric="ndcg@50", split="test", task="t", refit="every"):
    """Forecaster -> one value an origin."""
    return [
        Row(
            task, name, refit, START + timedelta(weeks=week), split, "active", 10, metric, value, 0.1, "{}", 0
        )
        for name, series in values.items()
        for week, value in enumerate(series)
    ]


A, B = [0.50, 0.62, 0.55, 0.71, 0.58], [0.41, 0.60, 0.50, 0.60, 0.52]


def test_t_interval_against_scipy():
    found = compare(rows_of({"a": A, "b": B}), "a", "b", "ndcg@50")
    interval = ttest_rel(A, B).confidence_interval(0.95)
    assert (found.t_low, found.t_high) == pytest.approx((interval.low, interval.high))
    assert found.difference == pytest.approx(np.mean(A) - np.mean(B))
    assert (found.origins, found.better) == (5, 5.0)


def test_bootstrap_against_a_slow_loop():
    difference = np.array(A) - np.array(B)
    rng = np.random.default_rng(5)
    means = sorted(float(np.mean([difference[rng.integers(5)] for _ in range(5)])) for _ in range(4000))
    low, high = bootstrap_interval(difference)
    assert low == pytest.approx(means[100], abs=0.003)
    assert high == pytest.approx(means[3899], abs=0.003)
    assert bootstrap_interval(difference, seed=1) == bootstrap_interval(difference, seed=1)


def test_direction_decides_the_winner_and_both_intervals_must_agree():
    clear = {"a": [1.0, 1.1, 1.0, 1.1], "b": [0.1, 0.1, 0.0, 0.1]}
    assert compare(rows_of(clear), "a", "b", "ndcg@50").winner == "a"
    assert compare(rows_of(clear, "wape"), "a", "b", "wape").winner == "b"
    assert compare(rows_of(clear, "wape"), "a", "b", "wape").better == 0
    assert compare(rows_of(clear, "coverage"), "a", "b", "coverage").winner is None
    # three wins of three: the bootstrap excludes zero, the t interval of three origins does not
    few = compare(rows_of({"a": [0.1, 0.5, 0.9], "b": [0.0, 0.0, 0.0]}), "a", "b", "ndcg@50")
    assert few.bootstrap_low > 0 > few.t_low
    assert few.winner is None


def test_only_shared_origins_with_values_are_paired():
    found = compare(rows_of({"a": [0.5, nan, 0.7, 0.8], "b": [0.4, 0.1, 0.5]}), "a", "b", "ndcg@50")
    assert found.origins == 2
    assert found.difference == pytest.approx(0.15)
    one = compare(rows_of({"a": [0.5], "b": [0.4]}), "a", "b", "ndcg@50")
    assert (one.t_low, one.t_high, one.winner) == (-inf, inf, None)
    assert t_interval(np.array([1.0])) == (-inf, inf)


def test_ties_count_half():
    found = compare(rows_of({"a": [1.0, 2.0, 3.0], "b": [1.0, 1.0, 4.0]}), "a", "b", "ndcg@50")
    assert found.better == 1.5


def test_refuses_strangers_and_mixed_tasks():
    with pytest.raises(DataError, match="both a and nobody"):
        compare(rows_of({"a": A}), "a", "nobody", "ndcg@50")
    with pytest.raises(DataError, match="several tasks"):
        compare(rows_of({"a": A}) + rows_of({"b": B}, task="u"), "a", "b", "ndcg@50")
