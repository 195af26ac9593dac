"""The target, and which examples may be learned from at a cutoff."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from tests.arriving import arriving
from trail.baselines.sample import sample_history, sample_log
from trail.events import Horizon
from trail.signals import cards_at, every, fingerprint, gathered, known_at, label

from .logs import DAY, MICRO, events_table, items_table

CUTOFF = datetime(2024, 3, 4, tzinfo=UTC)
WEEK = Horizon(7)


def test_the_target_sums_weights_from_the_cutoff_up_to_the_end_of_the_period(opened):
    moments = {
        "before": CUTOFF - MICRO,
        "at the cutoff": CUTOFF,
        "inside": CUTOFF + 3 * DAY,
        "last moment": CUTOFF + 7 * DAY - MICRO,
        "after": CUTOFF + 7 * DAY,
    }
    rows = [{"item_id": item, "timestamp": when, "weight": 2.5} for item, when in moments.items()]
    log, items = opened(
        events_table([*rows, rows[2]]), items_table([{"item_id": item} for item in [*moments, "never"]])
    )
    found = label(log, cards_at(log, items, CUTOFF, WEEK))
    assert dict(zip(found.cards.item_ids, found.target.tolist(), strict=True)) == {
        "before": 0.0,
        "at the cutoff": 2.5,
        "inside": 5.0,
        "last moment": 2.5,
        "after": 0.0,
        "never": 0.0,
    }


def test_items_born_inside_the_period_have_no_card(opened):
    rows = [{"item_id": "a", "timestamp": CUTOFF - DAY}, {"item_id": "new", "timestamp": CUTOFF + DAY}]
    log, items = opened(events_table(rows), items_table([]))
    found = label(log, cards_at(log, items, CUTOFF, WEEK))
    assert (found.cards.item_ids, found.target.tolist()) == (["a"], [0.0])


def test_the_target_equals_the_next_cards_last_window(opened, synthetic):
    log, items = opened(*synthetic(5))
    first = datetime(2022, 6, 6, tzinfo=UTC)
    found = label(log, cards_at(log, items, first, WEEK))
    following = cards_at(log, items, first + WEEK.span, WEEK)
    later = dict(zip(following.item_ids, following.column("count_1"), strict=True))
    assert found.target.sum() > 0
    assert {i: later[i] for i in found.cards.item_ids} == dict(
        zip(found.cards.item_ids, found.target, strict=True)
    )


def test_an_example_is_known_once_its_period_is_over(opened, synthetic):
    log, items = opened(*synthetic(6, events=500))
    cutoffs = [datetime(2022, 9, 5, tzinfo=UTC) + n * WEEK.span for n in (2, 0, 1)]
    history = [label(log, cards_at(log, items, cutoff, WEEK)) for cutoff in cutoffs]
    now = datetime(2022, 9, 5, tzinfo=UTC) + 2 * WEEK.span
    assert [each.cards.cutoff for each in known_at(history, now)] == [cutoffs[1], cutoffs[2]]
    assert [each.cards.cutoff for each in known_at(history, now - timedelta(microseconds=1))] == [cutoffs[1]]
    assert known_at(history, cutoffs[1]) == []
    assert history[0].known_from == cutoffs[0] + WEEK.span


def test_cutoffs_between_go_with_the_next_and_are_known_when_it_is(opened, synthetic):
    events, catalogue = synthetic(6, events=500)
    log, items = opened(events, catalogue)
    first = datetime(2022, 9, 5, tzinfo=UTC)
    days = [21, 14, 7, 0, 12, 19, 16, 5]
    examples = [label(log, cards_at(log, items, first + n * DAY, WEEK)) for n in days]
    apart = [first + n * WEEK.span for n in range(4)]
    history = gathered(examples, apart)

    def told(found):
        return [[(each.cards.cutoff - first).days for each in every([example])] for example in found]

    assert told(history) == [[0], [5, 7], [12, 14], [16, 19, 21]]
    assert told(known_at(history, first + 27 * DAY)) == [[0], [5, 7], [12, 14]]
    assert [(each.cards.cutoff - first).days for each in every(history)] == sorted(days)
    assert history[1].take(np.arange(2)).between == ()
    assert fingerprint(history) != fingerprint([replace(each, between=()) for each in history])


def test_of_a_cutoff_between_too_only_what_had_arrived_is_known():
    log = arriving(sample_log()[0])
    items = sample_log()[1]
    cutoff = log.last_cutoff() - 2 * WEEK.span
    one, other = (label(log, cards_at(log, items, cutoff - n * DAY, WEEK)) for n in (0, 3))
    (example,) = gathered([other, one], [cutoff])
    (known,) = known_at([example], cutoff + WEEK.span)
    (between,) = known.between
    assert np.array_equal(between.target, other.as_known_at(cutoff + WEEK.span).target)
    assert between.target.sum() < other.target.sum()


def test_taking_rows_keeps_their_order(opened, synthetic):
    cards = cards_at(*opened(*synthetic(7, events=300)), datetime(2022, 9, 5, tzinfo=UTC), WEEK)
    taken = cards.take(cards.column("rank").argsort()[:3])
    assert len(taken) == 3
    assert taken.column("rank").tolist() == sorted(cards.column("rank"))[:3]


def test_the_fingerprint_changes_with_one_target_signal_or_title_and_not_with_the_order():
    history = list(sample_history())
    known, fourth = fingerprint(history), history[3]
    assert fingerprint(history[::-1]) == known
    target = fourth.target.copy()
    target[5] += 1
    found = {
        known,
        fingerprint(history[1:]),
        fingerprint([*history[:3], replace(fourth, target=target), *history[4:]]),
    }
    for name, other in (("count_2", 1e6), ("title", "another")):
        table = fourth.cards.table
        values = [other, *table[name].to_pylist()[1:]]
        at = table.column_names.index(name)
        table = table.set_column(at, name, pa.array(values, table.schema.field(name).type))
        found |= {
            fingerprint(
                [*history[:3], replace(fourth, cards=replace(fourth.cards, table=table)), *history[4:]]
            )
        }
    assert len(found) == 5
