"""What moved each item is worked out by the night itself, after publishing, once, and alone where it fails."""

import json

import pytest
from tests.operations.nights import BEFORE, LAST, make_project, stamps, standin, write_orders

from trail.errors import EngineError, ModelError
from trail.operations import afterwards, moving, night, run
from trail.operations.causes import LATE, NEW, PARTS, are_told, parts_of, path_of
from trail.operations.workspace import Workspace
from trail.project import RunSettings
from trail.snapshots import read_manifest

OLD, NEWER = f"{BEFORE:%Y-%m-%d}", f"{LAST:%Y-%m-%d}"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The night's forecaster replaced by the stand-in, and none to forecast anew."""
    monkeypatch.setattr(night, "forecast", standin)
    monkeypatch.setattr(moving, "_forecast", fails_with(AssertionError("forecasts anew")))


@pytest.fixture
def shop(tmp_path):
    """A project after one night, with the events of the next week."""
    folder = make_project(tmp_path / "shop")
    assert "no snapshot before it" in step_of(nightly(folder)).words
    write_orders(folder, "b.csv", BEFORE, LAST)
    return folder


def nightly(folder):
    return run(folder, use_model=False)


def step_of(done, name="moves"):
    return next(each for each in done.steps if each.name == name)


def statuses(done):
    return {each.name: each.status for each in done.steps}


def seals(folder):
    return tuple(read_manifest(folder / "snapshots" / name).seal for name in (OLD, NEWER))


def told(folder):
    return are_told(Workspace.open(folder), OLD, NEWER, seals(folder))


def fails_with(error):
    def fail(*_, **__):
        raise error

    return fail


def test_where_nothing_came_late_all_is_new_events_and_nothing_is_forecast_anew(shop):
    done = nightly(shop)
    assert step_of(done).status == "done"
    assert step_of(done).words == f"from {OLD} to {NEWER}: {NEW}"
    found = json.loads(path_of(Workspace.open(shop), OLD, NEWER).read_text())
    assert len(found["items"]) == 120  # every item, as far as the page may ask
    for each in found["items"]:
        move, parts = each["move"], {part["name"]: part for part in each["parts"]}
        assert [*parts] == [*PARTS]
        assert parts[NEW]["places"] == move["before"] - move["after"]
        assert parts[NEW]["expected"] == pytest.approx(move["expected_after"] - move["expected_before"])
    assert parts_of(Workspace.open(shop), OLD, NEWER, seals(shop))
    nightly(shop)  # which forgets the files that the last one was served from
    before = stamps(shop)
    again = nightly(shop)
    assert (step_of(again).status, step_of(again).words) == (
        "nothing to do",
        f"from {OLD} to {NEWER}: told before",
    )
    assert stamps(shop) == before


def test_a_failure_hinders_nothing(shop, monkeypatch):
    monkeypatch.setattr(afterwards, "moves", fails_with(EngineError("the disk")))
    done = nightly(shop)
    assert (statuses(done)["publish"], statuses(done)["retention"]) == ("done", "nothing to do")
    assert (done.exit_code, step_of(done).status) == (4, "failed")
    assert "the disk" in step_of(done).words
    assert not told(shop)


def test_a_night_that_is_killed_meanwhile_is_published_and_gone_on_with(shop, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(afterwards, "moves", fails_with(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            nightly(shop)
    assert json.loads((shop / "published.json").read_text())["snapshot"] == NEWER
    assert not told(shop)
    assert step_of(nightly(shop)).status == "done"  # it still knows that nothing came late
    assert told(shop)


def test_what_came_late_may_have_moved_items_and_another_sealing_too(shop, monkeypatch):
    asked = []
    monkeypatch.setattr(
        afterwards, "moves", lambda *_, causes, **__: asked.append(causes) or fails_with(EngineError("x"))()
    )
    write_orders(shop, "late.csv", BEFORE.replace(day=1), BEFORE, slice(0, 3))
    nightly(shop)
    assert asked == [
        [each for each in PARTS if each != "settings"]
    ]  # sealed just now, with the settings of now
    assert LATE in asked[0]
    nightly(shop)
    assert asked[1] == [*PARTS]


def test_a_model_that_is_gone_is_said_and_is_no_failure(shop, monkeypatch):
    monkeypatch.setattr(afterwards, "moves", fails_with(ModelError("the model x is gone")))
    done = nightly(shop)
    assert (done.exit_code, step_of(done).status) == (0, "nothing to do")
    assert "not worked out: the model x is gone" in step_of(done).words


def test_it_can_be_turned_off(tmp_path, monkeypatch):
    folder = make_project(tmp_path / "shop", run=RunSettings(moves=False))
    nightly(folder)
    write_orders(folder, "b.csv", BEFORE, LAST)
    assert step_of(nightly(folder)).words == "turned off in trail.toml"
    assert not told(folder)


def test_what_is_told_of_snapshots_goes_with_them(tmp_path):
    folder = make_project(tmp_path / "shop", run=RunSettings(keep=1))
    nightly(folder)
    write_orders(folder, "b.csv", BEFORE, LAST)
    nightly(folder)
    path = path_of(Workspace.open(folder), OLD, NEWER)
    mine = path.with_name("notes.json")
    mine.write_text("{}")
    assert path.is_file()
    done = nightly(folder)  # the older one goes
    assert step_of(done, "retention").figures["removed"] == (OLD,)
    assert (path.is_file(), mine.is_file()) == (False, True)
    assert "was removed" in step_of(nightly(folder)).words
