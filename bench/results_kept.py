"""The rows of a log in files beside the page of results, without the names that are the log's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow.parquet as pq

from pages import kept_of
from trail.evaluate import Bin, Results, Riser, Row, write_rows
from trail.evaluate.flat import rows_of
from trail.evaluate.list_rows import ListRow

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
#: Ends the name of what is kept of a log's lists.
LISTS = "-lists"
_ENDS = {Row: "", Bin: "-reliability", Riser: "-risers", ListRow: LISTS}
#: How often each log's test origins had been measured before that was counted beside the rows: what docs/log.md tells of
#: backtests, parts of them, and a scorecard.
_TOLD = {
    "online_retail_ii": 7,
    "movietweetings": 6,
    "amazon_beauty_2014": 1,
    "github_stars": 1,
    "ml_1m": 2,
}
#: Starts what a run says of its project's own count, which another folder begins anew.
_OWN_COUNT = "Run "
#: Scopes that are called by the log's own words.
_CATEGORY = "category:"


def path_of(name: str, kept: Path, kind: type) -> Path:
    """Returns the file of one kind of a log's rows."""
    return kept / f"{name}{_ENDS[kind]}.parquet"


def looks_of(name: str, kept: Path) -> int:
    """Returns how often a log's test origins were measured, by its rows, or by the log of experiments where they do not say."""
    return int(kept_of(name, kept).get("looks", _TOLD.get(name, 0)))


def sentences_of(facts: Mapping[str, Any]) -> list[str]:
    """Returns what a run says of itself, without the count of its folder."""
    return [each for each in facts["sentences"] if not each.startswith(_OWN_COUNT)]


def keep(results: Results, name: str, kept: Path) -> None:
    """Writes what a backtest measured; the log's names are not ours to pass on, so numbers stand in their place."""
    write_rows(numbered(results.rows), path_of(name, kept, Row))
    write_rows(results.bins, path_of(name, kept, Bin), Bin)
    write_rows(nameless(results.risers), path_of(name, kept, Riser), Riser)


def rows_kept(name: str, kept: Path, kind: type[T]) -> list[T]:
    """Returns one kind of a log's rows; none where there is no such file."""
    path = path_of(name, kept, kind)
    return rows_of(pq.read_table(path), kind) if path.is_file() else []


def numbered(rows: Sequence[Row]) -> list[Row]:
    """Returns rows whose categories are numbers."""
    names = sorted({row.scope for row in rows if row.scope.startswith(_CATEGORY)})
    return [
        replace(row, scope=f"{_CATEGORY}{names.index(row.scope) + 1}") if row.scope in names else row
        for row in rows
    ]


def nameless(risers: Sequence[Riser]) -> list[Riser]:
    """Returns rises whose items are numbers, without titles."""
    numbers = {item: str(at) for at, item in enumerate(sorted({each.item_id for each in risers}), 1)}
    return [replace(each, item_id=numbers[each.item_id], title="") for each in risers]
