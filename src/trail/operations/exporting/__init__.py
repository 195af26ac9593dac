"""`trail export`: a sealed forecast as one flat file for a spreadsheet or a program, or into PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from trail.errors import ConfigError
from trail.events import Source
from trail.operations.exporting.files import FORMATS, check_ending, write_listing
from trail.operations.exporting.mirror import pull, pull_older
from trail.operations.exporting.postgres import push
from trail.operations.mapping import opened_mapped
from trail.operations.publishing import standing
from trail.operations.workspace import Report, Workspace, moment_name, quiet
from trail.snapshots import read_manifest

__all__ = ["Exported", "export", "pull", "pull_older"]


@dataclass(frozen=True)
class Exported:
    """A snapshot that stands elsewhere too.

    Attributes:
        snapshot: Its name.
        seal: Its seal.
        to: Where it was written; an address without its password.
        items: Items written.
        already: Whether it was there before, the same.
        reports: Files told beside it in a database that were written: the scorecard, and what moved items.
        removed: Older snapshots that were removed from a database.
    """

    snapshot: str
    seal: str
    to: str
    items: int
    already: bool
    reports: int = 0
    removed: int = 0


def export(
    folder: Path, to: str, *, at: datetime | None = None, keep: int = 0, report: Report = quiet
) -> Exported:
    """Writes a snapshot as one flat file by its ending, or into a PostgreSQL database, whole or not at all.

    Beside the published one of a database stand the scorecard and what moved its items, as they were written last.

    Args:
        folder: The project.
        to: A file (.csv, .json, .jsonl, .parquet, .arrow), or postgresql://user@host/database.
        at: Cutoff of the snapshot; by default the published one, which is then the published one of the database too.
        keep: Snapshots kept in a database when one is published there, the newest; 0 keeps all.
        report: Told what goes on.

    Raises:
        ConfigError: If there is no snapshot, or the ending or scheme is unknown, or another snapshot of the name is there.
        DataError: If the snapshot is damaged.
        EngineError: If disk or database fail.
    """
    workspace, scheme = Workspace.open(folder), to.partition("://")[0]
    if "://" not in to:
        check_ending(Path(to))
    elif not scheme.startswith("postgres"):
        raise ConfigError(f"the scheme {scheme!r}", expected="a file, or postgresql://", where="--to")
    snapshot = _chosen(workspace, at)
    report("export", 0, 1)
    mapped = opened_mapped(workspace, snapshot)
    manifest = read_manifest(snapshot)
    if "://" in to:
        fresh, reports, removed = push(to, workspace, mapped, publish=at is None, keep=keep)
        shown = Source(to).shown
    else:
        write_listing(mapped, Path(to))
        fresh, reports, removed, shown = True, 0, 0, to
    report("export", 1, 1)
    return Exported(
        snapshot.name, manifest.seal, shown, len(mapped), already=not fresh, reports=reports, removed=removed
    )


def _chosen(workspace: Workspace, at: datetime | None) -> Path:
    """Returns the snapshot of a cutoff, or the published one.

    Raises:
        ConfigError: If there is none.
    """
    if at is not None and (folder := workspace.snapshots / moment_name(at)).is_dir():
        return folder
    found = standing(workspace).folder if at is None else None
    if found is None:
        raise ConfigError(
            f"no snapshot{f' of {at:%Y-%m-%d}' if at else ''} in {workspace.folder}",
            expected=f"a sealed forecast, for a file of {', '.join(FORMATS)} or a database",
            fix=f"run `trail forecast {workspace.folder}` first",
        )
    return found
