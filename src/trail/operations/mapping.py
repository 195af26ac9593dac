"""The memory-mapped files of a snapshot, made where they are missing."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from trail.engine import left_behind
from trail.errors import DataError
from trail.operations.workspace import Workspace
from trail.snapshots import Manifest, altered, folders_in, read_manifest, refuse_altered
from trail.snapshots.mapped import Mapped, folder_of, open_mapped, write_mapped


def mapped_files(workspace: Workspace, snapshot: Path) -> Path:
    """Returns the folder of a snapshot's memory-mapped files, written now unless they are there.

    Args:
        workspace: The project.
        snapshot: The snapshot's folder.

    Raises:
        DataError: If the snapshot is none, or a byte of it was altered.
        EngineError: If the disk fails.
    """
    opened_mapped(workspace, snapshot)
    return folder_of(workspace.serving, snapshot)


def opened_mapped(workspace: Workspace, snapshot: Path) -> Mapped:
    """Opens a snapshot by its memory-mapped files, which are written now unless they are there; raises as `mapped_files`."""
    folder = folder_of(workspace.serving, snapshot)
    try:
        return open_mapped(folder, snapshot)
    except DataError:
        refuse_altered(snapshot)
    write_mapped(snapshot, _before(workspace, snapshot), folder)
    return open_mapped(folder, snapshot)


def forget_mapped(workspace: Workspace, kept: Collection[Path]) -> None:
    """Removes memory-mapped files but those of some snapshots, and what killed runs left half-written.

    A server that has others open goes on with them; who asks for one that is closed has it written anew.

    Args:
        workspace: The project.
        kept: Folders of the snapshots whose files stay.
    """
    names = {each.name for each in kept}
    there = {folder_of(workspace.serving, each).name for each, _ in readable(workspace) if each.name in names}
    for folder in workspace.serving.glob("*"):
        if left_behind(folder) if folder.name.startswith(".") else folder.name not in there:
            shutil.rmtree(folder, ignore_errors=True)


def readable(workspace: Workspace) -> list[tuple[Path, Manifest]]:
    """Returns the snapshots whose manifest can be read, the latest cutoff first; one that is damaged hides no other."""
    return sorted(_read(workspace.snapshots), key=lambda each: each[1].moment, reverse=True)


def _read(snapshots: Path) -> Iterator[tuple[Path, Manifest]]:
    for folder in folders_in(snapshots):
        try:
            yield folder, read_manifest(folder)
        except (DataError, OSError):
            continue


def _before(workspace: Workspace, snapshot: Path) -> Path | None:
    """Returns the snapshot before, of the same horizon; null where there is none that is whole."""
    manifest = read_manifest(snapshot)
    for folder, found in readable(workspace):
        earlier = found.moment < manifest.moment and found.horizon_days == manifest.horizon_days
        if earlier and _whole(folder):
            return folder
    return None


def _whole(folder: Path) -> bool:
    try:
        return not altered(folder)
    except DataError:  # removed since it was listed
        return False
