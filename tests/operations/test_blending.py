"""The weight of a blend: read once, and never a reason to fail."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trail.evaluate.list_rows import LIST_METRICS, ListRow, write_list_rows
from trail.events import Source
from trail.operations import blending
from trail.operations.blending import blend_weight
from trail.operations.workspace import Workspace
from trail.project import Project, save_project

ORIGIN = datetime(2026, 2, 2, tzinfo=UTC)


def rows(**weights: float) -> list[ListRow]:
    """Rows of a recommender blended with forecasters, each method better than the one before."""
    return [
        ListRow(
            "t", f"als + {name}", f"als, weight {weight:g}", ORIGIN, "validation", "active", "all",
            9, 0, 0, metric, 0.1 * at, 1.0, "{}", 0,
        )
        for at, (name, weight) in enumerate(weights.items(), start=1) for metric in LIST_METRICS
    ]  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    save_project(Project(events=(Source("events.csv"),)), tmp_path)
    return Workspace.open(tmp_path)


@pytest.fixture
def path(workspace: Workspace) -> Path:
    found = workspace.reports / "lists-1" / "rows.parquet"
    found.parent.mkdir(parents=True)
    return found


def test_the_weight_is_the_forecasters_own_or_the_best_ones(workspace: Workspace, path: Path):
    assert blend_weight(workspace, "trail") == (0.5, "half and half: `trail lists` has not measured it yet")
    write_list_rows(rows(decayed=0.25, trail=0.75), path)
    assert blend_weight(workspace, "decayed")[0] == 0.25
    weight, why = blend_weight(workspace, "seasonal")
    assert (weight, why) == (0.75, "chosen on validation for als + trail, the best blend there (lists-1)")


def test_rows_are_read_again_only_where_they_changed(workspace: Workspace, path: Path, monkeypatch):
    write_list_rows(rows(trail=0.25), path)
    read, real = [], pq.read_table
    monkeypatch.setattr(blending.pq, "read_table", lambda path: read.append(path) or real(path))
    assert [blend_weight(workspace, "trail")[0] for _ in range(3)] == [0.25] * 3
    assert len(read) == 1
    write_list_rows(rows(trail=0.75), path)
    os.utime(path, ns=(1, 1))
    assert blend_weight(workspace, "trail")[0] == 0.75


@pytest.mark.parametrize("damage", ["no parquet", "cut off", "other columns", "no number", "no blend"])
def test_rows_that_cannot_be_read_mean_half_and_half(workspace: Workspace, path: Path, damage: str):
    write_list_rows(rows(trail=0.25), path)
    if damage == "no parquet":
        path.write_text("5")
    elif damage == "cut off":
        path.write_bytes(path.read_bytes()[:-50])
    elif damage == "other columns":
        pq.write_table(pa.table({"method": ["als + trail"]}), path)
    else:
        settings = "als, weight 1.2.3" if damage == "no number" else "als"
        table = pq.read_table(path)
        at = table.column_names.index("settings")
        pq.write_table(table.set_column(at, "settings", pa.array([settings] * len(table))), path)
    weight, why = blend_weight(workspace, "trail")
    assert weight == 0.5
    assert why.startswith("half and half: ")
    assert str(workspace.folder) not in why
