"""The pointer to what is served: only what holds, back by name, and a whole snapshot whatever became of it."""

import json
import re
from datetime import datetime, timedelta

import pytest
from tests.cli.conftest import run as trail
from tests.operations.nights import BEFORE, LAST
from tests.snapshots.making import edit, sealed

from trail.errors import ConfigError, DataError
from trail.events import Source
from trail.operations import publish, published_snapshot, publishing
from trail.operations.publishing import POINTER, standing
from trail.operations.workspace import Workspace
from trail.project import Project, save_project

OLD, NEW = f"{BEFORE:%Y-%m-%d}", f"{LAST:%Y-%m-%d}"


@pytest.fixture
def shop(tmp_path):
    save_project(Project(events=(Source("orders.csv"),)), tmp_path)
    for back, name in ((2, OLD), (1, NEW)):
        sealed(tmp_path / "snapshots" / name, back=back)
    return Workspace.open(tmp_path)


def pointer(shop):
    return json.loads((shop.folder / POINTER).read_text())


def flip(folder, name="cards.parquet"):
    path = folder / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_the_newest_is_published_and_a_second_time_changes_nothing(shop, monkeypatch):
    done = publish(shop.folder)
    assert (done.folder, done.already, done.before) == (shop.snapshots / NEW, False, None)
    said = pointer(shop)
    assert said == {"snapshot": NEW, "seal": done.seal, "published": done.published}
    assert datetime.fromisoformat(said["published"]).tzinfo is not None

    class Later(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.now(zone) + timedelta(hours=3)

    monkeypatch.setattr(publishing, "datetime", Later)
    again = publish(shop.folder)
    assert (again.already, again.published, again.before) == (True, done.published, done.folder)
    assert pointer(shop) == said
    back = publish(shop.folder, at=BEFORE)
    assert (back.already, back.before, pointer(shop)["snapshot"]) == (False, done.folder, OLD)
    assert back.published > done.published
    assert published_snapshot(shop) == back.folder


def test_what_does_not_hold_is_refused_and_what_was_published_stays(shop):
    publish(shop.folder, at=BEFORE)
    before = pointer(shop)
    new = shop.snapshots / NEW

    def lie(rows):
        rows[0]["text"] = re.sub(r"\d+", "999", rows[0]["text"], count=1)

    edit(new, "explanations.parquet", lie)  # under fresh hashes: only reading the text again finds it
    assert publishing._wrong(new) == ""
    with pytest.raises(DataError, match=f"does not hold: .*explanations.*{NEW}") as error:
        publish(shop.folder)
    assert "--at" in error.value.fix
    assert pointer(shop) == before


def test_a_snapshot_that_is_not_there_is_a_config_error(shop, tmp_path):
    with pytest.raises(ConfigError, match=f"no snapshot 2020-01-01; expected {OLD}, {NEW}"):
        publish(shop.folder, at=BEFORE.replace(year=2020, month=1, day=1))
    empty = tmp_path / "empty"
    save_project(shop.project, empty)
    with pytest.raises(ConfigError, match="no snapshot in"):
        publish(empty)
    assert standing(Workspace.open(empty)).folder is None
    assert standing(Workspace.open(empty)).why == ("nothing was published yet",)


class TestStanding:
    """Whatever became of the pointer and of what it names, the newest whole snapshot is there to be served."""

    def test_without_a_pointer_it_is_the_newest(self, shop):
        assert standing(shop).folder == shop.snapshots / NEW
        assert standing(shop).why == ("nothing was published yet",)

    def test_the_published_one_goes_before_newer_ones(self, shop):
        publish(shop.folder, at=BEFORE)
        assert (standing(shop).folder, standing(shop).why) == (shop.snapshots / OLD, ())

    def test_an_altered_one_is_passed_over(self, shop):
        publish(shop.folder)
        flip(shop.snapshots / NEW)
        found = standing(shop)
        assert found.folder == shop.snapshots / OLD
        (why,) = found.why
        assert why.startswith(f"the published {NEW}: cards.parquet: the file was altered")

    def test_one_that_was_replaced_is_passed_over_though_it_is_whole(self, shop):
        publish(shop.folder, at=BEFORE)
        edit(shop.snapshots / OLD, "forecast.parquet", lambda rows: rows[0].update(expected=1.0))
        found = standing(shop)
        assert found.folder == shop.snapshots / NEW
        assert "not the one published: it was replaced" in found.why[0]

    def test_one_that_is_gone_and_one_that_cannot_be_read(self, shop):
        publish(shop.folder, at=BEFORE)
        (shop.snapshots / OLD).rename(shop.folder / "elsewhere")
        (shop.snapshots / NEW / "manifest.json").write_text("{")
        found = standing(shop)
        assert found.folder is None
        assert [each.split(":")[0] for each in found.why] == [f"the published {OLD}", NEW]

    @pytest.mark.parametrize(
        "text", ["", "[]", "{}", '{"snapshot": "../..", "seal": "x", "published": "x"}', '{"snapshot": 1}']
    )
    def test_a_damaged_pointer_is_passed_over_and_written_anew(self, shop, text):
        (shop.folder / POINTER).write_text(text)
        found = standing(shop)
        assert found.folder == shop.snapshots / NEW
        assert "a damaged published.json" in found.why[0]
        publish(shop.folder)
        assert pointer(shop)["snapshot"] == NEW


def test_the_command_publishes_and_takes_back(shop):
    assert trail("publish", shop.folder, "--json").json["folder"] == str(shop.snapshots / NEW)
    done = trail("publish", shop.folder, "--at", OLD)
    assert done.code == 0
    assert f"published: {shop.snapshots / OLD}" in done.out.replace("\n", "")
    assert f"before: {shop.snapshots / NEW}" in done.out.replace("\n", "")
    flip(shop.snapshots / NEW)
    assert trail("publish", shop.folder).code == 3
    assert trail("publish", shop.folder, "--at", "2020-01-01").code == 2
    assert pointer(shop)["snapshot"] == OLD
