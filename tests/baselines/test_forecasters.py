"""Each forecaster's numbers against its formula written as a loop, and what fit learns."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from trail.baselines import (
    BASELINES,
    Decayed,
    Growth,
    LambdaRank,
    LastWindow,
    LightGBMLog,
    LightGBMTweedie,
    SeasonalNaive,
    WindowedMean,
    active,
    relative_loss,
)
from trail.baselines.sample import sample_history, sample_log
from trail.baselines.trees import training_rows
from trail.errors import ModelError
from trail.events import Horizon
from trail.signals import Labelled, cards_at, gathered, known_at, label

SMALL = LightGBMTweedie(rounds=25, leaves=4, learning_rate=0.1)


def with_columns(example: Labelled, **columns) -> Labelled:
    table = example.cards.table
    for name, values in columns.items():
        column = pa.array(np.asarray(values, dtype=float), from_pandas=True)
        table = table.set_column(table.column_names.index(name), name, column)
    return replace(example, cards=replace(example.cards, table=table))


def slow_decayed(counts, half_life):
    top = bottom = 0.0
    for ago, count in enumerate(counts):
        top += count * 0.5 ** (ago / half_life)
        bottom += 0.5 ** (ago / half_life)
    return top / bottom


def test_last_window_says_the_last_count():
    cards = sample_history()[-1].cards
    assert LastWindow().predict(cards).expected.tolist() == cards.column("count_1").tolist()


@pytest.mark.parametrize("at", [0, -1])  # the first cutoff has fewer than twelve windows
@pytest.mark.parametrize("half_life", [0.5, 3.0])
def test_decayed_against_a_loop(at, half_life):
    cards = sample_history()[at].cards
    found = Decayed(options=(half_life,)).predict(cards).expected
    for row in range(0, len(cards), 7):
        assert found[row] == pytest.approx(slow_decayed(cards.card(row).counts, half_life))


def test_windowed_mean_against_a_loop():
    cards = sample_history()[0].cards
    found = WindowedMean(options=(12,)).predict(cards).expected
    for row in range(0, len(cards), 7):
        counts = cards.card(row).counts
        assert len(counts) < 12
        assert found[row] == pytest.approx(sum(counts) / len(counts))


def test_growth_ranks_by_the_increase_and_expects_a_part_of_it_again():
    example = with_columns(sample_history()[-1], count_1=np.arange(120.0), count_2=np.full(120, 40.0))
    found = Growth(options=(0.5,)).predict(example.cards)
    assert found.score[[0, 30, 50]].tolist() == [-40.0, -10.0, 10.0]
    assert found.expected[[0, 30, 50]].tolist() == [0.0, 25.0, 55.0]
    alone = with_columns(example, count_2=np.full(120, np.nan))
    found = Growth().predict(alone.cards)
    assert found.score.tolist() == found.expected.tolist() == list(range(120))


@pytest.mark.parametrize(
    ("made", "setting"), [(Decayed(), "half_life"), (WindowedMean(), "windows"), (Growth(), "part")]
)
def test_fit_chooses_what_did_best(made, setting):
    history = sample_history()[:-1]
    losses = {}
    for option in made.options:
        single = type(made)(options=(option,))
        found = [
            relative_loss(e, f.expected, f.expected) for e in history[-8:] for f in [single.predict(e.cards)]
        ]
        losses[option] = np.mean(found)
    assert getattr(made.fit(history), setting) == min(losses, key=losses.get)
    assert getattr(made.fit([]), setting) == made.options[0]


def test_seasonal_naive_uses_last_year_only_where_the_item_is_old_enough():
    example = sample_history()[-1]
    n = len(example.cards)
    age = np.where(np.arange(n) % 2 == 0, 400.0, 100.0)
    old = with_columns(example, age=age, last_year=np.full(n, 7.0))
    expected = SeasonalNaive(growth=2.0).predict(old.cards).expected
    assert expected[0] == 14.0
    assert expected[1] == old.cards.column("count_1")[1]
    young = SeasonalNaive().predict(example.cards).expected  # the log is five months long
    assert young.tolist() == example.cards.column("count_1").tolist()


@pytest.mark.parametrize(("factor", "growth"), [(3.0, 3.0), (1.0, 1.0)])
def test_seasonal_naive_learns_growth_from_known_targets(factor, growth):
    history = [
        with_columns(e, age=np.full(len(e.target), 500.0), last_year=e.target / factor)
        for e in sample_history()
    ]
    assert SeasonalNaive().fit(history).growth == pytest.approx(growth)


def grown(ratios) -> list[Labelled]:
    """The latest cutoffs of the sample, each target so many times the count a year before."""
    latest = sample_history()[-len(ratios) :]
    return [
        with_columns(e, age=np.full(len(e.target), 500.0), last_year=e.target / ratio)
        for e, ratio in zip(latest, ratios, strict=True)
    ]


def slow_growth(history, judged):
    """The mean loss of last year's counts as they are, and times the growth of the four cutoffs before each."""

    def ratio(examples):
        now, then = (sum(float(part.sum()) for part in parts) for parts in zip(*examples, strict=True))
        return now / then

    years = [(e.target, e.cards.column("last_year")) for e in history]
    plain, scaled = [], []
    for at in range(len(history) - judged, len(history)):
        before = years[max(at - 4, 0) : at]
        factor = ratio(before) if before else 1.0
        last_year = years[at][1]
        plain.append(relative_loss(history[at], last_year, last_year))
        scaled.append(relative_loss(history[at], last_year * factor, last_year * factor))
    return ratio(years[-4:]) if np.mean(scaled) < np.mean(plain) else 1.0


@pytest.mark.parametrize("seed", range(6))
def test_growth_is_judged_by_what_was_known_at_each_cutoff(seed):
    history = grown(np.exp(np.random.default_rng(seed).normal(0.3, 0.4, size=10)))
    assert SeasonalNaive().learn(history).growth == pytest.approx(slow_growth(history, 8))


def test_growth_that_shows_only_where_it_is_judged_is_not_believed():
    """One cutoff alone is fitted by its own growth without a miss, which says nothing of the next."""
    assert SeasonalNaive().learn(grown([3.0])).growth == 1.0
    assert SeasonalNaive().learn(grown([3.0, 3.0])).growth == pytest.approx(3.0)


def test_an_item_of_which_nothing_is_known_is_abstained_on():
    """The last ten items of the sample never sold; a word in the catalogue is enough to be forecast."""
    *past, now = sample_history()
    table = now.cards.table
    never = np.isnan(now.cards.column("age"))
    assert never.sum() == 10
    wordless = {"title": never & (np.cumsum(never) > 1), "categories": never}
    for name, nulls in wordless.items():
        values = [None if null else value for null, value in zip(nulls, table[name].to_pylist(), strict=True)]
        at = table.column_names.index(name)
        table = table.set_column(at, table.schema.field(name), pa.array(values, pa.string()))
    found = Decayed().fit(past).predict(replace(now.cards, table=table))
    assert (found.forecaster == "abstained").tolist() == wordless["title"].tolist()
    assert (found.q10 == 0)[never].all()
    assert found.expected.tolist() == Decayed().fit(past).predict(now.cards).expected.tolist()


def test_lightgbm_learns_what_the_last_window_cannot_know():
    """The target is three times the count two windows ago: trees find it, the last window does not."""
    history = [replace(e, target=3.0 * np.nan_to_num(e.cards.column("count_2"))) for e in sample_history()]
    *past, now = history
    trees = replace(SMALL, rounds=120).fit(past).predict(now.cards)
    last = LastWindow().predict(now.cards)
    assert relative_loss(now, trees.expected, trees.score) < 0.5 * relative_loss(
        now, last.expected, last.score
    )


@pytest.mark.parametrize(
    "trees", [SMALL, LightGBMLog(rounds=5), LambdaRank(rounds=5)], ids=lambda each: each.name
)
def test_trees_learn_from_the_cutoffs_between_too(trees, monkeypatch):
    """Grown on as many rows again; of a cutoff whose period is not over they see neither it nor those before it."""
    rows = list[np.ndarray]()

    def grown(features, labels, sizes, *rest):
        rows.append(np.column_stack([features, labels]))
        return sizes, rest

    monkeypatch.setattr("trail.baselines.trees.grown", grown)
    log, items = sample_log()
    week, last = Horizon(7), log.last_cutoff() - timedelta(weeks=1)
    apart = [last - timedelta(weeks=n) for n in range(5)]
    moments = [*apart, *(each - timedelta(days=3) for each in apart)]
    examples = [label(log, cards_at(log, items, each, week)) for each in moments]
    few, cutoff = replace(trees, max_rows=200), last - timedelta(weeks=1)

    def learned(examples, *, between=True):
        history = known_at(gathered(examples, apart), cutoff)
        return few.grow(history if between else [replace(each, between=()) for each in history]).booster[0]

    many, plain = learned(examples), learned(examples, between=False)
    assert (len(many), len(plain)) == (6, 3)
    assert sum(plain) <= 200 < sum(many) <= 400
    late = [replace(each, target=each.target + (each.known_from > cutoff)) for each in examples]
    assert learned(late) == many
    assert np.array_equal(rows[0], rows[-1], equal_nan=True)


def test_lightgbm_is_the_same_with_the_same_seed_and_needs_a_history():
    *past, now = sample_history()
    one, other = (SMALL.fit(past).predict(now.cards) for _ in range(2))
    assert np.array_equal(one.expected, other.expected)
    with pytest.raises(ModelError, match="lightgbm"):
        SMALL.fit([])
    with pytest.raises(ModelError, match="fit first"):
        SMALL.predict(now.cards)


@pytest.mark.parametrize("budget", [1, 10, 60, 10_000])
def test_training_rows_keep_the_budget_the_highest_and_a_sample_of_the_others(budget):
    cards = sample_history()[-1].cards
    rows = training_rows(cards, budget, 0.2, np.random.default_rng(0))
    awake = active(cards)
    assert len(rows) <= budget
    assert len(set(rows.tolist())) == len(rows)
    if budget == 60:
        top = np.argsort(-np.where(awake, cards.column("level_three"), -1), kind="stable")[:20]
        assert set(top.tolist()) <= set(rows.tolist())
    if budget == 10_000:
        assert awake[rows].sum() == awake.sum()
        assert 0 < (~awake[rows]).sum() <= 0.2 * awake.sum()


def test_training_rows_do_not_look_at_targets():
    """Rows are chosen from cards alone, so the same cards give the same rows whatever happened next."""
    cards = sample_history()[-1].cards
    one, other = (training_rows(cards, 40, 0.2, np.random.default_rng(3)) for _ in range(2))
    assert one.tolist() == other.tolist()


def test_where_nothing_happened_nothing_is_expected():
    """The count loss refuses labels that are all zero; they are learned all the same, and by whoever has it as a part."""
    silent = [replace(each, target=np.zeros_like(each.target)) for each in sample_history()]
    found = SMALL.fit(silent).predict(silent[-1].cards)
    assert found.expected == pytest.approx(0.0, abs=1e-6)
    assert np.isfinite(BASELINES["blend"]().fit(silent).predict(silent[-1].cards).expected).all()
