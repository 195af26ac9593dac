"""Cards with their outcomes at every cutoff, computed once and kept as Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from trail.baselines import active
from trail.engine import value_hash, write_table
from trail.errors import DataError
from trail.events import EventLog, Horizon
from trail.operations.data import Data
from trail.operations.source import CARDS, source_hash
from trail.operations.workspace import Report, Workspace, quiet
from trail.signals import Cards, Labelled, Late, cards_at, gathered, label
from trail.snapshots.tables import cards_from, cards_table

#: Full windows that the log must cover before a cutoff that is learned from: fewer say too little.
LEAST_WINDOWS = 4
#: Cutoffs with known outcomes without which nothing can be learned and tried.
LEAST_CUTOFFS = 8
#: A log is short whose cutoffs have fewer active items in all: rows of overlapping periods help to learn from it
#: (docs/log.md); in a longer one they take the place of rows that say more.
SHORT = 200_000
#: Cutoffs between two that lie a horizon apart.
BETWEEN = 2
_TARGET, _ON_TIME, _LATE = "trail.target", "trail.on_time", "trail.late"


def cutoffs_before(data: Data, cutoff: datetime, workspace: Workspace) -> list[datetime]:
    """Returns the cutoffs one horizon apart whose outcome is known at `cutoff`, oldest first.

    An outcome that reaches past the log's end is not known: its missing days would count as zero. Where less than
    half of what had happened had arrived, too little was known to learn from.

    Raises:
        DataError: If there are too few to learn from.
    """
    horizon, log = workspace.project.horizon, data.log
    steps = range(workspace.project.history, 0, -1)
    found = [cutoff - step * horizon.span for step in steps]
    found = [
        each for each in found if _teaches(log, each, horizon) and each + horizon.span <= log.last_cutoff()
    ]
    if len(found) < LEAST_CUTOFFS:
        fix = "use a longer log, a later cutoff, fewer origins of a backtest or a shorter horizon"
        if log.arrivals and log.arrivals.short:
            start, end = log.arrivals.short[-1]
            fix += (
                f"; from {start:%Y-%m-%d} to {end:%Y-%m-%d} less than half of what had happened had arrived: where ingested_at is "
                "the time of a later copy of the log, leave it out of the columns in trail.toml"
            )
        raise DataError(
            f"{len(found)} {horizon.noun}s to learn from before {cutoff:%Y-%m-%d}",
            expected=f"{LEAST_CUTOFFS} or more, each with {LEAST_WINDOWS} full windows of the log before it, one after",
            where=f"a log from {log.start:%Y-%m-%d} to {log.end:%Y-%m-%d}",
            fix=fix,
        )
    return found


def labelled(
    data: Data, cutoffs: Sequence[datetime], workspace: Workspace, report: Report = quiet
) -> list[Labelled]:
    """Returns the cards and outcomes of cutoffs, from the cache where they are; of a short log, of those between too.

    A run that is killed keeps every cutoff that was finished. Cards of other data are removed, those of
    other horizons stay.
    """
    found = _each(data, cutoffs, workspace, report)
    if sum(int(active(example.cards).sum()) for example in found) >= SHORT:
        return found
    others = between(data.log, cutoffs, workspace.project.horizon)
    return gathered([*found, *_each(data, others, workspace, report)], set(cutoffs))


def between(log: EventLog, cutoffs: Sequence[datetime], horizon: Horizon) -> list[datetime]:
    """Returns up to `BETWEEN` cutoffs before each of some, evenly within a horizon and on the log's grid, oldest first.

    None where the grid is as coarse as the horizon; and none of which too little was known, as for `cutoffs_before`.
    """
    step = log.grid or timedelta(days=1)
    back = {round(horizon.span * at / (BETWEEN + 1) / step) * step for at in range(1, BETWEEN + 1)}
    inside = [each for each in back if timedelta(0) < each < horizon.span]
    found = {cutoff - each for cutoff in cutoffs for each in inside}
    return sorted(each for each in found - set(cutoffs) if _teaches(log, each, horizon))


def _teaches(log: EventLog, cutoff: datetime, horizon: Horizon) -> bool:
    """Tells whether enough was known at a cutoff, for long enough, to learn from its cards."""
    return log.windows_before(cutoff, horizon) >= LEAST_WINDOWS and log.teaches(cutoff)


def _each(data: Data, cutoffs: Sequence[datetime], workspace: Workspace, report: Report) -> list[Labelled]:
    """Returns the cards and outcomes of cutoffs."""
    prefix = f"cards-{workspace.project.horizon_days}d-"
    key = prefix + _key(data, workspace)
    _prune(workspace.cache, prefix, key)
    found: list[Labelled] = []
    table = None
    for done, cutoff in enumerate(cutoffs):
        report("cards", done, len(cutoffs))
        path = workspace.cache / f"{key}-{cutoff:%Y%m%dT%H%M%S}.parquet"
        if not path.is_file():
            _write(label(data.log, cards_of(data, cutoff, workspace)), path)
        table = _shared(pq.read_table(path), table)
        found.append(_labelled(table))
    report("cards", len(cutoffs), len(cutoffs))
    return found


def cards_of(data: Data, cutoff: datetime, workspace: Workspace) -> Cards:
    """Returns the cards of the whole catalogue at a cutoff."""
    project = workspace.project
    return cards_at(data.log, data.items, cutoff, project.horizon, country=project.country)


def check_cutoff(data: Data, cutoff: datetime, horizon: timedelta) -> None:
    """Refuses a cutoff that lies off the log's grid or more than a horizon after its end.

    Raises:
        DataError: If it does.
    """
    data.log.check_cutoff(cutoff)
    last = data.log.last_cutoff()
    if not data.log.start < cutoff <= last + horizon:
        raise DataError(
            f"the cutoff {cutoff:%Y-%m-%d}",
            expected=f"a moment after {data.log.start:%Y-%m-%d} and at most one horizon after {last:%Y-%m-%d}",
            where="the log's span",
        )


def _key(data: Data, workspace: Workspace) -> str:
    project, definitions = workspace.project, source_hash(*CARDS)
    return value_hash([data.fingerprint, project.horizon_days, project.country, project.noun, definitions])


def _prune(folder: Path, prefix: str, key: str) -> None:
    stale: Iterable[Path] = folder.glob(f"{prefix}*.parquet") if folder.is_dir() else ()
    for path in stale:
        if not path.name.startswith(f"{key}-"):
            path.unlink(missing_ok=True)


def _write(example: Labelled, path: Path) -> None:
    table = cards_table(example.cards).append_column(_TARGET, pa.array(example.target, pa.float64()))
    if example.late is not None:
        table = table.append_column(_ON_TIME, pa.array(example.late.on_time, pa.float64()))
        table = table.append_column(_LATE, _by_row(example.late))
    write_table(table, path)


def _by_row(late: Late) -> pa.Array:
    """Returns what became known late as one list of weights and moments a row."""
    order = np.argsort(late.row, kind="stable")
    pieces = pa.StructArray.from_arrays([late.weight[order], late.moment[order]], names=["weight", "moment"])
    ends = np.searchsorted(late.row[order], np.arange(len(late.on_time) + 1))
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pieces)


def _shared(table: pa.Table, earlier: pa.Table | None) -> pa.Table:
    """Returns the table with the texts that an earlier one holds too in the same memory.

    The catalogue is the same at every cutoff: kept once, it saves a third of the memory of large ones.
    """
    if earlier is None or earlier.num_rows != table.num_rows:
        return table
    for at, column in enumerate(table.schema):
        if pa.types.is_string(column.type) and table[column.name].equals(earlier[column.name]):
            table = table.set_column(at, column, earlier[column.name])
    return table


def _labelled(table: pa.Table) -> Labelled:
    own = [name for name in (_TARGET, _ON_TIME, _LATE) if name in table.column_names]
    cards, target = (
        cards_from(table.drop_columns(own)),
        np.asarray(table[_TARGET].to_numpy(), dtype=np.float64),
    )
    return Labelled(cards, target, _late(table) if _LATE in own else None)


def _late(table: pa.Table) -> Late:
    lists = table[_LATE].combine_chunks()
    pieces = lists.flatten()
    weight, moment = (pieces.field(place).to_numpy(zero_copy_only=False) for place in range(2))
    row = np.repeat(np.arange(len(lists)), lists.value_lengths().to_numpy(zero_copy_only=False))
    return Late(np.asarray(table[_ON_TIME].to_numpy(), dtype=np.float64), row, weight, moment)
