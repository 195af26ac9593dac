"""`trail publish`: the pointer that says which sealed forecast is served."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trail.engine import write_json
from trail.errors import ConfigError, DataError, TrailError
from trail.operations.mapping import mapped_files
from trail.operations.workspace import Workspace, moment_name
from trail.snapshots import Manifest, altered, folders_in, may_name, read_manifest, verify_snapshot

#: Why a server takes the newest snapshot.
UNPUBLISHED = "nothing was published yet"
#: The pointer: name and seal of the snapshot that is served, and since when.
POINTER = "published.json"


@dataclass(frozen=True)
class Published:
    """A snapshot that is served.

    Attributes:
        folder: The snapshot.
        seal: Its seal.
        published: Since when it is, ISO.
        already: Whether it was before.
        before: The snapshot that was served before; null where there was none, or its folder is gone.
    """

    folder: Path
    seal: str
    published: str
    already: bool
    before: Path | None


@dataclass(frozen=True)
class Standing:
    """What a server may show.

    Attributes:
        folder: The snapshot that the pointer names if it is whole, else the newest whole one; null without one.
        why: Why it is that one: what was passed over, one sentence each.
    """

    folder: Path | None
    why: tuple[str, ...]


def publish(folder: Path, at: datetime | None = None) -> Published:
    """Verifies a snapshot, writes its memory-mapped files and lets the pointer name it; the same again changes nothing.

    Args:
        folder: The project.
        at: Cutoff of the snapshot; the newest by default. An older one is the way back.

    Raises:
        ConfigError: If there is no such snapshot.
        DataError: If it is not what was sealed, or what it says is not true.
        EngineError: If the pointer cannot be written.
    """
    workspace = Workspace.open(folder)
    target = _asked(workspace, at)
    report = verify_snapshot(target)
    if not report.holds:
        first, more = report.problems[0], len(report.problems) - 1
        raise DataError(
            f"a snapshot that does not hold: {first.where}: {first.what}"
            + (f", and {more} more" if more else ""),
            expected="a snapshot as it was sealed",
            where=str(target),
            fix=f"what was published stays; move that folder away, or name another with `trail publish {folder} --at`",
        )
    try:
        pointer = read_pointer(workspace)
    except DataError:  # it is written anew
        pointer = None
    before = named_by(workspace, pointer)
    if pointer and (pointer["snapshot"], pointer["seal"]) == (target.name, report.seal):
        return Published(target, report.seal, pointer["published"], already=True, before=before)
    mapped_files(workspace, target)  # so that a server takes it up at once
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_json({"snapshot": target.name, "seal": report.seal, "published": now}, workspace.folder / POINTER)
    return Published(target, report.seal, now, already=False, before=before)


def published_snapshot(workspace: Workspace) -> Path | None:
    """Returns the snapshot to serve: the published one if it is whole by its seal, else the newest whole one, else null."""
    return standing(workspace).folder


def standing(workspace: Workspace) -> Standing:
    """Returns the snapshot to serve, and what was passed over on the way to it."""
    passed, tried = [], ""
    try:
        pointer = read_pointer(workspace)
    except DataError as error:
        pointer, passed = None, [str(error)]
    if pointer:
        tried = pointer["snapshot"]
        wrong = _wrong(workspace.snapshots / tried, pointer["seal"])
        if not wrong:
            return Standing(workspace.snapshots / tried, ())
        passed.append(f"the published {tried}: {wrong}")
    elif not passed:
        passed.append(UNPUBLISHED)
    for each in _newest_first(workspace, passed):
        if each.name == tried:
            continue
        wrong = _wrong(each)
        if not wrong:
            return Standing(each, tuple(passed))
        passed.append(f"{each.name}: {wrong}")
    return Standing(None, tuple(passed))


def read_pointer(workspace: Workspace) -> dict[str, str] | None:
    """Returns what the pointer says; null where nothing was published.

    Raises:
        DataError: If it is damaged.
    """
    path = workspace.folder / POINTER
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path) from error
    keys = ("snapshot", "seal", "published")
    if not isinstance(found, dict) or not all(isinstance(found.get(key), str) for key in keys):
        raise _damaged(path)
    if not may_name(found["snapshot"]):
        raise _damaged(path)
    return {key: found[key] for key in keys}


def named_by(workspace: Workspace, pointer: dict[str, str] | None) -> Path | None:
    """Returns the folder that a pointer names; null without one, or where it is gone."""
    found = workspace.snapshots / pointer["snapshot"] if pointer else None
    return found if found and found.is_dir() else None


def _damaged(path: Path) -> DataError:
    return DataError(
        f"a damaged {path.name}",
        expected="the name of a snapshot, its seal and a time",
        where=str(path),
        fix="write it anew with `trail publish`",
    )


def _asked(workspace: Workspace, at: datetime | None) -> Path:
    if at is None:
        newest = _newest_first(workspace, [])
        if not newest:
            raise ConfigError(
                f"no snapshot in {workspace.folder}",
                expected="a sealed forecast to publish",
                fix=f"run `trail forecast {workspace.folder}` first",
            )
        return newest[0]
    target = workspace.snapshots / moment_name(at)
    if not target.is_dir():
        raise ConfigError(
            f"no snapshot {target.name}",
            expected=", ".join(each.name for each in folders_in(workspace.snapshots)) or "a sealed forecast",
            where=str(workspace.snapshots),
        )
    return target


def _newest_first(workspace: Workspace, passed: list[str]) -> list[Path]:
    """Returns the snapshots whose manifest can be read, newest cutoff first; says of the others why they are passed over."""
    found: list[tuple[datetime, bool, Path]] = []
    for each in folders_in(workspace.snapshots):
        try:
            moment = read_manifest(each).moment
        except TrailError as error:
            passed.append(f"{each.name}: {error}")
            continue
        found.append((moment, each.name == moment_name(moment), each))
    return [each for *_, each in sorted(found, reverse=True)]


def _wrong(folder: Path, seal: str = "") -> str:
    """Returns what is wrong with a snapshot by its hashes, and by the seal that was noted; empty if nothing is."""
    try:
        manifest: Manifest = read_manifest(folder)
        problems = altered(folder)
    except TrailError as error:
        return error.found
    if seal and manifest.seal != seal:
        return f"the seal is {manifest.seal[:16]}, not the one published: it was replaced"
    return f"{problems[0].where}: {problems[0].what}" if problems else ""
