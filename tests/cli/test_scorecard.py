"""`trail scorecard` as a person and a program meet it: due, not due, damaged, twice."""

import json
import shutil

import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import run


@pytest.fixture
def sealed(new_project, tmp_path):
    """A project with two snapshots whose period is over, one that is not due, and an orders file of its own."""
    folder = new_project()
    text = (folder / "trail.toml").read_text()
    location = next(line.split('"')[1] for line in text.splitlines() if "orders.csv" in line)
    shutil.copy(folder / location, tmp_path / "orders.csv")
    (folder / "trail.toml").write_text(text.replace(location, str(tmp_path / "orders.csv")))
    for cutoff in ("2024-05-06", "2024-04-29", "2024-05-13"):
        done = run("forecast", folder, "--no-model", "--at", cutoff, "--explain", 3, "--top", 10)
        assert done.code == 0, done.err
    return folder


def files_of(folder):
    return {path.name: path.stat().st_mtime_ns for path in (folder / "reports" / "scorecard").iterdir()}


def test_scores_what_is_over_lists_what_is_not_and_does_nothing_twice(sealed, tmp_path):
    done = run("scorecard", sealed, "--json")
    assert done.code == 0, done.err
    assert [each["snapshot"] for each in done.json["snapshots"]] == ["2024-04-29", "2024-05-06"]
    assert sorted(done.json["scored_now"]) == ["2024-04-29", "2024-05-06"]
    (waiting,) = done.json["waiting"]
    assert (waiting["snapshot"], waiting["known_on"][:10]) == ("2024-05-13", "2024-05-20")
    assert len(done.json["figures"]) == 2 * 2 * 3 * 11
    assert {each["basis"] for each in done.json["reasons"]} == {"text", "cited", "claim", "driver"}
    assert all(each["right"] <= each["cases"] for each in done.json["reasons"])
    before = files_of(sealed)
    assert set(before) == {
        *("scores.parquet", "figures.parquet", "reasons.parquet", "first.parquet"),
        *("scorecard.json", "scorecard.md", "scorecard.html"),
    }
    assert pq.read_table(sealed / "reports" / "scorecard" / "scores.parquet").num_rows == 2
    again = run("scorecard", sealed, "--json")
    assert (again.json["scored_now"], again.json["written"]) == ([], False)
    assert files_of(sealed) == before
    # as one that was written before it was kept
    (sealed / "reports" / "scorecard" / "first.parquet").unlink()
    again = run("scorecard", sealed, "--json")
    assert (len(again.json["scored_now"]), again.json["latest"]) == (2, done.json["latest"])
    assert (done.json["latest"]["said"], len(done.json["latest"]["items"])) == (10, 20)

    shown = run("scorecard", sealed).out
    assert "Track record by reason" in shown
    assert "2 of 3 snapshots scored, 1 not due, 0 refused" in " ".join(shown.split())
    assert "2024-05-20" in shown

    # one more day in the log: everything is scored anew, and the third is due
    with (tmp_path / "orders.csv").open("a") as file:
        file.write("item-001,2024-05-20 00:00:00.000000,user-1,3\n")
    grown = run("scorecard", sealed, "--json")
    assert grown.code == 0, grown.err
    assert sorted(grown.json["scored_now"]) == ["2024-04-29", "2024-05-06", "2024-05-13"]
    assert grown.json["waiting"] == []


def test_a_damaged_snapshot_is_refused_and_stops_no_other(sealed):
    assert run("scorecard", sealed, "--json").code == 0
    snapshots = sealed / "snapshots"
    shutil.copytree(snapshots / "2024-05-06", snapshots / "copy")
    (snapshots / "empty").mkdir()
    path = snapshots / "2024-04-29" / "explanations.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    broken = json.loads((snapshots / "2024-05-13" / "manifest.json").read_text())
    (snapshots / "2024-05-13" / "manifest.json").write_text(json.dumps(broken | {"cutoff": "soon"}))
    done = run("scorecard", sealed, "--json")
    assert done.code == 3
    assert [each["snapshot"] for each in done.json["snapshots"]] == ["2024-05-06"]
    refused = {each["snapshot"]: each["why"] for each in done.json["refused"]}
    assert set(refused) == {"2024-04-29", "2024-05-13", "copy", "empty"}
    assert "SHA-256" in refused["2024-04-29"]
    assert "'soon'" in refused["2024-05-13"]
    assert "a copy of 2024-05-06" in refused["copy"]
    assert "no manifest.json" in refused["empty"]
    assert run("scorecard", sealed).code == 3


def test_a_project_without_a_forecast_is_a_usage_error(new_project):
    done = run("scorecard", new_project(), "--json")
    assert done.code == 2
    assert "trail forecast" in json.loads(done.err.splitlines()[-1])["fix"]
