"""Grades, the rising map and the ranker, by hand values and loops; trees that also read texts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pytest

from trail.baselines import LambdaRank, LightGBMTweedie, active, ndcg
from trail.baselines.ranked import Calibration, graded, standing, volume
from trail.baselines.sample import sample_history
from trail.errors import ModelError

SMALL = LambdaRank(rounds=25, leaves=4, learning_rate=0.1)


def test_grades_are_thousandths_of_the_highest_count_rounded_up():
    assert graded(np.array([0.0, 0.5, 1.0, 30.0, 500.0])).tolist() == [0, 1, 2, 60, 1000]
    assert graded(np.zeros(3)).tolist() == [0, 0, 0]


def test_grades_keep_this_projects_ndcg():
    rng = np.random.default_rng(0)
    counts, score = rng.poisson(rng.lognormal(2, 1, 300)).astype(float), rng.normal(size=300)
    assert ndcg(graded(counts), score) == pytest.approx(ndcg(counts, score), abs=2e-3)


def slow_isotonic(values, weights):
    """Pools adjacent violators: a block that exceeds the next one is merged with it."""
    blocks = []
    for value, weight in zip(values, weights, strict=True):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (v1, w1, n1), (v2, w2, n2) = blocks[-2:]
            blocks[-2:] = [[(v1 * w1 + v2 * w2) / (w1 + w2), w1 + w2, n1 + n2]]
    return [value for value, _, n in blocks for _ in range(n)]


def test_calibration_against_a_loop():
    rng = np.random.default_rng(0)
    scores = [np.round(rng.normal(size=200), 1) for _ in range(2)]
    targets = [rng.poisson(np.exp(each)).astype(float) for each in scores]
    found = Calibration.measure(scores, targets)
    score, target = np.concatenate(scores), np.concatenate(targets)
    knots = np.unique(score)
    slow = slow_isotonic([target[score == k].mean() for k in knots], [(score == k).sum() for k in knots])
    assert np.allclose(found(knots), slow)
    assert found(np.array([-99.0, 99.0])).tolist() == pytest.approx([slow[0], slow[-1]])
    middle = (knots[3] + knots[4]) / 2
    assert found(np.array([middle]))[0] == pytest.approx((slow[3] + slow[4]) / 2)


def test_standing_is_minus_the_number_of_active_items_above_equals_counting_half():
    scores = np.array([9.0, 7.0, 7.0, 1.0, 8.0, 7.0, -5.0])
    known = np.array([True, True, True, True, False, False, False])
    assert standing(scores, known).tolist() == [-0.5, -2, -2, -3.5, -1, -2, -4]
    assert standing(scores, np.zeros(7, dtype=bool)).tolist() == [-0.5, -3.5, -3.5, -5.5, -1.5, -3.5, -6.5]
    assert standing(scores[:0], known[:0]).tolist() == []


def test_volume_is_the_decayed_count_of_the_active_items():
    cards = sample_history()[-1].cards
    table = cards.table.select(["item_id", "level_one", *(f"count_{ago}" for ago in range(1, 9))]).to_pylist()
    counts = [[row[f"count_{ago}"] or 0 for ago in range(1, 9)] for row in table]
    slow = sum(row["level_one"] or 0 for row, of in zip(table, counts, strict=True) if any(of))
    assert volume(cards) == pytest.approx(slow)
    assert volume(cards.take(np.flatnonzero(~active(cards)))) == 1


@dataclass(frozen=True)
class Rescaled(LambdaRank):
    """A ranker whose scores have another scale at each cutoff, as its loss allows."""

    def raw(self, cards):
        return super().raw(cards) * 2.0 ** (cards.cutoff.toordinal() // 7 % 5)


def test_counts_and_ranges_do_not_depend_on_the_scale_of_a_cutoffs_scores():
    *past, now = sample_history()
    plain = SMALL.fit(past).predict(now.cards)
    scaled = Rescaled(**vars(SMALL)).fit(past).predict(now.cards)
    assert not np.array_equal(plain.score, scaled.score)
    for name in ("expected", "q10", "q50", "q90"):
        assert np.array_equal(getattr(plain, name), getattr(scaled, name))


def test_the_ranker_learns_what_the_last_window_cannot_know():
    """The target is three times the count two windows ago: the trees rank by it, and the map finds its size."""
    history = [replace(e, target=3.0 * np.nan_to_num(e.cards.column("count_2"))) for e in sample_history()]
    *past, now = history
    found = replace(SMALL, rounds=120).fit(past).predict(now.cards)
    assert ndcg(now.target, found.score) > 0.99
    assert ndcg(now.target, found.expected) > 0.97
    assert found.expected.sum() == pytest.approx(now.target.sum(), rel=0.15)


def test_expected_never_contradicts_the_score():
    *past, now = sample_history()
    found = SMALL.fit(past).predict(now.cards)
    assert (np.diff(found.expected[np.argsort(found.score)]) >= 0).all()
    assert len(np.unique(found.score)) > len(np.unique(found.expected)) > 5


def test_the_map_is_learned_on_cutoffs_that_its_trees_had_not_seen():
    *past, _ = sample_history()  # ten cutoffs: three are held out
    early, late = past[:-3], past[-3:]
    assert early[-1].known_from <= late[0].cards.cutoff
    trees = SMALL.grow(early)
    places = [standing(trees.raw(e.cards), active(e.cards)) for e in late]
    known = Calibration.measure(places, [e.target / volume(e.cards) for e in late])
    found = SMALL.learn(past).calibration
    assert np.array_equal(found.standings, known.standings)
    assert np.array_equal(found.shares, known.shares)


def test_a_history_too_short_to_split_ranks_all_the_same():
    first, second, now = sample_history()[:3]
    found = SMALL.fit([first, second]).predict(now.cards)
    assert np.isfinite(found.expected).all()
    assert ndcg(now.target, found.score) > 0.5
    with pytest.raises(ModelError, match="lambdarank"):
        SMALL.fit([])
    with pytest.raises(ModelError, match="fit first"):
        SMALL.predict(now.cards)


@pytest.mark.parametrize("small", [SMALL, LightGBMTweedie(rounds=60, leaves=4, learning_rate=0.1)])
def test_trees_with_texts_learn_what_only_the_title_says(small):
    """Items called "hot" will get 40, the others 1: no signal knows."""
    history = sample_history()
    hot = np.arange(len(history[0].cards)) % 7 == 0
    titles = pa.array([f"{'hot' if each else 'cold'} thing {at % 5}" for at, each in enumerate(hot)])

    def titled(example):
        table = example.cards.table
        table = table.set_column(table.column_names.index("title"), "title", titles)
        return replace(example, cards=replace(example.cards, table=table), target=np.where(hot, 40.0, 1.0))

    *past, now = [titled(example) for example in history]
    blind, reading = (replace(small, text_dims=dims).fit(past).predict(now.cards) for dims in (0, 4))
    assert ndcg(now.target, reading.score, 10) == pytest.approx(1.0)
    assert ndcg(now.target, blind.score, 10) < 1.0
    assert reading.expected[hot].min() > 5 * reading.expected[~hot].max()
    assert set(reading.forecaster) == {f"{small.name}_text"}
