"""`trail run` killed outright five times, at random moments and where it publishes, tells and tidies up; `bench/kills.py` does it fifty times and everywhere."""

import pytest
from bench.kills import kills

WHERE = (
    "publish, the pointer not moved",
    "alerts, one delivered and not noted",
    "retention, one on its way out",
)


@pytest.mark.slow
def test_a_night_killed_at_any_moment_serves_a_whole_forecast_and_ends_as_one_that_was_not(tmp_path):
    found = kills(tmp_path, 2, seed=1, use_model=True, traps=WHERE)
    assert [each.stage for each in found[2:]] == [*WHERE]
    assert [each.wrong for each in found] == [()] * 5
