"""Sources in, one event log and one catalogue out, with what was set aside and why."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow.parquet as pq

from trail.engine import connect, file_hash, value_hash, whole_file, write_json
from trail.errors import ConfigError, EngineError
from trail.events.catalogue import first_of_each, fold, judge_items, with_category
from trail.events.log import EVENT_SCHEMA
from trail.events.normal import BAD, DUPLICATE, FUTURE, judge_events, refuse
from trail.events.reading import Reading, raw_tables, reading_of
from trail.events.source import Role, Source
from trail.events.sql import md5_number_lower, md5_number_upper, nothing

EVENTS_FILE, ITEMS_FILE, REJECTED_FILE, NOTE_FILE = (
    "events.parquet",
    "items.parquet",
    "rejected.csv",
    "ingest.json",
)
#: Raised when what the files hold changes for the same input.
_VERSION = 1
_SCRATCH = ".ingest-"


@dataclass(frozen=True)
class IngestRules:
    """What is tolerated.

    Attributes:
        max_bad_share: Share of bad rows (0 to 1) of a source above which it is refused.
    """

    max_bad_share: float = 0.01

    def __post_init__(self) -> None:
        if not 0 <= self.max_bad_share <= 1:
            raise ConfigError(f"max_bad_share = {self.max_bad_share}", expected="a share from 0 to 1")


@dataclass(frozen=True)
class Tally:
    """What was counted in one source.

    Attributes:
        location: The source, without a password.
        role: Events or items.
        layout: Public layout, or `plain`.
        time_unit: Unit or format of the times; empty for items.
        rows: Rows read.
        kept: Rows kept (items: before duplicates are set aside).
        set_aside: Reason -> rows.
    """

    location: str
    role: Role
    layout: str
    time_unit: str
    rows: int
    kept: int
    set_aside: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Ingested:
    """What `ingest` wrote.

    Attributes:
        events: Parquet file with the columns of `EVENT_SCHEMA`, sorted by item and time.
        items: Parquet file with the columns of `ITEM_SCHEMA`, sorted by item.
        rejected: CSV file for people: role, file, row, reason, text.
        tallies: One a source, events first.
        event_rows: Events written.
        item_rows: Items written.
        items_added: Items that only the log knows; their metadata are null.
        set_aside: Reason -> rows over all sources, duplicate items included.
        fingerprint: 16 hexadecimal digits of the inputs' contents and how they are read.
        fresh: False where nothing had changed and nothing was read again.
    """

    events: Path
    items: Path
    rejected: Path
    tallies: tuple[Tally, ...]
    event_rows: int
    item_rows: int
    items_added: int
    set_aside: Mapping[str, int]
    fingerprint: str
    fresh: bool = True


def ingest(
    events: Sequence[Source], items: Sequence[Source], folder: Path, rules: IngestRules, *, now: datetime
) -> Ingested:
    """Reads sources into `events.parquet`, `items.parquet` and `rejected.csv` of a folder.

    Nothing is read where the inputs are the ones of the last time (`ingest.json`). Every file is whole or absent.

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
    contents = [_contents(reading) for reading in readings]
    before = _unchanged(folder, contents, rules)
    if before is not None:
        return before
    with _workshop(folder) as scratch:
        connection = _connection(scratch)
        try:
            return _Job(connection, scratch, folder, rules, now).run(readings, contents)
        except (duckdb.Error, ibis.IbisError) as error:
            raise EngineError(
                f"the reading failed ({str(error).splitlines()[0]})", where=str(folder)
            ) from error
        finally:
            connection.disconnect()


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


def _size(path: str) -> int:
    return int(pq.read_metadata(path).num_rows)


def _place(reading: Reading) -> tuple[Any, ...]:
    """Returns what two sources share that read the same rows."""
    return reading.files or (reading.source.location, reading.source.table)


def _contents(reading: Reading) -> dict[str, Any]:
    """Returns how a source is read and the hash of its files; a database is hashed when it has been read."""
    return {
        "role": reading.role,
        "layout": reading.layout,
        "columns": dict(reading.columns),
        "source": {name: value for name, value in reading.source.as_dict().items() if name != "location"},
        "files": [[path.name, file_hash(path)] for path in reading.files],
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
    if not there or not same or FUTURE in found["result"]["set_aside"]:
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


@dataclass(frozen=True)
class _Job:
    """One run: parts are written to the scratch folder, then put together."""

    connection: ibis.BaseBackend
    scratch: Path
    folder: Path
    rules: IngestRules
    now: datetime

    def run(self, readings: Sequence[Reading], contents: list[dict[str, Any]]) -> Ingested:
        logs = {_place(reading) for reading in readings if reading.role == "events"}
        tallies = []
        for number, reading in enumerate(readings):
            tallies.append(self._source(number, reading))
            if not reading.files:
                contents[number]["rows"] = self._rows_hash(number, reading.role)
        inputs = value_hash([_VERSION, contents, asdict(self.rules)])
        # From here until the note is written again the folder speaks for no inputs.
        (self.folder / NOTE_FILE).unlink(missing_ok=True)
        event_rows = self._write_events()
        in_log = [reading.role == "items" and _place(reading) in logs for reading in readings]
        item_rows, added, duplicates = self._write_items(in_log)
        self._write_rejected()
        set_aside = Counter({DUPLICATE: duplicates}) if duplicates else Counter()
        for tally in tallies:
            set_aside.update(tally.set_aside)
        values = {
            "tallies": [asdict(tally) for tally in tallies],
            "event_rows": event_rows,
            "item_rows": item_rows,
            "items_added": added,
            "set_aside": dict(set_aside),
            "fingerprint": inputs,
        }
        write_json({"inputs": inputs, "result": values}, self.folder / NOTE_FILE)
        return _result(self.folder, values, fresh=True)

    def _part(self, role: str, number: int, group: int) -> str:
        return str(self.scratch / f"{role}-{number:05d}-{group:05d}.parquet")

    def _source(self, number: int, reading: Reading) -> Tally:
        """Writes the good and the bad rows of a source as parts, and refuses it where it must be."""
        place = self.scratch / f"source-{number}"
        place.mkdir()
        rows, units, counts = 0, [], Counter[str]()
        for group, raw in enumerate(raw_tables(self.connection, reading, place)):
            if reading.role == "events":
                judged = judge_events(raw, reading, now=self.now, tolerated=self.rules.max_bad_share)
            else:
                judged = judge_items(raw, reading)
            units.append(judged.time_unit)
            table = judged.table.mutate(_source=ibis.literal(number, "int64"))
            good, bad = table.filter(table["_reason"].isnull()), table.filter(table["_reason"].notnull())
            if reading.role == "events":
                good = good.select(*EVENT_SCHEMA.names)
            self.connection.to_parquet(good, self._part(reading.role, number, group))
            self._reject(bad, reading.role, f"{number:05d}-{group:05d}")
            found = self._counts(f"{number:05d}-{group:05d}")
            counts.update(found)
            rows += sum(found.values()) + _size(self._part(reading.role, number, group))
        shutil.rmtree(place)
        example = self._example(number) if counts else ""
        refuse(dict(counts), rows, self.rules.max_bad_share, reading.source.shown, example)
        return Tally(
            reading.source.shown,
            reading.role,
            reading.layout,
            units[0],
            rows,
            rows - counts.total(),
            dict(counts),
        )

    def _reject(self, bad: ir.Table, role: Role, name: str) -> None:
        listed = bad.select(
            role=ibis.literal(role), file=bad["_file"], row=bad["_row"], reason=bad["_reason"], text=bad["_text"],
            source=bad["_source"],
        )  # fmt: skip
        self.connection.to_parquet(listed, str(self.scratch / f"rejected-{name}.parquet"))

    def _counts(self, name: str) -> dict[str, int]:
        path = str(self.scratch / f"rejected-{name}.parquet")
        if not _size(path):
            return {}
        table = self.connection.read_parquet(path)
        rows = table.group_by("reason").aggregate(n=table.count()).order_by("reason").to_pyarrow().to_pylist()
        return {row["reason"]: int(row["n"]) for row in rows}

    def _example(self, number: int) -> str:
        """Returns a bad row of the most common reason in words."""
        table = self.connection.read_parquet(str(self.scratch / f"rejected-{number:05d}-*.parquet"))
        bad = table.filter(table["reason"].isin(BAD))
        counted = (
            bad.group_by("reason").aggregate(n=bad.count()).order_by([ibis.desc("n"), "reason"]).limit(1)
        )
        one = bad.inner_join(counted, "reason").order_by("file", "row").limit(1).to_pyarrow().to_pylist()
        return "".join(f"row {row['row']} of {Path(row['file']).name}: {row['text']}" for row in one)

    def _rows_hash(self, number: int, role: Role) -> str:
        """Returns the hash of the rows that a database gave; their order does not count."""
        table = self.connection.read_parquet(str(self.scratch / f"{role}-{number:05d}-*.parquet"))
        plain = [name for name in table.columns if not name.startswith("_")]
        text = ibis.struct({name: table[name] for name in plain}).cast("json").cast("string")
        row = table.aggregate(
            rows=table.count(),
            low=md5_number_lower(text).cast("decimal(38, 0)").sum().cast("string"),
            high=md5_number_upper(text).cast("decimal(38, 0)").sum().cast("string"),
        ).to_pyarrow().to_pylist()[0]  # fmt: skip
        return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()

    def _write_events(self) -> int:
        table = self.connection.read_parquet(str(self.scratch / "events-*.parquet"))
        # All columns, so that equal inputs in another order make the same file.
        ordered = table.order_by(EVENT_SCHEMA.names)
        target = self.folder / EVENTS_FILE
        with whole_file(target) as temporary:
            self.connection.to_parquet(ordered, str(temporary), compression="zstd")
        return _size(str(target))

    def _write_items(self, in_log: Sequence[bool]) -> tuple[int, int, int]:
        """Writes the catalogue; returns its rows, how many only the log knows, and duplicates set aside."""
        log = self.connection.read_parquet(str(self.folder / EVENTS_FILE)).select("item_id").distinct()
        parts = sorted(self.scratch.glob("items-*.parquet"))
        duplicates = 0
        if not parts:
            known = log.mutate(title=nothing(), categories=nothing(), brand=nothing(), description=nothing(), price=nothing("float64"), release=nothing("date"))  # fmt: skip
            added = None
        else:
            first, duplicates = self._one_each(parts, in_log)
            missing = log.anti_join(first, "item_id")
            added = int(missing.count().to_pyarrow().as_py())
            rest = {name: nothing(first[name].type()) for name in first.columns if name != "item_id"}
            known = first.union(missing.mutate(**rest).select(*first.columns))
        target = self.folder / ITEMS_FILE
        with whole_file(target) as temporary:
            self.connection.to_parquet(with_category(known), str(temporary), compression="zstd")
        rows = _size(str(target))
        return rows, rows if added is None else added, duplicates

    def _one_each(self, parts: Sequence[Path], in_log: Sequence[bool]) -> tuple[ir.Table, int]:
        tables = []
        for part in parts:
            table = self.connection.read_parquet(str(part))
            is_log = in_log[int(part.name.split("-")[1])]
            tables.append((fold(table) if is_log else table).mutate(_folded=ibis.literal(is_log)))
        names = [name for name in tables[0].columns if name not in ("_text", "_reason")]
        texts = [t.mutate(_text=nothing()) if "_text" not in t.columns else t for t in tables]
        together = ibis.union(*(t.select(*names, "_text") for t in texts)) if len(texts) > 1 else texts[0]
        first, again = first_of_each(together.select(*names, "_text"))
        again = again.filter(~again["_folded"])
        self._reject(again, "items", "duplicates")
        number = _size(str(self.scratch / "rejected-duplicates.parquet"))
        return first.drop("_source", "_file", "_row", "_folded", "_text"), number

    def _write_rejected(self) -> None:
        table = self.connection.read_parquet(str(self.scratch / "rejected-*.parquet"))
        ordered = table.order_by("source", "file", "row").drop("source")
        with whole_file(self.folder / REJECTED_FILE) as temporary:
            self.connection.to_csv(ordered, str(temporary), header=True)
