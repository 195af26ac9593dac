"""How much of what mattered a shortlist held."""

from __future__ import annotations

import numpy as np
import pytest

from trail.forecast.shortlist import reach


def test_reach_counts_what_happened_and_what_rose_inside_the_shortlist():
    """Of the true top three (9, 8, 7) two are inside; of the three rises (+9, +4, +1) one is."""
    target = np.array([9.0, 8.0, 7.0, 5.0, 1.0, 0.0])
    last = np.array([0.0, 8.0, 9.0, 1.0, 0.0, 3.0])
    assert reach(target, last, np.array([0, 1, 5]), 3) == pytest.approx((2 / 3, 1 / 3))
    assert reach(np.zeros(3), np.zeros(3), np.array([0]), 2) == (1.0, 1.0)
