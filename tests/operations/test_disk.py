"""A full disk and a folder that cannot be written to: a clear error, and the last good state is what is served."""

import errno
import os
import resource
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.operations.nights import BEFORE, LAST, make_project, seals, standin, write_orders

from trail import engine
from trail.errors import EngineError
from trail.operations import night, published_snapshot, run
from trail.operations.data import prepare
from trail.operations.workspace import Workspace
from trail.snapshots import FILES, altered, read_manifest

OLD, NEW = f"{BEFORE:%Y-%m-%d}", f"{LAST:%Y-%m-%d}"
NOBODY = 65_534


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The night's forecaster replaced by the stand-in."""
    monkeypatch.setattr(night, "forecast", standin)


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A project after a night, with the next week's file there and not read."""
    folder = make_project(tmp_path_factory.mktemp("disk") / "shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(night, "forecast", standin)
        run(folder, use_model=False)
    write_orders(folder, "b.csv", BEFORE, LAST)
    return folder


def copied(before, target):
    shutil.copytree(before, target)
    return target


def contents(folder):
    """The bytes that a night makes, but for when it was and what follows from that."""
    files = [*(folder / "data").glob("*.parquet"), *(folder / "snapshots").glob("*/*.parquet")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def assert_good(folder):
    """What is served is whole, whatever happened."""
    served = published_snapshot(Workspace.open(folder))
    assert served is not None
    assert altered(served) == ()
    assert set(seals(folder)) <= {OLD, NEW}


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_fails_at_any_file_leaves_what_a_rerun_completes(before, tmp_path, monkeypatch, error):
    undisturbed = copied(before, tmp_path / "undisturbed")
    run(undisturbed, use_model=False)
    expected = contents(undisturbed)
    folder, works, calls = copied(before, tmp_path / "shop"), 0, []
    whole = tempfile.mkstemp
    while True:

        def mkstemp(*arguments, at=works, **options):
            calls.append(at)
            if len(calls) > at:
                raise OSError(error, os.strerror(error))
            return whole(*arguments, **options)

        calls.clear()
        with monkeypatch.context() as patch:
            patch.setattr(engine.tempfile, "mkstemp", mkstemp)
            done = run(folder, use_model=False)
        assert_good(folder)
        if done.exit_code == 0:
            break
        assert done.exit_code == EngineError.exit_code
        failed = [each for each in done.steps if each.status == "failed"]
        assert all(os.strerror(error) in each.words for each in failed)
        assert all("free disk space or change the folder" in each.words for each in failed)
        works += 2
    assert works > 8  # each kind of file was the first to fail once
    assert contents(folder) == expected
    assert read_manifest(folder / "snapshots" / NEW).files.keys() == set(FILES)


def test_a_limit_of_the_system_itself_is_told_as_such(before, tmp_path):
    folder = copied(before, tmp_path / "shop")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        done = run(folder, use_model=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert done.exit_code == EngineError.exit_code
    assert done.steps[0].status == "failed"
    assert "File too large" in done.steps[0].words
    assert done.published.name == OLD
    assert_good(folder)
    assert run(folder, use_model=False).published.name == NEW


@pytest.fixture
def closed(before):
    """A project whose folders may be read and not written to; the rights of root are laid down where the tests have them."""
    place = Path(tempfile.mkdtemp(dir="/tmp"))
    place.chmod(0o755)
    folder = copied(before, place / "shop")
    paths = [folder, *folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    yield folder
    if root:
        os.seteuid(0)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    shutil.rmtree(place)


def test_a_project_that_may_not_be_written_to_is_told_at_once(closed):
    with pytest.raises(EngineError, match=r"could not lock .*\.run\.lock: Permission denied"):
        run(closed, use_model=False)
    assert_good(closed)
    assert published_snapshot(Workspace.open(closed)).name == OLD


@contextmanager
def rights_of_its_owner(closed):
    """Lets files be removed from a project's folders."""
    user, places = os.geteuid(), [closed / "orders", closed / "data"]
    if user == NOBODY:
        os.seteuid(0)
    for path in places:
        path.chmod(0o755)
    yield
    for path in places:
        path.chmod(0o555)
    os.seteuid(user)


def test_a_log_that_was_read_may_be_used_where_nothing_may_be_written(closed):
    with rights_of_its_owner(closed):
        (closed / "orders" / "b.csv").unlink()
    assert not prepare(Workspace.open(closed)).ingested.fresh
    with rights_of_its_owner(closed):  # as a version that took no lock left it
        (closed / "data" / ".lock").unlink()
    assert not prepare(Workspace.open(closed)).ingested.fresh
    assert not (closed / "data" / ".lock").exists()


def test_folders_inside_that_may_not_be_written_to_fail_their_steps(closed):
    if os.geteuid() == NOBODY:
        os.seteuid(0)
        for path in (closed, closed / ".run.lock", closed / "data", closed / "run.json"):
            os.chown(path, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    for path in (closed, closed / "data"):
        path.chmod(0o755)
    (closed / ".run.lock").chmod(0o644)
    done = run(closed, use_model=False)
    assert [each.name for each in done.steps if each.status == "failed"] == ["ingest"]  # data/seen
    assert "could not write" in done.steps[0].words
    assert "Permission denied" in done.steps[0].words
    assert done.exit_code == EngineError.exit_code
    assert_good(closed)
