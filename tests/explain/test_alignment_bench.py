"""`bench/alignment.py` and `bench/explanations.py` from a project to their rows and page, with a tiny backbone."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from bench import alignment

from trail import operations
from trail.baselines.sample import sample_log
from trail.model import ModelSettings
from trail.pairs import Corruption
from trail.project import BacktestSettings, load_project, save_project


@pytest.fixture
def project(small, tmp_path):
    """A project of the simulated log that trains the tiny model."""
    log, items = sample_log()
    events = log.table.select("item_id", "timestamp", "user_id", "price").to_pyarrow()
    moments = events["timestamp"].cast("timestamp[us]").cast("string")
    pyarrow.csv.write_csv(events.set_column(1, "timestamp", moments), tmp_path / "orders.csv")
    pyarrow.csv.write_csv(items.table.select("item_id", "title").to_pyarrow(), tmp_path / "items.csv")
    folder = tmp_path / "shop"
    operations.init(folder, [str(tmp_path / "orders.csv")], [str(tmp_path / "items.csv")])
    tests = BacktestSettings(origins=2, validation=2, until="2024-05-20")
    model = ModelSettings.from_dict({**small.as_dict(), "shortlist": 30})
    save_project(replace(load_project(folder), model=model, backtest=tests), folder)
    return folder


@pytest.mark.slow
def test_three_models_are_asked_the_same(project, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["alignment", str(project), "--origins", "1", "--items", "12"])
    alignment.main()
    shown = capsys.readouterr().out
    target = project / "reports" / "alignment"
    rows = pq.read_table(target / "preferred.parquet").to_pylist()
    models = list(dict.fromkeys(row["model"] for row in rows))
    assert models == list(alignment.MODELS)
    asked = [
        {
            (row["item_id"], row["kind"], row["true_tokens"], row["false_tokens"])
            for row in rows
            if row["model"] == name
        }
        for name in models
    ]
    assert asked[0] == asked[1] == asked[2]
    assert {row["kind"] for row in rows} <= set(Corruption)
    places = pq.read_table(target / "retrieved.parquet").to_pylist()
    assert len(places) == 3 * 12
    assert {row["pool"] for row in places} == {12}
    assert all(f"| {name} | mean |" in shown for name in models)


@pytest.mark.slow
def test_one_command_measures_a_log_and_writes_its_page(project, tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(Path(alignment.__file__).parent))
    from bench import explanations  # noqa: PLC0415 - it imports its neighbours by their bare names
    from bench.explanations_page import SHOWN  # noqa: PLC0415 - as above

    monkeypatch.setattr(explanations, "LOGS", {"shop": None})
    monkeypatch.setattr(explanations, "make_project", lambda *_, **__: None)
    page = tmp_path / "explanations.md"
    command = [
        "explanations",
        "data",
        "--runs",
        str(project.parent),
        "--origins",
        "2",
        "--items",
        "12",
        "--without-contrast",
        "--to",
        str(page),
    ]
    monkeypatch.setattr(sys, "argv", command)
    explanations.main()
    found = json.loads((tmp_path / "explanations" / "shop.json").read_text())
    assert len(found["texts"]) == len(found["verify_ms"]) == 24
    assert len(found["origins"]) == len(found["seconds"]) == 2
    assert {one for each in found["texts"] for one in each["verdicts"]} <= {"supported", "context"}
    assert [each["who"] for each in found["reasons"]] == ["named", "liar", "parrot"]
    assert (found["reasons_origins"], found["reasons"][0]["cases"]) == (2, 24)
    assert {each["what"].split(":")[0] for each in found["shares"]} == {"changed", "dropped"}
    assert all(each["cases"] for each in found["shares"])
    assert {name.split()[0] for name in found["areas"]} == {"comprehensiveness", "sufficiency"}
    assert list(dict.fromkeys(each["model"] for each in found["alignment"])) == list(alignment.MODELS)
    assert {each["texts"] for each in found["simulated"] if each["source"] == "untuned"} == {24}
    assert found["varied"]["bigrams"] > 0
    said = page.read_text()
    assert said.count("\n- ") == SHOWN
    assert all(f"| {each['what']} |" in said for each in found["shares"])
    assert "| sufficiency (low is good) |" in said
    assert "| untuned |" in said
    assert "within two 0%" in said  # a random model writes nothing that holds
    titles = pyarrow.csv.read_csv(project.parent / "items.csv")["title"].to_pylist()
    assert not [title for title in titles if title and title in said]
    capsys.readouterr()
    explanations.main()
    assert "shop: done already" in capsys.readouterr().out
    assert page.read_text() == said
    kept = tmp_path / "explanations" / "shop.json"
    kept.unlink()  # as after a kill behind the sealing
    explanations.main()
    again = json.loads(kept.read_text())
    assert (again["texts"], again["tries"], again["seconds"]) == (
        found["texts"],
        found["tries"],
        found["seconds"],
    )
