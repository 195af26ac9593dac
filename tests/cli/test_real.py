"""The real path on every landing: the real weights on a real log, reduced."""

import pytest
from bench.real import EXPLAINED, run

from trail.operations import verify


@pytest.mark.slow
def test_the_whole_job_on_a_real_log_with_the_real_weights(shared_data, tmp_path):
    snapshot = run("online_retail_ii", shared_data, tmp_path / "shop", reduced=True)
    assert (tmp_path / "shop" / "reports").is_dir()
    assert len(snapshot.explanations) == EXPLAINED
    assert all(each.verification.holds for each in snapshot.explanations)
    assert sum(each.source == "model" for each in snapshot.explanations) >= 0.7 * EXPLAINED
    assert "trail" in set(snapshot.forecast["forecaster"].to_pylist())
    assert verify(snapshot.folder).holds
