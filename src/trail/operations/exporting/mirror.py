"""A mirror: what was published of a project, pulled out of PostgreSQL into a folder from which it can be served."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from trail.engine import whole_file, whole_folder
from trail.errors import ConfigError, DataError
from trail.events import Source
from trail.operations.exporting import beside
from trail.operations.exporting.postgres import connected
from trail.operations.mapping import forget_mapped, readable
from trail.operations.publishing import Published, publish, read_pointer
from trail.operations.retention import retire
from trail.operations.workspace import Workspace
from trail.project import CONFIG
from trail.snapshots import FILES, MANIFEST, altered, read_manifest

#: Says of a folder that it is a mirror, and of which project.
_MIRROR = "mirror.txt"
#: Names of snapshots: a date, or a date and a time.
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d-]{1,8})?")
#: Where a snapshot lies and its seal -> why this process refused it.
_REFUSED: dict[tuple[Path, str], DataError] = {}


def pull(url: str, project: str, folder: Path) -> str:
    """Brings the published snapshot of a project out of a database into a folder, from which it can be served.

    A snapshot that is there already, unaltered, is not read again. What arrives is checked by its hashes before it takes
    its place, and verified before it is published here; with it comes the one before, from which its moves are counted. Then
    the oldest go, as `[run] keep` of the settings says. What is told beside it comes last and hinders nothing.

    Args:
        url: The database.
        project: The project's name there.
        folder: The folder here; made if absent.

    Returns:
        Name of the published snapshot.

    Raises:
        ConfigError: If another project lies in the folder.
        DataError: If the project is not there, or what arrived is damaged or does not hold.
        EngineError: If disk or database fail.
    """
    shown = Source(url).shown
    with connected(url) as connection:
        settings, target, seal = _named(connection, project, folder, shown)
        _check_mirror(folder, project)
        before = None
        if not _there(target, seal):
            _bring(connection, project, target, seal, shown)
            for before, other in _older(connection, project, folder)[:1]:
                if not _there(before, other):
                    _bring(connection, project, before, other, shown)
        told = beside.told_beside(connection, project, folder)
    _settle(folder, settings, project)
    done = _published(folder, target, seal)
    if done:
        _tidy(Workspace.open(folder), (done.before, done.folder, before))
    beside.keep_beside(folder, told, shown)
    return target.name


def pull_older(url: str, project: str, folder: Path) -> str:
    """Brings one older snapshot into a mirror, the newest that is not there yet of those that `[run] keep` keeps.

    One that is damaged in the database keeps no other from coming; it is told once, and left out until the process ends.

    Args:
        url: The database.
        project: The project's name there.
        folder: A folder into which the published one was pulled.

    Returns:
        Its name; empty where all are there.

    Raises:
        DataError: If none came because one is damaged, and it was not told before.
        EngineError: If disk or database fail.
    """
    workspace, shown = Workspace.open(folder), Source(url).shown
    with connected(url) as connection:
        after, damaged = _named(connection, project, folder, shown)[1], None
        for target, seal in _older(connection, project, folder, workspace.project.run.keep):
            if _there(target, seal):
                after = target
            elif (target, seal) not in _REFUSED:
                try:
                    with _remembered(target, seal):
                        _bring(connection, project, target, seal, shown)
                    break
                except DataError as error:
                    damaged = damaged or error
        else:
            if damaged:
                raise damaged
            return ""
    # moves of the one after it are counted from it: its mapped files are made anew when it is opened next
    forget_mapped(workspace, [each for each, _ in readable(workspace) if each != after])
    return target.name


def _named(connection: Any, project: str, folder: Path, shown: str) -> tuple[str, Path, str]:
    """Returns the settings of a project, and where the published snapshot goes, with its seal.

    Raises:
        DataError: If the project is not there.
    """
    found = connection.execute(
        "SELECT settings, published, seal FROM trail.project JOIN trail.snapshot USING (project)"
        " WHERE project = %s AND snapshot = published",
        (project,),
    ).fetchone()
    if found is None:
        raise DataError(
            f"no project {project!r} in {shown}",
            expected="one that was exported there",
            fix="run `trail export DIR --to URL` where it is made",
        )
    settings, name, seal = found
    return settings, _target(folder, name, shown), seal


def _older(connection: Any, project: str, folder: Path, keep: int = 0) -> list[tuple[Path, str]]:
    """Returns where the snapshots before the published one go, with their seals, of the newest `keep`; the latest first."""
    rows = connection.execute(
        "SELECT snapshot, seal FROM"
        " (SELECT * FROM trail.snapshot WHERE project = %(project)s ORDER BY cutoff DESC LIMIT %(keep)s::bigint) AS newest"
        " WHERE cutoff < (SELECT cutoff FROM trail.project JOIN trail.snapshot USING (project)"
        " WHERE project = %(project)s AND snapshot = published) ORDER BY cutoff DESC",
        {"project": project, "keep": keep or None},
    ).fetchall()
    return [(folder / "snapshots" / name, seal) for name, seal in rows if _NAME.fullmatch(name)]


def _target(folder: Path, name: str, shown: str) -> Path:
    if not _NAME.fullmatch(name):
        raise DataError(f"a snapshot named {name!r}", expected="a date", where=shown, fix="export it anew")
    return folder / "snapshots" / name


def _bring(connection: Any, project: str, target: Path, seal: str, shown: str) -> None:
    files = connection.execute(
        "SELECT file, bytes FROM trail.file WHERE project = %s AND snapshot = %s", (project, target.name)
    ).fetchall()
    _write(target, dict(files), seal, shown)
    _REFUSED.pop((target, seal), None)


@contextmanager
def _remembered(target: Path, seal: str) -> Iterator[None]:
    """Remembers that a snapshot is refused, and why: a server looks often, and verifying takes long."""
    try:
        yield
    except DataError as error:
        _REFUSED[target, seal] = error
        raise


def is_mirror(folder: Path) -> bool:
    """Tells whether a project was pulled out of a database."""
    return (folder / _MIRROR).is_file()


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


@lru_cache(maxsize=1024)
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
    if refused := _REFUSED.get((target, seal)):
        raise refused.with_traceback(None)
    with _remembered(target, seal):
        return publish(folder, at=read_manifest(target).moment)


def _tidy(workspace: Workspace, stay: Iterable[Path | None]) -> None:
    """Removes the oldest snapshots, scored or not, which is done where they were made, and mapped files of all but a few.

    Only when another one is published: until then a past one that somebody looks at keeps its files.
    """
    spared = [each for each in stay if each is not None]
    retire(workspace, workspace.project.run.keep, spared, unscored=True)
    forget_mapped(workspace, spared)
