"""The chance of the top k: a slow loop, sums, ties, pruning that changes nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from trail.baselines import Forecast, Spread, chance, p_top


def forecast_of(q10, q50, q90) -> Forecast:
    q10, q50, q90 = (np.asarray(each, dtype=float) for each in (q10, q50, q90))
    return Forecast(q50, q10, q50, q90, q50, np.full(len(q50), "hand", dtype=object))


def random_forecast(items, seed=0):
    rng = np.random.default_rng(seed)
    middle = rng.lognormal(1, 1.3, items)
    return forecast_of(middle * rng.uniform(0.2, 1, items), middle, middle * rng.uniform(1, 3, items))


def slow_p_top(forecast, k, draws):
    """One item, one draw at a time, with the standard library's normal distribution."""
    rng = np.random.default_rng(99)
    hits, z90 = np.zeros(len(forecast)), norm.ppf(0.9)
    for _ in range(draws):
        counts = []
        for low, middle, high in zip(forecast.q10, forecast.q50, forecast.q90, strict=True):
            z = rng.standard_normal()
            end = high if z > 0 else low
            width = abs(np.log1p(end) - np.log1p(middle)) / z90
            counts.append(np.log1p(middle) + width * z)
        for item in sorted(range(len(counts)), key=lambda i: -counts[i])[:k]:
            hits[item] += 1
    return hits / draws


def test_two_equal_lognormals_share_one_place():
    found = p_top(forecast_of([5, 5], [10, 10], [20, 20]), 1, seed=0, draws=4000)
    assert found.sum() == pytest.approx(1.0)
    assert found[0] == pytest.approx(0.5, abs=0.03)


def test_a_hand_value():
    """Item a is 10 for certain; b passes it with the chance that a normal exceeds the gap in widths."""
    width = (np.log1p(20) - np.log1p(5)) / norm.ppf(0.9)
    chance_of_b = 1 - norm.cdf((np.log1p(10) - np.log1p(5)) / width)
    found = p_top(forecast_of([10, 1], [10, 5], [10, 20]), 1, seed=0, draws=8000)
    assert found[1] == pytest.approx(chance_of_b, abs=0.02)


def test_against_a_slow_loop():
    forecast = random_forecast(12)
    assert p_top(forecast, 4, seed=1, draws=4000) == pytest.approx(slow_p_top(forecast, 4, 1000), abs=0.06)


@pytest.mark.parametrize(("items", "k"), [(5, 9), (5, 5), (60, 7)])
def test_chances_sum_to_the_places(items, k):
    found = p_top(random_forecast(items), k, seed=0, draws=200)
    assert found.sum() == pytest.approx(min(k, items))
    assert (found >= 0).all()
    assert (found <= 1).all()


def test_ties_share_the_places():
    found = p_top(forecast_of([0] * 8, [0] * 8, [0] * 8), 2, seed=0, draws=50)
    assert found.tolist() == [0.25] * 8


def test_same_seed_same_chances_and_chunks_do_not_matter(monkeypatch):
    forecast = random_forecast(300)
    one = p_top(forecast, 20, seed=5, draws=300)
    monkeypatch.setattr(chance, "_CHUNK", 2000)
    assert np.allclose(one, p_top(forecast, 20, seed=5, draws=300))
    assert not np.allclose(one, p_top(forecast, 20, seed=6, draws=300))


def test_items_that_cannot_matter_are_not_drawn_and_lose_nothing(monkeypatch):
    """With a tiny pilot, who can still overtake must join; the floor is the pilot's own lowest border."""
    monkeypatch.setattr(chance, "_PILOT", 1)
    forecast = random_forecast(400, seed=3)
    pruned = p_top(forecast, 10, seed=0, draws=1500)
    monkeypatch.setattr(chance, "_PILOT", 400)
    assert np.abs(pruned - p_top(forecast, 10, seed=0, draws=1500)).max() < 0.06
    assert (pruned == 0).sum() > 100
    wide = forecast_of([50] * 50 + [0], [50] * 50 + [1], [51] * 50 + [500])  # a dark horse outside the pilot
    monkeypatch.setattr(chance, "_PILOT", 1)
    assert p_top(wide, 5, seed=0, draws=1500)[-1] > 0.1


def test_what_all_items_miss_together_has_no_say():
    plain = random_forecast(40)
    spread = Spread(levels=(0.0,), ratios=((-0.7, 0.0, 0.7),))
    own, wide = (spread.quantiles(plain.q50, shared=each) for each in (0.0, 0.9))
    narrow, shared = forecast_of(*own), replace(forecast_of(*wide), shared=0.9)
    assert (shared.q90 > narrow.q90 * 1.3).all()
    # the lower ends stay at 0 where counts are small, and are cut there
    big = plain.q50 > 4
    assert np.abs(p_top(shared, 5, seed=0) - p_top(narrow, 5, seed=0))[big].max() < 0.02
    assert np.abs(p_top(replace(shared, shared=0.0), 5, seed=0) - p_top(narrow, 5, seed=0)).max() > 0.05
