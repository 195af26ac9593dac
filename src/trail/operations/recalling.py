"""Who made a sealed forecast, fitted again on what was known at its cutoff; reads what lies there, and writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import ibis
import numpy as np
import pyarrow as pa

from trail.baselines import LINE_UP
from trail.engine import connect
from trail.errors import DataError, ModelError, TrailError
from trail.events import Ingested, Tally, open_items, open_log
from trail.events.ingest import NOTE_FILE
from trail.events.job import EVENTS_FILE, ITEMS_FILE, REJECTED_FILE
from trail.operations.data import Data
from trail.operations.history import cutoffs_before, labelled
from trail.operations.models import record_of
from trail.operations.serving import BEST, fitted_baseline
from trail.operations.workspace import Report, Workspace, quiet
from trail.signals import Labelled, known_at
from trail.snapshots import Manifest, Snapshot

#: Share by which a number that is made again may differ from the sealed one: less than any text shows.
CLOSE = 1e-3


class PassingError(DataError):
    """The log is read anew at this moment: a later try may do."""


@dataclass(frozen=True)
class _Recalled:
    """Who made a forecast, fitted again, and the model that writes; or why nobody could be, and the fingerprint of the log that was tried."""

    maker: Any = None
    writer: Any = None
    error: DataError | None = None
    read: str = ""


#: By folder and seal of the snapshot; of makers only the last one: a process that writes many texts loads and fits once.
_KEPT: dict[tuple[Path, str], _Recalled] = {}


def recalled(workspace: Workspace, snapshot: Snapshot, report: Report = quiet) -> tuple[Any, Any]:
    """Returns who made a sealed forecast, fitted on what was known at its cutoff, and the model that writes, null without one.

    So its drivers can be measured.

    The log may have grown since. What it was at the cutoff it still is if the forecaster, fitted on it, expects of every
    item what it expected then; so that is what is looked at, and not whether a file changed.

    Raises:
        DataError: If the model is gone, the log is not here, or its past is another than it was.
        PassingError: If it is read anew at this moment.
    """
    key, read = (workspace.folder.resolve(), snapshot.manifest.seal), _fingerprint(workspace)
    kept = _KEPT.get(key)
    if kept is None or (kept.error and kept.read != read):
        kept = _KEPT[key] = _tried(workspace, snapshot, read, report)
    if kept.error:
        raise kept.error.with_traceback(None)
    return kept.maker, kept.writer


def _tried(workspace: Workspace, snapshot: Snapshot, read: str, report: Report) -> _Recalled:
    try:
        maker, writer = _fitted(workspace, snapshot, report)
    except PassingError:
        raise
    except TrailError as error:  # in words alone: what it came of would keep a history in memory
        return _Recalled(error=DataError(error.found, expected=error.expected, fix=error.fix), read=read)
    _KEPT.clear()
    return _Recalled(maker, writer)


def has_log(folder: Path) -> bool:
    """Whether the log of a project was read here: that of a mirror never was."""
    return (folder / "data" / EVENTS_FILE).is_file()


def no_log() -> DataError:
    """Returns the error of a project whose log was never read here."""
    return DataError("the log is not here", fix="ask where the forecasts are made")


@contextmanager
def as_read_last(workspace: Workspace) -> Iterator[tuple[Data, Workspace]]:
    """Yields log and catalogue as they were read last, and the project with a cache that is thrown away.

    No source is looked at, and no file of the project is written: another process may be at work on them, without
    whose lock this is.

    Raises:
        DataError: If they are not here, or cannot be read.
        PassingError: If they are, or were meanwhile, read anew.
    """
    before = _fingerprint(workspace)
    if not before:
        _refuse_unread(workspace)
    connection = connect()
    try:
        with TemporaryDirectory(prefix="trail-") as aside:
            for path in workspace.cache.glob("*.parquet"):
                (Path(aside) / path.name).symlink_to(path.resolve())
            yield _opened(workspace, connection), _Aside(workspace.folder, workspace.project, Path(aside))
    except (TrailError, OSError, pa.ArrowException, duckdb.Error, ibis.IbisError) as error:
        _refuse_moved(workspace, before)
        if isinstance(error, TrailError):
            raise
        raise DataError(f"the log could not be read ({str(error).splitlines()[0]})") from error
    finally:
        connection.disconnect()
    _refuse_moved(workspace, before)


def history_of(data: Data, workspace: Workspace, manifest: Manifest, report: Report) -> Sequence[Labelled]:
    """Returns what was known at a snapshot's cutoff.

    Raises:
        DataError: If it is too little, or the project counts in other periods now.
    """
    if manifest.horizon_days != workspace.project.horizon_days:
        raise DataError(
            f"the project's horizon is {workspace.project.horizon_days} days",
            expected=f"the {manifest.horizon_days} of the forecast",
        )
    cutoffs = cutoffs_before(data, manifest.moment, workspace)
    return known_at(labelled(data, cutoffs, workspace, report), manifest.moment)


@dataclass(frozen=True)
class _Aside(Workspace):
    """A project whose cache is elsewhere."""

    aside: Path

    @property
    def cache(self) -> Path:
        """The other cache."""
        return self.aside


def _opened(workspace: Workspace, connection: ibis.BaseBackend) -> Data:
    folder = workspace.data
    values = json.loads((folder / NOTE_FILE).read_text(encoding="utf-8"))["result"]
    found = Ingested(
        events=folder / EVENTS_FILE,
        items=folder / ITEMS_FILE,
        rejected=folder / REJECTED_FILE,
        fresh=False,
        **values | {"tallies": tuple(Tally(**each) for each in values["tallies"])},
    )
    log = open_log(connection, found.events, name=workspace.project.noun)
    return Data(log, open_items(connection, found.items), found)


def _fingerprint(workspace: Workspace) -> str:
    """Returns the fingerprint of the log as it was read last; empty where it was not, or is being read."""
    try:
        note = json.loads((workspace.data / NOTE_FILE).read_text(encoding="utf-8"))
        return str(note["result"]["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _refuse_unread(workspace: Workspace) -> None:
    if has_log(workspace.folder):
        raise PassingError(
            "the log is read anew at this moment, or its reading was cut short",
            fix="ask again when it is read",
        )
    raise no_log()


def _refuse_moved(workspace: Workspace, before: str) -> None:
    if _fingerprint(workspace) != before:
        raise PassingError("the log was read anew meanwhile", fix="ask again in a few minutes")


def _fitted(workspace: Workspace, snapshot: Snapshot, report: Report) -> tuple[Any, Any]:
    manifest = snapshot.manifest
    record = record_of(workspace, manifest.model) if manifest.model else None
    if not (record or manifest.by):
        raise DataError("the snapshot does not say who made it", fix="forecast again")
    with as_read_last(workspace) as (data, own):
        history = history_of(data, own, manifest, report)
    writer: Any = _loaded(workspace, record.name) if record else None
    if manifest.corrected:
        model = writer.fit(history)
        _refuse_other(snapshot, model.prior_forecast(snapshot.cards).expected)
        return model, model
    # who did best on validation origins is named in the snapshot, and need not be looked for again
    best = manifest.by == BEST and manifest.forecaster in LINE_UP
    made = fitted_baseline(workspace, manifest.forecaster if best else manifest.by, history)
    _refuse_other(snapshot, made.predict(snapshot.cards).expected)
    return made, writer


def _loaded(workspace: Workspace, name: str) -> Any:
    try:
        from trail.forecast import load  # noqa: PLC0415 - loads torch; only this path needs it
    except ImportError as error:
        fix = "pip install 'trail-forecast[model]'"
        raise ModelError(f"the package {error.name} is not installed", fix=fix) from error
    return load(workspace.models / name)


def _refuse_other(snapshot: Snapshot, expected: np.ndarray) -> None:
    """Refuses what expects of the sealed cards, shape (items,), other counts than the sealed prior did."""
    prior = dict(zip(*(snapshot.forecast[name].to_pylist() for name in ("item_id", "prior")), strict=True))
    sealed = [prior[item] for item in snapshot.cards.item_ids]
    if not np.allclose(expected, sealed, rtol=CLOSE, atol=CLOSE):
        raise DataError(
            f"the log's past changed since the forecast of {snapshot.manifest.moment:%Y-%m-%d}",
            expected="what was known when it was made",
            fix="ask for an item of a later snapshot",
        )
