"""Forecasts as values: ranges that hold what is expected, scores on the scale of counts."""

from __future__ import annotations

import numpy as np

from trail.baselines import Forecast


def forecast(expected, score, q10=None, q90=None):
    expected = np.array(expected, dtype=float)
    low = expected if q10 is None else np.array(q10, dtype=float)
    high = expected if q90 is None else np.array(q90, dtype=float)
    names = np.full(len(expected), "any", dtype=object)
    return Forecast(expected, low, expected, high, np.array(score, dtype=float), names)


def test_scores_of_any_scale_become_counts_in_their_own_order():
    """Ranks 2, 1, 3 by score get the second, first and third highest of 9, 5, 1."""
    assert forecast([9, 5, 1], [-3, 0.5, -7]).ranked_in_counts().score.tolist() == [5, 9, 1]
    assert forecast([9, 5, 1], [2, 2, 0]).ranked_in_counts().score.tolist() == [7, 7, 1]
    same = forecast([9, 0, 0], [9, 0, 0])
    assert same.ranked_in_counts().score.tolist() == [9, 0, 0]


def test_a_range_is_widened_to_hold_what_is_expected():
    found = forecast([3, 3, 3], [0, 0, 0], q10=[4, 1, 2], q90=[5, 2, 6]).holding_expected()
    assert found.q10.tolist() == [3, 1, 2]
    assert found.q90.tolist() == [5, 3, 6]
