"""`trail run`: each step sees whether it is done; crashes, failures and late events leave what was good."""

import json
import os
from datetime import timedelta

import pytest
from tests.killing import kill_when_it_says
from tests.operations.nights import BEFORE, LAST, make_project, seals, stamps, standin, write_orders

from trail.errors import ConfigError, DataError, EngineError, ModelError
from trail.operations import night, publish, run
from trail.operations.alerting import Alerted
from trail.operations.locking import LOCK, alone
from trail.operations.serving import Served
from trail.project import RunSettings, Webhook

OLD, NEW = f"{BEFORE:%Y-%m-%d}", f"{LAST:%Y-%m-%d}"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The night's forecaster replaced by the stand-in."""
    monkeypatch.setattr(night, "forecast", standin)


@pytest.fixture
def shop(tmp_path):
    return make_project(tmp_path / "shop")


def nightly(folder, **options):
    return run(folder, use_model=False, **options)


def steps_of(done):
    return {each.name: each for each in done.steps}


def statuses(done):
    return {each.name: each.status for each in done.steps}


def pointer(folder):
    return json.loads((folder / "published.json").read_text())


def fails_with(error):
    def fail(*_, **__):
        raise error

    return fail


def test_a_night_does_every_step_and_a_second_one_nothing(shop):
    done = nightly(shop)
    assert done.exit_code == 0
    assert (done.cutoff, done.before, done.published) == (BEFORE, None, shop / "snapshots" / OLD)
    assert done.moved
    assert statuses(done) == {
        **dict.fromkeys(("ingest", "forecast", "publish"), "done"),
        **dict.fromkeys(("train", "scorecard", "export", "alerts", "moves", "retention"), "nothing to do"),
    }
    assert pointer(shop)["seal"] == seals(shop)[OLD]
    before = stamps(shop)
    again = nightly(shop)
    assert set(statuses(again).values()) == {"nothing to do"}
    assert (again.before, again.published, again.moved) == (done.published, done.published, False)
    assert stamps(shop) == before


def test_the_next_week_is_read_forecast_published_and_the_last_one_scored(shop):
    nightly(shop)
    rows = write_orders(shop, "b.csv", BEFORE, LAST).read_text().count("\n") - 1
    done = nightly(shop)
    assert (done.change.new, done.change.late, done.change.vanished) == (rows, 0, 0)
    assert done.change.files == {"orders/b.csv": "new"}
    assert (done.before.name, done.published.name) == (OLD, NEW)
    scored = steps_of(done)["scorecard"]
    assert scored.figures["scored_now"] == (OLD,)
    assert "1 scored now" in scored.words
    assert sorted(seals(shop)) == [OLD, NEW]


def test_late_events_are_told_and_leave_the_sealed_forecast_alone(shop):
    nightly(shop)
    before = seals(shop)
    write_orders(shop, "late.csv", BEFORE - 9 * DAY, BEFORE, slice(0, None, 50))
    done = nightly(shop)
    assert done.change.new == done.change.late > 0
    assert sum(done.change.late_days.values()) == done.change.late
    assert min(done.change.late_days) >= f"{BEFORE - 9 * DAY:%Y-%m-%d}"
    assert done.change.late_windows == 2
    step = steps_of(done)["forecast"]
    assert (step.status, step.figures["differs"]) == ("nothing to do", ("data",))
    assert f"{done.change.late} late events came since" in step.words
    assert (done.exit_code, seals(shop)) == (0, before)
    assert nightly(shop).change.new == 0


def test_what_vanished_and_what_is_there_twice_is_warned_of(shop):
    nightly(shop)
    (shop / "orders" / "c.csv").write_bytes((shop / "orders" / "a.csv").read_bytes())
    done = nightly(shop)
    assert (done.change.new, done.change.late) == (0, 0)
    assert done.change.doubled == (("orders/a.csv", "orders/c.csv"),)
    (said,) = done.change.warnings
    assert said == "orders/a.csv and orders/c.csv hold the same bytes: their events count once"
    (shop / "orders" / "c.csv").unlink()
    lines = (shop / "orders" / "a.csv").read_text().splitlines(keepends=True)
    (shop / "orders" / "a.csv").write_text("".join(lines[:-5]))
    done = nightly(shop)
    assert (done.change.new, done.change.vanished) == (0, 5)
    assert done.change.files == {"orders/c.csv": "gone", "orders/a.csv": "edited"}
    (said,) = done.change.warnings
    assert "5 events of the last run are not there any more" in said
    assert "orders/a.csv" in said
    assert done.exit_code == 0


def test_a_second_run_at_a_time_is_told_who_runs(shop):
    with alone(shop), pytest.raises(ConfigError, match=f"process {os.getpid()} on .* since 20"):
        nightly(shop)
    assert nightly(shop).exit_code == 0


def test_a_killed_run_leaves_no_lock(shop):
    script = """
import sys, time
from pathlib import Path
from trail.operations.locking import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
    kill_when_it_says("held", script, shop)
    assert json.loads((shop / LOCK).read_text())["pid"] != os.getpid()
    assert nightly(shop).exit_code == 0


def test_a_stop_inside_the_database_ends_the_run(shop, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(night, "forecast", fails_with(RuntimeError("Query interrupted")))
        with pytest.raises(KeyboardInterrupt):
            nightly(shop)
    assert not (shop / "published.json").exists()
    done = nightly(shop)
    assert (done.resumed, done.exit_code) == (True, 0)


def test_a_crash_between_steps_is_gone_on_with(shop, monkeypatch):
    nightly(shop)
    write_orders(shop, "b.csv", BEFORE, LAST)
    with monkeypatch.context() as patch:
        patch.setattr(night, "retire", fails_with(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            nightly(shop)
    assert pointer(shop)["snapshot"] == NEW
    before = stamps(shop)
    done = nightly(shop)
    assert done.resumed
    assert done.change.new > 0  # told though it was read before the crash
    assert (done.before.name, done.published.name, done.moved) == (OLD, NEW, True)
    assert statuses(done)["forecast"] == statuses(done)["publish"] == "nothing to do"
    assert stamps(shop) == before
    last = nightly(shop)
    assert (last.resumed, last.change.new, last.moved) == (False, 0, False)


@pytest.mark.parametrize("trap", ["remember", "retire"])
def test_what_killed_runs_read_is_told_by_the_first_that_ends(shop, monkeypatch, trap):
    nightly(shop)
    since = json.loads((shop / "data" / "seen" / "state.json").read_text())["fingerprint"]
    came = []
    for name, rows in (("late.csv", slice(0, None, 50)), ("later.csv", slice(1, None, 60))):
        path = write_orders(shop, name, BEFORE - 9 * DAY, BEFORE, rows)
        came.append(len(path.read_text().splitlines()) - 1)
        with monkeypatch.context() as patch:  # killed before it keeps what it read, or after
            patch.setattr(night, trap, fails_with(KeyboardInterrupt()))
            with pytest.raises(KeyboardInterrupt):
                nightly(shop)
    write_orders(shop, "latest.csv", BEFORE - DAY, BEFORE, slice(2, 5))
    done = nightly(shop)
    assert (done.resumed, done.change.new, done.change.late) == (False, sum(came) + 3, sum(came) + 3)
    assert sum(done.change.late_days.values()) == done.change.late
    assert set(done.change.files) == {f"orders/{name}.csv" for name in ("late", "later", "latest")}
    assert done.change.since == since
    assert nightly(shop).change.late == 0


def test_a_first_run_that_was_killed_leaves_the_next_something_to_compare_with(shop, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(night, "retire", fails_with(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            nightly(shop)
    write_orders(shop, "late.csv", BEFORE - DAY, BEFORE, slice(0, 3))
    done = nightly(shop)
    assert (done.resumed, done.change.first, done.change.new, done.change.late) == (False, False, 3, 3)


def test_a_failed_scorecard_does_not_hinder_publishing(shop, monkeypatch):
    monkeypatch.setattr(night, "scorecard", fails_with(EngineError("the disk")))
    done = nightly(shop)
    assert statuses(done)["scorecard"] == "failed"
    assert (done.exit_code, done.published.name) == (4, OLD)
    assert json.loads((shop / "run.json").read_text())["steps"][3]["exit_code"] == 4


def test_a_mistake_of_ours_is_raised_when_the_rest_is_done(shop, monkeypatch):
    monkeypatch.setattr(night, "scorecard", fails_with(ZeroDivisionError("a slip")))
    with pytest.raises(ZeroDivisionError, match="a slip"):
        nightly(shop)
    assert pointer(shop)["snapshot"] == OLD


def test_a_refused_snapshot_fails_the_scorecard_by_its_name(shop):
    nightly(shop)
    (shop / "snapshots" / "strange").mkdir()
    done = nightly(shop)
    (step,) = [each for each in done.steps if each.status == "failed"]
    assert (step.name, step.exit_code, done.exit_code) == ("scorecard", 3, 3)
    assert "1 refused, such as strange" in step.words


@pytest.mark.parametrize("error", [DataError("too short"), EngineError("the disk")])
def test_sources_that_cannot_be_read_leave_what_is_published(shop, monkeypatch, error):
    nightly(shop)
    before = stamps(shop)
    monkeypatch.setattr(night, "prepare", fails_with(error))
    done = nightly(shop)
    assert statuses(done)["ingest"] == "failed"
    assert (done.exit_code, done.cutoff, done.published.name) == (error.exit_code, None, OLD)
    assert {each.status for each in done.steps[1:]} == {"left out"}
    assert "words" in json.loads((shop / "run.json").read_text())["unread"]
    assert stamps(shop) == before


def test_a_failed_forecast_publishes_nothing(shop, monkeypatch):
    nightly(shop)
    before = pointer(shop)
    write_orders(shop, "b.csv", BEFORE, LAST)
    monkeypatch.setattr(night, "forecast", fails_with(ModelError("no weights")))
    done = nightly(shop)
    assert (done.exit_code, statuses(done)["publish"], done.published.name) == (5, "left out", OLD)
    assert statuses(done)["scorecard"] == "done"
    assert pointer(shop) == before


def test_what_was_published_by_hand_stays_until_the_next_night(shop):
    nightly(shop)
    write_orders(shop, "b.csv", BEFORE, LAST)
    nightly(shop)
    publish(shop, at=BEFORE)
    done = nightly(shop)
    assert (pointer(shop)["snapshot"], done.published.name) == (OLD, OLD)
    assert f"{OLD} stays: it was published by hand after {NEW}" in steps_of(done)["publish"].words


def test_an_altered_snapshot_is_not_published(shop):
    nightly(shop)
    write_orders(shop, "b.csv", BEFORE, LAST)
    nightly(shop)
    (shop / "published.json").unlink()
    path = shop / "snapshots" / NEW / "explanations.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    done = nightly(shop)
    assert (done.exit_code, done.published) == (3, None)
    assert not (shop / "published.json").exists()


def test_a_damaged_pointer_is_written_anew(shop):
    nightly(shop)
    (shop / "published.json").write_text("{")
    assert nightly(shop).exit_code == 0
    assert pointer(shop)["snapshot"] == OLD


def test_a_log_that_lost_its_last_week_does_not_take_the_pointer_back(shop):
    nightly(shop)
    write_orders(shop, "b.csv", BEFORE, LAST)
    nightly(shop)
    (shop / "orders" / "b.csv").unlink()
    done = nightly(shop)
    assert (done.cutoff, done.published.name) == (BEFORE, NEW)
    assert "it is later" in steps_of(done)["publish"].words
    assert done.change.vanished > 0


def test_the_settings_of_the_project_are_those_of_the_night(tmp_path):
    shop = make_project(tmp_path / "shop", run=RunSettings(keep=1))
    nightly(shop)
    write_orders(shop, "b.csv", BEFORE, LAST)
    nightly(shop)
    assert sorted(seals(shop)) == [OLD, NEW]  # the one before stays in the night that replaces it
    nightly(shop)
    assert sorted(seals(shop)) == [NEW]


def test_a_folder_that_is_no_project_is_left_alone(tmp_path):
    with pytest.raises(ConfigError, match=r"no trail\.toml"):
        nightly(tmp_path)
    assert not (tmp_path / LOCK).exists()


class TestTraining:
    """The model is trained where there is none, or where the one that fits is as old as the project says."""

    @pytest.fixture
    def asked(self, monkeypatch):
        """What was asked of training; nothing is trained."""
        found = []

        def train(folder, *, until, resume, report):
            found.append((until, resume))
            raise ModelError("not here")

        monkeypatch.setattr(night, "train", train)
        monkeypatch.setattr(night, "served", lambda *_, **__: Served("trail", ""))
        return found

    @pytest.fixture
    def there(self, monkeypatch):
        """A function that says which models are there: name -> days before the cutoff."""

        class Model:
            def __init__(self, name, back):
                self.name, self.moment = name, BEFORE - back * DAY

        def say(**days):
            monkeypatch.setattr(night, "records", lambda _: [Model(*each) for each in days.items()])

        return say

    @pytest.mark.parametrize(
        ("days", "retrain", "due"),
        [
            ({}, 28, True),
            ({"old": 28, "older": 90}, 28, True),
            ({"fresh": 27, "older": 90}, 28, False),
            ({"old": 400}, 0, False),
            ({"later": -1}, 28, True),
            ({"backtest-1": 3}, 28, True),
        ],
    )
    def test_it_is_due_by_the_age_of_the_newest_that_fits(self, shop, asked, there, days, retrain, due):
        there(**days)
        done = nightly(shop, retrain=retrain)
        assert asked == ([(BEFORE, False)] if due else [])
        assert statuses(done)["train"] == ("failed" if due else "nothing to do")
        assert done.exit_code == (5 if due else 0)
        assert pointer(shop)["snapshot"] == OLD  # the forecast may still find a model of its own

    def test_a_run_of_the_same_night_goes_on_with_its_training(self, shop, asked, there):
        there()
        for _ in range(2):
            nightly(shop)
        write_orders(shop, "b.csv", BEFORE - DAY, BEFORE, slice(0, 3))
        nightly(shop)
        assert [resume for _, resume in asked] == [False, True, False]

    def test_a_baseline_that_is_champion_needs_no_model(self, shop, asked, monkeypatch):
        monkeypatch.setattr(night, "served", lambda *_, **__: Served("decayed", ""))
        done = nightly(shop)
        assert (asked, statuses(done)["train"]) == ([], "nothing to do")


def test_webhooks_are_told_when_another_snapshot_is_published_and_a_failure_is_no_hindrance(
    tmp_path, monkeypatch
):
    shop = make_project(
        tmp_path / "shop", webhooks=(Webhook("http://127.0.0.1:9/hook", secret_env="NOT_SET_ANYWHERE"),)
    )
    assert statuses(nightly(shop))["alerts"] == "nothing to do"  # a first snapshot is no news
    write_orders(shop, "b.csv", BEFORE, LAST)
    told = []
    monkeypatch.setattr(night, "tell_next", lambda *asked: told.append(asked) or Alerted(made=2, left_out=3))
    monkeypatch.setattr(night, "send", lambda _: Alerted(waiting=2, troubles=("127.0.0.1:9: not there",)))
    done = nightly(shop)
    assert told == [(shop, shop / "snapshots" / NEW)]
    failed = steps_of(done)["alerts"]
    assert (failed.status, failed.exit_code) == ("failed", 4)
    assert "not there" in failed.words
    assert "tried again by the next run" in failed.words
    assert "3 news beyond the daily budget are not told" in failed.words
    assert statuses(done)["publish"] == "done"
    assert statuses(done)["retention"] == "nothing to do"
    monkeypatch.setattr(night, "send", lambda _: Alerted(sent=2))
    done = nightly(shop)
    assert "2 delivered" in steps_of(done)["alerts"].words
