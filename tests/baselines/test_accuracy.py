"""NDCG, WAPE and the joint loss against hand values and slow loops."""

from __future__ import annotations

from itertools import pairwise, permutations
from math import log2

import numpy as np
import pytest

from trail.baselines import ndcg, wape
from trail.baselines.accuracy import best_option, joint_loss, mean_loss, relative_loss, tie_means
from trail.baselines.sample import sample_history


def slow_ndcg(gain, score, k):
    """Mean over all orders of equal scores; no vector anywhere."""

    def total(order):
        return sum(gain[item] / log2(place + 2) for place, item in enumerate(order[:k]))

    orders = [o for o in permutations(range(len(gain))) if all(score[a] >= score[b] for a, b in pairwise(o))]
    ideal = total(sorted(range(len(gain)), key=lambda item: -gain[item]))
    return sum(map(total, orders)) / len(orders) / ideal


def test_ndcg_by_hand():
    """Gains 3, 1, 0 ranked 2nd, 1st, 3rd: (1 + 3 / log2 3) / (3 + 1 / log2 3)."""
    found = ndcg(np.array([3.0, 1.0, 0.0]), np.array([2.0, 5.0, 1.0]), 3)
    assert found == pytest.approx((1 + 3 / log2(3)) / (3 + 1 / log2(3)))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("k", [1, 3, 10])
def test_ndcg_against_all_orders_of_ties(seed, k):
    rng = np.random.default_rng(seed)
    gain, score = rng.integers(0, 4, 6).astype(float) + 0.5, rng.integers(0, 3, 6).astype(float)
    assert ndcg(gain, score, k) == pytest.approx(slow_ndcg(gain, score, k))


def test_ndcg_ignores_row_order_and_is_nan_without_gain():
    rng = np.random.default_rng(0)
    gain, score = rng.integers(0, 9, 80).astype(float), rng.integers(0, 5, 80).astype(float)
    order = rng.permutation(80)
    assert ndcg(gain, score, 10) == pytest.approx(ndcg(gain[order], score[order], 10))
    assert ndcg(gain, gain, 10) == pytest.approx(1.0)
    assert np.isnan(ndcg(np.zeros(3), np.ones(3), 2))


def test_tie_means_by_hand():
    assert tie_means(np.array([4.0, 2.0, 0.0]), np.array([1.0, 7.0, 1.0])).tolist() == [1.0, 4.0, 1.0]


def test_wape_by_hand():
    assert wape(np.array([4.0, 0.0, 6.0]), np.array([5.0, 1.0, 3.0])) == pytest.approx(0.5)
    assert np.isnan(wape(np.zeros(2), np.ones(2)))


def test_joint_loss_is_one_for_the_last_window_and_halves_with_both_errors():
    target, last = np.array([9.0, 4.0, 2.0, 0.0]), np.array([2.0, 6.0, 1.0, 3.0])
    assert joint_loss(target, last, last, last) == pytest.approx(1.0)
    assert joint_loss(target, last, target, target) == pytest.approx(0.0)
    halfway = joint_loss(target, last, (target + last) / 2, last)
    assert halfway == pytest.approx(0.75)  # the ranking of the last window, half its error


def test_relative_loss_looks_at_active_items_only():
    example = sample_history()[-1]
    from_nothing = np.isnan(example.cards.column("age"))
    forecast = np.where(from_nothing, 1e6, np.nan_to_num(example.cards.column("count_1")))
    assert from_nothing.any()
    assert relative_loss(example, forecast, forecast) == pytest.approx(1.0)


def test_best_option_takes_the_first_of_equals_and_skips_undefined_losses():
    examples = sample_history()[-2:]
    truth = {id(example.cards): example.target for example in examples}
    found = best_option([0.0, 0.4, 1.0], lambda share, cards: share * truth[id(cards)], examples)
    assert found == 1.0
    assert best_option([3, 2], lambda _, cards: truth[id(cards)], examples) == 3
    assert mean_loss([float("nan"), 2.0]) == 2.0
    assert mean_loss([float("nan")]) == float("inf")
