"""The real path on every landing: the real weights on a real log, reduced."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from bench import real
from bench.real import EXPLAINED, run

from trail.operations import verify
from trail.project import load_project

FIRST = {
    "online_retail_ii": datetime(2011, 9, 16, tzinfo=UTC),
    "movietweetings": datetime(2013, 9, 11, tzinfo=UTC),
}


@pytest.mark.parametrize("name", FIRST)
def test_a_reduced_run_ends_where_the_full_tests_begin(name, shared_data, tmp_path, monkeypatch):
    class StoppedError(Exception):
        pass

    def stop(folder, *, at, **options):
        raise StoppedError(at)

    words, results = SimpleNamespace(sentences=()), SimpleNamespace(rows=())
    done = SimpleNamespace(facts={}, troubles=(), results=results, verdict=words, model="")
    for verb, stand_in in {
        "plan": lambda _: done,
        "backtest": lambda _, **__: done,
        "forecast": stop,
    }.items():
        monkeypatch.setattr(real.operations, verb, stand_in)
    monkeypatch.setattr(real, "markdown", lambda *_: "")
    with pytest.raises(StoppedError) as stopped:
        run(name, shared_data, tmp_path / "reduced", reduced=True)
    assert stopped.value.args == (FIRST[name],)
    assert load_project(tmp_path / "reduced").backtest.end == FIRST[name]
    real.make_project(name, shared_data, tmp_path / "full", reduced=False)
    full = load_project(tmp_path / "full")
    assert full.backtest.end - full.backtest.origins * full.horizon.span == FIRST[name]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # torch warns of itself where it compiles
def test_the_whole_job_on_a_real_log_with_the_real_weights(shared_data, tmp_path):
    snapshot = run("online_retail_ii", shared_data, tmp_path / "shop", reduced=True)
    assert (tmp_path / "shop" / "reports").is_dir()
    assert len(snapshot.explanations) == EXPLAINED
    assert all(each.verification.holds for each in snapshot.explanations)
    assert sum(each.source == "model" for each in snapshot.explanations) >= 0.7 * EXPLAINED
    kept = "kept 50% of its correction" in snapshot.manifest.why
    assert kept or "switched the correction of trail off" in snapshot.manifest.why
    assert ("trail" in set(snapshot.forecast["forecaster"].to_pylist())) == kept
    assert verify(snapshot.folder).holds
