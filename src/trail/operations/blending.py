"""How much a client's own scores count beside the forecast: as `trail lists` chose it on validation."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from trail.engine import newest_first
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
    path = newest_lists(workspace)
    if path is None:
        return HALF, "half and half: `trail lists` has not measured it yet"
    return _measured(path, path.stat().st_mtime_ns, forecaster)


def newest_lists(workspace: Workspace) -> Path | None:
    """Returns the rows of the last run of `trail lists` for the project's own horizon; null without one."""
    # those of another horizon end with its days, as "-28d"
    found = newest_first(workspace.reports.glob("lists-*[0-9]/rows.parquet"))
    return found[0][1] if found else None


@lru_cache(maxsize=64)
def _measured(path: Path, changed: int, forecaster: str) -> tuple[float, str]:  # noqa: ARG001 - it tells states of the file apart
    """Returns the weight that the rows of one run of `trail lists` say, read again only where the file changed."""
    try:
        rows = [ListRow(**row) for row in pq.read_table(path).to_pylist()]
        return _chosen(rows, forecaster, path.parent.name)
    except (OSError, pa.ArrowException, LookupError, TypeError, ValueError):
        return HALF, f"half and half: what `trail lists` measured cannot be read ({path.parent.name})"


def _chosen(rows: list[ListRow], forecaster: str, report: str) -> tuple[float, str]:
    blends = [line.method for line in list_table(rows, "validation") if " + " in line.method]
    mine = [name for name in blends if name.endswith(f" + {forecaster}")] or blends
    found = _weight_of(rows, mine[0]) if mine else None
    if found is None:
        return HALF, "half and half: `trail lists` measured no blend"
    return found, f"chosen on validation for {mine[0]}, the best blend there ({report})"


def _weight_of(rows: list[ListRow], method: str) -> float | None:
    settings = next(row.settings for row in rows if row.method == method)
    found = _WEIGHT.search(settings)
    return float(found[1]) if found else None
