"""Which snapshot the webhooks were told of last: what the next one is compared with."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trail.engine import write_json
from trail.errors import DataError
from trail.operations.workspace import Workspace
from trail.snapshots import may_name, read_manifest


@dataclass(frozen=True)
class Told:
    """A snapshot that was told of.

    Attributes:
        snapshot: Its name.
        seal: Its seal.
    """

    snapshot: str
    seal: str

    @classmethod
    def of(cls, folder: Path) -> Told:
        """Returns what is noted of a snapshot; raises DataError if its manifest is damaged."""
        return cls(folder.name, read_manifest(folder).seal)


def read_told(workspace: Workspace) -> Told | None:
    """Returns which snapshot was told of last; null where there is none yet, or the note cannot be read."""
    try:
        found: Any = json.loads(_path(workspace).read_text(encoding="utf-8"))
        told = Told(str(found["snapshot"]), str(found["seal"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return told if may_name(told.snapshot) else None


def keep_told(workspace: Workspace, told: Told) -> None:
    """Notes, whole or not at all, which snapshot was told of; raises EngineError if the disk fails."""
    write_json(asdict(told), _path(workspace))


def folder_told(workspace: Workspace) -> Path | None:
    """Returns the folder of the snapshot told of last; null without one, or where it is gone, damaged or another now."""
    told = read_told(workspace)
    if told is None:
        return None
    folder = workspace.snapshots / told.snapshot
    try:
        return folder if read_manifest(folder).seal == told.seal else None
    except DataError:
        return None


def _path(workspace: Workspace) -> Path:
    return workspace.folder / "alerts" / "told.json"
