"""Results as flat rows with provenance; every table and plot is a function of them."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from trail.engine import write_table
from trail.errors import DataError
from trail.signals import Labelled

_VERSIONED = ("trail-forecast", "numpy", "lightgbm", "ibis-framework", "duckdb")


@dataclass(frozen=True)
class Row:
    """One metric of one forecaster at one origin.

    Attributes:
        task: Fingerprint of the labelled cards, hence of data, horizon and cutoffs.
        forecaster: Name.
        refit: `every` where it was refitted before each origin, `once` before the first of its split.
        origin: Cutoff.
        split: `validation` or `test`.
        scope: `active` or `all`.
        items: Items in the scope.
        metric: Name in `METRICS`.
        value: NaN where undefined.
        seconds: Wall time of this origin's fit (if any) and forecast.
        versions: JSON object of package versions.
        seed: Seed stated by the caller.
    """

    task: str
    forecaster: str
    refit: str
    origin: datetime
    split: str
    scope: str
    items: int
    metric: str
    value: float
    seconds: float
    versions: str
    seed: int


_SCHEMA = pa.schema(
    [
        ("task", pa.string()),
        ("forecaster", pa.string()),
        ("refit", pa.string()),
        ("origin", pa.timestamp("us", tz="UTC")),
        ("split", pa.string()),
        ("scope", pa.string()),
        ("items", pa.int64()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("seconds", pa.float64()),
        ("versions", pa.string()),
        ("seed", pa.int64()),
    ]
)


def versions() -> str:
    """Returns the versions that a number may depend on, as a JSON object."""
    found = {name: version(name) for name in _VERSIONED} | {"python": platform.python_version()}
    return json.dumps(found, sort_keys=True)


def fingerprint(history: Sequence[Labelled]) -> str:
    """Returns 16 hexadecimal digits that change with any cutoff, horizon, item or target of the history."""
    digest = hashlib.sha256()
    for example in sorted(history, key=lambda each: each.cards.cutoff):
        digest.update(f"{example.cards.cutoff.isoformat()} {example.cards.horizon.days}".encode())
        digest.update("\n".join(example.cards.item_ids).encode())
        digest.update(np.ascontiguousarray(example.target, dtype="<f8").tobytes())
    return digest.hexdigest()[:16]


def to_table(rows: Sequence[Row]) -> pa.Table:
    """Returns rows as an Arrow table, one column a field."""
    return pa.Table.from_pylist([asdict(row) for row in rows], schema=_SCHEMA)


def write_rows(rows: Sequence[Row], path: Path) -> None:
    """Writes rows as Parquet, whole or not at all."""
    write_table(to_table(rows), path)


def read_rows(path: Path) -> list[Row]:
    """Reads rows written by `write_rows`.

    Raises:
        DataError: If the file has other columns.
    """
    table = pq.read_table(path)
    wanted = [field.name for field in fields(Row)]
    if table.column_names != wanted:
        raise DataError(f"the columns {table.column_names}", expected=str(wanted), where=str(path))
    return [_row(values) for values in table.to_pylist()]


def _row(values: dict[str, Any]) -> Row:
    return Row(**values | {"origin": values["origin"].astimezone(UTC)})
