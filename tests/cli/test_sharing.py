"""Forecasts brought to others by the command line: files, a database, webhooks."""

from __future__ import annotations

import csv
import importlib.util
from io import StringIO

import pytest

from tests.cli.conftest import run
from tests.snapshots.making import sealed
from trail.events import Source
from trail.operations.alerting import outbox_of, tell
from trail.operations.workspace import Workspace
from trail.project import Project, Webhook, save_project


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "shop"
    made.mkdir()
    hook = Webhook("http://127.0.0.1:9/hook", secret_env="NOT_SET_ANYWHERE", daily_budget=2)
    save_project(Project(events=(Source("events.csv"),), webhooks=(hook,)), made)
    for name, back in (("2024-05-06", 2), ("2024-05-13", 1)):
        sealed(made / "snapshots" / name, back=back, cards="all")
    return made


def test_a_list_goes_into_a_file(folder, tmp_path):
    done = run("export", folder, "--to", tmp_path / "hits.csv", "--json")
    assert done.code == 0, done.err
    assert (done.json["snapshot"], done.json["items"]) == ("2024-05-13", 120)
    rows = list(csv.DictReader(StringIO((tmp_path / "hits.csv").read_text(), newline="")))
    assert [row["rank"] for row in rows[:2]] == ["1", "2"]
    older = run("export", folder, "--to", tmp_path / "old.csv", "--at", "2024-05-06")
    assert "2024-05-06" in older.out
    refused = run("export", folder, "--to", tmp_path / "hits.doc")
    assert refused.code == 2
    assert ".parquet" in refused.err


def test_a_database_that_is_not_there_is_an_error_of_the_engine(folder, tmp_path):
    url = "postgresql://me:secret@127.0.0.1:9/shop"
    for command in (("export", folder, "--to", url), ("pull", url, "shop", tmp_path / "mirror")):
        done = run(*command)
        assert done.code == 4
        assert "secret" not in done.err


def test_messages_that_wait_are_sent_by_hand(folder):
    older, newer = (folder / "snapshots" / name for name in ("2024-05-06", "2024-05-13"))
    made = tell(folder, older, newer).made
    assert made == len(outbox_of(Workspace.open(folder)).waiting())
    done = run("alerts", folder, "--json")
    assert done.code == 4
    assert (done.json["sent"], done.json["waiting"]) == (0, made)
    assert made >= 1
    assert "NOT_SET_ANYWHERE is not set" in done.json["troubles"][0]


@pytest.mark.parametrize("command", [("serve", "shop"), ("keys", "list", "keys.json")])
def test_without_the_packages_of_the_service_it_says_what_to_install(command, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    done = run(*command)
    assert done.code == 2
    assert "trail-forecast[service]" in done.err
