"""Grades, the rising map and the ranker, by hand values and loops; trees that also read texts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import poisson

from trail.baselines import LambdaRank, LightGBMTweedie, Spread, ndcg
from trail.baselines.ranked import Calibration, graded
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


def test_the_ranker_learns_what_the_last_window_cannot_know():
    """The target is three times the count two windows ago: the trees rank by it, and the map finds its size."""
    history = [replace(e, target=3.0 * np.nan_to_num(e.cards.column("count_2"))) for e in sample_history()]
    *past, now = history
    found = replace(SMALL, rounds=120).fit(past).predict(now.cards)
    assert ndcg(now.target, found.score) > 0.99
    assert ndcg(now.target, found.expected) > 0.97
    assert found.expected.sum() == pytest.approx(now.target.sum(), rel=0.15)


def test_the_trees_of_all_the_history_rank_and_the_earlier_ones_count():
    *past, now = sample_history()
    fitted = SMALL.fit(past)
    found, before = fitted.predict(now.cards), SMALL.grow(past[:-3]).raw(now.cards)
    assert np.array_equal(found.score, SMALL.grow(past).raw(now.cards))
    assert np.array_equal(found.expected, fitted.calibration(before))
    assert (np.diff(found.expected[np.argsort(before)]) >= 0).all()
    assert len(np.unique(before)) > len(np.unique(found.expected)) > 5


@dataclass(frozen=True)
class Rescaled(LambdaRank):
    """A ranker whose scores are on a scale that the number of cutoffs decides, as its loss allows."""

    scale: float = 1.0

    def grow(self, history):
        return replace(super().grow(history), scale=2.0 ** len(history))

    def raw(self, cards):
        return super().raw(cards) * self.scale


def test_counts_and_ranges_do_not_depend_on_the_scale_of_a_rankers_scores():
    *past, now = sample_history()
    plain = SMALL.fit(past).predict(now.cards)
    scaled = Rescaled(**vars(SMALL)).fit(past).predict(now.cards)
    assert np.array_equal(plain.score * 2.0 ** len(past), scaled.score)
    for name in ("expected", "q10", "q50", "q90"):
        assert np.allclose(getattr(plain, name), getattr(scaled, name))


def test_the_map_is_learned_on_cutoffs_that_its_trees_had_not_seen():
    *past, _ = sample_history()  # ten cutoffs: three are held out
    early, late = past[:-3], past[-3:]
    assert early[-1].known_from <= late[0].cards.cutoff
    trees = SMALL.grow(early)
    known = Calibration.measure([trees.raw(e.cards) for e in late], [e.target for e in late])
    found = SMALL.learn(past).calibration
    assert np.array_equal(found.scores, known.scores)
    assert np.array_equal(found.counts, known.counts)


def test_a_history_too_short_to_split_ranks_all_the_same():
    first, second, now = sample_history()[:3]
    found = SMALL.fit([first, second]).predict(now.cards)
    assert np.isfinite(found.expected).all()
    assert ndcg(now.target, found.score) > 0.5
    with pytest.raises(ModelError, match="lambdarank"):
        SMALL.fit([])
    with pytest.raises(ModelError, match="fit first"):
        SMALL.predict(now.cards)


@pytest.mark.parametrize("cutoffs", [1, 2, 3, 5])
def test_without_two_held_out_cutoffs_no_spread_is_measured(cutoffs):
    """Trees know the outcomes of the rows they grew on: a spread on these would be too small. Poisson stands instead."""
    *past, now = sample_history()[: cutoffs + 1]
    assert SMALL.held_out(cutoffs) < 2
    fitted = SMALL.fit(past)
    assert fitted.spread == Spread()
    found = fitted.predict(now.cards)
    assert np.array_equal(found.q50, poisson.ppf(0.5, found.expected))
    assert SMALL.fit(sample_history()[:6]).spread != Spread()


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


def test_a_cutoff_of_a_large_catalogue_is_cut_to_what_the_loss_compares():
    rows = LambdaRank.most_of_one + 1
    some = sample_history()[-1]
    large = replace(
        some,
        cards=some.cards.take(np.resize(np.arange(len(some.cards)), rows)),
        target=np.resize(some.target, rows),
    )
    assert (large.cards.column("count_1") > 0).sum() > 0
    assert replace(SMALL, rounds=2, others=1.0).grow([large]).booster is not None
