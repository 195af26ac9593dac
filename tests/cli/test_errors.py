"""At the border every failure is one message and an exit code."""

import errno
import json

import duckdb
import pytest

from tests.cli.conftest import run
from trail import operations
from trail.errors import DataError, EngineError, ModelError


def test_usage_errors_exit_2():
    assert run("forecast").code == 2
    assert run("no-such-command").code == 2
    assert run("forecast", "shop", "--top", "0").code == 2


@pytest.mark.parametrize(
    "words",
    [("forecast",), ("no-such-command",), ("forecast", "shop", "--top", "0"), ("plan", "shop", "--bogus")],
)
def test_usage_errors_are_json_where_json_is_asked_for(words):
    done = run(*words, "--json")
    assert done.code == 2
    found = json.loads(done.err)
    assert (found["error"], found["exit_code"]) == ("ConfigError", 2)
    assert found["found"]


def test_an_unknown_key_names_the_nearest(tmp_path):
    (tmp_path / "trail.toml").write_text('horizon = 7\n[[events]]\nlocation = "e.csv"\n')
    done = run("plan", tmp_path)
    assert done.code == 2
    assert done.out == ""
    lines = [line.strip() for line in done.err.splitlines() if line.strip()]
    assert lines[-3:] == ["error: the unknown key 'horizon'", "expected: 'horizon_days'?", "in: trail.toml"]


def test_a_missing_file_exits_3(tmp_path):
    (tmp_path / "trail.toml").write_text('[[events]]\nlocation = "gone.csv"\n')
    assert run("forecast", tmp_path, "--no-model").code == 3


def test_a_file_is_no_snapshot(tmp_path):
    (tmp_path / "trail.toml").write_text("")
    done = run("verify", tmp_path / "trail.toml", "--json")
    assert done.code == 3
    assert "no manifest.json in" in json.loads(done.err)["found"]


def test_an_address_that_is_none_is_told_without_it(tmp_path):
    (tmp_path / "trail.toml").write_text('[[events]]\nlocation = "e.csv"\n')
    address = "postgresql://me:secret@[::1/db"
    for words in (("export", tmp_path, "--to", address), ("pull", address, "shop", tmp_path / "m")):
        done = run(*words, "--json")
        assert done.code == 2
        assert "secret" not in done.err


@pytest.mark.parametrize(("error", "code"), [(EngineError("disk full"), 4), (ModelError("no weights"), 5)])
def test_errors_keep_their_exit_code_in_json(monkeypatch, tmp_path, error, code):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(operations, "train", fail)
    done = run("train", tmp_path, "--json")
    assert done.code == code
    assert json.loads(done.err.splitlines()[-1]) == error.as_dict()
    assert done.out == ""


@pytest.mark.parametrize(
    "error",
    [
        duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block\nsecond line"),
        MemoryError(),
        RuntimeError("not enough memory: you tried to allocate 4000000000 bytes"),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EFBIG, "File too large"),
    ],
)
def test_a_failing_engine_exits_4(monkeypatch, tmp_path, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(operations, "train", fail)
    done = run("train", tmp_path, "--json")
    assert done.code == 4
    said = json.loads(done.err.splitlines()[-1])
    assert said["error"] == "EngineError"
    assert said["found"] in ("Out of Memory Error: could not allocate block", "MemoryError", str(error))
    assert "trail plan" in said["fix"]
    monkeypatch.setattr(operations, "train", lambda *_, **__: duckdb.sql("select bogus"))
    with pytest.raises(duckdb.BinderException):  # a mistake of ours keeps its traceback
        run("train", tmp_path)


def test_a_folder_that_may_not_be_written_to_exits_4(monkeypatch, tmp_path):
    def fail(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "data"))

    monkeypatch.setattr(operations, "train", fail)
    done = run("train", tmp_path, "--json")
    assert done.code == 4
    said = json.loads(done.err.splitlines()[-1])
    assert said["found"] == f"Permission denied: {tmp_path / 'data'}"
    assert "may be written to" in said["expected"]


def wrapped():
    error = DataError("a file that cannot be read")
    error.__cause__ = RuntimeError("Query interrupted")
    return error


@pytest.mark.parametrize("how", [KeyboardInterrupt(), RuntimeError("Query interrupted"), wrapped()], ids=repr)
def test_a_stop_says_what_is_kept(monkeypatch, tmp_path, how):
    def stop(*_, **__):
        raise how

    monkeypatch.setattr(operations, "train", stop)
    done = run("train", tmp_path)
    assert done.code == 130
    assert "kept" in done.err
    assert "--resume" in done.err


def test_a_bad_date_exits_2(tmp_path):
    assert run("train", tmp_path, "--until", "yesterday").code == 2
