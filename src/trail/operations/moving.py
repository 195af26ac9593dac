"""`trail diff --why`: what moved each item between two snapshots, in parts that add up.

Between the older snapshot and the newer one stand up to three forecasts that are made now: the older cutoff with all
events before it that the log holds by now (what they add arrived late), the newer cutoff by the older forecaster (what it
adds happened since), and the newer cutoff by the newer forecaster. What is still left to the sealed newer one is
the settings'. Each step's difference is a part, so the parts of an item add up to its move, in places and in counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trail.engine import value_hash, write_json
from trail.errors import ConfigError
from trail.events import event_log
from trail.operations.data import Data, prepare
from trail.operations.history import cards_of, cutoffs_before, labelled
from trail.operations.models import record_of
from trail.operations.serving import fitted_baseline
from trail.operations.workspace import Report, Workspace, quiet
from trail.signals import known_at
from trail.snapshots import Manifest, Move, Snapshot, compare, open_unaltered
from trail.snapshots.tables import ranking

#: What moves an item, in the order of the steps.
PARTS = ("late events", "new events", "model", "settings")


@dataclass(frozen=True)
class Part:
    """What one cause did to an item.

    Attributes:
        name: One of `PARTS`.
        places: Places gained by it; negative are lost.
        expected: What it added to the expected count.
    """

    name: str
    places: int
    expected: float


@dataclass(frozen=True)
class Moved:
    """An item in two snapshots and what moved it.

    Attributes:
        move: Its ranks and counts.
        parts: Causes; empty where it stands in one of the two only.
    """

    move: Move
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Moves:
    """What moved the top between two snapshots.

    Attributes:
        older: Name of the older one.
        newer: Name of the newer one.
        seals: Of both.
        items: In the newer one's order.
    """

    older: str
    newer: str
    seals: tuple[str, str]
    items: tuple[Moved, ...]


@dataclass(frozen=True)
class _Numbers:
    """Expected counts and ranks of a catalogue, shape (items,), by item."""

    item_ids: pa.Array
    expected: np.ndarray
    rank: np.ndarray

    def of(self, item_ids: pa.Array) -> tuple[np.ndarray, np.ndarray]:
        """Returns expected counts and ranks of items; an item that is not there counts as 0, behind all."""
        rows = np.asarray(pc.fill_null(pc.index_in(item_ids, value_set=self.item_ids), len(self.expected)))
        return np.append(self.expected, 0.0)[rows], np.append(self.rank, len(self.rank) + 1)[rows]


def moves(folder: Path, older: Path, newer: Path, *, top: int = 50, report: Report = quiet) -> Moves:
    """Says what moved each item in the top of either snapshot, and writes it into `reports/moves/`.

    Args:
        folder: The project.
        older: The older snapshot.
        newer: The newer one.
        top: Ranks of either that are looked at.
        report: Told what goes on.

    Raises:
        ConfigError: If the snapshots have other horizons, or the second is not the newer one.
        DataError: If one is damaged, or the log does not reach back.
        ModelError: If a model that made one of them is gone.
    """
    workspace = Workspace.open(folder)
    before, after = open_unaltered(older), open_unaltered(newer)
    _check(before, after)
    steps = list(_steps(workspace, before, after, report))
    compared = compare(before, after, top=top)
    both = [each for each in compared if each.places is not None]
    ids = pa.array([each.item_id for each in both], pa.string())
    parts = dict(zip((each.item_id for each in both), _parts([each.of(ids) for each in steps]), strict=True))
    made = Moves(
        before.folder.name,
        after.folder.name,
        (before.manifest.seal, after.manifest.seal),
        tuple(Moved(each, parts.get(each.item_id, ())) for each in compared),
    )
    write_json(asdict(made), path_of(workspace, made.older, made.newer))
    return made


def path_of(workspace: Workspace, older: str, newer: str) -> Path:
    """Returns the file that says what moved between two snapshots."""
    return workspace.reports / "moves" / f"{older}-to-{newer}.json"


def parts_of(
    workspace: Workspace, older: str, newer: str, seals: tuple[str, str]
) -> dict[str, tuple[Part, ...]]:
    """Returns what moved each item between two snapshots, as `moves` wrote it; nothing where it did not.

    Args:
        workspace: The project.
        older: Name of the older snapshot.
        newer: Name of the newer one.
        seals: Of both: what was written of others counts for nothing.
    """
    try:
        found = json.loads(path_of(workspace, older, newer).read_text(encoding="utf-8"))
        if tuple(found["seals"]) != seals:
            return {}
        return {
            each["move"]["item_id"]: tuple(Part(**part) for part in each["parts"]) for each in found["items"]
        }
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _check(before: Snapshot, after: Snapshot) -> None:
    older, newer = before.manifest, after.manifest
    if older.horizon_days != newer.horizon_days:
        raise ConfigError(
            f"snapshots of {older.horizon_days} and {newer.horizon_days} days", expected="the same horizon"
        )
    if older.moment >= newer.moment:
        raise ConfigError(
            f"{before.folder.name} before {after.folder.name}",
            expected="the older one first, the newer one second",
        )


def _steps(workspace: Workspace, before: Snapshot, after: Snapshot, report: Report) -> Iterator[_Numbers]:
    """Yields the numbers of the older snapshot, of each forecast in between, and of the newer one: five."""
    older, newer = before.manifest, after.manifest
    yield (found := _sealed(before))
    data = prepare(workspace, report)
    late = older.data != newer.data or older.data != data.fingerprint
    yield (
        _forecast(
            _Beside(workspace.folder, workspace.project),
            _until(data, older.moment),
            older.moment,
            older,
            report,
        )
        if late
        else found
    )
    yield (now := _forecast(workspace, data, newer.moment, older, report))
    same = (older.by, older.model) == (newer.by, newer.model)
    yield now if same else _forecast(workspace, data, newer.moment, newer, report)
    yield _sealed(after)


def _sealed(snapshot: Snapshot) -> _Numbers:
    table = snapshot.forecast
    return _Numbers(table["item_id"].combine_chunks(), table["expected"].to_numpy(), table["rank"].to_numpy())


def _until(data: Data, cutoff: datetime) -> Data:
    """Returns the data as if the log ended at a cutoff, with all events before it known, however late they came."""
    table = data.log.table
    log = event_log(table.filter(table.timestamp < cutoff), name=data.log.name)
    fingerprint = value_hash([data.fingerprint, "until", cutoff.isoformat()])
    return replace(data, log=log, ingested=replace(data.ingested, fingerprint=fingerprint))


class _Beside(Workspace):
    """A project whose cards of a shorter log are kept apart, so that those of the whole one stay."""

    @property
    def cache(self) -> Path:
        """Cards of the log as if it ended earlier."""
        return self.folder / "cache" / "moves"


def _forecast(
    workspace: Workspace, data: Data, cutoff: datetime, manifest: Manifest, report: Report
) -> _Numbers:
    """Forecasts at a cutoff by whoever made a snapshot."""
    history = known_at(labelled(data, cutoffs_before(data, cutoff, workspace), workspace, report), cutoff)
    cards = cards_of(data, cutoff, workspace)
    if manifest.model:
        record = record_of(workspace, manifest.model)
        from trail.forecast import load  # noqa: PLC0415 - loads torch; only this path needs it

        made = load(workspace.models / record.name).fit(history).predict(cards)
    else:
        made = fitted_baseline(workspace, manifest.by, history).predict(cards)
    item_ids = cards.item_ids
    order = ranking(made.score, item_ids)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(1, len(order) + 1)
    return _Numbers(pa.array(item_ids, pa.string()), made.expected, rank)


def _parts(steps: Sequence[tuple[np.ndarray, np.ndarray]]) -> Iterator[tuple[Part, ...]]:
    """Yields the parts of each item, from expected counts and ranks at each step, shape (items,) each."""
    expected = np.diff(np.stack([each for each, _ in steps]), axis=0)  # (parts, items)
    places = -np.diff(np.stack([each for _, each in steps]), axis=0)
    for item in range(expected.shape[1]):
        yield tuple(
            Part(name, int(places[at, item]), float(expected[at, item])) for at, name in enumerate(PARTS)
        )
