"""What is told beside forecasts, in a database and out of it: the scorecard, what moved items, how `trail lists` blends.

Table `trail.report`: one row a file below `reports`, always as it is where the project lies.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trail.engine import file_hash, whole_file
from trail.errors import DataError
from trail.operations.blending import newest_lists
from trail.operations.workspace import Workspace

SCHEMA = """
CREATE TABLE IF NOT EXISTS trail.report (
    project text NOT NULL, file text NOT NULL, sha256 text NOT NULL, bytes bytea NOT NULL, PRIMARY KEY (project, file));
"""
_DATE = r"\d{4}-\d{2}-\d{2}(T[\d-]{1,8})?"
#: What may be written below `reports`, and removed there, whatever a database says.
_FILE = re.compile(
    rf"scorecard/[a-z]+\.(json|parquet|md|html)|moves/{_DATE}-to-{_DATE}\.json|lists-{_DATE}-\d+/rows\.parquet"
)


@dataclass(frozen=True)
class Told:
    """What a database tells beside the forecasts of a project.

    Attributes:
        names: Every file below `reports`.
        other: Of those that are not the same in a folder: name, hash, bytes.
    """

    names: frozenset[str]
    other: tuple[tuple[str, str, bytes], ...]


def push_reports(connection: Any, workspace: Workspace, project: str) -> int:
    """Writes what is told beside the snapshots into a database; what is not told any more goes.

    Returns:
        How many files were not there before, or not the same.
    """
    lists = newest_lists(
        workspace
    )  # the one that counts: of older ones a mirror could not tell which is the newest
    here = {
        name: path
        for name, path in _files(workspace.reports).items()
        if path == lists or not name.startswith("lists-")
    }
    there = dict(
        connection.execute("SELECT file, sha256 FROM trail.report WHERE project = %s", (project,)).fetchall()
    )
    for gone in there.keys() - here.keys():
        connection.execute("DELETE FROM trail.report WHERE project = %s AND file = %s", (project, gone))
    other = {name: path for name, path in here.items() if there.get(name) != file_hash(path)}
    for name, path in other.items():
        content = path.read_bytes()
        connection.execute(
            "INSERT INTO trail.report VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (project, file) DO UPDATE SET sha256 = EXCLUDED.sha256, bytes = EXCLUDED.bytes",
            (project, name, hashlib.sha256(content).hexdigest(), content),
        )
    return len(other)


def _files(reports: Path) -> dict[str, Path]:
    found = {path.relative_to(reports).as_posix(): path for path in reports.glob("*/*")}
    return {name: path for name, path in found.items() if _FILE.fullmatch(name)}


def told_beside(connection: Any, project: str, folder: Path) -> Told | None:
    """Returns what is told beside a project's snapshots, with the files that are not the same in a folder.

    Null where the database was filled before they were exported, or the reader may not see them.
    """
    (may,) = connection.execute(
        "SELECT has_table_privilege(to_regclass('trail.report'), 'SELECT')"
    ).fetchone()
    if not may:
        return None
    rows = connection.execute(
        "SELECT file, sha256 FROM trail.report WHERE project = %s", (project,)
    ).fetchall()
    other = [name for name, found in rows if not _is_there(folder, name, found)]
    files = connection.execute(
        "SELECT file, sha256, bytes FROM trail.report WHERE project = %s AND file = ANY(%s)", (project, other)
    ).fetchall()
    return Told(frozenset(name for name, _ in rows), tuple(files))


def keep_beside(folder: Path, told: Told | None, shown: str) -> None:
    """Writes what was brought out of a database below `reports`, each file whole or not at all; what is not told any more goes.

    Raises:
        DataError: If one is damaged, or its name is none of theirs; the others are written all the same.
        EngineError: If the disk fails.
    """
    if told is None:
        return
    for name, path in _files(folder / "reports").items():
        if name not in told.names:
            path.unlink(missing_ok=True)
    damaged = []
    for name, stated, content in told.other:
        if not _FILE.fullmatch(name) or hashlib.sha256(content).hexdigest() != stated:
            damaged.append(name)
            continue
        with whole_file(folder / "reports" / name) as temporary:
            temporary.write_bytes(content)
    if damaged:
        raise DataError(f"a damaged file {damaged[0]!r} of reports", where=shown, fix="export it anew")


def _is_there(folder: Path, name: str, stated: str) -> bool:
    path = folder / "reports" / name
    return bool(_FILE.fullmatch(name)) and path.is_file() and file_hash(path) == stated
