"""What a whole catalogue missed at once: measured, shrunk, and taken off what trees learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trail.baselines import LightGBMLog, boosted
from trail.baselines.sample import sample_history
from trail.baselines.surges import missed, shrunk, surges


def test_missed_is_the_weighted_median_of_the_log_factors():
    """Ratios (count + 1) / (forecast + 1) of 0.5, 1 and 2; the forecast 19 weighs more than 9 and 4 together."""
    assert missed(np.array([9.0, 9.0, 9.0]), np.array([19.0, 9.0, 4.0])) == pytest.approx(np.log(0.5))
    assert missed(np.array([4.0]), np.array([4.0])) == 0
    assert missed(np.array([]), np.array([])) == 0
    assert missed(np.array([5.0]), np.array([0.0])) == 0


def test_a_mean_is_shrunk_by_its_own_noise_and_by_what_is_ordinary():
    """m^3 / (m^2 + s^2 / n + 0.01): nearly all of 1, 1, 1 is kept, half of a tenth, and half of 0 and 2."""
    assert shrunk(np.array([1.0, 1.0, 1.0])) == pytest.approx(1 / 1.01)
    assert shrunk(np.array([0.1, 0.1])) == pytest.approx(0.05)
    assert shrunk(np.array([0.0, 2.0])) == pytest.approx(1 / 2.01)
    assert shrunk(np.array([3.0])) == pytest.approx(27 / 18.01)
    assert shrunk(np.array([])) == shrunk(np.array([1.0, -1.0])) == 0


def test_a_surge_is_what_lies_beyond_the_usual_misses():
    """Around the median 0.1 the median deviation is 0.1, so 2 * 1.4826 * 0.1 = 0.29652 is usual, and at least 0.1 is."""
    assert surges(np.array([0.0, 0.2, 0.1, 0.0, 2.0])) == pytest.approx([0, 0, 0, 0, 1.9 - 0.29652])
    assert surges(np.array([0.0, 0.0, 0.0, -0.5])) == pytest.approx([0, 0, 0, -0.4])
    assert surges(np.array([3.0])) == pytest.approx([0])


@pytest.mark.parametrize("loss", ["l1", "l2"])
def test_trees_do_not_take_one_surge_for_what_items_do(loss, monkeypatch):
    """Ten times as many events of everything in the latest week: the next forecast does not follow, but would have."""
    *past, now = sample_history()
    surged = [*past[:-1], replace(past[-1], target=10 * past[-1].target)]

    def total(history):
        return LightGBMLog(loss=loss, rounds=40, leaves=8).learn(history).expected(now.cards).sum()

    quiet, after = total(past), total(surged)
    monkeypatch.setattr(boosted, "surges", np.zeros_like)
    assert total(surged) > 1.2 * total(past)
    assert after < 1.1 * quiet
