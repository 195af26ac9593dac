"""Sources in, one event log and one catalogue out, with what was set aside and why."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis

from trail.engine import connect, file_hash, value_hash, write_json
from trail.errors import ConfigError, EngineError
from trail.events.job import EVENTS_FILE, ITEMS_FILE, REJECTED_FILE, Job
from trail.events.normal import FUTURE, FUTURE_ARRIVAL
from trail.events.reading import Reading, reading_of
from trail.events.source import Role, Source
from trail.events.tally import Ingested, IngestRules, Tally

NOTE_FILE = "ingest.json"
#: Raised when what the files hold changes for the same input.
_VERSION = 4
_SCRATCH = ".ingest-"


def ingest(
    events: Sequence[Source], items: Sequence[Source], folder: Path, rules: IngestRules, *, now: datetime
) -> Ingested:
    """Reads sources into `events.parquet`, `items.parquet` and `rejected.csv` of a folder.

    Nothing is read where the inputs are the ones of the last time (`ingest.json`). Every file is whole or absent. A file
    with the very bytes of another, read in the same way, is that file again and counts once.

    Args:
        events: At least one log.
        items: Catalogues; without any, the catalogue is the log's items with null metadata.
        folder: Where the files go; made if absent.
        rules: What is tolerated.
        now: The present, with a time zone; a day after it the future begins.

    Raises:
        ConfigError: If a column, table or layout that was asked for does not exist.
        DataError: If a source has no usable row, too many bad ones, mixed time units, or no required column.
        EngineError: If a database or the disk fails.
    """
    if not events:
        raise ConfigError("no event source", expected="at least one log", fix="name it with --events")
    sources: list[tuple[Role, Source]] = [("events", source) for source in events]
    sources += [("items", source) for source in items]
    readings = [reading_of(source, role) for role, source in sources]
    hashes = {path: file_hash(path) for reading in readings for path in reading.files}
    readings = list(_once(readings, hashes))
    contents = [_contents(reading, hashes) for reading in readings]
    before = _unchanged(folder, contents, rules)
    if before is not None:
        return before
    with _workshop(folder) as scratch:
        connection = _connection(scratch)
        try:
            job = Job(connection, scratch, folder, rules, now)
            tallies, tables = job.read(readings)
            for number, rows in tables.items():
                contents[number]["rows"] = rows
            # From here until the note is written again the folder speaks for no inputs.
            (folder / NOTE_FILE).unlink(missing_ok=True)
            counts = job.write(readings, tallies)
        except (duckdb.Error, ibis.IbisError) as error:
            raise EngineError(
                f"the reading failed ({str(error).splitlines()[0]})", where=str(folder)
            ) from error
        finally:
            connection.disconnect()
    inputs = value_hash([_VERSION, contents, asdict(rules)])
    result = counts | {"tallies": [asdict(tally) for tally in tallies], "fingerprint": inputs}
    write_json({"inputs": inputs, "result": result}, folder / NOTE_FILE)
    return _result(folder, result, fresh=True)


def _connection(scratch: Path) -> ibis.BaseBackend:
    connection = connect()
    spill = str(scratch).replace("'", "''")
    connection.raw_sql(f"SET temp_directory = '{spill}'")
    return connection


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """Yields a scratch folder that is gone afterwards, and removes what a killed run left behind."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{_SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=folder))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _once(readings: Sequence[Reading], hashes: Mapping[Path, str]) -> Iterator[Reading]:
    """Yields readings without files that hold the very bytes of an earlier one, read in the same way: a copy is no news."""
    seen: set[str] = set()
    for reading in readings:
        groups = []
        for shape, files in reading.groups:
            known = {path: value_hash([_how(reading), hashes[path]]) for path in files}
            fresh = []
            for path, key in known.items():
                if key not in seen:
                    seen.add(key)
                    fresh.append(path)
            if fresh or not files:
                groups.append((shape, tuple(fresh)))
        if groups:
            yield replace(reading, groups=tuple(groups))


def _how(reading: Reading) -> dict[str, Any]:
    """Returns how a source is read."""
    return {
        "role": reading.role,
        "layout": reading.layout,
        "columns": dict(reading.columns),
        "source": {name: value for name, value in reading.source.as_dict().items() if name != "location"},
    }


def _contents(reading: Reading, hashes: Mapping[Path, str]) -> dict[str, Any]:
    """Returns how a source is read and the hash of its files; a database is hashed when it has been read."""
    return _how(reading) | {
        "files": [[path.name, hashes[path]] for path in reading.files],
        "table": "" if reading.files else reading.source.shown,
    }


def _unchanged(folder: Path, contents: list[dict[str, Any]], rules: IngestRules) -> Ingested | None:
    """Returns what is there already, where the same inputs made it and time does not change the answer."""
    note = folder / NOTE_FILE
    if not note.is_file() or any(not content["files"] for content in contents):
        return None
    try:
        found = json.loads(note.read_text(encoding="utf-8"))
    except ValueError:
        return None
    there = all((folder / name).is_file() for name in (EVENTS_FILE, ITEMS_FILE, REJECTED_FILE))
    same = found.get("inputs") == value_hash([_VERSION, contents, asdict(rules)])
    if not there or not same or {FUTURE, FUTURE_ARRIVAL} & set(found["result"]["set_aside"]):
        return None
    return _result(folder, found["result"], fresh=False)


def _result(folder: Path, values: Mapping[str, Any], *, fresh: bool) -> Ingested:
    tallies = tuple(Tally(**tally) for tally in values["tallies"])
    plain = {name: value for name, value in values.items() if name != "tallies"}
    return Ingested(
        events=folder / EVENTS_FILE,
        items=folder / ITEMS_FILE,
        rejected=folder / REJECTED_FILE,
        tallies=tallies,
        fresh=fresh,
        **plain,
    )
