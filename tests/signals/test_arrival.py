"""What arrived after a cutoff is not known at it: cards, labels, the wait of a forecast, the forecast made now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import ibis
import numpy as np
import pyarrow as pa
import pytest

from trail.errors import DataError
from trail.events import Horizon
from trail.signals import cards_at, fingerprint, known_at, label
from trail.signals.core import context_of
from trail.signals.measures import measures

from .logs import DAY, events_table, items_table
from .oracle import differences, world_of

CUTOFF = datetime(2024, 3, 4, tzinfo=UTC)
WEEK = Horizon(7)
HOUR = timedelta(hours=1)
ITEMS = items_table([{"item_id": item, "category": "x"} for item in "ab"])


def rows(delay: timedelta = HOUR, weeks: int = 8) -> list[dict[str, object]]:
    """One event of each item a day about noon, from two months before the cutoff to `weeks` after it."""
    noons = [CUTOFF + (n + 0.5) * DAY for n in range(-60, 7 * weeks)]
    moments = [(item, noon + late) for noon in noons for item, late in (("a", HOUR / 2), ("b", 0 * HOUR))]
    return [
        {"item_id": item, "timestamp": each, "ingested_at": each + delay, "user_id": item, "price": 2.0}
        for item, each in moments
    ]


def late(happened: timedelta, arrived: timedelta, **values: object) -> dict[str, object]:
    """An event of item a so long before the cutoff that arrived so long after it."""
    moments = {"timestamp": CUTOFF - happened, "ingested_at": CUTOFF + arrived}
    return {"item_id": "a", "weight": 50.0, "user_id": "late", "price": 9.0} | moments | values


def test_a_late_event_changes_nothing_at_the_past_cutoff_and_the_card_at_a_later_one(opened):
    planted = [*rows(), late(2 * DAY, 3 * DAY), late(9 * DAY, timedelta(0)), late(DAY, DAY, item_id="c")]
    plain, with_late = opened(events_table(rows()), ITEMS), opened(events_table(planted), ITEMS)
    before, after = (cards_at(*each, CUTOFF, WEEK) for each in (plain, with_late))
    assert after.table.equals(before.table)
    later = cards_at(*with_late, CUTOFF + WEEK.span, WEEK)
    card = later.card(later.row_of("a"))
    assert (card["count_1"], card["count_2"], card["count_3"]) == (7.0, 57.0, 57.0)
    assert "c" in later.item_ids
    # on time by a microsecond it is known
    punctual = [*rows(), late(2 * DAY, timedelta(microseconds=-1))]
    card = cards_at(*opened(events_table(punctual), ITEMS), CUTOFF, WEEK).card(0)
    assert (card["count_1"], card["users"]) == (57.0, 2.0)


def test_all_of_the_log_is_known_at_its_last_cutoff(opened):
    events = events_table([*rows(weeks=0), late(2 * DAY, 3 * DAY)])
    log, items = opened(events, ITEMS)
    assert log.last_cutoff() == CUTOFF
    assert cards_at(log, items, CUTOFF, WEEK).card(0)["count_1"] == 57.0
    assert cards_at(log, items, CUTOFF + DAY, WEEK).card(0)["count_1"] == 56.0
    # the same cutoff of the log that has grown is past: it is known as it was then, and what came late is not
    grown, _ = opened(events_table([*rows(weeks=2), late(2 * DAY, 3 * DAY)]), ITEMS)
    assert cards_at(grown, items, CUTOFF, WEEK).card(0)["count_1"] == 7.0


@pytest.mark.parametrize(
    ("delay", "step", "days"),
    [
        (HOUR, None, 0),
        (11 * HOUR, None, 0),
        (12 * HOUR, None, 1),
        (15 * HOUR, None, 1),
        (37 * HOUR, None, 2),
        (25 * HOUR, DAY, 1),
        (DAY - HOUR, DAY, 0),
        (8 * DAY + HOUR, 7 * DAY, 2),
    ],
)
def test_a_forecast_waits_as_long_as_the_median_event_takes_after_its_day_or_step(opened, delay, step, days):
    """Noon plus 12 hours is the next day; a week's count that comes 8 days and an hour after its start waits 2 days."""
    found = rows(delay)
    if step:
        moments = [CUTOFF + n * step for n in range(-8, 4)]
        found = [{"item_id": "a", "timestamp": each, "ingested_at": each + delay} for each in moments]
    # a straggler, and events that do not say when they arrived, change no habit
    found += [found[0] | {"ingested_at": found[0]["timestamp"] + 50 * DAY}, found[0] | {"ingested_at": None}]
    log, items = opened(events_table(found), ITEMS)
    assert (log.grid, log.arrivals.wait) == (step, days * DAY)
    # so the last day or week before a cutoff is not lost to the night's load
    cards = cards_at(log, items, CUTOFF, WEEK)
    assert cards.card(cards.row_of("a"))["count_1"] == (1.0 if step == 7 * DAY else 7.0)
    assert differences(cards.table, world_of(events_table(found), ITEMS, CUTOFF, 7)) == []


def test_a_label_is_the_truth_and_is_learned_from_as_it_was_known(opened):
    """The week after the cutoff holds 7 events of a; 50 more came 9 days, 5 more 20 days after the cutoff."""
    week = timedelta(days=-3)
    planted = [
        *rows(),
        late(week, 9 * DAY),
        late(week, 20 * DAY, weight=5.0),
        late(week, 8 * DAY, item_id="b"),
    ]
    log, items = opened(events_table(planted), ITEMS)
    example = label(log, cards_at(log, items, CUTOFF, WEEK))
    assert example.target.tolist() == [62.0, 57.0]
    for days, wanted in (
        (7, [7.0, 7.0]),
        (8, [7.0, 7.0]),
        (9, [7.0, 57.0]),
        (14, [57.0, 57.0]),
        (21, [62.0, 57.0]),
    ):
        (known,) = known_at([example], CUTOFF + days * DAY)
        assert known.target.tolist() == wanted
        # what was known earlier can still be told from it, what came later cannot
        assert known.as_known_at(CUTOFF + 7 * DAY).target.tolist() == [7.0, 7.0]
        assert known.as_known_at(CUTOFF + 300 * DAY).target.tolist() == wanted
    turned = example.take(np.array([1, 0]))
    assert turned.target.tolist() == [57.0, 62.0]
    assert turned.as_known_at(CUTOFF + 14 * DAY).target.tolist() == [57.0, 57.0]
    assert example.take(np.array([1])).as_known_at(CUTOFF + 8 * DAY).target.tolist() == [7.0]
    moved = replace(example, late=replace(example.late, moment=example.late.moment + 1))
    assert fingerprint([moved]) != fingerprint([example])


def test_the_last_cutoff_knows_the_labels_whole(opened):
    log, items = opened(events_table([*rows(weeks=1), late(timedelta(days=-3), 30 * DAY)]), ITEMS)
    example = label(log, cards_at(log, items, CUTOFF, WEEK))
    assert example.target.tolist() == [57.0, 7.0]
    assert known_at([example], log.last_cutoff())[0].target.tolist() == [57.0, 7.0]


def test_before_the_first_arrival_nothing_is_known(opened):
    loaded = CUTOFF + 3 * DAY + 2 * HOUR
    copied = [row | {"ingested_at": max(row["ingested_at"], loaded)} for row in rows(weeks=20)]
    log, items = opened(events_table(copied), ITEMS)
    assert not log.begins_before(CUTOFF + 3 * DAY)
    with pytest.raises(DataError, match="after the first event arrived, 2024-03-07") as caught:
        cards_at(log, items, CUTOFF, WEEK)
    assert "ingested_at" in caught.value.fix
    assert cards_at(log, items, CUTOFF + 4 * DAY, WEEK).card(0)["total"] == 64.0


def test_a_copied_log_teaches_from_when_half_of_it_was_known(opened):
    """One event came early, the rest of two months in one load: single cutoffs before it know next to nothing."""
    loaded = CUTOFF + 3 * DAY + 2 * HOUR
    copied = [row | {"ingested_at": max(row["ingested_at"], loaded)} for row in rows(weeks=20)]
    copied[0] = copied[0] | {"ingested_at": copied[0]["timestamp"] + HOUR}
    log, items = opened(events_table(copied), ITEMS)
    assert log.begins_before(CUTOFF)
    assert cards_at(log, items, CUTOFF, WEEK).card(0)["total"] == 1.0
    assert [log.teaches(CUTOFF + days * DAY) for days in (0, 3, 4, 70)] == [False, False, True, True]


@pytest.mark.parametrize(("hours", "ends"), [(1, -1), (6, -1), (12, 0), (20, 0)])
def test_a_last_day_that_is_hardly_there_ends_no_log(opened, hours, ends):
    """Events of every hour arrive 20 hours later: an hour after midnight a fifth of the last day is there, which looks like a fall."""
    moments = [CUTOFF - n * HOUR for n in range(1, 24 * 60)]
    hourly = [{"item_id": "a", "timestamp": each, "ingested_at": each + 20 * HOUR} for each in moments]
    there = [row for row in hourly if row["ingested_at"] < CUTOFF + hours * HOUR]
    log, items = opened(events_table(there), ITEMS)
    assert (log.arrivals.wait, log.last_cutoff()) == (DAY, CUTOFF + ends * DAY)
    if ends:
        assert cards_at(log, items, log.last_cutoff(), WEEK).card(0)["count_1"] == 168.0


@pytest.mark.parametrize(("hours", "ends"), [(1, -1), (3, -1), (13, 0)])
def test_a_thin_last_day_is_not_excused_by_quiet_sundays(opened, hours, ends):
    """Ten events an hour, one on Sundays: at three on Tuesday morning a third of Monday is there, more than any Sunday holds."""
    tuesday = CUTOFF + DAY
    moments = [tuesday - n * HOUR for n in range(1, 40 * 24)]
    hourly = [
        {"item_id": "a", "timestamp": each, "ingested_at": each + 20 * HOUR}
        for each in moments
        for _ in range(1 if each.weekday() == 6 else 10)
    ]
    there = [row for row in hourly if row["ingested_at"] < tuesday + hours * HOUR]
    log, _ = opened(events_table(there), ITEMS)
    assert log.last_cutoff() == tuesday + ends * DAY


def test_a_last_step_that_came_early_or_is_quiet_is_not_lost(opened):
    weeks = [{"item_id": "a", "timestamp": CUTOFF - n * 7 * DAY} for n in range(1, 9) for _ in range(4)]
    counted = [row | {"ingested_at": row["timestamp"] + 7 * DAY + 27 * HOUR} for row in weeks]
    early = [
        row | {"ingested_at": CUTOFF + 20 * HOUR} if row["timestamp"] > CUTOFF - 8 * DAY else row
        for row in counted
    ]
    log, _ = opened(events_table(early), ITEMS)
    assert (log.grid, log.arrivals.wait, log.last_cutoff()) == (7 * DAY, 2 * DAY, CUTOFF)
    # a shop that is closed on Sundays: one event, but the log reaches as far as a forecast waits
    quiet = [row for row in rows(weeks=0, delay=15 * HOUR) if row["timestamp"] < CUTOFF - DAY]
    quiet.append(late(HOUR, 3 * HOUR))
    log, _ = opened(events_table(quiet * 3), ITEMS)
    assert (log.arrivals.wait, log.last_cutoff()) == (DAY, CUTOFF)


def test_one_late_burst_disowns_no_other_cutoff(opened):
    """A year's promotion of three days was loaded late: the weeks before it were wholly known."""
    burst = [late(-40 * DAY, 43 * DAY, item_id="b") for _ in range(250)]
    log, _ = opened(events_table([*rows(weeks=12), *burst]), ITEMS)
    assert len(log.arrivals.short) == 1
    assert [log.teaches(CUTOFF + days * DAY) for days in (0, 40, 42, 44)] == [True, True, False, True]


def test_a_log_without_arrivals_is_asked_as_before(opened, synthetic):
    log, items = opened(*synthetic(11, events=400))
    assert log.arrivals is None
    cutoff = datetime(2022, 9, 5, tzinfo=UTC)
    context = context_of(log, cutoff, WEEK, {})
    assert "ingested_at" not in ibis.to_sql(measures(log, items, context))
    assert label(log, cards_at(log, items, cutoff, WEEK)).late is None
    without = log.table.drop("ingested_at").to_pyarrow()
    same, _ = opened(without, ITEMS)
    assert cards_at(same, items, cutoff, WEEK).table.equals(cards_at(log, items, cutoff, WEEK).table)


def test_a_whole_log_with_arrivals_agrees_with_the_loops(opened, synthetic):
    events, items = synthetic(12, items=8, events=500, days=430)
    rng = np.random.default_rng(5)
    hours = rng.choice([0, 1, 10, 30, 100, 500], len(events))
    arrived = [
        None if at % 9 == 0 else moment + hours[at].item() * HOUR
        for at, moment in enumerate(events["timestamp"].to_pylist())
    ]
    at = events.column_names.index("ingested_at")
    events = events.set_column(
        at, events.schema.field("ingested_at"), pa.array(arrived, pa.timestamp("us", tz="UTC"))
    )
    cutoff = datetime(2023, 2, 6, tzinfo=UTC)
    log, opened_items = opened(events, items)
    assert (
        differences(cards_at(log, opened_items, cutoff, WEEK).table, world_of(events, items, cutoff, 7)) == []
    )
