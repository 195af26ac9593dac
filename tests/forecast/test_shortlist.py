"""Who enters a shortlist, and how much of what mattered it held."""

from __future__ import annotations

import numpy as np
import pytest

from trail.baselines import Decayed
from trail.baselines.sample import sample_history
from trail.forecast.shortlist import reach, shortlist


def test_reach_counts_what_happened_and_what_rose_inside_the_shortlist():
    """Of the true top three (9, 8, 7) two are inside; of the three rises (+9, +4, +1) one is."""
    target = np.array([9.0, 8.0, 7.0, 5.0, 1.0, 0.0])
    last = np.array([0.0, 8.0, 9.0, 1.0, 0.0, 3.0])
    assert reach(target, last, np.array([0, 1, 5]), 3) == pytest.approx((2 / 3, 1 / 3))
    assert reach(np.zeros(3), np.zeros(3), np.array([0]), 2) == (1.0, 1.0)


def test_the_order_of_the_rows_decides_nothing_and_equal_cards_enter_together_or_not_at_all():
    cards = sample_history()[-1].cards
    cards = cards.take(np.array([*range(30), 4, 4, 9]))
    prior = Decayed(options=(1.0,)).predict(cards)
    order = np.random.default_rng(0).permutation(len(cards))
    for size in range(1, len(cards)):
        rows = shortlist(cards, prior, size)
        assert len(rows) <= size
        mixed = order[shortlist(cards.take(order), prior.take(order), size)]
        assert sorted(mixed) == list(rows)
        names = [np.array(cards.item_ids)[rows].tolist().count(cards.item_ids[at]) for at in (4, 9)]
        assert names[0] in (0, 3)
        assert names[1] in (0, 2)
