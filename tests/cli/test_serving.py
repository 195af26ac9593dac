"""Who makes the numbers of a forecast: the champion of the latest backtest, unless somebody is asked for."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

import numpy as np
import pytest

from tests.cli.conftest import CHEAP, learn_from, run
from trail import baselines
from trail.baselines import LastWindow
from trail.baselines.sample import sample_history
from trail.baselines.scope import ABSTAINED
from trail.evaluate import report
from trail.events import parse_moment
from trail.operations import doctor, serving
from trail.operations.data import prepare
from trail.operations.models import read_record, write_record
from trail.operations.notes import of_abstained
from trail.operations.serving import Served, measured_beside, served
from trail.operations.workspace import Workspace


def test_without_a_backtest_the_model_forecasts_and_says_so(shop):
    done = run("forecast", shop, "--explain", 3, "--top", 10, "--json")
    assert done.json["manifest"]["by"] == "trail"
    assert "no backtest" in done.json["manifest"]["why"]


def test_the_champion_is_served_with_its_margin(new_project, undrawn):
    folder = new_project()
    assert run("backtest", folder, "--origins", 3, "--until", "2024-05-20", "--no-model").code == 0
    (report,) = (folder / "reports").glob("backtest-*")
    champion = json.loads((report / "champion.json").read_text())
    assert champion["forecaster"] in CHEAP
    done = run("forecast", folder, "--explain", 2, "--json")
    assert done.code == 0, done.err
    manifest = done.json["manifest"]
    assert (manifest["by"], manifest["why"]) == (champion["forecaster"], " ".join(champion["words"]))
    assert "Its margin over" in manifest["why"]
    assert {row["forecaster"] for row in done.json["items"]} == {champion["forecaster"]}
    assert f"Champion, to be served: {champion['forecaster']}" in run("forecast", folder, "--explain", 2).out
    # asked for by name, somebody else is another forecast
    other = next(name for name in CHEAP if name != champion["forecaster"])
    assert run("forecast", folder, "--explain", 2, "--by", other).code == 2
    earlier = run("forecast", folder, "--at", "2024-05-13", "--explain", 0, "--by", other, "--json")
    assert {row["forecaster"] for row in earlier.json["items"]} == {other}
    assert earlier.json["manifest"]["why"].startswith(f"Made by {other}, which was asked for. Champion")


def test_a_backtest_that_did_not_try_the_champion_crowns_nobody(new_project, undrawn):
    folder = new_project()
    options = ("--until", "2024-05-20", "--no-model")
    assert run("backtest", folder, "--origins", 3, *options).code == 0
    workspace = Workspace.open(folder)
    first = served(workspace, prepare(workspace))
    other = next(name for name in CHEAP if name != first.by)
    assert run("backtest", folder, "--origins", 2, "--with", other, *options).code == 0
    report = next((folder / "reports").glob("backtest-*-2"))
    said = f"No champion: {first.by}, the champion until now, was not tried."
    assert said in (report / "summary.md").read_text()
    assert not (report / "champion.json").exists()
    # in the folder of the run that crowned it, its crown stays
    assert run("backtest", folder, "--origins", 3, "--with", other, *options).code == 0
    assert served(workspace, prepare(workspace)) == first
    # one that tries it too may crown another
    assert run("backtest", folder, "--origins", 2, "--with", f"{other},{first.by}", *options).code == 0
    assert json.loads((report / "champion.json").read_text())["forecaster"] in {other, first.by}


def test_the_model_writes_about_what_a_baseline_forecast_with_that_ones_drivers(new_project, stood_in):
    folder, day = new_project(), "2024-05-13"
    assert run("train", folder, "--until", day).code == 0
    plain = run("forecast", folder, "--at", "2024-05-06", "--explain", 3, "--by", "decayed", "--json").json
    assert (plain["model"], plain["manifest"]["model"]) == ("", "")  # the model knows what came after
    done = run("forecast", folder, "--at", day, "--explain", 3, "--by", "decayed", "--json")
    assert done.code == 0, done.err
    assert (done.json["manifest"]["by"], done.json["manifest"]["model"]) == ("decayed", stood_in.FINGERPRINT)
    assert {row["forecaster"] for row in done.json["items"]} == {"decayed"}
    texts = [row["explanation"] for row in done.json["items"][:3]]
    assert [each["source"] for each in texts] == ["model"] * 3
    names = {driver["signal"] for each in texts for driver in each["drivers"]}
    assert names
    assert "change" not in names
    assert "correction" not in done.json["manifest"]["why"]
    assert run("verify", folder / "snapshots" / day).code == 0


@pytest.mark.parametrize("asked", [("--plain",), ("--plain", "--by", "trail"), ("--no-model",)])
def test_texts_are_plain_where_that_is_asked_for(new_project, asked):
    folder = new_project()
    assert run("train", folder).code == 0
    done = run("forecast", folder, "--explain", 2, *asked, "--json")
    assert done.code == 0, done.err
    assert [row["explanation"]["source"] for row in done.json["items"][:2]] == ["plain"] * 2


def test_the_model_of_a_backtest_writes_where_there_is_no_other(new_project, stood_in):
    folder = new_project()
    assert run("backtest", folder, "--origins", 2, "--until", "2024-05-20").code == 0
    done = run("forecast", folder, "--explain", 2, "--by", "decayed", "--json")
    assert done.json["model"].startswith("backtest-")
    assert done.json["items"][0]["explanation"]["source"] == "model"


def test_the_champion_of_another_horizon_is_not_served(new_project, undrawn):
    folder = new_project()
    learn_from(folder, 8)
    assert run("backtest", folder, "--origins", 2, "--horizon", 8, "--no-model").code == 0
    done = run("forecast", folder, "--explain", 1, "--json")
    assert done.code == 0, done.err
    manifest = done.json["manifest"]
    assert manifest["by"] == "best"
    assert "no model is trained yet, and no backtest of this horizon" in manifest["why"]
    chosen = next(iter({row["forecaster"] for row in done.json["items"]}))
    other = next(name for name in CHEAP if name != chosen)
    assert f"That is {chosen}, of {len(CHEAP)} tried on the latest" in manifest["why"]
    assert f"; next {other} (" in manifest["why"]
    assert run("forecast", folder, "--by", "trail").code == 5  # asked for by name the model must be there


def test_a_name_that_nobody_has_is_refused_with_the_nearest(shop):
    done = run("forecast", shop, "--by", "decaied")
    assert done.code == 2
    assert "'decayed'?" in done.err


class Silent(LastWindow):
    """Knows nothing of three items."""

    @property
    def name(self):
        return "launches"

    def predict(self, cards):
        made = super().predict(cards)
        names = made.forecaster.copy()
        names[[0, 5, 9]] = ABSTAINED
        return replace(made, forecaster=names)


def test_a_forecast_counts_the_items_on_which_it_abstained(new_project, monkeypatch):
    folder = new_project()
    monkeypatch.setitem(serving.LINE_UP, "launches", Silent)
    asked = ("forecast", folder, "--explain", 0, "--by", "launches")
    made = run(*asked, "--json").json
    (words,) = made["notes"]
    assert words.startswith(f"3 of {made['manifest']['items']} items were abstained on:")
    assert words in " ".join(run(*asked).out.split())
    assert of_abstained(["launches", "lightgbm"]) == ()


@pytest.fixture(scope="module")
def crowned(fresh, shop):
    """A project with orders of its own, a backtest of them, and what `champion.json` says."""
    folder = fresh()
    for name in ("data", "cache"):
        shutil.copytree(shop / name, folder / name)
    text = (folder / "trail.toml").read_text()
    location = next(line.split('"')[1] for line in text.splitlines() if "orders.csv" in line)
    shutil.copy(folder / location, folder / "orders.csv")
    (folder / "trail.toml").write_text(text.replace(location, "orders.csv"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "_figures", lambda *_: {})
        assert run("backtest", folder, "--origins", 3, "--no-model").code == 0
    (path,) = (folder / "reports").glob("backtest-*/champion.json")
    return folder, path


def test_a_report_of_an_earlier_state_of_the_data_is_served_and_said(crowned):
    folder, path = crowned
    workspace, words = Workspace.open(folder), json.loads(path.read_text())
    data = prepare(workspace)
    same = served(workspace, data)
    assert (words["data"], same.by, same.why) == (
        data.fingerprint,
        words["forecaster"],
        " ".join(words["words"]),
    )
    grown = replace(data, ingested=replace(data.ingested, fingerprint="1234567812345678"))
    for asked in ("champion", "last_window"):
        assert served(workspace, grown, asked).why == (
            f"{served(workspace, data, asked).why} That backtest measured other data than these, or an earlier state of "
            "them: `trail backtest` measures these."
        )
    # of a report that was written before reports named their data
    path.write_text(json.dumps({name: value for name, value in words.items() if name != "data"}))
    assert "measured data that it does not name" in served(workspace, data).why
    path.write_text(json.dumps(words))


def test_nobody_who_was_chosen_on_later_periods_makes_a_past_forecast(crowned):
    folder, path = crowned
    workspace = Workspace.open(folder)
    data, words = prepare(workspace), json.loads(path.read_text())
    first = min(map(parse_moment, json.loads(path.with_name("task.json").read_text())["origins"]["test"]))
    assert served(workspace, data, at=first) == served(workspace, data)
    before = served(workspace, data, at=first - timedelta(days=7))
    assert (before.by, before.model) == ("best", "")
    assert before.why.endswith("all champions were chosen on periods after this cutoff.")
    asked = served(workspace, data, words["forecaster"], at=first - timedelta(days=7))
    assert asked.why == f"Made by {words['forecaster']}, which was asked for."


def test_reports_are_read_only_as_far_as_they_are_needed(crowned):
    """A report that cannot be read hinders neither who asks for another maker nor who is served by a newer one."""
    folder, _ = crowned
    workspace = Workspace.open(folder)
    data = prepare(workspace)
    expected = served(workspace, data)
    older = folder / "reports" / "backtest-older" / "champion.json"
    older.parent.mkdir()
    older.write_text("{")
    os.utime(older, (1, 1))
    try:
        assert served(workspace, data) == expected
        assert served(workspace, data, "best").by == "best"
    finally:
        shutil.rmtree(older.parent)


def test_a_report_that_reaches_beyond_the_log_is_no_evidence_of_it(crowned):
    workspace = Workspace.open(crowned[0])
    data = prepare(workspace)
    task = json.loads(crowned[1].with_name("task.json").read_text())
    test = [parse_moment(each) for each in task["origins"]["test"]]
    over = max(test) + timedelta(days=7)
    for start, end, crowns in (
        (data.log.start, over - timedelta(hours=1), True),  # the last day is there
        (data.log.start, over - timedelta(hours=25), False),
        (min(test), data.log.end, False),
    ):
        found = served(workspace, replace(data, log=replace(data.log, start=start, end=end)))
        assert ("no backtest of this horizon on this log" in found.why) == (not crowns)
        assert (found.by in ("trail", "best")) == found.untrained == (not crowns)


def test_a_forecast_of_a_grown_log_says_that_the_report_is_older(crowned):
    folder, path = crowned
    before = (folder / "orders.csv").read_text()
    (folder / "orders.csv").write_text(f"{before}item-001,2024-05-27 00:00:00.000000,user-1,3\n")
    done = run("forecast", folder, "--explain", 0, "--json")
    (folder / "orders.csv").write_text(before)
    assert done.code == 0, done.err
    manifest = done.json["manifest"]
    assert manifest["by"] == json.loads(path.read_text())["forecaster"]
    assert "or an earlier state of them" in manifest["why"]


def test_a_model_of_other_settings_than_the_one_measured_is_said_to_be_one(shop, tmp_path):
    workspace = replace(Workspace.open(shop), folder=tmp_path)
    record = read_record(Workspace.open(shop), "2024-05-20")
    measured = replace(record, name="backtest-1", settings={**record.settings, "epochs": 77, "seed": 5})
    (workspace.models / "backtest-1").mkdir(parents=True)
    write_record(workspace, measured)
    maker = Served("trail", "Champion.", "backtest-1")
    epochs = record.settings["epochs"]
    assert measured_beside(workspace, maker, record).why == (
        f"Champion. The model that was measured there had other settings: epochs 77, here {epochs}, seed 5, here 0."
    )
    for same in (replace(maker, model="gone"), replace(maker, model="")):
        assert measured_beside(workspace, same, record) == same
    assert measured_beside(workspace, maker, replace(record, settings=measured.settings)) == maker


@dataclass(frozen=True)
class Drawn(LastWindow):
    """Says its seed of every item."""

    seed: int = 0
    name: ClassVar[str] = "drawn"

    def level(self, cards):
        return np.full(len(cards), float(self.seed))


def test_a_baseline_that_is_served_draws_with_the_projects_seed(shop, monkeypatch):
    for table in (serving.LINE_UP, doctor.LINE_UP, baselines.BASELINES):
        monkeypatch.setitem(table, "drawn", Drawn)
    monkeypatch.setattr(serving, "priors_of", baselines.priors_of)
    workspace = Workspace.open(shop)
    project = replace(workspace.project, model=replace(workspace.project.model, seed=7, priors=("drawn",)))
    workspace, history = replace(workspace, project=project), sample_history()[:-1]
    fitted = [serving.fitted_baseline(workspace, name, history) for name in ("drawn", serving.BEST)]
    late = history[-1].cards.cutoff
    tried = doctor._forecaster(workspace, prepare(workspace), late, "drawn", use_model=False)[1]
    assert [each.seed for each in (*fitted, tried)] == [7, 7, 7]
    assert set(fitted[0].predict(history[-1].cards).expected) == {7.0}
