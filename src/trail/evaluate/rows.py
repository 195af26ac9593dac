"""Results as flat rows with provenance; every table and plot is a function of them."""

from __future__ import annotations

import json
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq

from trail.engine import installed_versions, write_table
from trail.errors import DataError
from trail.evaluate.flat import rows_of, schema_of, table_of

#: One forecast of a task: forecaster, refit, origin, seed.
Run = tuple[str, str, datetime, int]
_VERSIONED = (
    "trail-forecast",
    "numpy",
    "lightgbm",
    "ibis-framework",
    "duckdb",
    "torch",
    "transformers",
    "peft",
)


@dataclass(frozen=True)
class Tried:
    """Which forecaster a row is about, and where it was tried.

    Attributes:
        task: Fingerprint of the task: data, horizon, origins, metrics, scopes and K, not the seed.
        forecaster: Name.
        refit: `every` where it was refitted before each origin, `once` before the first of its split.
        origin: Cutoff.
        split: `validation` or `test`.
        seed: Seed of the task.
    """

    task: str
    forecaster: str
    refit: str
    origin: datetime
    split: str
    seed: int

    @property
    def run(self) -> Run:
        """The forecast that the row is about."""
        return self.forecaster, self.refit, self.origin, self.seed


@dataclass(frozen=True)
class Row(Tried):
    """One metric of one forecaster at one origin.

    Attributes:
        scope: `active`, `all`, `new`, `risers`, or a segment of the active items such as `level:high`.
        items: Items in the scope.
        metric: Name in `METRICS`.
        value: NaN where undefined.
        seconds: Wall time of this origin's fit (if any) and forecast of the whole catalogue.
        versions: JSON object of package versions.
        fit_seconds: The part of `seconds` that the fit took; 0 where an earlier fit was used.
    """

    scope: str
    items: int
    metric: str
    value: float
    seconds: float
    versions: str
    fit_seconds: float = 0.0


@dataclass(frozen=True)
class Bin(Tried):
    """How often items with about one stated chance of the top K entered it, at one origin.

    Attributes:
        low: Least chance in the bin.
        high: Chances in the bin are below this; the last bin holds 1 too.
        items: Items whose chance lies in the bin.
        chance: Sum of their chances.
        entered: Places of the top K that they took.
    """

    low: float
    high: float
    items: int
    chance: float
    entered: float


@dataclass(frozen=True)
class Riser(Tried):
    """One of the strongest true rises at an origin, and whether a forecaster had it among its own.

    Attributes:
        item_id: The item.
        title: Its title; the identifier where it has none.
        last: Count of the last window.
        target: Count of the period.
        expected: Forecast count.
        place: Its place by forecast rise, expected - last; 1 is the highest.
        found: Whether that is among the first 50.
    """

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
        bins: The reliability of the chance of the top K.
        risers: The strongest rises, found and missed.
    """

    rows: tuple[Row, ...] = ()
    bins: tuple[Bin, ...] = ()
    risers: tuple[Riser, ...] = ()

    def __add__(self, other: Results) -> Results:
        """Returns the results of both, for what was measured in parts."""
        return Results(self.rows + other.rows, self.bins + other.bins, self.risers + other.risers)

    @property
    def runs(self) -> set[Run]:
        """Every forecast that was measured."""
        return {row.run for row in self.rows}

    def of(self, runs: Container[Run]) -> Results:
        """Returns what belongs to some runs."""
        return Results(
            tuple(each for each in self.rows if each.run in runs),
            tuple(each for each in self.bins if each.run in runs),
            tuple(each for each in self.risers if each.run in runs),
        )


@cache
def versions() -> str:
    """Returns the versions that a number may depend on, as a JSON object."""
    return json.dumps(installed_versions(_VERSIONED), sort_keys=True)


def write_rows(rows: Sequence[Tried], path: Path, kind: type[Tried] = Row) -> None:
    """Writes rows of one kind as Parquet, whole or not at all."""
    write_table(table_of(rows, kind), path)


def read_rows(path: Path) -> list[Row]:
    """Reads rows written by `write_rows`.

    Raises:
        DataError: If the file has other columns.
    """
    table = pq.read_table(path)
    wanted = schema_of(Row).names
    if sorted(table.column_names) != sorted(wanted):
        raise DataError(f"the columns {table.column_names}", expected=str(wanted), where=str(path))
    return rows_of(table, Row)
