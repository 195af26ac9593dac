"""A night that pushes what it published into PostgreSQL: once, with what is told beside it, and alone where it fails."""

import json
from dataclasses import replace

import pytest
from tests.operations.nights import BEFORE, LAST, make_project, standin, write_orders

from trail.engine import file_hash
from trail.errors import ConfigError, EngineError
from trail.operations import afterwards, moving, night, publish, run
from trail.operations.exporting import Exported, pull
from trail.operations.steps import Did
from trail.project import CONFIG, RunSettings, load_project, save_project

OLD, NEW = f"{BEFORE:%Y-%m-%d}", f"{LAST:%Y-%m-%d}"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The night's forecaster replaced by the stand-in, and none to forecast anew."""
    monkeypatch.setattr(night, "forecast", standin)
    monkeypatch.setattr(moving, "_forecast", lambda *_: pytest.fail("forecasts anew"))


def nightly(folder):
    return run(folder, use_model=False)


def exporting_to(folder, url):
    save_project(replace(load_project(folder), run=RunSettings(export=url)), folder)


def step_of(done, name="export"):
    return next(each for each in done.steps if each.name == name)


def statuses(done):
    return {each.name: each.status for each in done.steps}


def test_a_database_that_does_not_answer_hinders_nothing(tmp_path):
    pytest.importorskip("psycopg")
    shop = make_project(tmp_path / "shop", run=RunSettings(export="postgresql://me@127.0.0.1:9/shop"))
    done = nightly(shop)
    assert (done.exit_code, step_of(done).status) == (4, "failed")
    assert "the database refused" in step_of(done).words
    others = {name: status for name, status in statuses(done).items() if name != "export"}
    assert "failed" not in others.values()
    assert done.published.name == OLD
    assert json.loads((shop / "run.json").read_text())["steps"][5]["exit_code"] == 4


def test_what_moved_items_follows_the_forecast_unless_that_did_not_arrive(tmp_path, monkeypatch):
    shop = make_project(tmp_path / "shop", run=RunSettings(export="postgresql://me@db/shop"))
    asked, fails = [], []

    def export(folder, to, *, keep, report):
        assert keep == 60
        asked.append((to, [each.name for each in (folder / "reports" / "moves").glob("*")]))
        if fails:
            raise fails.pop()
        return Exported(NEW, "seal", to, 120, already=False)

    monkeypatch.setattr(afterwards, "export", export)
    nightly(shop)
    write_orders(shop, "b.csv", BEFORE, LAST)
    done = nightly(shop)
    assert [names for _, names in asked] == [[], [], [f"{OLD}-to-{NEW}.json"]]
    assert (statuses(done)["export"], statuses(done)["moves"]) == ("done", "done")
    asked.clear()
    fails.append(EngineError("the database"))
    monkeypatch.setattr(night, "work_out_moves", lambda *_, **__: Did("worked out again"))
    done = nightly(shop)
    assert len(asked) == 1
    assert (statuses(done)["export"], statuses(done)["moves"]) == ("failed", "done")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@db/x",
        "postgresql://db/x?password=secret",
        "hits.csv",
        "mysql://db/x",
        "postgresql://[x",
    ],
)
def test_an_address_with_a_password_is_refused_without_showing_it(url):
    with pytest.raises(ConfigError, match="holds a password") as refused:
        RunSettings(export=url)
    assert "secret" not in str(refused.value)


@pytest.mark.slow
def test_a_mirror_elsewhere_has_the_forecast_the_scorecard_and_what_moved_its_items(tmp_path, postgres):
    address = postgres.replace(":secret", "")
    shop, mirror = make_project(tmp_path / "shop", run=RunSettings(export=address)), tmp_path / "mirror"
    assert step_of(nightly(shop)).status == "done"
    assert pull(postgres, "shop", mirror) == OLD
    write_orders(shop, "b.csv", BEFORE, LAST)
    done = nightly(shop)
    assert (done.exit_code, step_of(done).status, step_of(done, "moves").status) == (0, "done", "done")
    assert pull(postgres, "shop", mirror) == NEW
    for name in (f"moves/{OLD}-to-{NEW}.json", "scorecard/scorecard.json", "scorecard/figures.parquet"):
        assert file_hash(mirror / "reports" / name) == file_hash(shop / "reports" / name)
    assert "127.0.0.1" not in (mirror / CONFIG).read_text()  # where it is exported to stays at home
    again = nightly(shop)
    assert step_of(again).status == "nothing to do"
    assert f"{NEW} was there, 0 files beside it written" in step_of(again).words
    # the way back is one for the mirror too, and a night that could not export is made up for
    publish(shop, at=BEFORE)
    exporting_to(shop, "postgresql://trail@127.0.0.1:9/postgres")
    assert nightly(shop).exit_code == 4
    assert pull(postgres, "shop", mirror) == NEW
    publish(shop, at=BEFORE)
    exporting_to(shop, address)
    assert nightly(shop).exit_code == 0
    assert pull(postgres, "shop", mirror) == json.loads((shop / "published.json").read_text())["snapshot"]
