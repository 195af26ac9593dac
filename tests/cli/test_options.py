"""Options that exclude each other are refused, and what decides a forecast is asked for each time."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.cli.conftest import run
from trail.cli.values import maker
from trail.operations.data import prepare
from trail.operations.forecasting import intended
from trail.operations.workspace import Workspace
from trail.project import load_project, save_project
from trail.snapshots import read_manifest

LAST = datetime(2024, 5, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "by"),
    [
        (("", ""), "champion"),
        (("", "m"), "trail"),
        (("lightgbm", "m"), "lightgbm"),
        (("champion", "m"), "champion"),
        (("decayed", ""), "decayed"),
    ],
)
def test_who_is_asked_for_is_who_forecasts(asked, by):
    assert maker(*asked) == by


@pytest.mark.parametrize(
    "words",
    [
        ("forecast", "--no-model", "--by", "decayed"),
        ("forecast", "--no-model", "--by", "champion"),
        ("forecast", "--no-model", "--model", "nosuch"),
        ("forecast", "--by", "best", "--model", "2024-05-20"),
        ("forecast", "--by", "decayed", "--plain", "--model", "nosuch"),
        ("doctor", "leaks", "--no-model", "--with", "2024-05-20"),
        ("doctor", "reasons", "--by", "decayed", "--model", "nosuch"),
        ("explain", "a", "--query", "growth", "--length", "long"),
    ],
)
def test_what_would_be_ignored_is_refused(shop, words):
    verbs = [each for each in words if each in ("forecast", "doctor", "leaks", "reasons", "explain")]
    done = run(*verbs, shop, *words[len(verbs) :])
    assert done.code == 2
    assert "error:" in done.err


def test_the_best_without_the_model_may_be_asked_for_twice():
    assert maker("best", "", no_model=True) == maker("", "", no_model=True) == "best"


def test_a_model_that_is_named_writes_about_another_forecast(new_project, shop, stood_in):
    folder = new_project()
    assert run("train", folder, "--name", "m").code == 0
    stood_in.calls.clear()
    done = run("forecast", folder, "--model", "m", "--by", "decayed", "--explain", 1, "--json")
    assert done.code == 0, done.err
    assert {row["forecaster"] for row in done.json["items"]} == {"decayed"}
    assert (done.json["model"], done.json["manifest"]["by"]) == ("m", "decayed")


def test_a_forecast_of_other_settings_is_not_the_one_that_is_sealed(new_project):
    folder = new_project()
    command = ("forecast", folder, "--no-model", "--explain", 1, "--json")
    assert run(*command).code == 0
    project = load_project(folder)
    model = project.model
    for other in (
        replace(project, country="GB"),
        replace(project, history=10),
        replace(project, model=replace(model, priors=("last_window",))),
        replace(project, model=replace(model, seed=7)),
    ):
        save_project(other, folder)
        done = run(*command)
        assert done.code == 2
        assert "already sealed" in done.err
    save_project(
        replace(project, model=replace(model, learning_rate=1e-5)), folder
    )  # nobody is asked for one
    assert run(*command).json["already"] is True


def test_plain_texts_are_another_forecast_where_the_model_would_have_written(shop, new_project):
    done = run("forecast", shop, "--explain", 3, "--top", 10, "--plain")
    assert done.code == 2
    assert "already sealed" in done.err
    folder = new_project()
    assert run("train", folder).code == 0
    assert run("forecast", folder, "--plain", "--explain", 1).code == 0
    workspace = Workspace.open(folder)
    project = workspace.project
    workspace = replace(workspace, project=replace(project, forecast=replace(project.forecast, explained=1)))
    there, data = read_manifest(folder / "snapshots" / "2024-05-20"), prepare(workspace)
    assert there.differs(intended(workspace, data, LAST)[0]) == ("configuration",)
    assert there.same_origin(intended(workspace, data, LAST, plainly=True)[0])


def test_without_a_model_plain_is_what_it_would_be_anyway(new_project):
    workspace = Workspace.open(new_project())
    data = prepare(workspace)
    found = [intended(workspace, data, LAST, plainly=plainly)[0] for plainly in (True, False)]
    assert found[0] == found[1]


def test_missing_days_are_told(new_project):
    folder = new_project()
    done = run("forecast", folder, "--no-model", "--explain", 0, "--at", "2024-05-23")
    assert done.code == 0, done.err
    said = "The log ends 3 days before this forecast's cutoff; missing days count as zero"
    assert said in " ".join(done.out.split())
    assert said in read_manifest(folder / "snapshots" / "2024-05-23").why


def test_no_missing_days_are_told_where_there_are_none(shop):
    assert "The log ends" not in read_manifest(shop / "snapshots" / "2024-05-20").why
