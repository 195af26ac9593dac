"""Results as flat rows with provenance; every table and plot is a function of them."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
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
        task: Fingerprint of the task: data, horizon, origins, metrics and scopes, not the seed.
        forecaster: Name.
        refit: `every` where it was refitted before each origin, `once` before the first of its split.
        origin: Cutoff.
        split: `validation` or `test`.
        scope: `active`, `all`, `new`, `risers`, or a segment of the active items such as `level:high`.
        items: Items in the scope.
        metric: Name in `METRICS`.
        value: NaN where undefined.
        seconds: Wall time of this origin's fit (if any) and forecast of the whole catalogue.
        versions: JSON object of package versions.
        seed: Seed of the task.
        fit_seconds: The part of `seconds` that the fit took; 0 where an earlier fit was used.
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
    fit_seconds: float = 0.0


@dataclass(frozen=True)
class Bin:
    """How often items with about one stated chance of the top 50 entered it, at one origin.

    Attributes:
        task: As in `Row`.
        forecaster: Name.
        refit: As in `Row`.
        origin: Cutoff.
        split: `validation` or `test`.
        seed: Seed of the task.
        low: Least chance in the bin.
        high: Chances in the bin are below this; the last bin holds 1 too.
        items: Items whose chance lies in the bin.
        chance: Sum of their chances.
        entered: Places of the top 50 that they took.
    """

    task: str
    forecaster: str
    refit: str
    origin: datetime
    split: str
    seed: int
    low: float
    high: float
    items: int
    chance: float
    entered: float


@dataclass(frozen=True)
class Riser:
    """One of the strongest true rises at an origin, and whether a forecaster had it among its own.

    Attributes:
        task: As in `Row`.
        forecaster: Name.
        refit: As in `Row`.
        origin: Cutoff.
        split: `validation` or `test`.
        seed: Seed of the task.
        item_id: The item.
        title: Its title; the identifier where it has none.
        last: Count of the last window.
        target: Count of the period.
        expected: Forecast count.
        place: Its place by forecast rise, expected - last; 1 is the highest.
        found: Whether that is among the first 50.
    """

    task: str
    forecaster: str
    refit: str
    origin: datetime
    split: str
    seed: int
    item_id: str
    title: str
    last: float
    target: float
    expected: float
    place: int
    found: bool


@dataclass(frozen=True)
class Results:
    """Everything that a backtest measured.

    Attributes:
        rows: Every metric.
        bins: The reliability of the chance of the top 50.
        risers: The strongest rises, found and missed.
    """

    rows: tuple[Row, ...] = ()
    bins: tuple[Bin, ...] = ()
    risers: tuple[Riser, ...] = ()

    def __add__(self, other: Results) -> Results:
        """Returns the results of both, for what was measured in parts."""
        return Results(self.rows + other.rows, self.bins + other.bins, self.risers + other.risers)


Flat = Row | Bin | Riser
_TYPES = {
    "str": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "datetime": pa.timestamp("us", tz="UTC"),
}


def schema_of(kind: type[Flat]) -> pa.Schema:
    """Returns the Arrow schema of a kind of rows, one column a field."""
    return pa.schema([(each.name, _TYPES[str(each.type)]) for each in fields(kind)])


@cache
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


def to_table(rows: Sequence[Flat], kind: type[Flat] = Row) -> pa.Table:
    """Returns rows of one kind as an Arrow table, one column a field."""
    return pa.Table.from_pylist([vars(row) for row in rows], schema=schema_of(kind))


def write_rows(rows: Sequence[Flat], path: Path, kind: type[Flat] = Row) -> None:
    """Writes rows of one kind as Parquet, whole or not at all."""
    write_table(to_table(rows, kind), path)


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
