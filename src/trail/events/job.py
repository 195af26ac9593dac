"""One run of ingesting: sources become parts in a scratch folder, parts become the files of the contract."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow.parquet as pq

from trail.engine import whole_file
from trail.events.catalogue import first_of_each, fold, judge_items, with_category
from trail.events.log import EVENT_SCHEMA
from trail.events.normal import BAD, DUPLICATE, judge_events, refuse
from trail.events.reading import Reading, raw_tables
from trail.events.source import Role
from trail.events.sql import md5_number_lower, md5_number_upper, nothing
from trail.events.tally import IngestRules, Tally

EVENTS_FILE, ITEMS_FILE, REJECTED_FILE = "events.parquet", "items.parquet", "rejected.csv"


def _size(path: str) -> int:
    return int(pq.read_metadata(path).num_rows)


def _place(reading: Reading) -> tuple[Any, ...]:
    """Returns what two sources share that read the same rows."""
    return (reading.files or reading.source.location, reading.source.table)


@dataclass(frozen=True)
class Job:
    """One run: parts are written to the scratch folder, then put together."""

    connection: ibis.BaseBackend
    scratch: Path
    folder: Path
    rules: IngestRules
    now: datetime

    def read(self, readings: Sequence[Reading]) -> tuple[list[Tally], dict[int, str]]:
        """Reads every source into parts; returns what was counted, and the hashes of database tables."""
        tallies, hashes = [], {}
        for number, reading in enumerate(readings):
            tallies.append(self._source(number, reading))
            if not reading.files:
                hashes[number] = self._rows_hash(number, reading.role)
        return tallies, hashes

    def write(self, readings: Sequence[Reading], tallies: Sequence[Tally]) -> dict[str, Any]:
        """Puts the parts together into the three files; returns the counts of `Ingested`."""
        logs = {_place(reading) for reading in readings if reading.role == "events"}
        in_log = [reading.role == "items" and _place(reading) in logs for reading in readings]
        event_rows = self._write_events()
        item_rows, added, duplicates = self._write_items(in_log)
        self._write_rejected()
        set_aside = Counter({DUPLICATE: duplicates} if duplicates else {})
        for tally in tallies:
            set_aside.update(tally.set_aside)
        return {
            "event_rows": event_rows,
            "item_rows": item_rows,
            "items_added": added,
            "set_aside": dict(set_aside),
        }

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
