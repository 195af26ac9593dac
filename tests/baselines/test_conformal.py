"""Ranges after calibration: by hand, on a simulation, and where counts have too few values."""

from __future__ import annotations

import numpy as np
import pytest

from trail.baselines import Conformal, Forecast


def forecast(expected, width):
    """A range of so many logs on either side of what is expected."""
    expected = np.asarray(expected, dtype=float)
    low, high = ((expected + 1) * np.exp(sign * width) - 1 for sign in (-1, 1))
    names = np.full(len(expected), "any", dtype=object)
    return Forecast(expected, np.maximum(low, 0), expected, high, expected, names)


def inside(made, target):
    return np.mean((made.q10 <= target) & (target <= made.q90))


def test_moves_are_the_tenth_worst_miss_of_ten_and_one_to_come():
    """Of ten outcomes 0.9 * (1 + 1 / 10) = 0.99 of the scores must be covered: the highest of them."""
    target = np.array([8.0, 9, 10, 10, 10, 10, 10, 10, 12, 14])
    found = Conformal.measure([forecast([10.0] * 10, 0.1)], [target])
    assert found.levels == pytest.approx([np.log(11)])
    assert found.low == pytest.approx([np.log(11) - 0.1 - np.log(9)])
    assert found.high == pytest.approx([np.log(15) - np.log(11) - 0.1])
    moved = found(forecast([10.0], 0.1))
    assert (moved.q10[0], moved.q90[0]) == pytest.approx((8.0, 14.0))


@pytest.mark.parametrize("width", [0.05, 1.5])
def test_ranges_too_narrow_and_too_wide_come_to_cover_four_in_five(width):
    rng = np.random.default_rng(0)
    level = rng.uniform(20, 500, 4000)
    happened = np.round(level * np.exp(0.3 * rng.standard_normal(4000)))
    past, new = np.split(np.arange(4000), 2)
    found = Conformal.measure([forecast(level[past], width)], [happened[past]])
    plain = forecast(level[new], width)
    assert abs(inside(plain, happened[new]) - 0.8) > 0.15
    assert inside(found(plain), happened[new]) == pytest.approx(0.8, abs=0.03)


def test_a_range_that_begins_at_zero_where_zeros_are_common_stays_there():
    """Three in ten outcomes are 0: a range without 0 would miss them all."""
    target = np.repeat([0.0, 1.0, 2.0], [300, 400, 300])
    found = Conformal.measure([forecast([1.0] * 1000, 1.0)], [target])
    assert found(forecast([1.0], 1.0)).q10[0] == 0


def test_what_was_never_measured_moves_nothing_and_ranges_hold_what_is_expected():
    plain = forecast([3.0, 5.0], 0.4)
    assert Conformal.measure([], []) == Conformal()
    assert Conformal()(plain) is plain
    moved = Conformal((0.0,), (-5.0,), (-5.0,))(plain)
    assert (moved.q10 <= moved.q50).all()
    assert (moved.q50 <= moved.q90).all()
    assert (moved.q10 <= plain.expected).all()
    assert (plain.expected <= moved.q90).all()
