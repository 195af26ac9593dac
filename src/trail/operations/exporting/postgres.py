"""PostgreSQL as the store of sealed forecasts: rows for queries, and the files themselves for servers elsewhere.

Schema `trail`: `snapshot` (one row a snapshot), `file` (its four files), `forecast` (one row an item), `project` (its
settings and what is published), `report` (what is told beside them). A snapshot is written in one transaction,
never changed, and removed when it is older than what a project keeps.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from trail.errors import ConfigError, EngineError
from trail.events import Source
from trail.operations.exporting import beside
from trail.operations.exporting.files import COLUMNS
from trail.operations.workspace import Workspace
from trail.project.file import project_text
from trail.snapshots import FILES, MANIFEST, folders_in
from trail.snapshots.mapped import Mapped

_ROWS = 5_000
_TYPES = {
    **dict.fromkeys(("rank", "before"), "bigint"),
    **dict.fromkeys(("item_id", "title", "category", "brand", "forecaster", "text", "source"), "text"),
    "new": "boolean",
}
_FORECAST = ", ".join(f'"{name}" {_TYPES.get(name, "double precision")}' for name in COLUMNS)
_SCHEMA = f"""
CREATE SCHEMA IF NOT EXISTS trail;
CREATE TABLE IF NOT EXISTS trail.project (
    project text PRIMARY KEY, settings text NOT NULL, published text NOT NULL, changed timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS trail.snapshot (
    project text NOT NULL, snapshot text NOT NULL, seal text NOT NULL, cutoff timestamptz NOT NULL, horizon_days int NOT NULL,
    k int NOT NULL, events text NOT NULL, items int NOT NULL, manifest jsonb NOT NULL, PRIMARY KEY (project, snapshot));
CREATE TABLE IF NOT EXISTS trail.file (
    project text NOT NULL, snapshot text NOT NULL, file text NOT NULL, sha256 text NOT NULL, bytes bytea NOT NULL,
    PRIMARY KEY (project, snapshot, file), FOREIGN KEY (project, snapshot) REFERENCES trail.snapshot ON DELETE CASCADE);
CREATE TABLE IF NOT EXISTS trail.forecast (
    project text NOT NULL, snapshot text NOT NULL, {_FORECAST}, PRIMARY KEY (project, snapshot, item_id),
    FOREIGN KEY (project, snapshot) REFERENCES trail.snapshot ON DELETE CASCADE);
CREATE INDEX IF NOT EXISTS forecast_rank ON trail.forecast (project, snapshot, rank);
"""
#: One writer at a time makes the schema, whoever else begins: any fixed number will do.
_LOCK = 7_235_009


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """Yields a connection in one transaction.

    Raises:
        ConfigError: If the driver is not installed.
        EngineError: If the database refuses; its message without the password.
    """
    shown = Source(url).shown
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigError(
            "the package psycopg is not installed", where=shown, fix="pip install 'trail-forecast[postgres]'"
        ) from error
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            yield connection
    except psycopg.Error as error:
        # what the driver cannot parse it quotes, a password too
        words = type(error).__name__ if isinstance(error, psycopg.ProgrammingError) else str(error)
        raise EngineError(
            f"the database refused ({(words.splitlines() or ['?'])[0]})", where=shown
        ) from error


def push(
    url: str, workspace: Workspace, mapped: Mapped, *, publish: bool, keep: int = 0
) -> tuple[bool, int, int]:
    """Writes a snapshot into a database, and beside a published one what is told of it and of those before.

    Args:
        url: The database.
        workspace: The project; of its settings nothing is written that says where its data or webhooks are.
        mapped: The snapshot.
        publish: Whether it is the published one there from now on; the first of a project is in any case.
        keep: Snapshots kept there beside a newly published one, the newest; what the project still holds stays too. 0 keeps all.

    Returns:
        Whether it was not there before, how many files beside it were not, and how many old snapshots were removed.

    Raises:
        ConfigError: If another forecast of the name is there.
        EngineError: If the database refuses; nothing is half-written.
    """
    project = workspace.project.run.export_as or workspace.folder.resolve().name
    name, manifest = mapped.name, mapped.snapshot.manifest
    with connected(url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute(_SCHEMA)
        connection.execute(beside.SCHEMA)
        found = connection.execute(
            "SELECT seal FROM trail.snapshot WHERE project = %s AND snapshot = %s", (project, name)
        ).fetchone()
        if found and found[0] != manifest.seal:
            raise ConfigError(
                f"another forecast {name} of {project} is in {Source(url).shown}",
                expected="the same seal, because snapshots never change",
                fix="if that is another shop's, give this one a name by export_as in [run] of trail.toml; else export a"
                " snapshot of another cutoff, or delete that row of trail.snapshot",
            )
        if not found:
            _insert(connection, project, mapped)
        _publish(connection, workspace, project, name, over=publish)
        if not publish:
            return not found, 0, 0
        removed = _forget(connection, workspace, project, keep) if keep else 0
        return not found, beside.push_reports(connection, workspace, project), removed


def _forget(connection: Any, workspace: Workspace, project: str, keep: int) -> int:
    """Removes the snapshots beyond the newest, but for the published one and those that lie in the project still."""
    held = [each.name for each in folders_in(workspace.snapshots)]
    found = connection.execute(
        "DELETE FROM trail.snapshot WHERE project = %(project)s AND NOT snapshot = ANY(%(held)s)"
        " AND snapshot NOT IN (SELECT published FROM trail.project WHERE project = %(project)s)"
        " AND snapshot NOT IN (SELECT snapshot FROM trail.snapshot WHERE project = %(project)s ORDER BY cutoff DESC LIMIT %(keep)s)",
        {"project": project, "held": held, "keep": keep},
    )
    return int(found.rowcount)


def _insert(connection: Any, project: str, mapped: Mapped) -> None:
    manifest, folder = mapped.snapshot.manifest, mapped.snapshot.folder
    connection.execute(
        "INSERT INTO trail.snapshot VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            *(project, mapped.name, manifest.seal, manifest.moment, manifest.horizon_days),
            *(manifest.k, manifest.events, manifest.items, json.dumps(asdict(manifest))),
        ),
    )
    for file in (MANIFEST, *FILES):
        content = (folder / file).read_bytes()
        connection.execute(
            "INSERT INTO trail.file VALUES (%s, %s, %s, %s, %s)",
            (project, mapped.name, file, hashlib.sha256(content).hexdigest(), content),
        )
    columns = ", ".join(f'"{name}"' for name in ("project", "snapshot", *COLUMNS))
    with connection.cursor().copy(f"COPY trail.forecast ({columns}) FROM STDIN") as copy:
        for row in _rows(mapped):
            copy.write_row((project, mapped.name, *(_clean(row[name]) for name in COLUMNS)))


def _rows(mapped: Mapped) -> Iterator[Mapping[str, Any]]:
    listing = mapped.listing.select(COLUMNS)
    for start in range(0, len(mapped), _ROWS):
        yield from listing.slice(start, _ROWS).to_pylist()


def _clean(value: Any) -> Any:
    """Returns a value as PostgreSQL can hold it: no text of its may contain a zero character."""
    return value.replace("\x00", "") if isinstance(value, str) else value


def _publish(connection: Any, workspace: Workspace, project: str, name: str, *, over: bool) -> None:
    # sources may hold passwords, and webhooks and where it is exported to are nobody's business
    run = replace(workspace.project.run, export="", export_as="")
    told = replace(workspace.project, events=(Source("not-here.csv"),), items=(), webhooks=(), run=run)
    then = "DO NOTHING"
    if over:
        then = "DO UPDATE SET settings = EXCLUDED.settings, published = EXCLUDED.published, changed = now()"
    connection.execute(
        f"INSERT INTO trail.project (project, settings, published) VALUES (%s, %s, %s) ON CONFLICT (project) {then}",  # noqa: S608 - our own words
        (project, project_text(told), name),
    )
