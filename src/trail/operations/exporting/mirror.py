"""A mirror: what is published of a project, pulled out of PostgreSQL into a folder from which it can be served."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from trail.engine import whole_file, whole_folder
from trail.errors import ConfigError, DataError
from trail.events import Source
from trail.operations.exporting import beside
from trail.operations.exporting.postgres import connected
from trail.operations.mapping import forget_mapped
from trail.operations.publishing import Published, publish, read_pointer
from trail.operations.retention import retire
from trail.operations.workspace import Workspace
from trail.project import CONFIG
from trail.snapshots import FILES, MANIFEST, altered, read_manifest

#: Says of a folder that it is a mirror, and of which project.
_MIRROR = "mirror.txt"
#: Names of snapshots: a date, or a date and a time.
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d-]{1,8})?")


def pull(url: str, project: str, folder: Path) -> str:
    """Brings the published snapshot of a project out of a database into a folder, from which it can be served.

    A snapshot that is there already, unaltered, is not read again. What arrives is checked by its hashes before it takes
    its place, and verified before it is published here; then the oldest go, as `[run] keep` of the settings says. What is
    told beside it, scorecard and moves, comes last and hinders nothing.

    Args:
        url: The database.
        project: The project's name there.
        folder: The folder here; made if absent.

    Returns:
        Name of the published snapshot.

    Raises:
        ConfigError: If another project lies in the folder.
        DataError: If the project is not there, or what arrived is damaged.
        EngineError: If disk or database fail.
    """
    with connected(url) as connection:
        found = connection.execute(
            "SELECT settings, published, seal FROM trail.project JOIN trail.snapshot USING (project)"
            " WHERE project = %s AND snapshot = published",
            (project,),
        ).fetchone()
        if found is None:
            raise DataError(
                f"no project {project!r} in {Source(url).shown}",
                expected="one that was exported there",
                fix="run `trail export DIR --to URL` where it is made",
            )
        settings, name, seal = found
        if not _NAME.fullmatch(name):
            raise DataError(
                f"a snapshot named {name!r}", expected="a date", where=Source(url).shown, fix="export it anew"
            )
        _check_mirror(folder, project)
        target = folder / "snapshots" / name
        if not _there(target, seal):
            files = connection.execute(
                "SELECT file, bytes FROM trail.file WHERE project = %s AND snapshot = %s", (project, name)
            ).fetchall()
            _write(target, dict(files), seal, Source(url).shown)
        told = beside.told_beside(connection, project, folder)
    _settle(folder, settings, project)
    done = _published(folder, target, seal)
    if done:
        _tidy(Workspace.open(folder), done)
    beside.keep_beside(folder, told, Source(url).shown)
    return str(name)


def _check_mirror(folder: Path, project: str) -> None:
    """Refuses a folder in which a project lies that is no mirror of this one: nothing of its own may be overwritten.

    Raises:
        ConfigError: If it does.
    """
    mark = folder / _MIRROR
    here = mark.read_text(encoding="utf-8").strip() if mark.is_file() else None
    if here != project and ((folder / CONFIG).exists() or here is not None):
        raise ConfigError(
            f"a project of its own in {folder}" if here is None else f"a mirror of {here} in {folder}",
            expected=f"an empty folder, or a mirror of {project}",
            fix="pull into another folder",
        )


def _there(target: Path, seal: str) -> bool:
    """Whether the snapshot lies there as it was sealed; one that is damaged is brought again."""
    try:
        found = [(target / file).stat() for file in FILES]
        stamps = tuple((each.st_size, each.st_mtime_ns, each.st_ino) for each in found)
        return read_manifest(target).seal == seal and _is_whole(target, stamps)
    except (DataError, OSError):
        return False


@lru_cache(maxsize=64)
def _is_whole(target: Path, stamps: tuple[tuple[int, ...], ...]) -> bool:  # noqa: ARG001 - they tell states of the files apart
    """Whether a snapshot is unaltered; its files are hashed again only where one changed, for a server looks often."""
    return not altered(target)


def _write(target: Path, files: Mapping[str, bytes], seal: str, shown: str) -> None:
    if set(files) != {MANIFEST, *FILES}:
        raise DataError(
            f"{len(files)} files of {target.name}", expected=f"{MANIFEST} and {FILES}", where=shown
        )
    with whole_folder(target) as temporary:
        for file, content in files.items():
            (temporary / file).write_bytes(content)
        problems = altered(temporary)
        if problems or read_manifest(temporary).seal != seal:
            what = problems[0].what if problems else "another seal"
            raise DataError(
                f"a damaged snapshot {target.name}: {what}", expected="what was sealed", where=shown
            )


def _settle(folder: Path, settings: str, project: str) -> None:
    """Writes the settings beside the snapshots, and that all of it is a mirror."""
    for name, text in ((_MIRROR, project), (CONFIG, settings)):
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            with whole_file(path) as temporary:
                temporary.write_text(text, encoding="utf-8")


def _published(folder: Path, target: Path, seal: str) -> Published | None:
    """Publishes a snapshot; returns null where it was published before."""
    try:
        pointer = read_pointer(Workspace.open(folder))
    except DataError:  # it is written anew
        pointer = None
    if pointer and (pointer["snapshot"], pointer["seal"]) == (target.name, seal):
        return None
    return publish(folder, at=read_manifest(target).moment)


def _tidy(workspace: Workspace, done: Published) -> None:
    """Removes the oldest snapshots, scored or not, which is done where they were made, and mapped files of all but the last two.

    Only when another one is published: until then a past one that somebody looks at keeps its files.
    """
    spared = [each for each in (done.before, done.folder) if each is not None]
    retire(workspace, workspace.project.run.keep, spared, unscored=True)
    forget_mapped(workspace, spared)
