"""A snapshot as one flat file: a row an item, in the order of ranks."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from trail.engine import whole_file
from trail.errors import ConfigError
from trail.snapshots.mapped import Mapped

#: Columns of a flat file, in their order; all but these are for programs that serve.
COLUMNS = (
    *(
        "rank",
        "item_id",
        "title",
        "category",
        "brand",
        "price",
        "expected",
        "q10",
        "q50",
        "q90",
        "p_top",
        "prior",
    ),
    *("forecaster", "last", "rise", "before", "new", "text", "source"),
)
#: Characters at the start of a cell that a spreadsheet takes for a formula.
_FORMULA = "^[=+\\-@\t\r]"


def check_ending(path: Path) -> None:
    """Refuses a file whose ending names no format.

    Raises:
        ConfigError: If it does not.
    """
    if path.suffix.lower() not in FORMATS:
        raise ConfigError(
            f"the ending {path.suffix!r}", expected=f"one of {', '.join(FORMATS)}", where=f"--to {path}"
        )


def write_listing(mapped: Mapped, path: Path) -> None:
    """Writes the listing of a snapshot by the file's ending.

    Raises:
        EngineError: If the disk fails; nothing is left half-written.
    """
    with whole_file(path) as temporary:
        FORMATS[path.suffix.lower()](mapped, mapped.listing.select(COLUMNS), temporary)


def _csv(_: Mapped, table: pa.Table, path: Path) -> None:
    """Writes CSV in UTF-8; a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    for at, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            safe = pc.replace_substring_regex(table[field.name], pattern=f"({_FORMULA})", replacement="'\\1")
            table = table.set_column(at, field.name, safe)
    pyarrow.csv.write_csv(table, path)


def _parquet(_: Mapped, table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd")


def _arrow(_: Mapped, table: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _lines(_: Mapped, table: pa.Table, path: Path) -> None:
    with path.open("w", encoding="utf-8") as handle:
        for batch in table.to_batches():
            handle.writelines(f"{_dumped(row)}\n" for row in batch.to_pylist())


def _json(mapped: Mapped, table: pa.Table, path: Path) -> None:
    manifest = mapped.snapshot.manifest
    head = {
        "snapshot": mapped.name,
        "seal": manifest.seal,
        "cutoff": manifest.cutoff,
        "events": manifest.events,
    }
    rows = [json.loads(_dumped(row)) for row in table.to_pylist()]
    path.write_text(json.dumps({**head, "items": rows}, ensure_ascii=False), encoding="utf-8")


def _dumped(row: Mapping[str, Any]) -> str:
    finite = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }
    return json.dumps(finite, ensure_ascii=False)


FORMATS: Mapping[str, Callable[[Mapped, pa.Table, Path], None]] = {
    ".csv": _csv,
    ".json": _json,
    ".jsonl": _lines,
    ".parquet": _parquet,
    ".arrow": _arrow,
}
