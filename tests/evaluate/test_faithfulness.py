"""Real reasons pass, wrong ones score near chance: forecasters of known dependence put through the whole measure."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import binomtest

from trail.baselines import Forecast, LightGBMTweedie
from trail.baselines.occlusion import Effects, neutral_values, occlude
from trail.baselines.sample import sample_history, sample_log
from trail.evaluate.faithfulness import (
    COMPREHENSIVE,
    DRIVERS,
    OWN_EDITS,
    RANDOM,
    SUFFICIENT,
    TESTED,
    Aim,
    Edited,
    Setting,
    Statements,
    Subject,
    curves,
    faithfulness,
    judged,
    plain_writer,
    score,
    scores,
    world_of,
    write_faithfulness,
)
from trail.evaluate.resampling import wilson
from trail.events import Horizon
from trail.facts import Driver
from trail.signals import Cards, Group, cards_at, known_at

WEEK = Horizon(7)
LOG, ITEMS = sample_log()
CUTOFF = LOG.last_cutoff()


def rebuild(log, items):
    return cards_at(log, items, CUTOFF, WEEK)


CARDS = rebuild(LOG, ITEMS)


@dataclass(frozen=True)
class Says:
    """A forecaster made of one function of the cards."""

    level: Callable[[Cards], np.ndarray]
    name: str = "says"

    def fit(self, _):
        return self

    def predict(self, cards):
        level = np.asarray(self.level(cards), dtype=float)
        return Forecast(*[level] * 5, forecaster=np.full(len(cards), self.name, dtype=object))


def of_price(cards):
    """By how the price paid changed, and by nothing else."""
    return 20 * np.exp(np.clip(4 * np.nan_to_num(cards.column("price_change")), -1, 1))


def of_both(cards):
    """Also by how many users came or went, which has nothing to do with prices."""
    return of_price(cards) * np.exp(np.clip(np.nan_to_num(cards.column("users_change")) / 10, -1, 1))


#: The items of the highest last counts.
ROWS = np.argsort(-CARDS.column("count_1"), kind="stable")[:40]
SETTING = Setting(LOG, ITEMS, CARDS, Says(of_price).predict(CARDS), ROWS, rebuild)


@pytest.fixture(scope="module")
def edited():
    """Some edits, made once: all forecasters here have the same neutral values, the medians of all cards."""
    aim, found = Aim(neutral_values(CARDS)), {}
    with world_of(LOG, ITEMS, CARDS, ROWS, rebuild) as world:
        for kind in OWN_EDITS:
            made = {at: own for at, each in enumerate(world.own) if (own := kind.make(each, aim)) is not None}
            if kind.private and made:
                rows = np.array(list(made))
                found[kind.group] = Edited(rows, world.rebuilt(list(made.values()), ROWS[rows]))
            elif kind.group is Group.MOMENTUM:
                cards = [world.rebuilt([made[at]], ROWS[[at]]).table for at in range(4)]
                found[kind.group] = Edited(np.arange(4), replace(CARDS, table=pa.concat_tables(cards)))
    return found


def measured(subject, edited):
    assert subject.neutral == neutral_values(CARDS)
    setting = replace(SETTING, forecast=subject.predict(CARDS))
    return judged(setting, subject, plain_writer(subject, 10, 0), edited)


@pytest.fixture(scope="module")
def of_one_signal(edited):
    return measured(Subject.of_forecaster(Says(of_price), CARDS), edited)


def test_a_forecaster_of_one_signal_names_it_and_passes(of_one_signal):
    named, liar, parrot = of_one_signal.scores
    assert named.cases >= 30
    assert named.right == 1.0
    assert named.ratio == float("inf")  # nothing else moves it
    assert named.own == 1.0
    assert named.low > 0.85
    assert 0.3 < liar.right < 0.7
    assert 0.4 < liar.own < 0.6
    assert parrot.right < 0.75
    assert parrot.own == 0.5
    moved_by = {
        each.group for each in of_one_signal.moves if np.isfinite(each.move) and abs(each.move) > 1e-9
    }
    assert moved_by == {"price"}


def test_its_texts_give_the_reason_up_and_keep_it_where_another_group_was_edited(of_one_signal):
    shares = {each.what: each for each in of_one_signal.shares}
    assert shares["changed: first driver edited"].share == 1.0
    assert shares["dropped: first driver edited"].share == 1.0
    assert shares["changed: unnamed group edited"].share == 0.0
    assert shares["dropped: unnamed group edited"].share == 0.0
    assert shares["changed: unnamed group edited"].cases >= 30
    assert all(each.before != each.after for each in of_one_signal.texts if each.named)


def test_what_could_be_tested_is_said_of_every_group(of_one_signal):
    found = {each.group: each for each in of_one_signal.groups}
    assert set(found) == {group.value for group in Group} - {"calendar"}
    assert found["price"].first == of_one_signal.told
    assert found["price"].tested == of_one_signal.scores[0].cases
    assert found["price"].reached == pytest.approx(1.0)
    # users and prices move alone; who sells as before takes its last count, and with it its rank, along
    assert (found["breadth"].spill, found["price"].spill) == (0, 0)
    assert found["breadth"].reached > 0  # so few users cannot share as evenly as the median item
    assert found["momentum"].reached > 0
    assert found["momentum"].spilled
    assert "rank" in found["standing"].needs
    lacking = {each.needs for each in of_one_signal.moves if each.group == "season"}
    assert lacking == {"an event in the same weeks last year"}  # the log is 20 weeks long


def test_one_who_names_the_wrong_group_scores_near_chance(edited):
    honest = Subject.of_forecaster(Says(of_both), CARDS)
    true = measured(honest, edited)

    def lying(cards):
        """What users did is said of the price, and the other way round."""
        found = honest.effects(cards)
        pair = [found.groups.index(group) for group in (Group.BREADTH, Group.PRICE)]
        values = found.values.copy()
        values[:, pair] = values[:, pair[::-1]]
        return Effects(found.groups, values)

    lie = measured(replace(honest, effects=lying), edited)
    assert true.scores[0].right > 0.9
    assert true.scores[0].own > 0.9
    assert lie.scores[0].cases >= 30
    assert 0.25 < lie.scores[0].right < 0.75
    assert 0.25 < lie.scores[0].own < 0.75
    assert lie.scores[0].ratio <= true.scores[0].ratio


def test_trees_go_through_the_same_measure_and_it_is_written_whole(tmp_path):
    trees = LightGBMTweedie(rounds=20).fit(known_at(sample_history(), CUTOFF))
    subject = Subject.of_forecaster(trees, CARDS)
    rows = ROWS[:3]
    forecast = trees.predict(CARDS)
    found = faithfulness(
        replace(SETTING, forecast=forecast, rows=rows), subject, plain_writer(subject, 10, 0)
    )
    assert found.forecaster == "lightgbm"
    write_faithfulness(found, tmp_path / "reasons", cutoff=CUTOFF.isoformat())
    moves = pq.read_table(tmp_path / "reasons" / "moves.parquet").to_pylist()
    assert len(moves) == 3 * (len(Group) - 1)  # all but the calendar
    assert {each["item_id"] for each in moves} == {CARDS.item_ids[row] for row in rows}
    assert all((each["needs"] == "") == bool(np.isfinite(each["move"])) for each in moves)
    said = json.loads((tmp_path / "reasons" / "reasons.json").read_text())
    assert said["cutoff"] == CUTOFF.isoformat()
    assert [each["who"] for each in said["scores"]] == ["named", "liar", "parrot"]


def stated(*signs):
    """Statements of the first columns of TESTED; the first that is not zero comes first."""
    table = np.zeros((len(signs), len(TESTED)))
    table[:, : len(signs[0])] = signs
    return Statements(table, np.array([np.flatnonzero(row)[0] if row.any() else -1 for row in table]))


def moved(*values):
    table = np.full((len(values), len(TESTED)), np.nan)
    table[:, : len(values[0])] = values
    return table


def test_the_figures_by_hand():
    """Three items, three groups, the last one of which could not be edited in the third item."""
    said = stated((1, 0, 0), (0, -1, 0), (0, 0, 1))
    found = score("named", said, moved((0.6, 0.1, -0.2), (0.3, 0.1, 0.2), (0.1, 0.2, np.nan)))
    # the first rose as said, the second was to have fallen and rose, the third could not be asked
    assert (found.cases, found.right) == (2, 0.5)
    # .6/.1 and .6/.2 at half a weight each, .1/.3 and .1/.2: half of the weight is reached at .5
    assert found.ratio == pytest.approx(0.5)
    # a and b: (.6 - .3) - -(.1 - .1) > 0; a and c: .6 - .1; b and c: -(.1 - .2) > 0
    assert (found.pairs, found.own) == (3, 1.0)


def test_no_move_is_not_right_and_a_tie_counts_half():
    found = score("named", stated((1, 0), (0, 1)), moved((0, 0), (0, 0)))
    assert (found.right, found.own, found.ratio) == (0.0, 0.5, 1.0)


def test_statements_of_drivers():
    found = Statements.of([(Driver("rank", 0.5), Driver("growth", -0.2)), (Driver("count_1", 0.1),), ()])
    momentum, level = TESTED.index(Group.MOMENTUM), TESTED.index(Group.LEVEL)
    # what comes first and cannot be edited is no case; its fellow is still named
    assert found.first.tolist() == [-1, level, -1]
    assert (found.signs[0, momentum], found.signs[1, level], np.abs(found.signs).sum()) == (-1, 1, 2)


def test_shuffled_and_parroted_statements_are_near_chance_even_where_all_items_resemble_each_other():
    rng = np.random.default_rng(1)
    moves = rng.normal(0, 0.3, (300, len(TESTED)))
    moves[:, 0] += 2.0  # all of them are up there by their level
    signs = np.where(np.abs(moves) > 0.4, np.sign(moves), 0.0)
    said = Statements(signs, np.abs(moves).argmax(axis=1))
    named, liar, parrot = scores(said, moves)
    assert (named.right, named.own > 0.9) == (1.0, True)
    assert liar.right > 0.9  # what is true of all is true in a liar's mouth too
    assert liar.own == pytest.approx(0.5, abs=0.02)
    assert parrot.own == 0.5


@pytest.mark.parametrize(("right", "cases"), [(0, 5), (45, 50), (50, 50), (3, 7)])
def test_wilson_is_that_of_scipy(right, cases):
    expected = binomtest(right, cases).proportion_ci(0.95, method="wilson")
    assert wilson(right / cases, cases) == pytest.approx((expected.low, expected.high))


def test_nothing_told_is_nothing_measured():
    for each in scores(stated((0, 0), (0, 0)), moved((1, 1), (1, 1))):
        assert (each.cases, each.pairs) == (0, 0)
        assert np.isnan([each.right, each.low, each.ratio, each.own]).all()


def test_curves_against_a_slow_loop():
    forecaster = Says(lambda cards: of_both(cards) + np.nan_to_num(cards.column("level_three")))
    cards = CARDS.take(ROWS[:4])
    subject = Subject.of_forecaster(forecaster, CARDS)
    found = subject.effects(cards)
    points = {(each.measure, each.order, each.groups): each.value for each in curves(subject, cards, found)}
    for at, measure in enumerate((COMPREHENSIVE, SUFFICIENT)):
        for k in range(len(found.groups) + 1):
            gaps = []
            for row in range(len(cards)):
                order = np.argsort(-np.abs(found.values[row]), kind="stable")
                some = cards.take(np.array([row]))
                whole = subject.logs(some)[0]
                for column in order[:k] if at == 0 else order[k:]:
                    some = occlude(some, found.groups[column], neutral_values(subject.reference))
                gaps.append(abs(whole - subject.logs(some)[0]))
            assert points[measure, DRIVERS, k] == pytest.approx(np.mean(gaps))
    # both orders end where everything is removed, or kept
    last = len(found.groups)
    assert points[COMPREHENSIVE, RANDOM, last] == pytest.approx(points[COMPREHENSIVE, DRIVERS, last])
    assert points[SUFFICIENT, RANDOM, last] == points[SUFFICIENT, DRIVERS, last] == 0


def test_drivers_are_a_better_order_than_chance(of_one_signal):
    areas = of_one_signal.areas
    assert areas[f"{COMPREHENSIVE} {DRIVERS}"] > areas[f"{COMPREHENSIVE} {RANDOM}"]
    assert areas[f"{SUFFICIENT} {DRIVERS}"] < areas[f"{SUFFICIENT} {RANDOM}"]
