"""How much a client's own scores count beside the forecast: as `trail lists` chose it on validation."""

from __future__ import annotations

import re

import pyarrow.parquet as pq

from trail.evaluate.list_rows import ListRow, list_table
from trail.operations.workspace import Workspace

#: Where no `trail lists` has measured it.
HALF = 0.5
_WEIGHT = re.compile(r"weight ([0-9.]+)")


def blend_weight(workspace: Workspace, forecaster: str) -> tuple[float, str]:
    """Returns the weight of a recommender's scores in a blend with a forecast, and where it comes from.

    Args:
        workspace: The project.
        forecaster: Who made the forecast.
    """
    paths = sorted(workspace.reports.glob("lists-*/rows.parquet"), key=lambda path: path.stat().st_mtime)
    if not paths:
        return HALF, "half and half: `trail lists` has not measured it yet"
    rows = [ListRow(**row) for row in pq.read_table(paths[-1]).to_pylist()]
    blends = [line.method for line in list_table(rows, "validation") if " + " in line.method]
    mine = [name for name in blends if name.endswith(f" + {forecaster}")] or blends
    found = _weight_of(rows, mine[0]) if mine else None
    if found is None:
        return HALF, "half and half: `trail lists` measured no blend"
    return found, f"chosen on validation for {mine[0]}, the best blend there ({paths[-1].parent.name})"


def _weight_of(rows: list[ListRow], method: str) -> float | None:
    settings = next(row.settings for row in rows if row.method == method)
    found = _WEIGHT.search(settings)
    return float(found[1]) if found else None
