"""`trail lists`: what it measures, what it leaves out and says so, what it refuses."""

import json

import pyarrow.parquet as pq

from tests.cli.conftest import run
from trail.operations import listing
from trail.operations.backtesting import RUNS

ASKED = ("--origins", 2, "--until", "2024-05-20", "--no-model")
PLAIN = ("--with", "most_pop", "--with", "decayed", "--with", "last_window")


def test_measures_the_named_and_counts_the_look(new_project):
    folder = new_project()
    found = run("lists", folder, *ASKED, *PLAIN, "--json").json
    assert {line["method"] for line in found["table"]} == {"most_pop", "decayed", "last_window"}
    assert all(
        0 <= line[name] <= 1 for line in found["table"] for name in ("hr@5", "hr@10", "ndcg@5", "ndcg@10")
    )
    assert " users over 2 test origins; left out: " in found["notes"][0]
    assert found["notes"][-1] == "Run 1 on these test origins in this project."
    rows = pq.read_table(folder / "reports" / "lists-2024-05-06-2" / "rows.parquet")
    assert set(rows["split"].to_pylist()) == {"validation", "test"}
    assert (folder / "reports" / "lists-2024-05-06-2" / "summary.md").read_text().count("| most_pop |") == 3
    shown = run("lists", folder, *ASKED, *PLAIN).out
    assert "Run 2 on these test origins" in shown
    assert "most_pop" in shown
    line = json.loads((folder / "reports" / RUNS).read_text().splitlines()[0])
    assert (line["report"], line["model"]) == ("lists-2024-05-06-2", "")


def test_what_is_not_installed_is_left_out_and_said(new_project, monkeypatch):
    monkeypatch.setattr("trail.baselines.recommenders.find_spec", lambda _: None)
    found = run("lists", new_project(), *ASKED, "--with", "ials", *PLAIN, "--json").json
    assert "ials" not in {line["method"] for line in found["table"]}
    assert any(
        note.startswith("ials is left out: implicit, threadpoolctl not installed") for note in found["notes"]
    )


def test_blends_the_model_of_the_same_origins(new_project, undrawn):
    folder = new_project()
    asked = ("--origins", 2, "--until", "2024-05-20")
    lacking = run("lists", folder, *asked, *PLAIN)
    assert lacking.code == 5
    assert "run `trail backtest`" in lacking.err
    assert run("backtest", folder, *asked).code == 0
    found = run("lists", folder, *asked, "--with", "most_pop", "--json").json
    assert {line["method"] for line in found["table"]} == {"most_pop", "decayed", "trail"}  # and its prior
    assert found["model"].startswith("backtest-")


def test_refuses_unknown_names(new_project):
    done = run("lists", new_project(), *ASKED, "--with", "crystal_ball")
    assert done.code == 2
    assert "crystal_ball" in done.err
    assert set(listing.DEFAULT) >= {"most_pop", "ials", "lightgbm"}
