"""Paired intervals against scipy and a slow bootstrap; a winner needs both."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from math import inf, isnan, nan

import numpy as np
import pytest
from scipy.stats import ttest_rel

from trail.errors import DataError
from trail.evaluate import Row, compare, summarise
from trail.evaluate.seeds import of_seeds, spreads
from trail.evaluate.significance import bootstrap_interval, signed_rank, t_interval

START = datetime(2024, 1, 1, tzinfo=UTC)


def rows_of(values, metric="ndcg@50", split="test", task="t", refit="every"):
    """Forecaster -> one value an origin."""
    return [
        Row(
            task, name, refit, START + timedelta(weeks=week), split, 0, "active", 10, metric, value, 0.1, "{}"
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


def slow_signed_rank(differences):
    """Counts, over all signs that the differences might have had, rank sums as far from their mean."""
    sizes = sorted(abs(each) for each in differences)
    ranks = [sizes.index(abs(each)) + 1 for each in differences]
    middle = sum(ranks) / 2
    seen = abs(sum(rank for rank, each in zip(ranks, differences, strict=True) if each > 0) - middle)
    sums = [
        abs(sum(rank for rank, up in zip(ranks, ups, strict=True) if up) - middle)
        for ups in product([True, False], repeat=len(ranks))
    ]
    return sum(each >= seen - 1e-9 for each in sums) / len(sums)


@pytest.mark.parametrize("origins", [1, 2, 5, 8, 12])
def test_the_rank_test_is_exact_for_few_origins(origins):
    values = np.random.default_rng(origins).normal(0.3, 1.0, origins)
    assert signed_rank(values) == pytest.approx(slow_signed_rank(list(values)), abs=1e-12)
    assert signed_rank(np.abs(values)) == pytest.approx(2.0 ** (1 - origins))
    assert signed_rank(np.append(values, 0.0)) == signed_rank(values)


def test_no_difference_is_no_evidence():
    same = compare(rows_of({"a": A, "b": A}), "a", "b", "ndcg@50")
    assert (same.wilcoxon, same.gain, same.winner, same.same) == (1.0, 0.0, None, True)
    assert not compare(rows_of({"a": [1.0], "b": [1.0]}), "a", "b", "ndcg@50").same
    assert not compare(rows_of({"a": [0.5, 1.0], "b": [1.0, 0.5]}), "a", "b", "ndcg@50").same
    found = compare(rows_of({"a": A, "b": B}), "a", "b", "ndcg@50")
    assert found.wilcoxon == pytest.approx(2.0**-4)
    ties = compare(rows_of({"a": [1.0, 2.0, 4.0], "b": [0.0, 1.0, 5.0]}), "a", "b", "ndcg@50")
    assert 0 < ties.wilcoxon <= 1


def test_the_gain_is_positive_where_a_is_better():
    assert compare(rows_of({"a": [0.9], "b": [0.6]}), "a", "b", "ndcg@50").gain == pytest.approx(50.0)
    assert compare(rows_of({"a": [0.9], "b": [0.6]}, "wape"), "a", "b", "wape").gain == pytest.approx(-50.0)
    assert isnan(compare(rows_of({"a": [0.9], "b": [0.0]}), "a", "b", "ndcg@50").gain)
    assert isnan(compare(rows_of({"a": [0.9], "b": [0.8]}, "coverage"), "a", "b", "coverage").gain)


def test_more_seeds_do_not_narrow_the_interval():
    """Seeds are averaged within an origin first, also where origins have different numbers of them."""
    one = rows_of({"a": A, "b": B})
    copies = [replace(row, seed=seed) for row in one for seed in range(5)]
    assert compare(copies, "a", "b", "ndcg@50") == compare(one, "a", "b", "ndcg@50")
    # a at the first origin: 0.2 and 0.4 by two seeds, at the second 0.9 by one; the mean is 0.6, not 0.5
    rows = [*rows_of({"a": [0.2, 0.9], "b": [0.1, 0.1]}), replace(rows_of({"a": [0.4]})[0], seed=1)]
    found = compare(rows, "a", "b", "ndcg@50")
    assert (found.mean_a, found.origins) == (pytest.approx(0.6), 2)
    line = next(each for each in summarise(rows).to_pylist() if each["forecaster"] == "a")
    assert (line["ndcg@50"], line["origins"], line["seeds"]) == (pytest.approx(0.6), 2, 2)


def test_a_difference_of_rounding_is_none():
    """The mean of three equal numbers may differ from them in the last bit: a method that is its prior under every seed is no better."""
    values = [each / 1000 for each in range(800, 900) if np.mean([each / 1000] * 3) > each / 1000][:6]
    assert len(values) == 6
    rows = [replace(row, seed=seed) for seed in range(3) for row in rows_of({"a": values})]
    found = compare([*rows, *rows_of({"b": values})], "a", "b", "ndcg@50")
    assert found.same
    assert (found.winner, found.wilcoxon, found.better) == (None, 1.0, 3.0)


def test_the_spread_over_seeds_by_hand():
    """Three seeds whose means over the origins are 0.5, 0.6 and 0.8: mean 1.9 / 3, sum of squares 0.14 / 3, / 2."""
    series = [{"a": [0.4, 0.6], "b": [0.3, 0.1]}, {"a": [0.6, 0.6]}, {"a": [0.9, 0.7]}]
    rows = [
        replace(row, seed=seed)
        for seed, each in enumerate(series)
        for metric in ("ndcg@50", "wape")
        for row in rows_of(each, metric)
    ]
    noise = rows_of({"a": [0.0, 9.0]}, split="validation")
    found = spreads(rows + noise)
    assert found == {
        ("a", "every"): {
            "ndcg@50": pytest.approx((0.14 / 6) ** 0.5),
            "wape": pytest.approx((0.14 / 6) ** 0.5),
        }
    }
    (words,) = of_seeds(rows)
    assert "the mean of 3 seeds (0, 1, 2)" in words
    assert "a 0.1528 and 0.1528" in words
    assert "b " not in words.split("WAPE:")[1].split(".")[0]
    assert of_seeds(rows_of({"a": A})) == ()
