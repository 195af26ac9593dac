"""Which cutoffs are learned from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from trail.baselines.sample import sample_log
from trail.events import Horizon
from trail.operations.history import between

LOG = replace(sample_log()[0], grid=None)
LAST = LOG.last_cutoff()
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.mark.parametrize(
    ("days", "grid", "back"),
    [
        (7, None, [5, 2]),
        (7, DAY, [5, 2]),
        (7, WEEK, []),
        (28, DAY, [19, 9]),
        (28, WEEK, [21, 7]),
        (3, None, [2, 1]),
        (2, None, [1]),
        (1, None, []),
    ],
)
def test_cutoffs_between_lie_evenly_and_on_the_grid(days, grid, back):
    found = between(replace(LOG, grid=grid), [LAST], Horizon(days))
    assert [(LAST - each) / DAY for each in found] == back


def test_none_where_the_log_had_hardly_begun():
    """Four full windows are asked for, and the log's first day counts as whole."""
    fourth = LOG.start.replace(hour=0, minute=0, second=0, microsecond=0) + 4 * WEEK
    assert between(LOG, [fourth, fourth + 3 * DAY], Horizon(7)) == [fourth + DAY]
