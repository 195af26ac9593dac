"""`trail diff --why`: what moved each item between two snapshots, in parts that add up.

Between the older snapshot and the newer one stand up to three forecasts that are made now: the older cutoff with all
events before it that the log holds by now (what they add arrived late), the newer cutoff by the older forecaster (what it
adds happened since), and the newer cutoff by the newer forecaster. What is still left to the sealed newer one is
the settings'. Each step's difference is a part, so the parts of an item add up to its move, in places and in counts.
No forecast is made for a cause that cannot have moved anything: where no event came late, forecaster and settings are the
same, all that moved is new events' and nothing is forecast.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trail.engine import value_hash
from trail.errors import ConfigError
from trail.events import event_log
from trail.operations.causes import KEPT, LATE, PARTS, SETTINGS, Moved, Moves, Part, write_moves
from trail.operations.data import Data, prepare
from trail.operations.history import cards_of, cutoffs_before, labelled
from trail.operations.models import record_of
from trail.operations.serving import fitted_baseline
from trail.operations.workspace import Report, Workspace, quiet
from trail.signals import known_at
from trail.snapshots import Manifest, Move, Snapshot, compare, open_unaltered
from trail.snapshots.tables import ranking


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


def moves(
    folder: Path,
    older: Path,
    newer: Path,
    *,
    top: int = 50,
    causes: Collection[str] = PARTS,
    data: Data | None = None,
    report: Report = quiet,
) -> Moves:
    """Says what moved each item in the top of either snapshot, and writes it into `reports/moves/` for at least the first 1,000.

    Args:
        folder: The project.
        older: The older snapshot.
        newer: The newer one.
        top: Ranks of either that are looked at.
        causes: Those that may have moved anything; who knows that no event came late, or that the newer one was sealed with the
            settings and the data of now, leaves these out and spares a forecast each.
        data: The project's log and catalogue, where they are open already; else its sources are read.
        report: Told what goes on.

    Raises:
        ConfigError: If the snapshots have other horizons, or the second is not the newer one.
        DataError: If one is damaged, or the log does not reach back.
        ModelError: If a model that made one of them is gone.
    """
    workspace = Workspace.open(folder)
    before, after = open_unaltered(older), open_unaltered(newer)
    _check(before, after)
    data = data or prepare(workspace, report)
    steps = list(_steps(workspace, (before, after), causes, data, report))
    compared = compare(before, after, top=max(top, KEPT))
    ids = pa.array([each.item_id for each in compared], pa.string())
    parts = _parts([each.of(ids) for each in steps])
    made = Moves(
        before.folder.name,
        after.folder.name,
        (before.manifest.seal, after.manifest.seal),
        tuple(Moved(each, found) for each, found in zip(compared, parts, strict=True)),
    )
    write_moves(workspace, made)
    return replace(made, items=tuple(each for each in made.items if _within(each.move, top)))


def _within(move: Move, top: int) -> bool:
    return any(rank is not None and rank <= top for rank in (move.before, move.after))


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


def _steps(
    workspace: Workspace,
    pair: tuple[Snapshot, Snapshot],
    causes: Collection[str],
    data: Data,
    report: Report,
) -> Iterator[_Numbers]:
    """Yields the numbers of the older snapshot, of each forecast in between, and of the newer one: five."""
    before, after = pair
    older, newer = before.manifest, after.manifest
    first, last = _sealed(before), _sealed(after)
    yield first
    other = older.data != newer.data or older.data != data.fingerprint
    if LATE in causes and other:
        beside, then = _Beside(workspace.folder, workspace.project), _until(data, older.moment)
        yield _forecast(beside, then, older.moment, older, report)
    else:
        yield first
    now = _forecast(workspace, data, newer.moment, newer, report) if SETTINGS in causes else last
    same = older.maker == newer.maker
    yield now if same else _forecast(workspace, data, newer.moment, older, report)
    yield now
    yield last


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
    if manifest.corrected:
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
