"""`trail doctor leaks`: what it tries, what it says, how it exits, and that it leaves the project alone."""

import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from rich.console import Console

from tests.cli.conftest import run
from tests.telling import told
from trail.baselines import LastWindow, choose_prior
from trail.baselines.sample import sample_history
from trail.cli.findings import of_leaks, show_leaks, show_reasons
from trail.engine import file_hash
from trail.errors import ConfigError
from trail.evaluate import PLANTS, Finding
from trail.evaluate.faithfulness import (
    COMPREHENSIVE,
    DRIVERS,
    RANDOM,
    SUFFICIENT,
    Faithfulness,
    GroupTally,
    Score,
    Share,
)
from trail.operations import Diagnosis, Reasoned, doctor, serving
from trail.operations.data import prepare
from trail.operations.models import read_record, write_record
from trail.operations.workspace import Workspace
from trail.signals import cards_at


def contents(folder):
    return {path: file_hash(path) for path in folder.rglob("*") if path.is_file()}


def test_a_clean_project_exits_0_and_stays_as_it_is(shop, monkeypatch):
    monkeypatch.setattr(doctor, "LEARNED", 1)
    before = contents(shop)
    done = run("doctor", "leaks", shop, "--with", "last_window", "--json")
    assert done.code == 0, done.err
    assert contents(shop) == before
    said = done.json
    assert (said["holds"], said["findings"], said["items"]) == (True, [], 120)
    assert (said["forecaster"], said["model"], said["cutoff"][:10]) == ("last_window", "", "2024-05-13")
    assert set(said["skipped"]) == {"file_order", "late_arrivals"}
    assert said["skipped"]["file_order"] == "two event sources or more"
    assert {"nothing", "future_bursts", "item_ids", "row_order"} < set(said["tried"])
    assert said["limits"]


def test_who_is_tried(shop):
    workspace = Workspace.open(shop)
    data = prepare(workspace)
    late, early = (datetime(2024, 5, day, tzinfo=UTC) for day in (20, 13))
    name, model = doctor._forecaster(workspace, data, late, "", use_model=True)
    assert (name, model.name) == ("2024-05-20", "trail")
    # a model of a later day is no candidate, nor is any where none is wanted: null stands for the best baseline
    assert doctor._forecaster(workspace, data, early, "", use_model=True) == ("", None)
    assert doctor._forecaster(workspace, data, late, "", use_model=False) == ("", None)
    assert doctor._forecaster(workspace, data, early, "decayed", use_model=True)[1].name == "decayed"
    # whoever can be served can be tried
    assert doctor._forecaster(workspace, data, early, "pare", use_model=True)[1].name == "pare"
    with pytest.raises(ConfigError, match="2024-05-13"):
        doctor._forecaster(workspace, data, early, "2024-05-20", use_model=True)


@pytest.mark.parametrize(("champion", "tried"), [("lambdarank_text", "lambdarank_text"), ("trail", "trail")])
def test_the_default_is_the_champion_of_the_latest_backtest(shop, tmp_path, champion, tried):
    workspace, data = replace(Workspace.open(shop), folder=tmp_path), prepare(Workspace.open(shop))
    shutil.copytree(shop / "models", workspace.models)
    report = workspace.reports / "backtest"
    report.mkdir(parents=True)
    (report / "champion.json").write_text(json.dumps({"forecaster": champion, "words": ["Champion."]}))
    (report / "task.json").write_text(json.dumps({"horizon_days": 7, "origins": {"test": ["2024-05-13"]}}))
    late = datetime(2024, 5, 20, tzinfo=UTC)
    assert doctor._forecaster(workspace, data, late, "", use_model=True)[1].name == tried
    assert doctor._forecaster(workspace, data, late, "decayed", use_model=True)[1].name == "decayed"
    # without the model a champion that is one is not tried
    plain = doctor._forecaster(workspace, data, late, "", use_model=False)[1]
    assert (plain and plain.name) == (None if champion == "trail" else champion)


def test_a_model_that_only_a_backtest_made_is_tried_too(shop, tmp_path):
    workspace, data = replace(Workspace.open(shop), folder=tmp_path), prepare(Workspace.open(shop))
    made = read_record(Workspace.open(shop), "2024-05-20")
    shutil.copytree(shop / "models" / made.name, workspace.models / "backtest-1234")
    write_record(workspace, replace(made, name="backtest-1234"))
    late = datetime(2024, 5, 20, tzinfo=UTC)
    name, model = doctor._forecaster(workspace, data, late, "", use_model=True)
    assert (name, model.name) == ("backtest-1234", "trail")


def test_the_default_baseline_is_the_one_chosen_on_validation_cutoffs(shop):
    history, project = sample_history()[:-1], Workspace.open(shop).project
    chosen = choose_prior(serving.priors_of(project.model.priors, 0), history, origins=4).forecaster
    found = serving.fitted_baseline(Workspace.open(shop), serving.BEST, history)
    assert found.name == chosen.name
    cards = history[-1].cards
    assert np.array_equal(found.predict(cards).expected, chosen.predict(cards).expected)


def test_an_unknown_name_suggests_a_close_one_or_lists_all(shop):
    for option in ("--with", "--by"):
        close = run("doctor", "leaks", shop, option, "last_windw")
        assert (close.code, "'last_window'?" in close.err) == (2, True)
    other = run("doctor", "leaks", shop, "--with", "nobody")
    assert other.code == 2
    assert all(name in other.err for name in ("last_window", "launches", "2024-05-20"))


def test_a_leak_exits_with_what_it_is_in_and_lists_every_number(monkeypatch, shop):
    card = Finding("future_bursts", "item [1]", "card", "count_1", 3.0, 43.0)
    forecast = replace(card, of="forecast", column="expected", after=float("nan"))
    moment = datetime(2024, 5, 13, tzinfo=UTC)
    clean = Diagnosis("decayed", "", moment, 7, ("nothing", "future_bursts"), {}, (), ("one limit",))
    both, only = replace(clean, findings=(card, forecast)), replace(clean, findings=(forecast,))
    for done, code in ((clean, 0), (both, 3), (only, 5)):
        monkeypatch.setattr("trail.operations.leaks", lambda *_, done=done, **__: done)
        ran = run("doctor", "leaks", shop, "--json")
        assert (ran.code, ran.json["holds"], len(ran.json["findings"])) == (
            code,
            code == 0,
            len(done.findings),
        )
    assert ran.json["findings"] == [
        {
            "plant": "future_bursts",
            "item_id": "item [1]",
            "of": "forecast",
            "column": "expected",
            "before": 3.0,
            "after": None,
        }
    ]
    console = Console(record=True, width=120)
    show_leaks(both, console)
    shown = console.export_text()
    for words in ("item [1]", "count_1", "43", "moved 1 numbers of the cards", "one limit"):
        assert words in shown
    assert of_leaks(both)["holds"] is False


class Keyed(LastWindow):
    """Keys on the number in an item's id."""

    name = "keyed"

    def level(self, cards):
        return np.array([float(item.split("-")[1]) for item in cards.item_ids])


class Reading(LastWindow):
    """Believes a title that says how much was sold."""

    name = "reading"

    def level(self, cards):
        titles = cards.table["title"].to_pylist()
        return np.array([float(title.partition(" sold ")[2] or 0) for title in titles])


def honest(log, items, cutoff, horizon, **about):
    return cards_at(log, items, cutoff, horizon, **about)


def telling(log, items, cutoff, horizon, **about):
    return told(log, cards_at(log, items, cutoff, horizon, **about))


def peeking(log, items, cutoff, horizon, **about):
    return replace(cards_at(log, items, cutoff + horizon.span, horizon, **about), cutoff=cutoff)


#: Forecaster, cards, what three plants find, exit code.
LEAKY = (
    (Keyed, honest, {("item_ids", "forecasts")}, 5),
    (Reading, telling, {("future_bursts", "forecasts")}, 5),
    (Reading, honest, set(), 0),
    (LastWindow, peeking, {("future_bursts", "cards"), ("future_bursts", "forecasts")}, 3),
)


def found_by(done):
    """Returns plant and what it moved, of all that a run names."""
    return set(re.findall(r"^leak (\w+) moved [1-9][\d,]* numbers of the (\w+)$", done.out, re.MULTILINE))


@pytest.mark.parametrize(("forecaster", "cards", "leaks", "code"), LEAKY)
def test_a_leaky_forecaster_fails_the_command_which_names_what_moved_it(
    shop, monkeypatch, forecaster, cards, leaks, code
):
    few = [each for each in PLANTS if each.name in ("nothing", "future_bursts", "item_ids")]
    monkeypatch.setattr(doctor, "PLANTS", few)
    monkeypatch.setattr(doctor, "LEARNED", 1)
    monkeypatch.setattr(doctor, "cards_at", cards)
    name = forecaster().name
    monkeypatch.setitem(doctor.LINE_UP, name, forecaster)
    done = run("doctor", "leaks", shop, "--with", name)
    assert done.code == code, done.err
    assert found_by(done) == leaks
    assert ("no leak found" in done.out) == (not leaks)
    assert f"forecaster {name} (no language model)" in done.out


@pytest.mark.slow
@pytest.mark.parametrize(("forecaster", "cards", "leaks", "code"), LEAKY)
def test_every_plant_in_a_project_finds_no_less_and_nothing_where_nothing_is(
    fresh, monkeypatch, forecaster, cards, leaks, code
):
    shop = fresh()
    monkeypatch.setattr(doctor, "cards_at", cards)
    monkeypatch.setitem(doctor.LINE_UP, forecaster().name, forecaster)
    done = run("doctor", "leaks", shop, "--with", forecaster().name)
    assert done.code == code, done.err
    assert leaks <= found_by(done)
    assert bool(leaks) == bool(found_by(done))
    missing = {"file_order", "late_arrivals"}
    assert all((f"not tried {each.name}:" in done.out) == (each.name in missing) for each in PLANTS)
    if forecaster is LastWindow:
        assert found_by(done) >= {
            (plant, "cards") for plant in ("no_future", "absurd_outcomes", "user_again")
        }


def test_reasons_are_measured_shown_and_written_and_the_project_stays_as_it_is(shop):
    before = contents(shop)
    done = run("doctor", "reasons", shop, "--by", "decayed", "--items", 3, "--json")
    assert done.code == 0, done.err
    said = done.json
    assert (said["forecaster"], said["items"], said["model"], said["writer"]) == ("decayed", 3, "", "plain")
    assert [each["who"] for each in said["scores"]] == ["named", "liar", "parrot"]
    assert said["cutoff"][:10] == "2024-05-20"
    after = contents(shop)
    folder = shop / "reports" / "reasons" / "2024-05-20-decayed"
    assert {path.name for path in after.keys() - before.keys() if path.parent == folder} == {
        "curves.parquet",
        "moves.parquet",
        "reasons.json",
        "texts.parquet",
    }
    assert all(after[path] == seal for path, seal in before.items())
    assert json.loads((folder / "reasons.json").read_text())["scores"] == said["scores"]


def test_the_model_writes_about_a_baselines_reasons_where_it_is_asked_to(new_project, stood_in):
    folder = new_project()
    assert run("train", folder).code == 0
    stood_in.calls.clear()
    done = run("doctor", "reasons", folder, "--by", "decayed", "--items", 2, "--rewrite", "--json")
    assert done.code == 0, done.err
    assert done.json["writer"] == "model"
    assert [each[0] for each in stood_in.calls].count("explain") >= 2  # before and after an edit


def test_reasons_as_a_table(shop):
    workspace = Workspace.open(shop)
    found = Faithfulness(
        forecaster="decayed [1]",
        items=50,
        told=48,
        scores=(Score("named", 45, 0.93, 0.82, 0.98, 3.5, 600, 0.91),),
        shares=(Share("changed: first driver edited", 44, 0.95, 0.85, 0.99),),
        areas={f"{one} {other}": 0.25 for one in (COMPREHENSIVE, SUFFICIENT) for other in (DRIVERS, RANDOM)},
        groups=(GroupTally("level", 40, 40, 0.95, 44, 0.9, 0.97, 1.5, "standing", "an event"),),
        moves=(),
        texts=(),
        points=(),
    )
    done = Reasoned(workspace.reports, "", datetime(2024, 5, 20, tzinfo=UTC), "plain", found)
    console = Console(record=True, width=140)
    show_reasons(done, console)
    shown = console.export_text()
    for words in (
        "decayed [1]",
        "0.93",
        "0.82-0.98",
        "3.5",
        "changed: first driver",
        "standing",
        "not tested",
        "age",
    ):
        assert words in shown


def test_reasons_of_nobody_known(shop):
    done = run("doctor", "reasons", shop, "--by", "decayd")
    assert (done.code, "'decayed'" in done.err) == (2, True)
