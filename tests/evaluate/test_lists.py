"""Users' lists: metrics by hand, by a loop and by ir-measures, who is asked, no leak, and choices made on validation alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import log2
from typing import ClassVar

import ir_measures
import numpy as np
import pytest
from ir_measures import Qrel, ScoredDoc, Success, nDCG
from scipy.stats import wilcoxon
from tests.arriving import arriving

from trail.baselines import LastWindow, active
from trail.baselines.interactions import Interactions, interactions
from trail.baselines.recommenders import MostPop
from trail.baselines.sample import sample_history, sample_log
from trail.errors import ConfigError, DataError
from trail.evaluate import Origins, Task, list_backtest
from trail.evaluate.list_backtest import WEIGHTS, Late, backtest_lists, choose, steps_of
from trail.evaluate.list_metrics import LIST_METRICS, Visit, list_scores, repeat_share, top_items
from trail.evaluate.list_origin import Contender, Field, measure_lists, standard
from trail.evaluate.list_report import chosen_of, write_list_report
from trail.evaluate.list_rows import (
    list_markdown,
    list_spreads,
    list_table,
    of_list_seeds,
    paired,
    sentence,
    write_list_rows,
)
from trail.events import Horizon, to_micros
from trail.signals import known_at

DAY = datetime(2024, 1, 8, tzinfo=UTC)
WEEK = Horizon(7)


def log_of(rows, items=4, horizon=WEEK):
    """Rows of (user, item, days after DAY), oldest first, as `interactions` numbers them."""
    numbers = {}
    users = [numbers.setdefault(user, len(numbers)) for user, _, _ in rows]
    moments = [to_micros(DAY + timedelta(days=days)) for _, _, days in rows]
    columns = (np.array(each, dtype=np.int64) for each in (users, [item for _, item, _ in rows], moments))
    return Interactions(*columns, items, horizon.micros, to_micros(DAY + timedelta(days=1000)))


def test_metrics_by_hand():
    """Two relevant items, one at place 2 of the list: ndcg@5 = (1 / log2 3) / (1 + 1 / log2 3)."""
    relevant = np.zeros((3, 12), dtype=bool)
    relevant[0, [3, 7]] = relevant[1, 11] = relevant[2, 0] = True
    lists = np.array([[1, 3, 2, 4, 5, 6, 8, 9, 10, 0], [0, 1, 2, 3, 4, 5, 11, 6, 7, 8], [-1] * 10])
    found = list_scores(lists, relevant)
    assert tuple(found) == LIST_METRICS
    assert found["hr@5"].tolist() == [1, 0, 0]
    assert found["hr@10"].tolist() == [1, 1, 0]
    assert found["ndcg@5"] == pytest.approx([(1 / log2(3)) / (1 + 1 / log2(3)), 0, 0])
    assert found["ndcg@10"] == pytest.approx([(1 / log2(3)) / (1 + 1 / log2(3)), 1 / log2(8), 0])


def slow_list(scores, k):
    order = sorted((i for i, s in enumerate(scores) if s > -np.inf), key=lambda i: (-scores[i], i))
    return (order + [-1] * k)[:k]


def slow_ndcg(items, relevant, k):
    gained = sum(1 / log2(place + 2) for place, item in enumerate(items[:k]) if item in relevant)
    return gained / sum(1 / log2(place + 2) for place in range(min(k, len(relevant))))


@pytest.mark.parametrize("seed", range(5))
def test_lists_and_metrics_against_loops(seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 6, (20, 14)).astype(float)  # many ties
    scores[rng.random(scores.shape) < 0.4] = -np.inf
    relevant = rng.random(scores.shape) < 0.2
    relevant[:, 0] = True
    lists = top_items(scores, 10)
    assert lists.tolist() == [slow_list(row, 10) for row in scores]
    found = list_scores(lists, relevant)
    for user, items in enumerate(lists.tolist()):
        wanted = set(np.flatnonzero(relevant[user]).tolist())
        for k in (5, 10):
            assert found[f"hr@{k}"][user] == bool(wanted & set(items[:k]))
            assert found[f"ndcg@{k}"][user] == pytest.approx(slow_ndcg(items, wanted, k))


@pytest.mark.parametrize("seed", range(3))
def test_metrics_of_each_user_equal_those_of_ir_measures(seed):
    """trec_eval's own code: its success at k is the hit rate. Short lists and items that no list holds are among these."""
    rng = np.random.default_rng(seed)
    scores = rng.permuted(
        np.tile(np.arange(30.0), (40, 1)), axis=1
    )  # no ties, which trec_eval breaks by name
    scores[rng.random(scores.shape) < rng.random((40, 1))] = -np.inf
    relevant = rng.random(scores.shape) < 0.15
    relevant[:, 0] = True
    found = list_scores(top_items(scores, 10), relevant)
    wanted = [Qrel(f"u{user}", f"i{item}", 1) for user, item in np.argwhere(relevant)]
    ranked = [ScoredDoc(f"u{u}", f"i{i}", scores[u, i]) for u, i in np.argwhere(scores > -np.inf)]
    measures = {f"hr@{k}": Success @ k for k in (5, 10)} | {f"ndcg@{k}": nDCG @ k for k in (5, 10)}
    assert set(measures) == set(LIST_METRICS)
    for each in ir_measures.iter_calc(measures.values(), wanted, ranked):
        name = next(name for name, measure in measures.items() if measure == each.measure)
        assert found[name][int(each.query_id[1:])] == pytest.approx(each.value, rel=1e-9, abs=1e-12)


def test_a_list_is_as_long_as_there_are_items():
    assert top_items(np.array([[1.0, 2.0]]), 4).tolist() == [[1, 0, -1, -1]]


ROWS = [
    ("a", 0, 1),
    ("b", 0, 2),
    ("b", 1, 3),
    ("c", 1, 4),
    ("a", 0, 8),
    ("a", 2, 9),
    ("b", 1, 10),
    ("new", 3, 11),
]


def test_who_is_asked_and_what_counts():
    events = log_of(ROWS)
    cutoff = DAY + WEEK.span
    new = Visit.at(events, cutoff, WEEK, repeats=False)
    assert new.users.tolist() == [0]  # b only repeats, c touches nothing, the newcomer has no history
    assert new.relevant.toarray().tolist() == [[False, False, True, False]]
    assert new.excluded.toarray().tolist() == [[True, False, False, False]]
    assert (new.newcomers, new.unmeasured) == (1, 1)
    every = Visit.at(events, cutoff, WEEK, repeats=True)
    assert every.users.tolist() == [0, 1]
    assert every.relevant.toarray().tolist() == [[True, False, True, False], [False, True, False, False]]
    assert every.excluded.nnz == 0
    assert (every.newcomers, every.unmeasured) == (1, 0)
    assert repeat_share(events, (cutoff,), WEEK) == pytest.approx(2 / 3)
    assert repeat_share(events, (DAY + timedelta(days=500),), WEEK) == 0.0


def test_the_log_is_read_in_order_and_numbered_by_first_event():
    log, _ = sample_log()
    items = sample_history()[0].cards.item_ids
    events = interactions(log, items, WEEK)
    table = log.table.to_pyarrow().to_pylist()
    slow = sorted((to_micros(r["timestamp"].astimezone(UTC)), r["user_id"], r["item_id"]) for r in table)
    numbers = {}
    assert events.user.tolist() == [numbers.setdefault(user, len(numbers)) for _, user, _ in slow]
    assert [items[row] for row in events.item] == [item for _, _, item in slow]
    assert events.micros.tolist() == [moment for moment, _, _ in slow]
    fewer = interactions(log, items[:50], WEEK)
    assert len(fewer.user) == sum(item in set(items[:50]) for _, _, item in slow)


def test_what_arrived_later_is_not_known_and_numbers_go_by_what_was():
    log, items = arriving(sample_log()[0]), sample_history()[0].cards.item_ids
    events, cutoff = interactions(log, items, WEEK), sample_history()[-2].cards.cutoff
    rows = [
        (
            row["timestamp"],
            row["user_id"],
            row["item_id"],
            max(row["timestamp"], row["ingested_at"] or row["timestamp"]),
        )
        for row in log.table.to_pyarrow().to_pylist()
    ]
    known = events.before(cutoff)
    slow = sorted(row[:3] for row in rows if row[0] < cutoff and row[3] < cutoff)
    assert len(slow) < sum(row[0] < cutoff for row in rows)
    assert [items[each] for each in known.item] == [item for _, _, item in slow]
    assert known.micros.tolist() == [to_micros(moment) for moment, _, _ in slow]
    # every number below the count of users is somebody who was known, and one user is one number
    assert sorted(set(known.user.tolist())) == list(range(known.users))
    pairs = {(user, number) for (_, user, _), number in zip(slow, known.user.tolist(), strict=True)}
    assert len(pairs) == known.users
    # what happened in a period is counted whole
    assert len(events.inside(cutoff, cutoff + WEEK.span).user) == sum(
        cutoff <= row[0] < cutoff + WEEK.span for row in rows
    )
    assert len(events.before(log.last_cutoff()).user) == len(rows)


@dataclass(frozen=True)
class Neighbours:
    """Items touched by users who touched the same items: personal, and needs no package."""

    sign: float = 1.0
    known: Interactions | None = field(default=None, repr=False, compare=False)
    name: ClassVar[str] = "neighbours"
    needs: ClassVar[tuple[str, ...]] = ()
    personal: ClassVar[bool] = True

    def fit(self, known):
        return replace(self, known=known)

    def score(self, users):
        pairs = self.known.pairs
        return (self.sign * (pairs[users] @ (pairs.T @ pairs))).toarray()


HISTORY = sample_history()
CUTOFFS = tuple(each.cards.cutoff for each in HISTORY)
ORIGINS = Origins(CUTOFFS[:-4], CUTOFFS[-4:-2], CUTOFFS[-2:])
TRIED = {"most_pop": (MostPop(1), MostPop(8)), "neighbours": (Neighbours(-1.0), Neighbours())}


def events_of_sample():
    return interactions(sample_log()[0], HISTORY[0].cards.item_ids, WEEK)


@pytest.fixture(scope="module")
def rows():
    late = [Late(Renamed(), ORIGINS.validation[-1:]), Late(Unheld(), ())]
    return backtest_lists(events_of_sample(), HISTORY, TRIED, [LastWindow()], ORIGINS, late=late)


class Renamed(LastWindow):
    name = "late"


class Unheld(LastWindow):
    name = "unheld"


def test_rows_of_every_method_scope_and_metric(rows):
    blends = {"most_pop + last_window", "neighbours + last_window"}
    methods = {"most_pop", "neighbours", "last_window", *blends}
    late = {"late", "most_pop + late", "neighbours + late"}
    # what is trained already is measured on what it was not trained on, and without any of that not blended
    first, last = ORIGINS.validation
    assert {row.method for row in rows if row.origin == first} == methods
    assert {row.method for row in rows if row.origin == last} == methods | late
    assert {row.method for row in rows if row.split == "test"} == methods | late | {"unheld"}
    assert len(rows) == (len(methods) * 2 + len(late)) * 4 + len(methods | late | {"unheld"}) * 4 * 2 * 2
    settings = {row.method: row.settings for row in rows}
    assert settings["neighbours"] == "Neighbours(sign=1.0)"
    assert settings["neighbours + late"].startswith("Neighbours(sign=1.0), weight 0.")
    assert settings["last_window"] == settings["late"] == ""
    assert {row.task for row in rows} == {Task.of(HISTORY, ORIGINS).fingerprint}  # that of a backtest
    assert {row.relevant for row in rows} == {"all"}  # the sample's users come back for the same items
    table = {line.method: line for line in list_table(rows)}
    assert table["late"].values == table["unheld"].values == table["last_window"].values
    assert "| neighbours + late |" in list_markdown(list(table.values()))


def test_a_late_weight_is_the_one_that_its_held_out_origins_alone_ask_for(rows):
    late = next(row.settings for row in rows if row.method == "neighbours + late")
    alone = backtest_lists(
        events_of_sample(),
        HISTORY,
        {"neighbours": (Neighbours(),)},
        [LastWindow()],
        replace(ORIGINS, validation=ORIGINS.validation[-1:]),
    )
    assert late == next(row.settings for row in alone if row.method == "neighbours + last_window")


def test_values_are_means_over_users_by_a_slow_loop(rows):
    events, example = events_of_sample(), HISTORY[-1]
    cutoff = example.cards.cutoff
    old = {
        (u, i)
        for u, i, m in zip(events.user, events.item, events.micros, strict=True)
        if m < to_micros(cutoff)
    }
    start, end = (to_micros(each) for each in WEEK.target_period(cutoff))
    asked = {}
    for user, item, moment in zip(events.user, events.item, events.micros, strict=True):
        if start <= moment < end and any(user == u for u, _ in old):
            asked.setdefault(int(user), set()).add(int(item))
    ranked = slow_list(np.nan_to_num(example.cards.column("count_1")), 10)
    value = np.mean([slow_ndcg(ranked, wanted, 10) for wanted in asked.values()])
    mine = next(
        row
        for row in rows
        if (row.method, row.origin, row.scope, row.metric) == ("last_window", cutoff, "all", "ndcg@10")
    )
    assert mine.value == pytest.approx(value)
    assert mine.users == len(asked)


def test_the_future_changes_nothing():
    events = events_of_sample()
    cutoff = CUTOFFS[-2]
    rng = np.random.default_rng(3)
    late = to_micros(cutoff) + np.arange(500) * 1_000_000
    planted = replace(
        events,
        user=np.concatenate([events.before(cutoff).user, rng.integers(0, 900, 500)]),
        item=np.concatenate([events.before(cutoff).item, rng.integers(0, events.items, 500)]),
        micros=np.concatenate([events.before(cutoff).micros, late]),
    )
    users = np.arange(events.before(cutoff).users)
    for recommender in (MostPop(2), Neighbours()):
        one, other = (recommender.fit(each.before(cutoff)).score(users) for each in (events, planted))
        assert np.array_equal(one, other)
    # what is chosen on validation does not depend on what happens in the test periods
    chosen = [
        {(row.method, row.settings) for row in backtest_lists(each, HISTORY, TRIED, [LastWindow()], ORIGINS)}
        for each in (events, planted)
    ]
    assert chosen[0] == chosen[1]


def valued(rows, *values):
    """Rows of one origin with what contenders are chosen by, and twice that at a metric that nothing is chosen by."""
    return [
        replace(
            rows[0], method=each.method, settings=each.settings, scope="active", metric=metric, value=value
        )
        for each, worth in values
        for metric, value in (("hr@10", 1 - worth), ("ndcg@10", worth))
    ]


def test_the_best_of_each_method_by_the_validation_metric(rows):
    one, two = (Contender(each) for each in TRIED["neighbours"])
    assert choose([one, two], [valued(rows, (one, 0.1), (two, 0.3))]) == [two]
    assert choose([one, two], [valued(rows, (one, 0.3), (two, 0.3))]) == [one]  # of equals the first
    # a mean of the origins that measured it: one that knew more of them gains nothing by that
    less, more = (replace(two, forecast="late", weight=weight) for weight in (0.3, 0.6))
    first = valued(rows, (one, 0.1), (two, 0.3))
    second = valued(rows, (one, 0.3), (two, 0.2), (less, 0.2), (more, 0.3))
    assert choose([one, two, less, more], [first, [], second]) == [two, more]
    assert choose([one, less], [first]) == [one]
    with pytest.raises(DataError, match="users come back"):
        choose([one, two], [[], []])


@pytest.fixture
def asked(monkeypatch):
    """What was measured: a list of (visit, contenders), one an origin of each stage."""
    seen = []

    def measured(visit, contenders, *more):
        seen.append((visit, list(contenders)))
        return measure_lists(visit, contenders, *more)

    monkeypatch.setattr(list_backtest, "measure_lists", measured)
    return seen


def test_settings_that_lose_alone_are_never_blended(rows, asked):
    backtest_lists(events_of_sample(), HISTORY, TRIED, [LastWindow()], ORIGINS)
    settings, blends, tests = ([each for _, each in asked[at : at + 2]] for at in (0, 2, 4))
    assert settings == [[Contender(each) for options in TRIED.values() for each in options]] * 2
    won = {row.method: row.settings for row in rows}
    for each in blends:
        assert len(each) == 2 + 1 + 2 * len(WEIGHTS)
        assert {str(one.recommender) for one in each if one.recommender} == {
            won["most_pop"],
            won["neighbours"],
        }
    # and on test nothing but what was chosen
    assert [{(one.method, one.settings) for one in each} for each in tests] == [
        {(row.method, row.settings) for row in rows if "late" not in row.method and row.method != "unheld"}
    ] * 2


def test_the_choice_is_that_of_trying_everything_at_once(rows):
    """Every setting with every weight at every validation origin; then the best settings, then their best weight."""
    alone = [Contender(each) for options in TRIED.values() for each in options]
    blends = [replace(each, forecast="last_window", weight=weight) for each in alone for weight in WEIGHTS]
    total = dict.fromkeys([*alone, *blends], 0.0)
    for cutoff in ORIGINS.validation:
        cards = HISTORY[CUTOFFS.index(cutoff)].cards
        forecast = LastWindow().fit(known_at(HISTORY, cutoff)).predict(cards)
        rankable = Field({"last_window": forecast}, {"active": np.flatnonzero(active(cards))})
        visit = Visit.at(events_of_sample(), cutoff, WEEK, repeats=True)
        measured = measure_lists(visit, list(total), rankable, lambda: None)
        total = {each: value + measured.values[each]["active", "ndcg@10"] for each, value in total.items()}
    for options in TRIED.values():
        best = max((each for each in alone if each.recommender in options), key=total.get)
        blend = max((each for each in blends if each.recommender == best.recommender), key=total.get)
        for chosen in (best, blend):
            mine = [row for row in rows if row.method == chosen.method]
            assert {row.settings for row in mine} == {chosen.settings}
            value = sum(row.value for row in mine if (row.split, row.metric) == ("validation", "ndcg@10"))
            assert value == pytest.approx(total[chosen], rel=1e-12)


def test_many_users_are_drawn_for_choices_and_all_are_tested(monkeypatch, asked):
    monkeypatch.setattr(list_backtest, "MOST_USERS", 20)
    whole = [Visit.at(events_of_sample(), cutoff, WEEK, repeats=True) for _, cutoff in steps_of(ORIGINS)]
    assert min(len(each.users) for each in whole) > 20
    tested = backtest_lists(events_of_sample(), HISTORY, TRIED, [LastWindow()], ORIGINS, seed=3)
    assert {row.users for row in tested if row.split == "validation"} == {20}
    visits = [visit for visit, _ in asked]
    for visit, all_of_them in zip(visits, whole, strict=True):
        rows = np.flatnonzero(np.isin(all_of_them.users, visit.users))
        assert len(rows) == len(visit.users)
        assert (visit.relevant != all_of_them.relevant[rows]).nnz == 0
        assert visit.excluded.shape == visit.relevant.shape
    # both stages ask the same users, tests ask all; another seed asks others
    assert [each.users.tolist() for each in visits[:2]] == [each.users.tolist() for each in visits[2:4]]
    assert [each.users.tolist() for each in visits[4:]] == [each.users.tolist() for each in whole[4:]]
    assert whole[0].drawn(20, 4).users.tolist() != visits[0].users.tolist()
    assert whole[0].drawn(len(whole[0].users), 3) is whole[0]


def test_what_was_measured_before_is_not_measured_again(rows):
    kept, asked = {}, []
    late = [Late(Renamed(), ORIGINS.validation[-1:]), Late(Unheld(), ())]

    def again(had, keep=None):
        return backtest_lists(
            *(events_of_sample(), HISTORY, TRIED, [LastWindow()], ORIGINS),
            late=late,
            progress=lambda *step: asked.append(step),
            had=had,
            keep=keep,
        )

    def numbers(found):
        return {replace(row, seconds=0.0) for row in found}

    assert numbers(again({}, lambda stage, cutoff, found: kept.update({(stage, cutoff): found}))) == numbers(
        rows
    )
    assert list(kept) == steps_of(ORIGINS)
    # all that was tried is kept, whatever was chosen of it: the choice is made anew, and comes out the same
    for step in kept:
        asked.clear()
        assert numbers(again({key: found for key, found in kept.items() if key != step})) == numbers(rows)
        assert set(asked) == {step}


def test_refuses_to_choose_on_nothing():
    with pytest.raises(ConfigError, match="no validation origin"):
        backtest_lists(events_of_sample(), HISTORY, TRIED, [], replace(ORIGINS, validation=()))
    with pytest.raises(DataError, match="1 origins without labelled cards"):
        backtest_lists(events_of_sample(), HISTORY[:-1], TRIED, [], ORIGINS)


def test_standard_scores():
    found = standard(np.array([[1.0, 3.0, -np.inf], [2.0, 2.0, 2.0], [-np.inf] * 3]))
    assert found[0] == pytest.approx(np.array([-1, 2, -1]) / np.sqrt(2))
    assert found[1:].tolist() == [[0.0] * 3] * 2


def test_paired_differences(rows, tmp_path):
    found = paired(rows, "neighbours + last_window", "neighbours", "ndcg@10")
    by = {
        name: [
            r.value
            for r in rows
            if (r.method, r.split, r.scope, r.metric) == (name, "test", "active", "ndcg@10")
        ]
        for name in (found.a, found.b)
    }
    assert found.origins == 2
    assert found.difference == pytest.approx(np.mean(np.subtract(by[found.a], by[found.b])))
    assert sentence(found).startswith("ndcg@10: neighbours + last_window minus neighbours ")
    assert paired(rows, "late", "last_window", "hr@5").wilcoxon == 1.0
    with pytest.raises(DataError, match="rows of both"):
        paired(rows, "neighbours", "nobody", "ndcg@10")
    write_list_rows(rows, tmp_path / "rows.parquet")
    assert (tmp_path / "rows.parquet").stat().st_size


def test_the_rank_test_is_of_the_signed_differences(rows):
    step = [0.1, 0.2, 0.3, 0.4, -0.5]
    made = [
        replace(rows[0], split="test", scope="active", origin=DAY + at * WEEK.span, method=name, value=value)
        for at, each in enumerate(step)
        for name, value in (("a", 0.5 + each), ("b", 0.5))
    ]
    found = paired(made, "a", "b", rows[0].metric)
    assert found.wilcoxon == wilcoxon(step).pvalue > wilcoxon(np.abs(step)).pvalue
    assert f", Wilcoxon p = {found.wilcoxon:.3f}) over 5 origins." in sentence(found)


def test_a_winner_needs_both_intervals(rows):
    found = paired(rows, "neighbours", "last_window", "ndcg@10")

    def of(t, bootstrap):
        ends = dict(
            zip(("t_low", "t_high", "bootstrap_low", "bootstrap_high"), (*t, *bootstrap), strict=True)
        )
        return replace(found, a="a", b="b", **ends).winner

    assert of((0.1, 0.2), (0.05, 0.2)) == "a"
    assert of((-0.2, -0.1), (-0.3, -0.1)) == "b"
    assert of((-0.1, 0.2), (0.05, 0.2)) is of((0.1, 0.2), (0.0, 0.2)) is None


def seeded_rows(rows):
    """The rows, and those of a second seed in which neighbours alone drew: twice as good at the second origin."""
    later = ORIGINS.test[1]
    drawn = [
        replace(row, seed=1, value=row.value * (2 if row.origin == later else 1), settings="of the second")
        for row in rows
        if row.method == "neighbours"
    ]
    return [*rows, *drawn]


def test_seeds_are_averaged_at_each_origin_first(rows):
    both = seeded_rows(rows)
    value = {row.origin: row.value for row in rows if (row.method, row.split, row.scope, row.metric) ==
             ("neighbours", "test", "active", "ndcg@10")}  # fmt: skip
    first, later = (value[each] for each in ORIGINS.test)
    one, two = ({line.method: line for line in list_table(each)} for each in (rows, both))
    assert two["neighbours"].values[3] == pytest.approx((first + 1.5 * later) / 2)
    assert (two["neighbours"].seeds, two["neighbours"].settings) == (2, one["neighbours"].settings)
    assert two["most_pop"] == one["most_pop"]
    found = paired(both, "neighbours", "most_pop", "ndcg@10")
    assert found.origins == 2
    assert found.mean_a == pytest.approx((first + 1.5 * later) / 2)
    # means of the two seeds differ by later / 2; the deviation of two numbers is their difference / sqrt(2)
    spread = list_spreads(both)
    assert set(spread) == {"neighbours"}
    assert spread["neighbours"]["ndcg@10"] == pytest.approx(later / 2 / np.sqrt(2))
    (words,) = of_list_seeds(both)
    assert "the mean of 2 seeds (0, 1)" in words
    assert list_spreads(rows) == {}
    assert of_list_seeds(rows) == ()


def test_the_report_is_one_page_that_stands_alone(rows, tmp_path):
    both = seeded_rows(rows)
    write_list_report(both, tmp_path, title="Lists of <shop>", notes=("A note.",), late=["late", "unheld"])
    assert {path.name for path in tmp_path.iterdir()} == {
        *("rows.parquet", "summary.md", "report.html", "report.json"),
        *(f"{kind}-{name}.png" for kind in ("origins", "compare") for name in ("hr-10", "ndcg-10")),
    }
    page = (tmp_path / "report.html").read_text()
    assert "<h1>Lists of &lt;shop&gt;</h1>" in page
    assert not any(each in page for each in ("src=", " href=", "<script"))
    for words in (
        "A note.",
        "Test, active items",
        "Cost of a list",
        "Settings and weights",
        "and, of what draws, 2 seeds",
    ):
        assert words in page
    chosen = chosen_of(both, ["late", "unheld"])
    assert f"Of {chosen}, chosen on validation" in page
    twin = json.loads((tmp_path / "report.json").read_text())
    assert (twin["chosen"], twin["seeds"]) == (chosen, [0, 1])
    others = {line.method for line in list_table(both)} - {chosen}
    assert {(each["a"], each["b"], each["metric"]) for each in twin["comparisons"]} == {
        (chosen, name, metric) for name in others for metric in ("hr@10", "ndcg@10")
    }
    mine = next(
        each
        for each in twin["tables"]
        if (each["split"], each["scope"], each["method"]) == ("test", "active", chosen)
    )
    assert f"{mine['values']['ndcg@10']:.4f}" in page


def test_what_its_own_validation_flatters_is_not_chosen(rows):
    raised = [
        replace(row, value=0.99) if "late" in row.method and row.split == "validation" else row
        for row in rows
    ]
    assert "late" in chosen_of(raised)
    assert "late" not in chosen_of(raised, ["late"])


def test_a_report_without_a_user_in_the_test_periods_says_what_there_is(rows, tmp_path):
    write_list_report([row for row in rows if row.split == "validation"], tmp_path, title="Lists", notes=())
    assert "Test, active items" not in (tmp_path / "report.html").read_text()
    assert json.loads((tmp_path / "report.json").read_text())["comparisons"] == []
