"""A log that was copied in the midst of a day ends where that day began; one that is over, or sparse, where it ends."""

from datetime import UTC, datetime, timedelta

import ibis
import numpy as np
import pyarrow as pa
import pytest

from trail.events import EVENT_SCHEMA, EventLog, event_log

START = datetime(2023, 1, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LAST = START + 35 * DAY


def log_of(moments: list[datetime]) -> EventLog:
    rows = [{"item_id": "a", "timestamp": each, "weight": 1.0} for each in moments]
    return event_log(ibis.memtable(pa.Table.from_pylist(rows, schema=EVENT_SCHEMA)))


def hourly(until: datetime) -> list[datetime]:
    hours = int((until - START) / HOUR)
    return [START + at * HOUR + timedelta(minutes=7) for at in range(hours + 1)]


@pytest.mark.parametrize(
    ("hours", "cut"), [(1, True), (13, True), (14, False), (23, False)]
)  # of 24, ten follow 13:07
def test_a_day_that_is_not_over_is_left_out(hours: int, cut: bool) -> None:
    log = log_of(hourly(LAST + hours * HOUR))
    assert (log.cut, log.last_cutoff()) == (cut, LAST if cut else LAST + DAY)


def test_a_closed_day_a_week_before_says_nothing_and_a_usual_early_end_says_that_it_is_over() -> None:
    moments = [each for each in hourly(LAST + 12 * HOUR) if each.date() != (LAST - 7 * DAY).date()]
    assert log_of(moments).last_cutoff() == LAST
    early = [each for each in moments if each.date() != (LAST - 14 * DAY).date() or each.hour <= 12]
    assert log_of(early).last_cutoff() == LAST + DAY


def test_a_sparse_or_short_log_is_taken_as_it_is() -> None:
    twice = [START + at * DAY + hour * HOUR for at in range(35) for hour in (9, 17)]
    assert log_of([*twice, LAST + 9 * HOUR]).last_cutoff() == LAST + DAY
    assert (
        log_of([each for each in hourly(LAST + 2 * HOUR) if each >= LAST - 3 * DAY]).last_cutoff()
        == LAST + DAY
    )


@pytest.mark.parametrize("step", [DAY, 7 * DAY])
@pytest.mark.parametrize(("held", "cut"), [(9, True), (10, False)])
def test_of_a_log_that_counts_by_steps_the_last_may_hold_half(step: timedelta, held: int, cut: bool) -> None:
    moments = [START + at * step for at in range(35) for _ in range(20)]
    log = log_of([*moments, *[START + 35 * step] * held])
    end = START + 35 * step
    assert (log.grid, log.last_cutoff()) == (step, end if cut else end + step)


def test_a_day_whose_events_come_at_random_is_over_though_there_are_half_as_many():
    rng = np.random.default_rng(0)

    def day(at: int, many: int) -> list[datetime]:
        return [START + at * DAY + timedelta(seconds=int(each)) for each in rng.integers(0, 86_400, many)]

    before = [moment for at in range(35) for moment in day(at, 120)]
    cut = [log_of([*before, *day(35, 60)]).cut for _ in range(30)]
    assert cut == [False] * 30
