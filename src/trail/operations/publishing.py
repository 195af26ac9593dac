"""Placeholder until the branch `run` is merged."""

from __future__ import annotations

from pathlib import Path

from trail.operations.workspace import Workspace
from trail.snapshots import altered, snapshots_in


def published_snapshot(workspace: Workspace) -> tuple[Path | None, str]:
    """Returns the newest whole snapshot, and why a newer one was passed over."""
    why = ""
    for each in reversed(snapshots_in(workspace.snapshots)):
        problems = altered(each)
        if not problems:
            return each, why
        why = why or f"{each.name}: {problems[0].where}: {problems[0].what}"
    return None, why
