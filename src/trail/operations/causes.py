"""What moved each item between two snapshots, as values and as the file that says it, `reports/moves/A-to-B.json`."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trail.engine import write_json
from trail.operations.workspace import Workspace
from trail.snapshots import Move, folders_in

LATE, NEW, MODEL, SETTINGS = "late events", "new events", "model", "settings"
#: What moves an item, in the order of the steps.
PARTS = (LATE, NEW, MODEL, SETTINGS)
#: Ranks of either snapshot whose items the file tells of: as many as the service may be asked for.
KEPT = 1000
_NAMED = re.compile(r"(?P<older>.+)-to-(?P<newer>.+)\.json")


@dataclass(frozen=True)
class Part:
    """What one cause did to an item.

    Attributes:
        name: One of `PARTS`.
        places: Places gained by it; negative are lost.
        expected: What it added to the expected count.
    """

    name: str
    places: int
    expected: float


@dataclass(frozen=True)
class Moved:
    """An item in two snapshots and what moved it.

    Attributes:
        move: Its ranks and counts.
        parts: Causes, which add up to its move; where it is not forecast it counts as 0, one place behind all.
    """

    move: Move
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Moves:
    """What moved the top between two snapshots.

    Attributes:
        older: Name of the older one.
        newer: Name of the newer one.
        seals: Of both.
        items: In the newer one's order.
    """

    older: str
    newer: str
    seals: tuple[str, str]
    items: tuple[Moved, ...]


def path_of(workspace: Workspace, older: str, newer: str) -> Path:
    """Returns the file that says what moved between two snapshots."""
    return workspace.reports / "moves" / f"{older}-to-{newer}.json"


def write_moves(workspace: Workspace, made: Moves) -> None:
    """Writes what moved between two snapshots; raises EngineError if the disk fails."""
    write_json(asdict(made), path_of(workspace, made.older, made.newer))


def are_told(workspace: Workspace, older: str, newer: str, seals: tuple[str, str]) -> bool:
    """Tells whether it is written what moved between these very snapshots."""
    return _read(workspace, older, newer, seals) is not None


def parts_of(
    workspace: Workspace, older: str, newer: str, seals: tuple[str, str]
) -> dict[str, tuple[Part, ...]]:
    """Returns what moved each item between two snapshots, as it was written; nothing where it was not.

    Args:
        workspace: The project.
        older: Name of the older snapshot.
        newer: Name of the newer one.
        seals: Of both: what was written of others counts for nothing.
    """
    return _read(workspace, older, newer, seals) or {}


def forget_moves(workspace: Workspace) -> None:
    """Removes what is told of snapshots that are gone."""
    there = {each.name for each in folders_in(workspace.snapshots)}
    for path in (workspace.reports / "moves").glob("*.json"):
        named = _NAMED.fullmatch(path.name)
        if named and not {named["older"], named["newer"]} <= there:
            path.unlink(missing_ok=True)


def _read(
    workspace: Workspace, older: str, newer: str, seals: tuple[str, str]
) -> dict[str, tuple[Part, ...]] | None:
    try:
        found: Any = json.loads(path_of(workspace, older, newer).read_text(encoding="utf-8"))
        if tuple(found["seals"]) != seals:
            return None
        return {
            each["move"]["item_id"]: tuple(Part(**part) for part in each["parts"]) for each in found["items"]
        }
    except (OSError, ValueError, KeyError, TypeError):
        return None
