"""What a night does for those who look at what it published: it is pushed into a database, and what moved items worked out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from trail.errors import ModelError
from trail.operations.causes import LATE, PARTS, SETTINGS, are_told
from trail.operations.data import Data
from trail.operations.exporting import export
from trail.operations.mapping import opened_mapped
from trail.operations.moving import moves
from trail.operations.steps import Did
from trail.operations.workspace import Report, Workspace, quiet
from trail.snapshots import read_manifest


def push(workspace: Workspace, report: Report = quiet, *, keep: int = 0) -> Did:
    """Pushes the published snapshot, with the scorecard and what moved items, to where the project exports to.

    Args:
        workspace: The project.
        report: Told what goes on.
        keep: Snapshots kept there, the newest, and those that the project holds still; 0 keeps all.

    Raises:
        ConfigError: If another snapshot of the name is there, or the driver is not installed.
        DataError: If it is damaged.
        EngineError: If the database refuses.
    """
    to = workspace.project.run.export
    if not to:
        return Did("no export in trail.toml", changed=False)
    done = export(workspace.folder, to, keep=keep, report=report)
    state = "was there" if done.already else f"{done.items:,} items written"
    said = f"{done.snapshot} {state}, {done.reports} files beside it written: {done.to}"
    said += f"; {done.removed} older ones removed there" if done.removed else ""
    return Did(said, asdict(done), changed=bool(done.reports or done.removed) or not done.already)


def work_out_moves(
    workspace: Workspace,
    shown: Path,
    data: Data,
    *,
    on_time: str = "",
    sealed: str = "",
    report: Report = quiet,
) -> Did:
    """Works out what moved each item between the published snapshot and the one that its moves are counted from.

    Args:
        workspace: The project.
        shown: The published snapshot.
        data: The log and the catalogue.
        on_time: Fingerprint of the data since which no event came late or vanished; empty if some did.
        sealed: Seal of the snapshot that was made with the settings and the data of now; empty if none was.
        report: Told what goes on.

    Raises:
        DataError: If one of the two is damaged, or the log does not reach back.
        EngineError: If it cannot be written.
    """
    if not workspace.project.run.moves:
        return Did("turned off in trail.toml", changed=False)
    name = opened_mapped(workspace, shown).before
    older = workspace.snapshots / name
    if not name or not older.is_dir():
        gone = f"{name}, from which its moves are counted, was removed" if name else "no snapshot before it"
        return Did(f"{shown.name}: {gone}", changed=False)
    before, after = read_manifest(older), read_manifest(shown)
    pair = f"from {name} to {shown.name}"
    if are_told(workspace, name, shown.name, (before.seal, after.seal)):
        return Did(f"{pair}: told before", changed=False)
    spared = {LATE: on_time == before.data, SETTINGS: sealed == after.seal}
    causes = [each for each in PARTS if not spared.get(each)]
    try:
        made = moves(workspace.folder, older, shown, causes=causes, data=data, report=report)
    except (ModelError, ModuleNotFoundError) as error:  # nothing that another night could mend
        return Did(f"{pair}: not worked out: {error}", changed=False)
    told = {part.name for each in made.items for part in each.parts if part.places or part.expected}
    moved = [each for each in PARTS if each in told]
    said = f"{pair}: {', '.join(moved) or 'nothing moved'}"
    return Did(said, {"older": name, "newer": shown.name, "items": len(made.items), "causes": moved})
