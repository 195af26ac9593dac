"""`trail run` as a person and a program meet it, with the real forecast by a baseline."""

import json

import pytest

from tests.cli.conftest import learn_from, run
from trail.operations import history
from trail.operations.locking import alone


@pytest.fixture
def night(fresh, monkeypatch):
    """A project that learns from few cutoffs."""
    monkeypatch.setattr(history, "SHORT", 0)
    folder = fresh()
    learn_from(folder, 8)
    return folder


def test_a_whole_night_and_the_same_again(night):
    done = run("run", night, "--no-model", "--json")
    assert done.code == 0, done.err
    said = done.json
    assert [each["name"] for each in said["steps"]] == [
        *("ingest", "train", "forecast", "scorecard", "publish", "export", "alerts", "moves", "retention")
    ]
    assert [each["status"] for each in said["steps"]] == [
        *("done", "nothing to do", "done", "nothing to do", "done"),
        *(["nothing to do"] * 4),
    ]
    forecast = said["steps"][2]["figures"]
    assert (forecast["items"], forecast["texts"], forecast["by_the_model"]) == (120, 20, 0)
    assert said["published"] == str(night / "snapshots" / "2024-05-20")
    assert (said["before"], said["moved"], said["exit_code"], said["warnings"]) == (None, True, 0, [])
    assert said["change"]["first"] is True
    assert run("verify", night / "snapshots" / "2024-05-20").code == 0
    pointer = json.loads((night / "published.json").read_text())
    assert pointer["seal"] == forecast["seal"]

    shown = run("run", night, "--no-model", "--keep", 3)
    assert shown.code == 0
    words = " ".join(shown.out.split())
    assert words.count("nothing to do") == 9
    assert "the night of 2024-05-20" in words
    assert json.loads((night / "published.json").read_text()) == pointer


def test_failures_are_told_on_both_ways_out(night):
    with alone(night):
        done = run("run", night, "--no-model", "--json")
    assert (done.code, done.out) == (2, "")
    assert "another run of this project: process" in json.loads(done.err.splitlines()[-1])["found"]
    text = (night / "trail.toml").read_text()
    (night / "trail.toml").write_text(text.replace("orders.csv", "nowhere.csv"))
    done = run("run", night, "--no-model", "--json")
    assert (done.code, done.json["exit_code"]) == (3, 3)
    assert done.json["steps"][0]["status"] == "failed"
    assert "nowhere.csv" in done.json["steps"][0]["words"]
    shown = run("run", night, "--no-model")
    assert shown.code == 3
    assert "failed ingest" in shown.out
    assert "nothing is published" in shown.out
