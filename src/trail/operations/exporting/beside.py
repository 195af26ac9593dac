"""What is told beside a forecast, in a database and out of it: the scorecard, and what moved the items of the published one.

Table `trail.report`: one row a file below `reports`, always as it is where the project lies.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trail.engine import file_hash, whole_file
from trail.errors import DataError
from trail.operations.workspace import Workspace

SCHEMA = """
CREATE TABLE IF NOT EXISTS trail.report (
    project text NOT NULL, file text NOT NULL, sha256 text NOT NULL, bytes bytea NOT NULL, PRIMARY KEY (project, file));
"""
_DATE = r"\d{4}-\d{2}-\d{2}(T[\d-]{1,8})?"
#: What may be written below `reports`, whatever a database says.
_FILE = re.compile(rf"scorecard/[a-z]+\.(json|parquet|md|html)|moves/{_DATE}-to-{_DATE}\.json")
#: A file's name below `reports`, its hash and its bytes.
Told = tuple[str, str, bytes]


def push_reports(connection: Any, workspace: Workspace, project: str, snapshot: str) -> int:
    """Writes what is told beside a snapshot into a database; what is not told any more goes.

    Returns:
        How many files were not there before, or not the same.
    """
    here = {path.relative_to(workspace.reports).as_posix(): path for path in _files(workspace, snapshot)}
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


def _files(workspace: Workspace, snapshot: str) -> Iterator[Path]:
    found = (
        *(workspace.reports / "scorecard").glob("*"),
        *(workspace.reports / "moves").glob(f"*-to-{snapshot}.json"),
    )
    yield from (path for path in found if _FILE.fullmatch(path.relative_to(workspace.reports).as_posix()))


def told_beside(connection: Any, project: str, folder: Path) -> list[Told]:
    """Returns the files beside a project's published snapshot that are not the same in a folder.

    None where the database was filled before they were exported, or the reader may not see them.
    """
    (may,) = connection.execute(
        "SELECT has_table_privilege(to_regclass('trail.report'), 'SELECT')"
    ).fetchone()
    if not may:
        return []
    rows = connection.execute(
        "SELECT file, sha256 FROM trail.report WHERE project = %s", (project,)
    ).fetchall()
    other = [name for name, found in rows if not _is_there(folder, name, found)]
    return list(
        connection.execute(
            "SELECT file, sha256, bytes FROM trail.report WHERE project = %s AND file = ANY(%s)",
            (project, other),
        ).fetchall()
    )


def keep_beside(folder: Path, files: list[Told], shown: str) -> None:
    """Writes files that were brought out of a database below `reports`, each whole or not at all.

    Raises:
        DataError: If one is damaged, or its name is none of theirs; the others are written all the same.
        EngineError: If the disk fails.
    """
    damaged = []
    for name, stated, content in files:
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
