"""The one query against plain loops, on random logs and on the cases that have broken such queries."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, event, given, settings

from trail.errors import DataError
from trail.events import Horizon
from trail.signals import SIGNALS, cards_at

from .logs import Case, cases
from .oracle import ORACLE, differences, world_of


def test_every_signal_has_a_loop():
    assert [signal.name for signal in SIGNALS] == list(ORACLE)


def check(case: Case, opened) -> None:
    log, items = opened(case.events, case.items)
    world = world_of(case.events, case.items, case.cutoff, case.days)
    assert log.grid == world.grid
    off_grid = world.grid is not None and any(
        (case.cutoff - row["time"]) % world.grid for row in world.events
    )
    if not world.events or off_grid:
        event("refused")
        with pytest.raises(DataError):
            cards_at(log, items, case.cutoff, Horizon(case.days))
        return
    event(f"windows covered: {world.covered}")
    cards = cards_at(log, items, case.cutoff, Horizon(case.days))
    assert differences(cards.table, world) == []


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(case=cases(arrivals=True))
def test_random_logs(case: Case, opened):
    check(case, opened)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases(arrivals=True))
def test_many_random_logs(case: Case, opened):
    check(case, opened)


def test_a_synthetic_log_of_two_years(opened, synthetic):
    events, items = synthetic(1, items=8, events=400, days=500)
    cutoff = datetime(2023, 4, 3, tzinfo=UTC)
    cards = cards_at(*opened(events, items), cutoff, Horizon(28))
    assert differences(cards.table, world_of(events, items, cutoff, 28)) == []
    assert all(cards.table[name].null_count < len(cards) for name in ORACLE)
