"""Origins lie inside the log, apart by the horizon, on its grid, validation before test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import ibis
import pytest

from trail.errors import ConfigError, DataError
from trail.evaluate import origins
from trail.events import EventLog, Horizon

WEEK = timedelta(days=7)


def log_of(start, end, grid=None) -> EventLog:
    return EventLog(
        ibis.table({"item_id": "string"}, name="none"),
        start,
        end,
        10,
        has_users=False,
        has_prices=False,
        grid=grid,
    )


RETAIL = log_of(datetime(2009, 12, 1, 7, 45, tzinfo=UTC), datetime(2011, 12, 9, 12, 50, tzinfo=UTC))


def test_the_last_test_period_ends_with_the_last_whole_day():
    found = origins(RETAIL, Horizon(7), test=12, validation=4)
    assert found.test[-1] + WEEK == datetime(2011, 12, 9, tzinfo=UTC)
    assert (len(found.test), len(found.validation)) == (12, 4)
    assert all(b - a == WEEK for a, b in zip(found.all, found.all[1:], strict=False))
    assert found.validation[-1] + WEEK <= found.test[0]
    assert found.history[0] - WEEK >= RETAIL.start
    assert found.history[0] - 2 * WEEK < RETAIL.start
    assert [found.split_of(each[0]) for each in (found.history, found.validation, found.test)] == [
        "history",
        "validation",
        "test",
    ]


def test_a_log_of_weekly_counts_covers_its_last_week_and_keeps_its_grid():
    start = datetime(2024, 1, 1, tzinfo=UTC)
    weekly = log_of(start, start + 30 * WEEK, WEEK)
    found = origins(weekly, Horizon(7), test=3, validation=2)
    assert found.test[-1] == weekly.end  # its week starts there
    earlier = origins(weekly, Horizon(7), test=3, validation=2, last=weekly.end)
    assert earlier.test[-1] + WEEK == weekly.end
    assert all((each - start) % WEEK == timedelta(0) for each in found.all)
    with pytest.raises(DataError, match="whole weeks"):
        origins(weekly, Horizon(7), test=3, validation=2, last=weekly.end - timedelta(days=2))
    with pytest.raises(DataError, match="by the week"):
        origins(weekly, Horizon(10), test=1, validation=0)


def test_refuses_what_the_log_cannot_give():
    short = log_of(RETAIL.start, RETAIL.start + 6 * WEEK)
    with pytest.raises(DataError, match="fewer origins"):
        origins(short, Horizon(7), test=4, validation=2)
    with pytest.raises(DataError, match="an end by 2011-12-10"):
        origins(RETAIL, Horizon(7), test=2, validation=2, last=datetime(2012, 1, 1, tzinfo=UTC))
    with pytest.raises(ConfigError, match="at least 1"):
        origins(RETAIL, Horizon(7), test=0, validation=2)
