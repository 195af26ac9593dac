"""A snapshot as memory-mapped Arrow files, for programs that answer requests: made from the sealed one, never instead of it.

Parquet must be decoded whole before one row of it can be read; these files are read where they lie, by any number of
processes, and cost no memory of their own. They may be deleted at any time.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trail.baselines.scope import is_new
from trail.engine import file_hash, whole_folder, write_json
from trail.errors import DataError
from trail.signals import Cards
from trail.snapshots.folder import Snapshot, read_manifest
from trail.snapshots.tables import cards_from, cards_table, explanations_from, explanations_table

#: Raised when the columns of the listing change.
_VERSION = 1
_NOTE = "note.json"
_FILES = ("listing.arrow", "forecast.arrow", "cards.arrow", "explanations.arrow")
#: Windows of history in a row of the listing.
WINDOWS = 12
#: Values of a filter that are offered, at most.
_OFFERED = 200
_FORECAST = ("score", "expected", "q10", "q50", "q90", "p_top", "prior")


@dataclass(frozen=True)
class Mapped:
    """A snapshot whose tables are memory-mapped.

    Attributes:
        snapshot: The snapshot; its tables cost no memory.
        listing: One row an item, in the order of ranks: item_id, rank, before (rank in the snapshot before; null
            without), title, category, brand, price, the forecast's columns, forecaster, last (count of the last window), rise
            (expected less last), new, counts (of twelve windows, oldest first, null before the log), text and source (null
            where not explained), by_id (row of the item that comes here in the order of identifiers).
        before: Name of the snapshot that moves are counted from; empty without one.
        offered: Of category and brand, the values that most items have, with how many.
    """

    snapshot: Snapshot
    listing: pa.Table
    before: str
    offered: dict[str, list[tuple[str, int]]]

    @property
    def name(self) -> str:
        """Name of the snapshot's folder."""
        return self.snapshot.folder.name

    def __len__(self) -> int:
        return int(self.listing.num_rows)

    def row_of(self, item_id: str) -> int:
        """Returns the row of an item in listing and forecast, by bisection.

        Raises:
            DataError: If the snapshot does not forecast the item.
        """
        ids, order = self.listing["item_id"], self.listing["by_id"]
        at = bisect_left(range(len(self)), item_id, key=lambda place: ids[order[place].as_py()].as_py())
        if at < len(self):
            row = int(order[at].as_py())
            if ids[row].as_py() == item_id:
                return row
        raise DataError(f"the item {item_id!r}", expected="an item of the forecast", fix="check its spelling")


def folder_of(serving: Path, snapshot: Path) -> Path:
    """Returns where the mapped files of a snapshot lie: a folder by its name and seal.

    Raises:
        DataError: If the folder is no snapshot.
    """
    return serving / f"{snapshot.name}-{read_manifest(snapshot).seal[:16]}"


def write_mapped(snapshot: Snapshot, before: Snapshot | None, folder: Path) -> None:
    """Writes the mapped files of a snapshot, whole or not at all.

    Args:
        snapshot: The snapshot.
        before: The one that moves are counted from; null without.
        folder: Where they go.

    Raises:
        EngineError: If the disk fails.
    """
    listing = listing_of(snapshot, before)
    tables = (
        listing,
        snapshot.forecast,
        cards_table(snapshot.cards),
        explanations_table(snapshot.explanations),
    )
    with whole_folder(folder) as temporary:
        for name, table in zip(_FILES, tables, strict=True):
            whole = table.combine_chunks()
            with (
                pa.OSFile(str(temporary / name), "wb") as sink,
                pa.ipc.new_file(sink, whole.schema) as writer,
            ):
                writer.write_table(whole)
        note = {
            "version": _VERSION,
            "seal": snapshot.manifest.seal,
            "before": before.folder.name if before else "",
            "offered": {name: _most(listing[name]) for name in ("category", "brand")},
            "files": {name: file_hash(temporary / name) for name in _FILES},
        }
        write_json(note, temporary / _NOTE)


def open_mapped(folder: Path, snapshot: Path) -> Mapped:
    """Opens the mapped files of a snapshot, by their hashes.

    Args:
        folder: Where they lie.
        snapshot: The sealed one.

    Raises:
        DataError: If they are missing, damaged, of another version, or of another snapshot.
    """
    manifest = read_manifest(snapshot)
    try:
        note = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
        if note["version"] != _VERSION or note["seal"] != manifest.seal:
            raise DataError(
                "mapped files of another snapshot", expected=manifest.seal[:16], where=str(folder)
            )
        if any(file_hash(folder / name) != note["files"][name] for name in _FILES):
            raise DataError("mapped files that were altered", expected="their hashes", where=str(folder))
        listing, forecast, cards, explanations = (_mapped(folder / name) for name in _FILES)
        opened = Snapshot(snapshot, manifest, forecast, cards_from(cards), explanations_from(explanations))
        offered = {name: [(value, of) for value, of in pairs] for name, pairs in note["offered"].items()}
        return Mapped(opened, listing, note["before"], offered)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise DataError(
            f"mapped files that cannot be read: {error}", where=str(folder), fix="delete the folder"
        ) from error


def _mapped(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def listing_of(snapshot: Snapshot, before: Snapshot | None) -> pa.Table:
    """Returns the listing of a snapshot; columns as in `Mapped`.

    Args:
        snapshot: The snapshot.
        before: The one that moves are counted from; null without.
    """
    forecast, cards = snapshot.forecast, _aligned(snapshot)
    ids = forecast["item_id"]
    texts = {each.item_id: each for each in snapshot.explanations}
    found = [texts.get(item) for item in ids.to_pylist()]
    last = np.nan_to_num(cards.column("count_1"))
    columns: dict[str, Any] = {
        "item_id": ids,
        "rank": forecast["rank"],
        "before": _ranks_before(ids, before),
        **{name: cards.table[name] for name in ("title", "category", "brand")},
        "price": cards.table["price"].cast(pa.float64()),
        **{name: forecast[name] for name in _FORECAST},
        "forecaster": forecast["forecaster"],
        "last": last,
        "rise": forecast["expected"].to_numpy() - last,
        "new": is_new(cards),
        "counts": _counts(cards),
        "text": pa.array([each.text if each else None for each in found], pa.string()),
        "source": pa.array([each.source if each else None for each in found], pa.string()),
        "by_id": pc.sort_indices(ids).cast(pa.int32()),
    }
    return pa.table(columns)


def _aligned(snapshot: Snapshot) -> Cards:
    """Returns a card an item in the forecast's order; of an item without a sealed card, one without values."""
    places = pc.index_in(snapshot.forecast["item_id"], value_set=snapshot.cards.table["item_id"])
    return replace(snapshot.cards, table=snapshot.cards.table.take(places.combine_chunks()))


def _ranks_before(ids: pa.ChunkedArray, before: Snapshot | None) -> pa.Array:
    if before is None:
        return pa.nulls(len(ids), pa.int64())
    places = pc.index_in(ids, value_set=before.forecast["item_id"])
    return before.forecast["rank"].take(places.combine_chunks()).combine_chunks()


def _counts(cards: Cards) -> pa.Array:
    """Returns counts of the last windows, oldest first, null before the log began."""
    values = cards.matrix([f"count_{ago}" for ago in range(WINDOWS, 0, -1)]).ravel()
    flat = pa.array(values, mask=np.isnan(values))
    return pa.FixedSizeListArray.from_arrays(flat, WINDOWS)


def _most(column: pa.ChunkedArray) -> list[tuple[str, int]]:
    """Returns the values that most rows have, with how many have them, the most frequent first."""
    return sorted(_tallied(column), key=lambda pair: (-pair[1], pair[0]))[:_OFFERED]


def _tallied(column: pa.ChunkedArray) -> Iterator[tuple[str, int]]:
    for each in pc.value_counts(column).to_pylist():
        if each["values"]:
            yield each["values"], each["counts"]
