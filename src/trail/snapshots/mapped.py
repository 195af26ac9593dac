"""A snapshot as memory-mapped Arrow files, for programs that answer requests: made from the sealed one, never instead of it.

Parquet must be decoded whole before one row of it can be read; these files are read where they lie, by any number of
processes, and cost no memory of their own. They may be deleted at any time.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from trail.baselines import Launch
from trail.engine import file_hash, whole_folder, write_json
from trail.errors import DataError, MissingError
from trail.facts.claims import Outlook
from trail.signals import Card
from trail.snapshots.folder import Snapshot, outlook_of, read_manifest
from trail.snapshots.listing import INNER, WINDOWS, listing_of, most
from trail.snapshots.manifest import FILES
from trail.snapshots.near import beside
from trail.snapshots.tables import Explained, cards_from, explanations_from, launches_of

#: Raised when the columns of the listing change.
_VERSION = 2
_NOTE = "note.json"
__all__ = ["INNER", "WINDOWS", "Mapped", "folder_of", "open_mapped", "write_mapped"]
_FILES = ("listing.arrow", "forecast.arrow", "cards.arrow", "explanations.arrow")
#: Texts that are decoded at a time, so that other threads get their turn between.
_AT_ONCE = 20


@dataclass(frozen=True)
class Mapped:
    """A snapshot whose tables are memory-mapped.

    Attributes:
        snapshot: The snapshot; its tables cost no memory.
        listing: One row an item, in the order of ranks: item_id, rank, before (rank in the snapshot before; null
            without), title, category, brand, price, the forecast's columns, forecaster, last (count of the last window), rise
            (expected less last), new, counts (of twelve windows, oldest first, null before the log), text and source (null
            where not explained), by_id (row of the item that comes here in the order of identifiers), words (title and
            identifier in small letters, a line each).
        before: Name of the snapshot that moves are counted from; empty without one.
        offered: Of category and brand, the values that most items have, with how many.
        texts: Item -> its sealed text.
    """

    snapshot: Snapshot
    listing: pa.Table
    before: str
    offered: dict[str, list[tuple[str, int]]]
    texts: Mapping[str, Explained]

    @property
    def name(self) -> str:
        """Name of the snapshot's folder."""
        return self.snapshot.folder.name

    def __len__(self) -> int:
        return int(self.listing.num_rows)

    def row_of(self, item_id: str) -> int:
        """Returns the row of an item in listing and forecast, by bisection.

        Raises:
            MissingError: If the snapshot does not forecast the item.
        """
        ids, order = self.listing["item_id"], self.listing["by_id"]
        at = bisect_left(range(len(self)), item_id, key=lambda place: ids[order[place].as_py()].as_py())
        if at < len(self):
            row = int(order[at].as_py())
            if ids[row].as_py() == item_id:
                return row
        around = [ids[order[place].as_py()].as_py() for place in (at - 1, at) if 0 <= place < len(self)]
        raise MissingError(
            f"the item {item_id!r}", expected="an item of the forecast", fix=beside(item_id, around)
        )

    def rows_of(self, item_ids: Sequence[str]) -> np.ndarray:
        """Returns the rows of many items at once, -1 where the snapshot does not forecast one; shape (items,) of int."""
        asked = pa.array(item_ids, pa.string())
        places = pc.fill_null(pc.index_in(self.listing["item_id"], value_set=asked), -1).to_numpy()
        found = np.flatnonzero(places >= 0)
        rows = np.full(len(asked), -1, dtype=np.int64)
        rows[places[found]] = found
        return rows

    def card(self, item_id: str) -> Card | None:
        """Returns an item's sealed card; null where the snapshot is older than sealed cards of all items.

        Raises:
            MissingError: If the snapshot does not forecast the item.
        """
        row, cards = self.row_of(item_id), self.snapshot.cards
        if row < len(cards) and cards.table["item_id"][row].as_py() == item_id:
            return cards.card(row)
        return self.snapshot.card(item_id) if self.snapshot.shows(item_id) else None

    def outlook(self, item_id: str) -> Outlook:
        """Returns one item's forecast as texts may speak of it.

        Raises:
            MissingError: If the snapshot does not forecast the item.
        """
        row = self.snapshot.forecast.slice(self.row_of(item_id), 1)
        return outlook_of(row, item_id, self.snapshot.manifest.k)

    def launches(self, item_id: str) -> tuple[Launch, ...]:
        """Returns the past launches most like a new item, nearest first; none of others, nor in older snapshots.

        Raises:
            MissingError: If the snapshot does not forecast the item.
        """
        return launches_of(self.snapshot.forecast, self.row_of(item_id))


def folder_of(serving: Path, snapshot: Path) -> Path:
    """Returns where the mapped files of a snapshot lie: a folder by its name and seal.

    Raises:
        DataError: If the folder is no snapshot.
    """
    return serving / f"{snapshot.name}-{read_manifest(snapshot).seal[:16]}"


def write_mapped(snapshot: Path, before: Path | None, folder: Path) -> None:
    """Writes the mapped files of a snapshot, whole or not at all.

    What takes long leaves the interpreter's lock, so that a server answers meanwhile.

    Args:
        snapshot: The snapshot's folder; nobody looks whether it was altered.
        before: The one that moves are counted from; null without.
        folder: Where they go.

    Raises:
        DataError: If a table cannot be read.
        EngineError: If the disk fails.
    """
    try:
        forecast, cards, texts = (pq.read_table(snapshot / name) for name in FILES)
        earlier = pq.read_table(before / FILES[0], columns=["item_id", "rank"]) if before else None
        listing = listing_of(forecast, cards_from(cards), texts, earlier)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise DataError(
            f"a damaged snapshot: {error}", expected=f"the files {', '.join(FILES)}", where=str(snapshot)
        ) from error
    with whole_folder(folder) as temporary:
        for name, table in zip(_FILES, (listing, forecast, cards, texts), strict=True):
            _write(table.combine_chunks(), temporary / name)
        note = {
            "version": _VERSION,
            "seal": read_manifest(snapshot).seal,
            "before": before.name if before else "",
            "offered": {name: most(listing[name]) for name in ("category", "brand")},
            "files": {name: file_hash(temporary / name) for name in _FILES},
        }
        write_json(note, temporary / _NOTE)


def _write(table: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    path.chmod(0o444)  # to be replaced or deleted: a program that reads a mapped file which is cut short dies


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
        listing, forecast, cards, told = (_mapped(folder / name) for name in _FILES)
        texts = tuple(_decoded(told))
        opened = Snapshot(snapshot, manifest, forecast, cards_from(cards), texts)
        offered = {name: [(value, of) for value, of in pairs] for name, pairs in note["offered"].items()}
        return Mapped(opened, listing, note["before"], offered, {each.item_id: each for each in texts})
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise DataError(
            f"mapped files that cannot be read: {error}", where=str(folder), fix="delete the folder"
        ) from error


def _mapped(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def _decoded(told: pa.Table) -> Iterator[Explained]:
    for first in range(0, told.num_rows, _AT_ONCE):
        yield from explanations_from(told.slice(first, _AT_ONCE))
