"""A snapshot's folder: sealed whole, opened with its tables as values."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from trail.baselines import Launch
from trail.engine import file_hash, left_behind, whole_folder, write_json, write_table
from trail.errors import ConfigError, DataError, MissingError
from trail.facts.claims import Outlook
from trail.signals import Card, Cards
from trail.snapshots.manifest import FILES, MANIFEST, Manifest
from trail.snapshots.near import near
from trail.snapshots.tables import (
    Explained,
    Explanation,
    cards_from,
    cards_table,
    explanations_from,
    explanations_table,
    launches_of,
)


@dataclass(frozen=True)
class Snapshot:
    """A sealed forecast with its tables.

    Attributes:
        folder: Where it lies.
        manifest: What made it.
        forecast: Every item, columns of `forecast.parquet`, best first.
        cards: The items' cards, in the forecast's order; older snapshots hold those of the first ranks alone.
        explanations: Texts of the first ranks, best item first.
    """

    folder: Path
    manifest: Manifest
    forecast: pa.Table
    cards: Cards
    explanations: tuple[Explained, ...]

    def outlook(self, item_id: str) -> Outlook:
        """Returns one item's forecast as texts may speak of it.

        Raises:
            MissingError: If the snapshot does not forecast the item.
        """
        return outlook_of(self.forecast.slice(self._row(item_id), 1), item_id, self.manifest.k)

    def launches(self, item_id: str) -> tuple[Launch, ...]:
        """Returns the past launches most like a new item, nearest first; none of others, nor in older snapshots.

        Raises:
            MissingError: If the snapshot does not forecast the item.
        """
        return launches_of(self.forecast, self._row(item_id))

    def _row(self, item_id: str) -> int:
        try:
            return _row(self.forecast, item_id)
        except MissingError as error:
            titles = dict.fromkeys(self.forecast["item_id"].to_pylist(), "")
            known = zip(self.cards.item_ids, self.cards.table["title"].to_pylist(), strict=True)
            titles |= {item: str(title or "") for item, title in known}
            raise MissingError(
                error.found,
                expected=error.expected,
                where=self.folder.name,
                fix=near(item_id, titles),
            ) from error

    def shows(self, item_id: str) -> bool:
        """Whether the item's card is sealed."""
        return int(pc.index(self.cards.table["item_id"], item_id).as_py()) >= 0

    def card(self, item_id: str) -> Card:
        """Returns the card of an item.

        Raises:
            DataError: If none is sealed.
        """
        if not self.shows(item_id):
            raise DataError(
                f"no card of the item {item_id!r}",
                expected="a snapshot that seals the cards of all items",
                fix="forecast again",
            )
        return self.cards.card(self.cards.row_of(item_id))

    def explanation(self, item_id: str) -> Explained | None:
        """Returns an item's explanation, null if it was not explained."""
        return next((each for each in self.explanations if each.item_id == item_id), None)


def outlook_of(forecast: pa.Table, item_id: str, k: int) -> Outlook:
    """Returns one item's row of a forecast table as texts may speak of it.

    Raises:
        MissingError: If the table does not forecast the item.
    """
    row = _row(forecast, item_id)
    names = ("expected", "q10", "q90", "p_top", "rank")
    return Outlook(**{name: forecast[name][row].as_py() for name in names}, k=k)


def _row(forecast: pa.Table, item_id: str) -> int:
    row = int(pc.index(forecast["item_id"], item_id).as_py())
    if row < 0:
        raise MissingError(f"the item {item_id!r}", expected="an item of the forecast")
    return row


def seal(
    folder: Path,
    manifest: Manifest,
    forecast: pa.Table,
    cards: Cards,
    explanations: Sequence[Explanation],
) -> Snapshot:
    """Writes a snapshot whole, with hashes and seal filled in, and returns it as it was read back.

    Sealing the same content again changes nothing and returns what is there.

    Args:
        folder: Where it goes; parents are made.
        manifest: What made it; `files`, `items`, `forecaster`, `created` and `seal` are filled in.
        forecast: Table of `forecast_table`.
        cards: The items' cards, in the forecast's order.
        explanations: Texts, best item first.

    Raises:
        ConfigError: If another forecast is already sealed there.
        EngineError: If the disk fails; nothing is left half-written.
    """
    tables = dict(zip(FILES, (forecast, cards_table(cards), explanations_table(explanations)), strict=True))
    first = forecast["forecaster"][0].as_py() if forecast.num_rows else ""
    manifest = replace(manifest, items=forecast.num_rows, forecaster=first)
    if folder.exists():
        return _sealed_already(folder, manifest, tables)
    _sweep(folder)
    try:
        with whole_folder(folder, replace=False) as temporary:
            for name, table in tables.items():
                write_table(table, temporary / name)
            files = {name: file_hash(temporary / name) for name in FILES}
            now = datetime.now(UTC).isoformat(timespec="seconds")
            sealed = replace(manifest, files=files, created=now)
            write_json(asdict(replace(sealed, seal=sealed.computed_seal())), temporary / MANIFEST)
    except FileExistsError:  # another process sealed meanwhile
        return _sealed_already(folder, manifest, tables)
    return open_snapshot(folder)


def _sweep(folder: Path) -> None:
    """Removes what killed runs left of this snapshot: hidden folders that nobody wrote to for an hour."""
    for left in folder.parent.glob(f".{folder.name}.*"):
        if left_behind(left):
            shutil.rmtree(left, ignore_errors=True)


def _sealed_already(folder: Path, manifest: Manifest, tables: Mapping[str, pa.Table]) -> Snapshot:
    """Returns the snapshot that lies there if it holds the same; another one is refused."""
    refuse_other(folder, manifest)
    for name, table in tables.items():
        there = pq.read_table(folder / name)
        if not there.equals(table) or there.schema.metadata != table.schema.metadata:
            raise _other(folder)
    return open_snapshot(folder)


def refuse_other(folder: Path, manifest: Manifest) -> None:
    """Refuses a folder in which a forecast of other data, model or settings is sealed.

    Raises:
        ConfigError: If there is one.
    """
    if folder.exists() and (other := read_manifest(folder).differs(manifest)):
        raise _other(folder, f" (by its {', '.join(other)})")


def _other(folder: Path, by: str = "") -> ConfigError:
    return ConfigError(
        f"another forecast{by} is already sealed in {folder}",
        expected="the same data, model and settings, because snapshots never change",
        fix="forecast at another cutoff, or move that folder away",
    )


def read_manifest(folder: Path) -> Manifest:
    """Reads a snapshot's manifest.

    Raises:
        DataError: If the folder is no snapshot or the manifest is damaged.
    """
    path = folder / MANIFEST
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(
            f"no {MANIFEST} in {folder}",
            expected="the folder of a snapshot",
            fix="run `trail forecast` first",
        ) from error
    except OSError as error:
        raise DataError(
            f"a {MANIFEST} that cannot be read: {error.strerror}",
            expected="a file of the user who runs this",
            where=str(folder),
        ) from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"a damaged {MANIFEST}", expected="JSON", where=str(folder)) from error
    return Manifest.from_dict(values, str(path))


def open_snapshot(folder: Path) -> Snapshot:
    """Opens a snapshot as values; trusts its hashes (`verify_snapshot` checks them).

    Raises:
        DataError: If a file is missing or damaged.
    """
    manifest = read_manifest(folder)
    try:
        forecast, cards, explanations = (pq.read_table(folder / name) for name in FILES)
        return Snapshot(folder, manifest, forecast, cards_from(cards), explanations_from(explanations))
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError) as error:
        raise DataError(
            f"a damaged snapshot: {error}", expected=f"the files {', '.join(FILES)}", where=str(folder)
        ) from error


def may_name(text: str) -> bool:
    """Whether a text may be the name of a snapshot's folder: never a way out of the folder that holds them, nothing hidden."""
    return Path(text).name == text and text[:1] not in ("", ".")


def folders_in(folder: Path) -> list[Path]:
    """Returns what lies among the snapshots, damaged or not, by name; half-written ones have hidden names."""
    there = folder.iterdir() if folder.is_dir() else ()
    return sorted(each for each in there if each.is_dir() and not each.name.startswith("."))
