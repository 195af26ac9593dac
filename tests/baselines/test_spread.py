"""Quantiles meet their definition, keep order, and cover what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from trail.baselines import Decayed, Spread
from trail.baselines.sample import sample_history
from trail.baselines.scope import IDLE, NEW, USUAL
from trail.baselines.spread import WIDEST


def test_one_level_by_hand():
    """Expected 3 everywhere: log ratios are log((target + 1) / 4); quantiles come back as counts."""
    targets = np.arange(0.0, 300.0)
    spread = Spread.measure([np.full(300, 3.0)], [targets])
    found = [float(q[0]) for q in spread.quantiles(np.array([3.0]))]
    # log is concave between whole counts, so interpolated quantiles may differ in the third digit
    assert found == pytest.approx(np.quantile(targets, [0.1, 0.5, 0.9]).tolist(), rel=2e-3)


def test_unmeasured_counts_are_poisson():
    expected = np.array([0.0, 2.5, 40.0])
    q10, q50, q90 = Spread().quantiles(expected)
    assert q10.tolist() == poisson.ppf(0.1, expected).clip(0).tolist()
    assert (q10 <= q50).all()
    assert (q50 <= q90).all()
    assert q90[2] == poisson.ppf(0.9, 40.0)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 2000), st.floats(0, 1e6))
def test_order_and_sign_hold_for_any_level(seed, rows, level):
    rng = np.random.default_rng(seed)
    expected = rng.lognormal(1, 2, rows)
    spread = Spread.measure([expected], [rng.poisson(expected).astype(float)])
    q10, q50, q90 = spread.quantiles(np.array([0.0, level]))
    assert (q10 >= 0).all()
    assert (q10 <= q50).all()
    assert (q50 <= q90).all()


def test_coverage_on_fresh_counts_is_what_was_promised():
    rng = np.random.default_rng(1)
    expected = rng.lognormal(3, 1, 8000)
    targets = rng.negative_binomial(3, 3 / (3 + expected)).astype(float)
    spread = Spread.measure([expected[:4000]], [targets[:4000]])
    q10, q50, q90 = spread.quantiles(expected[4000:])
    fresh = targets[4000:]
    assert ((q10 <= fresh) & (fresh <= q90)).mean() == pytest.approx(0.8, abs=0.03)
    assert (fresh <= q50).mean() == pytest.approx(0.5, abs=0.03)
    big = expected[4000:] > 40
    assert ((q10 <= fresh) & (fresh <= q90))[big].mean() == pytest.approx(0.8, abs=0.05)


def test_fit_measures_the_spread_on_the_latest_cutoffs():
    history = sample_history()
    fitted = Decayed(options=(1.0,)).fit(history[:-1])
    late = history[:-1][-12:]
    levels = [Decayed(options=(1.0,)).predict(e.cards).expected for e in late]
    found = []
    for each in late:
        ages = each.cards.table["age"].to_pylist()
        sold = np.nan_to_num(each.cards.matrix([f"count_{ago}" for ago in range(1, 9)])).sum(axis=1)
        new = np.array([age is None or age < 14 for age in ages])
        found.append(np.where(new, NEW, np.where(sold > 0, USUAL, IDLE)))
    assert fitted.spread == Spread.measure(levels, [e.target for e in late], found)
    assert NEW in fitted.spread.apart


@pytest.mark.parametrize("name", [NEW, IDLE])
def test_kinds_of_items_have_a_spread_of_their_own_where_enough_are_known(name):
    """At the same level their counts fall further away."""
    rng = np.random.default_rng(3)
    expected, kinds = np.full(20_000, 20.0), np.where(np.arange(20_000) % 10, USUAL, name)

    def happened() -> np.ndarray:
        size = np.where(kinds == name, 1, 20)
        return rng.negative_binomial(size, size / (size + expected)).astype(float)

    fresh = happened()
    spread = Spread.measure([expected] * 2, [happened(), happened()], [kinds, kinds])
    q10, _, q90 = spread.quantiles(expected, kinds)
    for each in (USUAL, name):
        assert ((q10 <= fresh) & (fresh <= q90))[kinds == each].mean() == pytest.approx(0.8, abs=0.05)
    assert np.ptp(q90) > 10
    few = np.where(np.arange(20_000) < 29, name, USUAL)
    pooled = Spread.measure([expected], [fresh], [few])
    assert pooled == Spread.measure([expected], [fresh])
    assert len(np.unique(pooled.quantiles(expected, kinds)[2])) == 1


def test_the_few_large_items_of_a_small_catalogue_have_a_spread_of_their_own():
    """Ninety items that hardly ever sell say nothing of ten that sell fifty a week, give or take thirty."""
    rng = np.random.default_rng(2)
    expected = np.concatenate([np.full(90, 0.02), np.full(10, 50.0)])

    def happened() -> np.ndarray:
        return rng.negative_binomial(3, 3 / (3 + expected)).astype(float)

    spread = Spread.measure([expected] * 4, [happened() for _ in range(4)])
    q10, _, q90 = spread.quantiles(expected[90:])
    covered = [(q10 <= fresh) & (fresh <= q90) for fresh in (happened()[90:] for _ in range(100))]
    assert np.mean(covered) == pytest.approx(0.8, abs=0.1)


def test_what_strikes_all_items_of_a_cutoff_at_once_widens_ranges():
    """Four past cutoffs, each struck by a factor of its own, leave open where the next will be struck."""
    rng = np.random.default_rng(7)

    def cutoff(deviation):
        expected = rng.lognormal(2, 1, 400)
        struck = expected * np.exp(rng.normal(0, deviation))
        return expected, rng.negative_binomial(5, 5 / (5 + struck)).astype(float)

    def covered(deviation, **shared):
        hits = []
        for _ in range(150):
            past = [cutoff(deviation) for _ in range(4)]
            expected, target = cutoff(deviation)
            q10, _, q90 = Spread.measure(*zip(*past, strict=True)).quantiles(expected, **shared)
            hits.append(((q10 <= target) & (target <= q90)).mean())
        return float(np.mean(hits))

    assert covered(0.4, shared=0.0) < 0.77
    assert 0.8 < covered(0.4) < 0.88
    assert 0.79 < covered(0.0) < 0.83


def test_a_shared_miss_has_a_limit_and_needs_two_cutoffs():
    expected = np.full(300, 10.0)
    targets = [np.full(300, 1.0), np.full(300, 500.0), np.full(300, 30.0)]
    assert Spread.measure([expected], targets[:1]).shared == 0
    assert Spread.measure([expected] * 3, targets).shared == pytest.approx(np.log(WIDEST))
    calm = Spread.measure([expected] * 2, [np.full(300, 12.0)] * 2)
    assert calm.shared == 0
    q10, q50, q90 = calm.quantiles(expected, shared=np.log(2))
    assert [q10[0] + 1, q50[0] + 1, q90[0] + 1] == pytest.approx([6.5, 13, 26])
