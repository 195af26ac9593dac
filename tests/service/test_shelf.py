"""Which snapshot is served: the published one, the last good one where that is damaged, and the mended one again."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from pathlib import Path

import pytest

from tests.service.making import bring, made, point, third, until
from trail.errors import DataError, EngineError
from trail.operations import publishing
from trail.service import shelf as module
from trail.service.lines import one_line
from trail.service.marks import marks_of
from trail.service.problems import FullError, NotReadyError
from trail.service.shelf import Shelf


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made(tmp_path / "shop")
    return tmp_path / "shop"


@pytest.fixture
def shelf(folder: Path) -> Shelf:
    point(folder, folder / "snapshots" / "2026-03-02")
    shelf = Shelf("shop", folder, past=1)
    assert shelf.look()
    return shelf


def _errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]


def _flipped(path: Path) -> None:
    found = bytearray(path.read_bytes())
    found[len(found) // 2] ^= 1
    path.write_bytes(found)


def _half(folder: Path) -> None:
    (folder / "cards.parquet").unlink()


def _cut(folder: Path) -> None:
    path = folder / "forecast.parquet"
    path.write_bytes(path.read_bytes()[:100])


def _foreign(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"a": 1}')


def _no_json(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b"\xff\x00{")


def _other_seal(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"seal": "', '"seal": "0'))


DAMAGES = [lambda folder: _flipped(folder / "forecast.parquet"), _half, _cut, _foreign, _no_json, _other_seal]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_one_is_refused_with_one_line_and_served_once_it_is_mended(
    shelf: Shelf, folder: Path, damage, caplog: pytest.LogCaptureFixture
):
    target = folder / "snapshots" / "2026-03-03"
    whole = folder.parent / "whole"
    shutil.copytree(target, whole)
    point(folder, target)
    damage(target)
    for _ in range(3):
        assert not shelf.look()
    assert shelf.current.name == "2026-03-02"
    assert shelf.refused
    assert str(folder.parent) not in shelf.refused
    assert len(_errors(caplog)) == 1, _errors(caplog)
    assert "2026-03-03" in _errors(caplog)[0]
    for file in whole.iterdir():
        shutil.copy(file, target / file.name)
    assert shelf.look()
    assert shelf.current.name == "2026-03-03"
    assert not shelf.refused


def test_what_is_served_stays_when_its_own_files_are_damaged(
    shelf: Shelf, folder: Path, caplog: pytest.LogCaptureFixture
):
    before = shelf.current
    _flipped(folder / "snapshots" / "2026-03-02" / "cards.parquet")
    assert not shelf.look()
    assert shelf.current is before
    assert len(_errors(caplog)) == 1


def test_a_damaged_pointer_moves_nothing(shelf: Shelf, folder: Path):
    for said in ("{", "[]", '{"snapshot": "../x", "seal": "", "published": ""}', "\x00"):
        (folder / publishing.POINTER).write_text(said)
        assert not shelf.look()
        assert shelf.current.name == "2026-03-02"
        assert "damaged" in shelf.refused
        assert str(folder.parent) not in shelf.refused


def test_going_back_is_a_swap_too(shelf: Shelf, folder: Path):
    point(folder, folder / "snapshots" / "2026-03-03")
    assert shelf.look()
    point(folder, folder / "snapshots" / "2026-03-02")
    assert shelf.look()
    assert shelf.current.name == "2026-03-02"


def test_without_a_pointer_the_newest_is_served(folder: Path):
    shelf = Shelf("shop", folder, past=1)
    assert shelf.look()
    assert shelf.current.name == "2026-03-03"
    assert not shelf.refused
    bring(folder, third())
    assert shelf.look()
    assert shelf.current.name == third()


def test_a_half_written_newer_one_is_passed_over(folder: Path, caplog: pytest.LogCaptureFixture):
    brought = bring(folder, third())
    _half(brought)
    shelf = Shelf("shop", folder, past=1)
    assert shelf.look()
    assert shelf.current.name == "2026-03-03"
    assert third() in shelf.refused
    assert len(_errors(caplog)) == 1


def test_nothing_to_serve_is_said(tmp_path: Path):
    made(tmp_path / "shop", 0)
    shelf = Shelf("shop", tmp_path / "shop", past=1)
    assert not shelf.look()
    assert not shelf.ready
    with pytest.raises(NotReadyError, match="run `trail forecast shop`"):
        _ = shelf.current
    with pytest.raises(NotReadyError, match="no snapshot"):
        shelf.at("")


def test_a_look_reads_no_file_where_nothing_changed(shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "standing", lambda _: pytest.fail("it was read again"))
    for _ in range(3):
        assert not shelf.look()


def test_what_was_refused_is_looked_at_again_after_a_while(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    point(folder, folder / "snapshots" / "2026-03-03")
    _half(folder / "snapshots" / "2026-03-03")
    shelf.look()
    seen = []
    monkeypatch.setattr(
        module, "standing", lambda workspace: seen.append(1) or publishing.standing(workspace)
    )
    shelf.look()
    assert not seen
    now[0] += 31
    shelf.look()
    assert seen == [1]
    assert len(_errors(caplog)) == 1, "and is told once"


def test_what_may_go_by_itself_is_tried_at_the_next_look(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    point(folder, folder / "snapshots" / "2026-03-03")
    real = module.opened_mapped

    def full(*_):
        raise EngineError("no space left", fix="free disk space")

    monkeypatch.setattr(module, "opened_mapped", full)
    assert not shelf.look()
    assert "no space left" in shelf.refused
    monkeypatch.setattr(module, "opened_mapped", real)
    assert shelf.look()
    assert not shelf.refused


def test_every_change_changes_the_marks(folder: Path):
    snapshots, pointer = folder / "snapshots", folder / publishing.POINTER
    seen = [marks_of(snapshots, pointer)]

    def changed() -> bool:
        seen.append(marks_of(snapshots, pointer))
        return seen[-1] not in seen[:-1]

    assert not changed()
    point(folder, snapshots / "2026-03-02")
    assert changed()
    point(folder, snapshots / "2026-03-02")
    assert changed(), "written anew"
    file = snapshots / "2026-03-03" / "cards.parquet"
    times = file.stat()
    _flipped(file)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert changed(), "even where its time was set back"
    file.unlink()
    assert changed()
    (snapshots / "2026-03-03").rename(snapshots / "2026-03-04")
    assert changed()
    shutil.rmtree(snapshots)
    assert changed()
    (snapshots / ".coming").mkdir(parents=True)
    assert marks_of(snapshots, pointer)[1:] == (), "half-written ones have hidden names"


def test_older_snapshots_are_opened_once_and_only_so_many(shelf: Shelf, folder: Path):
    first = shelf.at("2026-03-03")
    assert shelf.at("2026-03-03") is first
    assert shelf.at("2026-03-02") is shelf.at("") is shelf.current
    bring(folder, third())
    assert shelf.at(third()).name == third()
    assert shelf.at("2026-03-03") is not first, "one older snapshot is kept open"


def test_a_swap_while_the_served_one_is_asked_for_by_name_answers_no_other(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    served, other = shelf.current, shelf.at("2026-03-03")
    monkeypatch.setattr(Shelf, "current", property(lambda _: other))  # what is served a moment later
    assert shelf.at(served.name) is served
    assert shelf.at("") is other


def test_another_snapshot_under_the_name_of_an_open_one_is_opened(shelf: Shelf, folder: Path):
    first = shelf.at("2026-03-03")
    shutil.rmtree(folder / "snapshots" / "2026-03-03")
    bring(folder, third()).rename(folder / "snapshots" / "2026-03-03")
    assert shelf.at("2026-03-03").snapshot.manifest.seal != first.snapshot.manifest.seal
    shutil.rmtree(folder / "snapshots" / "2026-03-03")
    with pytest.raises(DataError):
        shelf.at("2026-03-03")


@pytest.mark.parametrize(
    "name",
    ["nothing", ".", "..", "../snapshots/2026-03-03", "2026-03-03/", "/", "\x00", "a" * 5000, ".hidden"],
)
def test_a_name_leads_nowhere_else(shelf: Shelf, folder: Path, name: str):
    shutil.copytree(folder / "snapshots" / "2026-03-03", folder / "snapshots" / ".hidden")
    shutil.copy(folder / "snapshots" / "2026-03-03" / "manifest.json", folder)
    shutil.copy(folder / "snapshots" / "2026-03-03" / "manifest.json", folder / "snapshots")
    with pytest.raises(DataError, match="one of the snapshots listed"):
        shelf.at(name)


def test_a_request_does_not_wait_for_ever_for_others_that_open(shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    begun, go = threading.Event(), threading.Event()
    real = module.opened_mapped

    def slow(*asked):
        begun.set()
        go.wait(10)
        return real(*asked)

    monkeypatch.setattr(module, "opened_mapped", slow)
    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    opening = threading.Thread(target=shelf.at, args=("2026-03-03",))
    opening.start()
    assert begun.wait(10)
    with pytest.raises(FullError, match="ask again"):
        shelf.at("2026-03-03")
    assert shelf.at("").name == "2026-03-02"
    go.set()
    opening.join()
    assert shelf.at("2026-03-03").name == "2026-03-03"


def test_one_manifest_that_nobody_can_read_stops_nothing(shelf: Shelf, folder: Path, caplog):
    """Nested beyond all depth, or a folder in its place: the others are served, and it is said why that one is not."""
    for name, spoil in {
        "2026-03-04": lambda path: path.write_text("[" * 100_000),
        "2026-03-05": lambda path: path.mkdir(),
    }.items():
        beside = folder / "snapshots" / name
        shutil.copytree(folder / "snapshots" / "2026-03-02", beside)
        (beside / "manifest.json").unlink()
        spoil(beside / "manifest.json")
    with caplog.at_level(logging.ERROR):
        shelf.look()
    assert shelf.current.name in {"2026-03-02", "2026-03-03"}
    (folder / "published.json").unlink(missing_ok=True)
    shelf.look()
    assert shelf.current.name in {"2026-03-02", "2026-03-03"}
    for name in ("2026-03-04", "2026-03-05"):
        with pytest.raises(DataError):
            shelf.at(name)


def test_what_is_wrong_with_an_older_snapshot_is_logged_once(shelf: Shelf, folder: Path, caplog):
    cards = folder / "snapshots" / "2026-03-03" / "cards.parquet"
    cards.write_bytes(b"PAR1")
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            with pytest.raises(DataError):
                shelf.at("2026-03-03")
    assert len([each for each in caplog.records if "2026-03-03" in each.getMessage()]) == 1


def test_only_a_few_wait_for_others_that_open(shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_PATIENCE", 30.0)
    said: list[str] = []

    def ask() -> None:
        try:
            said.append(shelf.at("2026-03-03").name)
        except FullError as error:
            said.append(error.found)

    asking = [threading.Thread(target=ask) for _ in range(20)]
    with shelf._opening:
        for each in asking:
            each.start()
        until(lambda: len(said) == 20 - module._WAITING)
    for each in asking:
        each.join()
    assert said[-module._WAITING :] == ["2026-03-03"] * module._WAITING
    assert set(said[: -module._WAITING]) == {"older snapshots are being opened"}


def test_names_are_the_readable_ones_latest_first(shelf: Shelf, folder: Path):
    assert shelf.names() == ["2026-03-03", "2026-03-02"]
    _foreign(bring(folder, third()))
    shelf.look()
    assert shelf.names() == ["2026-03-03", "2026-03-02"]


def test_a_line_of_the_log_is_one_line(folder: Path, caplog: pytest.LogCaptureFixture):
    odd = folder / "snapshots" / "2026-03-04\nERROR all is lost\x1b[31m\u2028"
    shutil.copytree(folder / "snapshots" / "2026-03-03", odd)
    _half(odd)
    point(folder, folder / "snapshots" / "2026-03-03")
    shelf = Shelf("shop", folder, past=1)
    _flipped(folder / "snapshots" / "2026-03-03" / "cards.parquet")
    shelf.look()
    assert _errors(caplog)
    assert all(each.isprintable() for each in caplog.messages)
    assert one_line("a\r\nb\x1b\u202ec é 日") == "a\\r\\nb\\x1b\\u202ec é 日"
