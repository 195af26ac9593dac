"""How a project's data, models and snapshots stand: read when asked for, remembered a few seconds, of the log its footer alone."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pyarrow as pa
import pyarrow.parquet as pq
from fastapi import APIRouter, Request, Response

from trail.engine import newest_first
from trail.errors import DataError, TrailError
from trail.events.ingest import NOTE_FILE
from trail.events.job import EVENTS_FILE, REJECTED_FILE
from trail.operations.exporting.mirror import is_mirror
from trail.operations.journal import JOURNAL
from trail.operations.models import BACKTEST, records
from trail.operations.workspace import Workspace
from trail.service.files import read_json
from trail.service.pages.backtest import champion_words
from trail.service.pages.contents import (
    DataRead,
    Health,
    ModelHeld,
    NightRun,
    RowRefused,
    SnapshotHeld,
    SourceRead,
    StepTold,
)
from trail.service.pages.frame import framed
from trail.service.pages.render import shown
from trail.service.pages.words import ago
from trail.service.problems import without_folders
from trail.service.shelf import Shelf
from trail.service.state import Named
from trail.snapshots import read_manifest

router = APIRouter()
#: Seconds that a look is remembered.
_REMEMBERED = 5.0
#: Rows, models and snapshots shown at most; bytes read of the list of refused rows; characters shown of one.
_EXAMPLES, _MODELS, _SNAPSHOTS, _BYTES, _CUT = 20, 20, 30, 65_536, 300


@router.get("/p/{project}/health.json")
@router.get("/p/{project}/health")
def health(request: Request, project: Named) -> Response:
    """Returns how data, models and snapshots stand."""
    frame = framed(request, project, "Data health", place="health")
    return shown(request, "health", _looks.of(project), frame)


class _Looks:
    """The last look at each project; one at a time, however many ask."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Shelf, tuple[float, Health]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def of(self, shelf: Shelf) -> Health:
        """Returns the last look, or a new one where it is too old."""
        with self._lock:
            now = time.monotonic()
            found = self._kept.get(shelf)
            if found is None or found[0] < now:
                found = self._kept[shelf] = (now + _REMEMBERED, looked(shelf, datetime.now(UTC)))
            return found[1]


_looks = _Looks()


def looked(shelf: Shelf, now: datetime) -> Health:
    """Returns how a project stands.

    Args:
        shelf: The project.
        now: The present.
    """
    workspace = shelf.workspace  # as it was opened: a project's file that was spoilt since hides nothing else
    data, snapshots = _data(workspace.data, now), list(_snapshots(workspace, shelf))
    models, damaged = _models(workspace, shelf)
    told = read_json(workspace.folder / JOURNAL) or {}
    run = _run(told)
    mirror = is_mirror(workspace.folder)
    warnings = [*_warnings(shelf, data, now, mirror=mirror), *_failures(told, run), *damaged]
    return Health(
        asked=now,
        warnings=warnings,
        mirror=mirror,
        run=run,
        data=data,
        models=models,
        champion=champion_words(shelf),
        snapshots=snapshots,
        refused=shelf.refused,
    )


def _warnings(shelf: Shelf, data: DataRead | None, now: datetime, *, mirror: bool) -> Iterator[str]:
    if shelf.refused:
        yield f"A newer snapshot is not served: {shelf.refused}"
    if data is None and not mirror:
        yield "No log was read into this project yet."
    if data and data.refused:
        yield f"{sum(data.refused.values()):,} rows of the sources were refused."
    if not shelf.ready:
        yield f"No snapshot is served. One is made by: trail forecast {shelf.name}"
        return
    snapshot = shelf.current.snapshot
    cutoff, horizon = snapshot.manifest.moment, snapshot.cards.horizon
    if data and data.newest and data.newest < cutoff - horizon.span:
        days = (cutoff - data.newest).days
        yield (
            f"The newest event of the log is {days:,} days older than what the served forecast takes for known: does the log "
            "still arrive?"
        )
    end = horizon.target_period(cutoff)[1]
    if end <= now:
        yield f"The period of the served forecast ended {ago(end, now)}."


def _run(told: dict[str, Any]) -> NightRun | None:
    """Returns what the journal tells of the last run; null where it tells of none."""
    try:
        steps = [
            StepTold(name=each["name"], status=each["status"], words=without_folders(each["words"]))
            for each in told["steps"]
        ]
        return NightRun(begun=told["begun"], ended=told["ended"], steps=steps)
    except (KeyError, TypeError, ValueError):
        return None


def _failures(told: dict[str, Any], run: NightRun | None) -> Iterator[str]:
    unread = told.get("unread")
    if isinstance(unread, dict):
        yield f"The last run could not read the sources: {without_folders(str(unread.get('words')))}"
    for each in run.steps if run else ():
        if each.status == "failed":
            yield f"The last run failed to do this, {each.name}: {each.words}"


def _data(folder: Path, now: datetime) -> DataRead | None:
    written, note = newest_first([folder / NOTE_FILE]), read_json(folder / NOTE_FILE)
    if not written or note is None:
        return None
    try:
        return _read(note["result"], datetime.fromtimestamp(written[0][0] / 1e9, UTC), folder, now)
    except (LookupError, TypeError, AttributeError, ValueError):  # of another shape
        return None


def _read(found: dict[str, Any], read: datetime, folder: Path, now: datetime) -> DataRead:
    newest = _newest(folder / EVENTS_FILE)
    return DataRead(
        read=read,
        newest=newest,
        newest_ago=ago(newest, now) if newest else "",
        events=found["event_rows"],
        items=found["item_rows"],
        added=found["items_added"],
        refused=dict(sorted(found["set_aside"].items(), key=lambda pair: -pair[1])),
        sources=[_source(each) for each in found["tallies"]],
        examples=list(_examples(folder / REJECTED_FILE)),
    )


def _newest(path: Path) -> datetime | None:
    """Returns the time of the newest event by what the file's footer says of its pieces; null where it does not."""
    try:
        footer = pq.read_metadata(path)
        column = footer.schema.names.index("timestamp")
        pieces = [footer.row_group(at).column(column).statistics for at in range(footer.num_row_groups)]
        found: datetime = max(each.max for each in pieces)
    except (OSError, pa.ArrowException, ValueError, TypeError, AttributeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _source(tally: dict[str, Any]) -> SourceRead:
    where = Path(tally["location"]).name or tally["location"]
    return SourceRead(
        location=where, role=tally["role"], rows=tally["rows"], kept=tally["kept"], refused=tally["set_aside"]
    )


def _examples(path: Path) -> Iterator[RowRefused]:
    """Yields the first rows of the list of refused ones, of its first bytes alone."""
    try:
        with path.open("rb") as file:
            beginning = file.read(_BYTES).decode("utf-8", "replace")
    except OSError:
        return
    cut = beginning if len(beginning.encode()) < _BYTES else beginning.rsplit("\n", 1)[0]
    rows = csv.DictReader(io.StringIO(cut))
    with suppress(csv.Error):
        for _, row in zip(range(_EXAMPLES), rows, strict=False):
            told = {name: str(row.get(name) or "")[:_CUT] for name in RowRefused.model_fields}
            yield RowRefused(**told | {"file": Path(told["file"]).name})


def _models(workspace: Workspace, shelf: Shelf) -> tuple[list[ModelHeld], list[str]]:
    """Returns the latest models that are not of a backtest, and what is wrong with their records."""
    serving = shelf.current.snapshot.manifest.model if shelf.ready else ""
    try:
        found = [each for each in records(workspace) if not each.name.startswith(BACKTEST)]
        held = [
            ModelHeld(
                name=each.name,
                until=each.moment,
                created=datetime.fromisoformat(each.created),
                serves=bool(serving) and each.fingerprint == serving,
            )
            for each in sorted(found, key=lambda each: each.moment, reverse=True)
        ]
    except TrailError as error:
        return [], [without_folders(f"{error.found}; {error.fix}")]
    except (TypeError, ValueError):
        return [], ["a damaged record of a model; train the model again"]
    return held[:_MODELS], []


def _snapshots(workspace: Workspace, shelf: Shelf) -> Iterator[SnapshotHeld]:
    published = shelf.current.name if shelf.ready else ""
    for name in shelf.names()[:_SNAPSHOTS]:
        try:
            manifest = read_manifest(workspace.snapshots / name)
        except (DataError, OSError):  # removed or damaged since the last look
            continue
        yield SnapshotHeld(
            name=name,
            cutoff=manifest.moment,
            created=datetime.fromisoformat(manifest.created),
            items=manifest.items,
            forecaster=manifest.forecaster,
            seal=manifest.seal,
            published=name == published,
        )
