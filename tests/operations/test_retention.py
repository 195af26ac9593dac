"""Old snapshots go once they are scored, their scores stay, and the published one stays whatever its age."""

import os
import shutil
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import pytest
from tests.operations.nights import LAST, WEEK, make_project, seal_at

from trail.errors import EngineError
from trail.evaluate.scorecard import read_scores
from trail.operations import retention, scorecard
from trail.operations.data import prepare
from trail.operations.retention import retire
from trail.operations.workspace import Workspace, moment_name

CUTOFFS = [LAST - back * WEEK for back in (3, 2, 1, 0)]
NAMES = [moment_name(each) for each in CUTOFFS]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project with four snapshots, of which the log covers the periods of three."""
    folder = make_project(tmp_path_factory.mktemp("kept") / "shop", end=LAST)
    workspace = Workspace.open(folder)
    data = prepare(workspace)
    for cutoff in CUTOFFS:
        seal_at(workspace, data, cutoff)
    scorecard(folder)
    return folder


@pytest.fixture
def shop(made, tmp_path):
    shutil.copytree(made, tmp_path / "shop")
    return Workspace.open(tmp_path / "shop")


def left(workspace):
    return sorted(each.name for each in workspace.snapshots.iterdir())


def heads(workspace):
    return [each.head for each in read_scores(workspace.reports / "scorecard")]


def test_the_oldest_beyond_those_kept_go_and_their_scores_stay(shop):
    before = heads(shop)
    assert [each.snapshot for each in before] == NAMES[:3]
    done = retire(shop, 2)
    assert (done.removed, done.waiting) == (tuple(NAMES[:2]), ())
    assert left(shop) == NAMES[2:]
    again = scorecard(shop.folder)
    assert (again.fresh, again.written) == ((), False)
    assert heads(shop) == before
    assert len(again.card.figures) == len({(each.seal, each) for each in again.card.figures})


def test_scores_of_what_is_gone_stay_though_their_first_items_were_never_kept(shop):
    before = heads(shop)
    (shop.reports / "scorecard" / "first.parquet").unlink()
    retire(shop, 2)
    assert scorecard(shop.folder).fresh == (NAMES[2],)
    assert heads(shop) == before
    found = read_scores(shop.reports / "scorecard")
    assert [bool(each.first) for each in found] == [False, False, True]


def test_scores_of_what_is_gone_stay_when_the_others_are_scored_anew(shop):
    before = {each.snapshot: each for each in heads(shop)}
    retire(shop, 2)
    (shop.folder / "orders" / "b.csv").write_text(
        f"item_id,timestamp,user_id,price\nitem-001,{LAST - timedelta(days=2):%Y-%m-%d},user-1,3\n"
    )
    assert scorecard(shop.folder).fresh == (NAMES[2],)
    after = {each.snapshot: each for each in heads(shop)}
    assert [after[name] == before[name] for name in NAMES[:3]] == [True, True, False]


def test_scores_of_what_was_replaced_or_cannot_be_read_do_not_stay(shop):
    for name, text in ((NAMES[0], None), (NAMES[1], "{")):
        if text is None:
            shutil.rmtree(shop.snapshots / name)
            seal_at(shop, prepare(shop), CUTOFFS[0], by="decayed")
        else:
            (shop.snapshots / name / "manifest.json").write_text(text)
    done = scorecard(shop.folder)
    assert [each.head.snapshot for each in done.card.scores] == [NAMES[0], NAMES[2]]
    assert done.fresh == (NAMES[0],)


def test_none_goes_that_is_published_not_scored_or_unreadable(shop):
    shutil.rmtree(shop.reports / "scorecard")
    assert retire(shop, 1).removed == ()
    assert retire(shop, 1).waiting == tuple(NAMES[:3])
    scorecard(shop.folder)
    (shop.snapshots / "strange").mkdir()
    done = retire(shop, 1, spared=[shop.snapshots / NAMES[0]])
    assert (done.removed, done.unreadable) == (tuple(NAMES[1:3]), ("strange",))
    assert left(shop) == [NAMES[0], NAMES[3], "strange"]


def test_nothing_goes_where_all_are_kept(shop):
    assert retire(shop, 0).removed == retire(shop, 4).removed == ()
    assert left(shop) == NAMES


def test_a_snapshot_is_there_whole_or_not_at_all(shop, monkeypatch):
    def crash(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(retention.shutil, "rmtree", crash)
        with pytest.raises(KeyboardInterrupt):
            retire(shop, 3)
    assert [each for each in left(shop) if each[0] != "."] == NAMES[1:]
    assert retire(shop, 3).removed == ()
    assert left(shop) == NAMES[1:]


def test_a_folder_that_cannot_be_moved_is_an_engine_error(shop, monkeypatch):
    def fail(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(retention.tempfile, "mkdtemp", fail)
    with pytest.raises(EngineError, match="could not remove"):
        retire(shop, 3)
    assert left(shop) == NAMES


def test_what_killed_runs_left_goes_when_it_is_old(shop):
    old, young, own = (
        shop.data / ".events.parquet.abcd_123",
        shop.data / ".items.parquet.abcd_124",
        shop.snapshots / ".keep",
    )
    for path in (old, young, own):
        path.write_text("half")
    half = shop.snapshots / f".{NAMES[0]}.abcd_125"
    half.mkdir()
    long_ago = time.time() - 7200
    for path in (old, own, half):
        os.utime(path, (long_ago, long_ago))
    retire(shop, 0)
    assert [path.exists() for path in (old, half, young, own)] == [False, False, True, True]


def test_nothing_of_somebody_else_goes_however_old(shop):
    strange = [
        shop.snapshots / ".my.markdown",
        shop.snapshots / f".{NAMES[0]}.abcd_125",  # a file, which no half-written snapshot is
        shop.data / ".my.markdown",
        shop.reports / ".cache.settings",
        shop.data / ".events.parquet.ABCDEFGH",
    ]
    folders = [shop.snapshots / ".git.original", shop.models / ".venv.previous"]
    for path in strange:
        path.write_text("mine")
    for path in folders:
        path.mkdir(parents=True)
        path.chmod(0o755)
    half = [Path(tempfile.mkdtemp(prefix=".scorecard.", dir=shop.reports))]
    half += [Path(tempfile.mkdtemp(prefix=f".{name}.old.", dir=shop.snapshots)) for name in NAMES[:1]]
    half += [Path(tempfile.mkdtemp(prefix=".2024-05-13T06-00-00.", dir=shop.snapshots))]
    for path in (*strange, *folders, *half):
        os.utime(path, (0, 0))
    retire(shop, 0)
    assert [path for path in (*strange, *folders) if not path.exists()] == []
    assert [path for path in half if path.exists()] == []


def test_what_vanishes_while_it_is_looked_at_is_passed_over(shop, monkeypatch):
    (shop.data / ".events.parquet.abcd_123").write_text("half")
    glob = Path.glob

    def vanishing(self, pattern):
        for path in [*glob(self, pattern)]:
            path.unlink()
            yield path

    monkeypatch.setattr(Path, "glob", vanishing)
    assert retire(shop, 0).removed == ()


def test_scores_that_were_being_replaced_when_a_run_was_killed_are_taken_back(shop):
    before = heads(shop)
    retire(shop, 2)
    aside = shop.reports / ".scorecard.old.abcd_126"
    aside.mkdir()
    (shop.reports / "scorecard").rename(aside / "was")
    scorecard(shop.folder)
    assert heads(shop) == before
