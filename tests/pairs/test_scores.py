"""Score pairs against the list of all pairs, and what must hold of every draw."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from trail.pairs import score_pairs
from trail.pairs.scores import NEAR

COUNTS = st.lists(st.integers(0, 60), min_size=0, max_size=25)


def decided(target, z: float = 1.96) -> set[tuple[int, int]]:
    """All pairs (winner, loser) that pass the test: two loops."""
    found = set()
    for i, a in enumerate(target):
        for j, b in enumerate(target):
            if a > b and (a - b) ** 2 > z * z * (a + b):
                found.add((i, j))
    return found


@settings(deadline=None, max_examples=60)
@given(COUNTS, st.integers(0, 5), st.integers(1, 40))
def test_pairs_are_decided_distinct_and_within_bounds(target, seed, most):
    rng = np.random.default_rng(seed)
    level, category = rng.integers(0, 9, len(target)), rng.choice(["a", "b", ""], len(target))
    pairs = score_pairs(np.array(target, float), level, category, np.random.default_rng(seed), most=most)
    again = score_pairs(np.array(target, float), level, category, np.random.default_rng(seed), most=most)
    assert pairs.shape[1] == 2
    assert len(pairs) <= most
    assert (pairs == again).all()
    listed = [tuple(pair) for pair in pairs.tolist()]
    assert len(set(listed)) == len(listed)
    assert set(listed) <= decided(target)


def test_every_decided_pair_of_a_small_catalogue_is_found_in_time():
    target = np.array([0.0, 3.0, 4.0, 10.0, 30.0, 31.0])
    pairs = score_pairs(target, target[::-1].copy(), None, np.random.default_rng(0), most=1000)
    assert {tuple(pair) for pair in pairs.tolist()} == decided(target)


def test_chance_decides_by_hand():
    """12 against 4: 64/16 = 4 > 3.84 passes; 11 against 4: 49/15 = 3.27 does not; 4 against 0: 4 passes."""
    pairs = score_pairs(np.array([4.0, 12.0]), np.zeros(2), None, np.random.default_rng(0), most=5)
    assert pairs.tolist() == [[1, 0]]
    assert not len(score_pairs(np.array([4.0, 11.0]), np.zeros(2), None, np.random.default_rng(0), most=5))
    assert len(score_pairs(np.array([4.0, 11.0]), np.zeros(2), None, np.random.default_rng(0), most=5, z=1.0))


def test_two_in_three_candidates_are_near_in_level_and_half_of_these_of_one_category():
    rng = np.random.default_rng(0)
    items = 3000
    level, category = (
        rng.permutation(items).astype(float),
        np.array([f"c{n}" for n in rng.integers(0, 10, items)]),
    )
    target = rng.choice([0.0, 100.0], items)
    pairs = score_pairs(target, level, category, rng, most=3000)
    gap = np.abs(level[pairs[:, 0]] - level[pairs[:, 1]])
    same = category[pairs[:, 0]] == category[pairs[:, 1]]
    assert len(pairs) == 3000
    assert np.mean(gap <= NEAR) > 0.3
    assert np.mean(same & (gap <= 40 * NEAR)) > 0.3
    assert np.mean(gap > 1000) > 0.1


def test_a_large_catalogue_takes_no_quadratic_time():
    rng = np.random.default_rng(0)
    target = rng.poisson(rng.lognormal(0, 2, 200_000)).astype(float)
    start = perf_counter()
    pairs = score_pairs(target, target, rng.choice(["a", "b", None], len(target)), rng, most=20_000)
    assert perf_counter() - start < 5
    assert len(pairs) > 15_000


def test_nothing_to_pair():
    empty = np.empty(0)
    assert score_pairs(empty, empty, None, np.random.default_rng(0), most=5).shape == (0, 2)
    assert score_pairs(np.ones(5), np.ones(5), None, np.random.default_rng(0), most=5).shape == (0, 2)
