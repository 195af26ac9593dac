"""Old snapshots moved out: never the published one, never one whose score is still to come."""

from __future__ import annotations

import re
import shutil
import stat
import tempfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trail.engine import left_behind
from trail.errors import EngineError, TrailError
from trail.evaluate.scorecard import read_scores
from trail.operations.workspace import Workspace
from trail.snapshots import folders_in, read_manifest

_GONE = ".removed-"
#: Names of what is not whole yet: hidden, the name it will have, eight characters of `tempfile`. Nobody else's file is meant.
_DRAWN = r"\.[a-z0-9_]{8}"
_HALF_SNAPSHOT = re.compile(rf"\.\d{{4}}-\d\d-\d\d(T\d\d-\d\d-\d\d)?(\.old)?{_DRAWN}")
_HALF_FOLDER = re.compile(rf"\.[\w-]+(\.old)?{_DRAWN}")
_HALF_FILE = re.compile(rf"\.[\w.-]+\.(parquet|csv|json|md|html|png|pt|safetensors){_DRAWN}")
#: Whose folders `tempfile` makes: the owner's alone, until they are whole.
_OWNERS = 0o700


@dataclass(frozen=True)
class Retired:
    """What became of snapshots beyond those that are kept.

    Attributes:
        removed: Names of those that are gone, oldest first.
        waiting: Names of those that stay because they are not scored.
        unreadable: Names of folders that are left alone because their manifest cannot be read.
    """

    removed: tuple[str, ...]
    waiting: tuple[str, ...]
    unreadable: tuple[str, ...]


def retire(
    workspace: Workspace, keep: int, spared: Collection[Path] = (), *, unscored: bool = False
) -> Retired:
    """Removes the oldest snapshots beyond the newest `keep`, once they are scored; their scores stay in the scorecard.

    A snapshot is renamed to a hidden name first, so that it is there whole or not at all.

    Args:
        workspace: The project.
        keep: How many stay; 0 keeps all.
        spared: Folders that stay whatever their age: the published one.
        unscored: Whether those go too whose score is to come: on a mirror, which scores nothing.

    Raises:
        EngineError: If a folder cannot be moved.
    """
    _sweep(workspace)
    dated, unreadable = [], []
    for each in folders_in(workspace.snapshots):
        try:
            manifest = read_manifest(each)
        except TrailError:
            unreadable.append(each.name)
            continue
        dated.append((manifest.moment, each.name, manifest.seal, each))
    dated.sort()
    scored = {score.head.seal for score in read_scores(workspace.reports / "scorecard")}
    stay = {each.resolve() for each in spared}
    removed, waiting = [], []
    for _, name, seal, path in dated[:-keep] if keep else []:
        if path.resolve() in stay:
            continue
        if seal not in scored and not unscored:
            waiting.append(name)
            continue
        _remove(path)
        removed.append(name)
    return Retired(tuple(removed), tuple(waiting), tuple(unreadable))


def _remove(path: Path) -> None:
    try:
        aside = Path(tempfile.mkdtemp(prefix=_GONE, dir=path.parent))
        path.rename(aside / path.name)
        shutil.rmtree(aside)
    except OSError as error:
        raise EngineError(
            f"could not remove {path}: {error}", fix="change the rights of the folder, or keep more snapshots"
        ) from error


def _sweep(workspace: Workspace) -> None:
    """Removes what killed runs left: snapshots on their way out, and half-written things that nobody wrote to for an hour."""
    for gone in workspace.snapshots.glob(f"{_GONE}*"):
        shutil.rmtree(gone, ignore_errors=True)
    for left in _half_written(workspace):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            with suppress(OSError):
                left.unlink()


def _half_written(workspace: Workspace) -> Iterator[Path]:
    models = workspace.models.iterdir() if workspace.models.is_dir() else ()
    for place in (
        workspace.data,
        workspace.cache,
        workspace.snapshots,
        workspace.reports,
        workspace.models,
        *models,
    ):
        for path in place.glob(".*") if place.is_dir() else ():
            try:
                found = path.lstat()
            except OSError:  # whoever wrote it is done just now
                continue
            half = _half(path.name, found.st_mode, snapshot=place == workspace.snapshots)
            if half and left_behind(path):
                yield path


def _half(name: str, mode: int, *, snapshot: bool) -> bool:
    """Tells whether a hidden name and a mode are those of something half-written; among snapshots only half a one is."""
    if snapshot:
        return stat.S_ISDIR(mode) and bool(_HALF_SNAPSHOT.fullmatch(name))
    if stat.S_ISDIR(mode):
        return stat.S_IMODE(mode) == _OWNERS and bool(_HALF_FOLDER.fullmatch(name))
    return stat.S_ISREG(mode) and bool(_HALF_FILE.fullmatch(name))
