"""What a whole catalogue missed at once: measured, shrunk, and taken off what trees learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trail.baselines import LightGBMLog, boosted
from trail.baselines.sample import sample_history
from trail.baselines.surges import calmed, missed, shrunk, surges


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


def test_a_surge_is_what_lies_beyond_the_usual_ratios():
    """Around the median 0.1 the median deviation is 0.1, so 2 * 1.4826 * 0.1 = 0.29652 is usual, and at least 0.1 is."""
    assert surges(np.array([0.0, 0.2, 0.1, 0.0, 2.0])) == pytest.approx([0, 0, 0, 0, 1.9 - 0.29652])
    assert surges(np.array([0.0, 0.0, 0.0, -0.5])) == pytest.approx([0, 0, 0, -0.4])
    assert surges(np.array([3.0])) == pytest.approx([0])
    assert not len(surges(np.array([])))


def test_a_calmed_history_has_neither_silent_cutoffs_nor_surges():
    """Twenty times as much of everything: log(1 + count) falls by the part beyond the usual, the same for all items."""
    *past, _ = sample_history()
    assert calmed(past) == past
    surged = [
        *past[:-2],
        replace(past[-2], target=0 * past[-2].target),
        replace(past[-1], target=20 * past[-1].target),
    ]
    *same, last = calmed(surged)
    assert same == past[:-2]
    assert last.cards is past[-1].cards
    taken = np.log1p(20 * past[-1].target) - np.log1p(last.target)
    assert taken == pytest.approx(np.full(len(taken), taken[0]))
    assert 1 < taken[0] < np.log(20)


@pytest.mark.parametrize("factor", [0, 10])
@pytest.mark.parametrize("loss", ["l1", "l2"])
def test_trees_do_not_take_one_strange_week_for_what_items_do(loss, factor, monkeypatch):
    """Without calming the next forecast would have moved more than twice as far."""
    *past, now = sample_history()
    strange = [*past[:-1], replace(past[-1], target=factor * past[-1].target)]

    def total(history):
        return LightGBMLog(loss=loss, rounds=40, leaves=8).learn(history).expected(now.cards).sum()

    usual = total(past)
    calm = abs(np.log(total(strange) / usual))
    monkeypatch.setattr(boosted, "calmed", list)
    assert abs(np.log(total(strange) / usual)) > 2 * calm
