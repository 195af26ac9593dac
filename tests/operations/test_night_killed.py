"""`trail run` killed outright five times at random moments; `bench/kills.py` does it fifty times."""

import pytest
from bench.kills import kills


@pytest.mark.slow
def test_a_night_killed_at_any_moment_ends_as_one_that_was_not(tmp_path):
    found = kills(tmp_path, 5, seed=1, use_model=True)
    assert [each.wrong for each in found] == [()] * 5
