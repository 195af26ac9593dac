"""The audit log: lines that are only added, whole, and without a secret."""

import fcntl
import json
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from trail.errors import EngineError
from trail.service.audit import Act, Audit

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_line_says_who_did_what_when(tmp_path):
    path = tmp_path / "logs" / "audit.jsonl"
    audit = Audit(path, now=lambda: NOW)
    audit.note(Act.SERVER_STARTED, "user ada", host="127.0.0.1", folder=tmp_path)
    audit.note(Act.SNAPSHOT_PUBLISHED, "0123abcd", snapshot="2026-02-28\nforged")
    first, second = map(json.loads, path.read_text().splitlines())
    assert first == {
        "time": "2026-03-01T12:00:00.000+00:00",
        "act": "server_started",
        "actor": "user ada",
        "details": {"host": "127.0.0.1", "folder": str(tmp_path)},
    }
    assert second["details"] == {"snapshot": "2026-02-28\nforged"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_secret_is_kept_wherever_it_stands(tmp_path):
    secret = "s3cret-" * 6
    audit = Audit(tmp_path / "audit.jsonl")
    audit.note(Act.KEY_CREATED, f"trail_0123abcd_{secret}", name={"deep": [f"x trail_0123abcd_{secret} y"]})
    text = audit.path.read_text()
    assert secret not in text
    assert text.count("trail_0123abcd_***") == 2


def test_lines_of_several_writers_stay_whole(tmp_path):
    audit = Audit(tmp_path / "audit.jsonl")

    def write(number):
        audit.note(Act.SIGNED_IN, str(number), words="x" * 2_000)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(40)))
    found = {json.loads(line)["actor"] for line in audit.path.read_text().splitlines()}
    assert found == {str(each) for each in range(40)}


def test_a_writer_waits_for_the_one_before(tmp_path):
    audit = Audit(tmp_path / "audit.jsonl")
    with audit.path.open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        writer = threading.Thread(target=audit.note, args=(Act.SIGNED_IN, "a"))
        writer.start()
        writer.join(0.05)
        assert writer.is_alive()
        assert audit.path.read_text() == ""
    writer.join()
    assert json.loads(audit.path.read_text())["actor"] == "a"


def test_a_line_is_one_write_and_on_the_disk(tmp_path, monkeypatch):
    written, synced = [], []
    write, sync = os.write, os.fsync
    monkeypatch.setattr(os, "write", lambda handle, line: written.append(line) or write(handle, line))
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(handle) or sync(handle))
    Audit(tmp_path / "audit.jsonl").note(Act.SIGNED_OUT, "a")
    assert len(written) == len(synced) == 1
    assert written[0].endswith(b"}\n")


def test_a_line_that_was_cut_off_swallows_none(tmp_path):
    audit = Audit(tmp_path / "audit.jsonl")
    audit.path.write_text('{"time": "20')
    audit.note(Act.SIGNED_OUT, "a")
    assert json.loads(audit.path.read_text().splitlines()[1])["actor"] == "a"


def test_what_cannot_be_written_is_said(tmp_path, monkeypatch):
    audit = Audit(tmp_path)  # a folder
    with pytest.raises(EngineError, match="audit"):
        audit.note(Act.SIGNED_OUT, "a")
    monkeypatch.setattr(os, "write", lambda *_: 3)
    with pytest.raises(EngineError, match="3 of"):
        Audit(tmp_path / "audit.jsonl").note(Act.SIGNED_OUT, "a")
