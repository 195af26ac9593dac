"""The memory-mapped files of a snapshot, made where they are missing."""

from __future__ import annotations

import shutil
from pathlib import Path

from trail.errors import DataError
from trail.operations.workspace import Workspace
from trail.snapshots import Snapshot, open_unaltered, read_manifest, snapshots_in
from trail.snapshots.mapped import folder_of, open_mapped, write_mapped


def mapped_files(workspace: Workspace, snapshot: Path) -> Path:
    """Returns the folder of a snapshot's memory-mapped files, written now unless they are there.

    Args:
        workspace: The project.
        snapshot: The snapshot's folder.

    Raises:
        DataError: If the snapshot is none, or a byte of it was altered.
        EngineError: If the disk fails.
    """
    folder = folder_of(workspace.serving, snapshot)
    if not _whole(folder, snapshot):
        write_mapped(open_unaltered(snapshot), _before(workspace, snapshot), folder)
    return folder


def forget_mapped(workspace: Workspace) -> None:
    """Removes the memory-mapped files of snapshots that are gone."""
    there = {folder_of(workspace.serving, each).name for each in snapshots_in(workspace.snapshots)}
    for folder in workspace.serving.glob("[!.]*"):
        if folder.name not in there:
            shutil.rmtree(folder, ignore_errors=True)


def _whole(folder: Path, snapshot: Path) -> bool:
    try:
        open_mapped(folder, snapshot)
    except DataError:
        return False
    return True


def _before(workspace: Workspace, snapshot: Path) -> Snapshot | None:
    """Returns the snapshot before, of the same horizon; null where there is none that is whole."""
    manifest = read_manifest(snapshot)
    for each in reversed(snapshots_in(workspace.snapshots)):
        found = read_manifest(each)
        if found.moment < manifest.moment and found.horizon_days == manifest.horizon_days:
            try:
                return open_unaltered(each)
            except DataError:
                continue
    return None
