"""Explanations on demand: from what is sealed and what lies there; in plain words, and saying why, where that is too little."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import run
from tests.snapshots.making import sealed
from trail.facts import Style
from trail.operations import explain, recalling
from trail.operations.explaining import FACTS_ALONE
from trail.operations.locking import alone
from trail.operations.workspace import Workspace
from trail.snapshots import Explained, open_snapshot

NAME, SHOWN = "2024-05-20", 3


def files_of(folder: Path) -> dict[str, int]:
    """Returns when each file was last written."""
    return {
        str(each.relative_to(folder)): each.stat().st_mtime_ns for each in folder.rglob("*") if each.is_file()
    }


def unshown(folder: Path, name: str = NAME, place: int = 7) -> str:
    """Returns an item that has no sealed text."""
    snapshot = open_snapshot(folder / "snapshots" / name)
    item = snapshot.forecast["item_id"][place].as_py()
    assert snapshot.explanation(item) is None
    return item


def arrive(folder: Path, *rows: str) -> None:
    """Lets events arrive in a source of the project's own."""
    orders = folder / "orders.csv"
    if not orders.exists():
        text = (folder / "trail.toml").read_text()
        (source,) = (line.split('"')[1] for line in text.splitlines() if "orders.csv" in line)
        shutil.copy(source if Path(source).is_absolute() else folder / source, orders)
        (folder / "trail.toml").write_text(text.replace(source, "orders.csv"))
    with orders.open("a") as file:
        file.writelines(f"{row}\n" for row in rows)


@pytest.fixture
def copied(shop, tmp_path) -> Path:
    """A project of its own, with a model, a log that was read, and a sealed forecast."""
    return Path(shutil.copytree(shop, tmp_path / "shop"))


@pytest.fixture
def plain(new_project) -> Path:
    """A project whose numbers a baseline makes."""
    folder = new_project()
    done = run("forecast", folder, "--explain", SHOWN, "--top", 10, "--no-model")
    assert done.code == 0, done.err
    return folder


def test_between_new_events_and_the_next_forecast_the_model_writes_and_nothing_is_read_or_written(copied):
    arrive(copied, "item-001,2024-05-21 10:00:00,user-1,3.0", "item-001,2024-05-28 10:00:00,user-1,3.0")
    with alone(copied):  # as a nightly run holds the project: nothing here waits for it
        before = files_of(copied)
        done = run("explain", copied, unshown(copied), "--json")
        assert files_of(copied) == before
    assert (done.code, done.json["explanation"]["source"], done.json["note"]) == (0, "model", "")
    assert done.json["explanation"]["drivers"]


def test_of_a_forecast_from_before_the_log_grew_the_model_writes(copied):
    arrive(copied, "item-001,2024-05-21 10:00:00,user-1,3.0", "item-001,2024-05-28 10:00:00,user-1,3.0")
    assert run("forecast", copied, "--at", "2024-05-27", "--top", 10).code == 0
    data = {open_snapshot(each).manifest.data for each in (copied / "snapshots").iterdir()}
    assert len(data) == 2
    before = files_of(copied)
    found = run("explain", copied, unshown(copied), "--at", NAME, "--json").json
    assert (found["explanation"]["source"], found["note"]) == ("model", "")
    assert files_of(copied) == before


def test_where_the_logs_past_changed_it_is_said_and_the_facts_are_told(new_project, monkeypatch):
    folder = new_project()
    assert run("forecast", folder, "--explain", SHOWN, "--top", 10, "--by", "lightgbm").code == 0
    item, snapshot = unshown(folder), open_snapshot(folder / "snapshots" / NAME)
    assert explain(folder, item).explanation.drivers
    arrive(folder, *["item-001,2024-05-14 10:00:00,user-1,3.0"] * 400)
    assert run("forecast", folder, "--at", "2024-05-19", "--top", 10, "--no-model").code == 0
    recalling._KEPT.clear()  # as in a process that begins: what was fitted before is as good as it was
    tried, labelled = [], recalling.labelled
    monkeypatch.setattr(recalling, "labelled", lambda *given: tried.append(1) or labelled(*given))
    for _ in range(2):
        done = run("explain", folder, item, "--at", NAME, "--json")
        assert done.code == 0, done.err
        assert "the log's past changed since the forecast of 2024-05-20" in done.json["note"]
        assert (done.json["explanation"]["source"], done.json["explanation"]["holds"]) == ("plain", True)
        assert done.json["explanation"]["drivers"] == []
        assert done.json["outlook"]["expected"] == snapshot.outlook(item).expected
    assert tried == [1], "what could not be is tried once as long as the log is the same"
    shown = run("explain", folder, item, "--at", NAME).out
    assert "the log's past changed" in shown.replace("\n", " ")


@pytest.mark.parametrize(
    ("gone", "why"),
    [(("models",), "the model feedfacecafebeef is gone"), (("data", "cache"), "the log is not here")],
)
def test_a_mirror_tells_the_sealed_facts_and_says_what_is_not_there(copied, gone, why):
    (copied / "trail.toml").write_text(
        (copied / "trail.toml").read_text().replace("orders.csv", "not-here.csv")
    )
    for each in gone:
        shutil.rmtree(copied / each)
    before = files_of(copied)
    done = run("explain", copied, unshown(copied), "--json")
    assert (done.code, done.json["explanation"]["source"], done.json["explanation"]["holds"]) == (
        0,
        "plain",
        True,
    )
    assert why in done.json["note"]
    assert files_of(copied) == before


def test_while_the_log_is_read_the_facts_are_told_and_a_later_try_may_do(copied, monkeypatch):
    """The note of a reading is away while it goes on; and it may be another after a history was read than before."""
    item, workspace = unshown(copied), Workspace.open(copied)
    note = workspace.data / "ingest.json"
    kept = note.read_text()
    note.unlink()
    found = explain(copied, item)
    assert (found.explanation.source, found.passing) == ("plain", True)
    assert "read anew" in found.note
    note.write_text(kept)
    labelled = recalling.labelled

    def moved(*arguments):
        note.unlink()
        return labelled(*arguments)

    monkeypatch.setattr(recalling, "labelled", moved)
    assert explain(copied, item).passing
    monkeypatch.undo()
    note.write_text(kept)
    found = explain(copied, item)
    assert (found.explanation.source, found.passing, found.note) == ("model", False, "")
    assert type(found.explanation) is Explained, "which the server reads without torch"


def test_of_a_baselines_forecast_a_text_has_the_drivers_that_the_night_names(plain, new_project):
    item = unshown(plain)
    more = new_project()
    assert run("forecast", more, "--explain", 12, "--top", 10, "--no-model").code == 0
    sealed = open_snapshot(more / "snapshots" / NAME).explanation(item)
    before = files_of(plain)
    found = explain(plain, item)
    assert found.explanation.drivers
    assert [each.signal for each in found.explanation.drivers] == [each.signal for each in sealed.drivers]
    for one, other in zip(found.explanation.drivers, sealed.drivers, strict=True):
        assert one.effect == pytest.approx(other.effect)
    assert (found.explanation.text, found.note) == (sealed.text, "")
    assert files_of(plain) == before


def test_of_a_baselines_forecast_the_model_writes_where_it_wrote_the_sealed_texts(new_project):
    folder = new_project()
    assert run("train", folder).code == 0
    assert run("forecast", folder, "--explain", SHOWN, "--top", 10, "--by", "decayed").code == 0
    found = explain(folder, unshown(folder))
    assert (found.explanation.source, found.note) == ("model", "")
    assert "change" not in [
        each.signal for each in found.explanation.drivers
    ]  # the formula sees levels alone


def test_a_text_without_drivers_says_why(plain):
    snapshot = open_snapshot(plain / "snapshots" / NAME)
    for item in snapshot.forecast["item_id"].to_pylist()[::20]:
        found = explain(plain, item)
        assert bool(found.explanation.drivers) != bool(found.note)
    told = explain(plain, unshown(plain), style=Style())
    assert (told.explanation.drivers, told.note) == ((), FACTS_ALONE)


def test_of_an_item_whose_card_is_not_sealed_nothing_is_told(plain):
    """As in snapshots of the first ranks alone: the forecast is there, and no fact to tell."""
    folder = sealed(plain / "snapshots" / "2024-05-13", back=1).folder
    item = unshown(plain, folder.name)
    done = run("explain", plain, item, "--at", folder.name)
    assert done.code == 3
    assert f"no card of the item '{item}'" in done.err


def test_a_damaged_manifest_hides_no_other_snapshot(plain, tmp_path):
    for name, text in (("2020-01-01", "{"), ("2030-01-01", "{}")):
        (plain / "snapshots" / name).mkdir()
        (plain / "snapshots" / name / "manifest.json").write_text(text)
    item = unshown(plain)
    assert explain(plain, item).snapshot.name == NAME
    assert run("explain", plain, item, "--query", "age").code == 0
    texts = tmp_path / "texts.jsonl"
    texts.write_text(json.dumps({"item_id": item, "source": "others", "text": "It sells."}))
    done = run("judge", "sheet", plain, "--texts", texts)
    assert "nothing to compare" in done.err  # of the snapshot that is whole
    assert run("explain", plain, item, "--at", NAME).code == 0
    done = run("explain", plain, item, "--at", "2020-01-01")
    assert done.code == 3
    assert "a damaged manifest.json" in done.err
    done = run("explain", plain, item, "--at", "2021-01-01")
    assert (done.code, f"expected: {NAME}" in done.err) == (2, True), done.err


def test_the_horizon_of_a_forecast_is_that_of_its_text(plain):
    text = (plain / "trail.toml").read_text()
    (plain / "trail.toml").write_text(text.replace("horizon_days = 7", "horizon_days = 14"))
    found = explain(plain, unshown(plain), at=datetime(2024, 5, 20, tzinfo=UTC))
    assert "the project's horizon is 14 days" in found.note
    assert found.explanation.verification.holds
