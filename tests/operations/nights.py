"""A project whose log arrives week by week, and a forecaster of no time in place of the real one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from tests.snapshots.making import SEED, SHOWN, K, contents

from trail.baselines.sample import sample_log
from trail.events import Source
from trail.operations.forecasting import Forecasted, intended
from trail.operations.workspace import Workspace, moment_name
from trail.project import ForecastSettings, Project, save_project
from trail.snapshots import open_snapshot, read_manifest, seal

WEEK = timedelta(weeks=1)
#: Mondays at which the sample has cards; the log of 20 weeks ends a week after the last one.
LAST = datetime(2024, 5, 13, tzinfo=UTC)
BEFORE = LAST - WEEK
COLUMNS = ("item_id", "timestamp", "user_id", "price")


def write_orders(
    folder: Path, name: str, start: datetime | None, end: datetime, rows: slice = slice(None)
) -> Path:
    """Writes the sample's events of a span, or some of them, as a file of the project's log, which counts by the day."""
    table = sample_log()[0].table.select(*COLUMNS).to_pyarrow()
    inside = pc.less(table["timestamp"], pa.scalar(end))
    if start:
        inside = pc.and_(inside, pc.greater_equal(table["timestamp"], pa.scalar(start)))
    table = table.filter(inside)
    table = table.take(list(range(table.num_rows))[rows])
    path = folder / "orders" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    days = table["timestamp"].cast("timestamp[us]").cast("date32").cast("string")
    pyarrow.csv.write_csv(table.set_column(1, "timestamp", days), path)
    return path


def make_project(folder: Path, end: datetime = BEFORE, **changes) -> Path:
    """Makes a project whose log ends with a Sunday, so that its next cutoff is the Monday after."""
    write_orders(folder, "a.csv", None, end)
    project = Project(
        events=(Source("orders/*.csv", columns={name: name for name in COLUMNS}),),
        forecast=ForecastSettings(top=K, explained=SHOWN, seed=SEED),
    )
    save_project(replace(project, **changes), folder)
    return folder


def seal_at(workspace: Workspace, data, cutoff: datetime, by: str = "best"):
    """Seals the sample's little snapshot of a cutoff as a forecast of the project's data."""
    manifest, table, cards, texts = contents(back=1 + (LAST - cutoff) // WEEK)
    manifest = replace(intended(workspace, data, cutoff, by=by)[0], versions=manifest.versions)
    return seal(workspace.snapshots / moment_name(cutoff), manifest, table, cards, texts)


def standin(folder: Path, *, at: datetime, by: str, data, report) -> Forecasted:
    """Seals what the sample has at the cutoff, in place of a forecast."""
    workspace = Workspace.open(folder)
    target = workspace.snapshots / moment_name(at)
    if target.exists():
        return Forecasted(open_snapshot(target), "", already=True)
    return Forecasted(seal_at(workspace, data, at, by), "", already=False)


def seals(folder: Path) -> dict[str, str]:
    """Returns the seal of every snapshot."""
    return {each.name: read_manifest(each).seal for each in sorted((folder / "snapshots").iterdir())}


def stamps(folder: Path) -> dict[str, int]:
    """Returns when each file was last written, but for what tells of the runs themselves."""
    files = (each for each in folder.rglob("*") if each.is_file())
    return {
        str(each.relative_to(folder)): each.stat().st_mtime_ns
        for each in files
        if each.name not in ("run.json", ".run.lock")
    }
