"""Killed outright in training and in forecasting, then started again: nothing half-written, the same result."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

import trail.explain
import trail.forecast
from tests.killing import kill_when_it_says
from tests.model_fixtures import SMALL
from tests.tiny import tiny_backbone
from trail import operations
from trail.model import ModelSettings
from trail.project import load_project, save_project
from trail.snapshots import FILES, open_snapshot

REAL = {"trail.forecast": trail.forecast, "trail.explain": trail.explain}  # others here work with stand-ins
_TRAIN = """
import sys, time
from pathlib import Path
from trail import operations

def report(stage, done, total):
    if (stage, done) == ("language", 1):
        print("there", flush=True)
        time.sleep(60)

operations.train(Path(sys.argv[1]), report=report)
"""
_FORECAST = """
import sys, time
from pathlib import Path
import trail.explain
from trail import operations

whole = trail.explain.put_in_words
def slow(*arguments, **options):
    found = whole(*arguments, **options)
    print("there", flush=True)
    time.sleep(60)
    return found
trail.explain.put_in_words = slow
operations.forecast(Path(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def make_shop(files, tmp_path_factory):
    """A function that makes a project with a tiny random backbone."""
    backbone = tiny_backbone(tmp_path_factory.mktemp("backbone"))

    def make() -> Path:
        folder = tmp_path_factory.mktemp("work") / "shop"
        operations.init(folder, [str(files / "orders.csv")], [str(files / "items.csv")])
        project = load_project(folder)
        model = ModelSettings(backbone=str(backbone), **SMALL)
        asked = replace(project.forecast, top=10, explained=3)
        save_project(replace(project, model=model, forecast=asked), folder)
        return folder

    return make


@pytest.mark.slow
def test_a_job_killed_twice_ends_like_one_that_was_not(make_shop, monkeypatch):
    for name, module in REAL.items():
        monkeypatch.setitem(sys.modules, name, module)
    undisturbed, killed = make_shop(), make_shop()
    trained = operations.train(undisturbed)
    first = operations.forecast(undisturbed).snapshot

    kill_when_it_says("there", _TRAIN, killed)
    models = killed / "models"
    assert not list(models.glob("*.json"))
    assert (models / trained.name / "checkpoint.pt").is_file()
    assert not (models / trained.name / "config.json").exists()
    assert operations.train(killed, resume=True).name == trained.name

    kill_when_it_says("there", _FORECAST, killed)
    snapshots = killed / "snapshots"
    assert not snapshots.exists() or not [each for each in snapshots.iterdir() if each.name[0] != "."]
    again = operations.forecast(killed).snapshot

    for name in FILES:
        assert again.manifest.files[name] == first.manifest.files[name], name
    assert again.explanations == first.explanations
    assert open_snapshot(again.folder).manifest == again.manifest
    assert operations.verify(again.folder).holds
