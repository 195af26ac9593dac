"""Calls side by side: results in order, and the first failure ends it."""

from __future__ import annotations

import gc
import os
import stat
import threading
import time
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest

from trail.engine import connect, kept_open, side_by_side, whole_folder, write_json, write_table


def test_results_are_in_the_order_of_the_calls():
    def late(at: int) -> int:
        time.sleep(0.02 / (1 + at))
        return at

    assert side_by_side([partial(late, at) for at in range(6)]) == list(range(6))
    assert side_by_side([]) == []


def test_a_failure_is_raised_and_what_has_not_begun_is_left(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    begun, failed = [], threading.Event()

    def fail() -> None:
        failed.set()
        raise ValueError("no")

    def work(at: int) -> None:
        begun.append(at)
        time.sleep(0.05)

    with pytest.raises(ValueError, match="no"):
        side_by_side([fail, *(partial(work, at) for at in range(20))])
    assert failed.is_set()
    assert len(begun) < 5


@pytest.mark.parametrize(("umask", "file", "folder"), [(0o022, 0o644, 0o755), (0o077, 0o600, 0o700)])
@pytest.mark.parametrize("told", [True, False])
def test_the_umask_keeps_from_others_what_it_says(tmp_path, monkeypatch, umask, file, folder, told):
    def unknown(path, *given, **named):
        if path == Path("/proc/self/status"):
            raise FileNotFoundError(path)
        return opened(path, *given, **named)

    before, opened = os.umask(umask), Path.open
    try:
        if not told:  # as on a system that does not say what the umask is
            monkeypatch.setattr(Path, "open", unknown)
        write_json({}, tmp_path / "a.json")
        write_json({}, tmp_path / "own.json", mode=0o600)
        with whole_folder(tmp_path / "b"):
            pass
        found = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a.json", "own.json", "b")]
        assert found == [file, 0o600, folder]
        assert os.umask(umask) == umask
    finally:
        os.umask(before)


def test_a_folder_that_may_not_be_replaced_stays(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "kept").touch()
    with pytest.raises(FileExistsError), whole_folder(tmp_path / "a", replace=False) as made:
        (made / "new").touch()
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "kept"]


def test_a_connection_reads_the_file_that_it_opened_and_lets_go_of_it_at_its_end(tmp_path):
    path = tmp_path / "a.parquet"
    write_table(pa.table({"n": [1, 2]}), path)
    connection = connect()
    opened = kept_open(connection, path)
    table = connection.read_parquet(opened)
    write_table(pa.table({"n": [1, 2, 3]}), path)
    assert table.count().to_pyarrow().as_py() == 2
    assert connection.read_parquet(path).count().to_pyarrow().as_py() == 3
    del connection, table
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(int(opened.name))
