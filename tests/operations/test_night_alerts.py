"""The alerts of a night: told once, whatever crashed, failed or changed on the way."""

import json
import shutil
from dataclasses import replace

import pytest
from tests.operations.nights import BEFORE, LAST, make_project, standin, write_orders

from trail.errors import DataError, EngineError
from trail.operations import alerting, night, publish, run
from trail.operations.alerting import Alerted, folder_told, outbox_of
from trail.operations.steps import Did
from trail.operations.workspace import Workspace
from trail.project import RunSettings, Webhook, load_project, save_project

OLD, NEW = f"{BEFORE:%Y-%m-%d}", f"{LAST:%Y-%m-%d}"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The night's forecaster replaced by the stand-in, nothing forecast anew for moves, and no message delivered."""
    monkeypatch.setattr(night, "forecast", standin)
    monkeypatch.setattr(night, "work_out_moves", lambda *_, **__: Did("not here", changed=False))
    monkeypatch.setattr(night, "send", lambda _: Alerted())


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A project whose webhook was told of the snapshot of one week, and whose log has another week."""
    hook = Webhook("http://127.0.0.1:9/hook", daily_budget=1000)
    shop = make_project(tmp_path_factory.mktemp("told") / "shop", webhooks=(hook,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(night, "forecast", standin)
        patch.setattr(night, "send", lambda _: Alerted())
        nightly(shop)
    write_orders(shop, "b.csv", BEFORE, LAST)
    return shop


@pytest.fixture
def shop(first, tmp_path):
    return shutil.copytree(first, tmp_path / "shop")


def changed(folder, **settings):
    save_project(replace(load_project(folder), **settings), folder)


def nightly(folder):
    return run(folder, use_model=False)


def fails_with(error):
    def fail(*_, **__):
        raise error

    return fail


def alerts_of(done):
    return next(each for each in done.steps if each.name == "alerts")


def made(folder):
    return {each.id for each in outbox_of(Workspace.open(folder)).waiting()}


def told(folder):
    return json.loads((folder / "alerts" / "told.json").read_text())["snapshot"]


def crash(folder, monkeypatch):
    """A run that is killed when the new snapshot is published and nobody was told."""
    with monkeypatch.context() as patch:
        patch.setattr(night.Night, "_alert", fails_with(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            nightly(folder)
    assert json.loads((folder / "published.json").read_text())["snapshot"] == NEW
    assert (told(folder), made(folder)) == (OLD, set())


def test_a_first_snapshot_is_remembered_and_the_next_one_told(shop):
    assert (told(shop), made(shop)) == (OLD, set())
    done = nightly(shop)
    assert len(made(shop)) == alerts_of(done).figures["made"] > 0
    assert told(shop) == NEW
    before = made(shop)
    assert alerts_of(nightly(shop)).figures["made"] == 0
    assert made(shop) == before


def test_news_survive_a_crash_and_a_retry_whose_sources_are_down(shop, monkeypatch):
    crash(shop, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(night, "prepare", fails_with(DataError("no source")))
        assert nightly(shop).exit_code == 3
    done = nightly(shop)
    assert done.resumed  # a run that read nothing ends no other
    assert alerts_of(done).figures["made"] == len(made(shop)) > 0


def test_news_survive_settings_and_data_that_change_after_a_crash(shop, monkeypatch):
    crash(shop, monkeypatch)
    changed(shop, run=RunSettings(retrain_days=7))
    write_orders(shop, "late.csv", BEFORE, LAST, slice(0, 3))
    done = nightly(shop)
    assert not done.resumed
    assert alerts_of(done).figures["made"] == len(made(shop)) > 0


def test_news_survive_a_log_that_loses_its_last_week_after_a_crash(shop, monkeypatch):
    crash(shop, monkeypatch)
    (shop / "orders" / "b.csv").unlink()
    assert alerts_of(nightly(shop)).figures["made"] > 0
    assert told(shop) == NEW


def test_news_survive_a_failure_to_tell_and_one_to_remember(shop, monkeypatch):
    for name in ("tell", "keep_told"):
        with monkeypatch.context() as patch:
            patch.setattr(alerting, name, fails_with(EngineError("the disk")))
            assert nightly(shop).exit_code == 4
        assert told(shop) == OLD
    there = made(shop)  # made before the note failed
    assert nightly(shop).exit_code == 0
    assert made(shop) == there != set()
    assert told(shop) == NEW


def test_what_waits_is_sent_though_telling_fails(shop, monkeypatch):
    monkeypatch.setattr(alerting, "tell", fails_with(EngineError("the disk")))
    monkeypatch.setattr(night, "send", lambda _: Alerted(sent=3))
    step = alerts_of(nightly(shop))
    assert (step.status, step.exit_code, step.figures["sent"]) == ("failed", 4, 3)
    assert "the disk" in step.words


def test_what_waits_is_sent_though_the_forecast_fails_and_nothing_new_is_told(shop, monkeypatch):
    monkeypatch.setattr(night, "forecast", fails_with(EngineError("the disk")))
    monkeypatch.setattr(night, "send", lambda _: Alerted(sent=3))
    step = alerts_of(nightly(shop))
    assert (step.status, step.figures["made"], step.figures["sent"]) == ("done", 0, 3)
    assert (told(shop), made(shop)) == (OLD, set())


def test_what_waits_for_nobody_any_more_is_given_up_by_a_night(shop, monkeypatch):
    nightly(shop)
    changed(shop, webhooks=())
    monkeypatch.setattr(night, "send", alerting.send)
    step = alerts_of(nightly(shop))
    assert (step.status, step.figures["waiting"]) == ("nothing to do", 0)
    assert "the address is in trail.toml no more" in step.words
    assert made(shop) == set()
    assert alerts_of(nightly(shop)).words == "no webhook in trail.toml"


def test_the_way_back_is_no_news_and_neither_is_the_way_forth(shop):
    nightly(shop)
    before = made(shop)
    publish(shop, at=BEFORE)
    assert "is no news" in alerts_of(nightly(shop)).words
    publish(shop, at=LAST)
    nightly(shop)
    assert (told(shop), made(shop)) == (NEW, before)


@pytest.mark.parametrize("how", ["gone", "damaged", "altered"])
def test_without_the_snapshot_told_of_nothing_is_told_and_it_is_said(shop, how):
    place = shop / "snapshots" / OLD
    if how == "gone":
        shutil.rmtree(place)
    elif how == "damaged":
        (place / "manifest.json").write_text("{")
    else:
        shutil.rmtree(shop / "serving")
        path = place / "explanations.parquet"
        path.write_bytes(path.read_bytes()[:-1])
    step = alerts_of(nightly(shop))
    assert f"{OLD}, which was told of last, is not there as it was" in step.words
    assert (step.status, told(shop), made(shop)) == ("nothing to do", NEW, set())


def test_a_damaged_note_is_none_and_leads_nowhere(shop):
    for text in ("{", "[]", '{"snapshot": "../snapshots", "seal": "x"}'):
        (shop / "alerts" / "told.json").write_text(text)
        assert folder_told(Workspace.open(shop)) is None
    nightly(shop)
    assert (told(shop), made(shop)) == (NEW, set())


def test_the_snapshot_told_of_stays_until_another_is(shop, monkeypatch):
    changed(shop, run=RunSettings(keep=1))
    with monkeypatch.context() as patch:
        patch.setattr(alerting, "tell", fails_with(EngineError("the disk")))
        for _ in range(2):  # the second run knows nothing of the one published before
            nightly(shop)
    assert (shop / "snapshots" / OLD).is_dir()
    assert alerts_of(nightly(shop)).figures["made"] > 0
    nightly(shop)
    assert not (shop / "snapshots" / OLD).is_dir()
