"""The measure's folder: rows as Parquet and a summary as JSON, written whole."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from trail.engine import whole_folder, write_json, write_table
from trail.evaluate.faithfulness.curves import Point
from trail.evaluate.faithfulness.measure import Faithfulness
from trail.evaluate.faithfulness.rows import Move
from trail.evaluate.faithfulness.texts import Text
from trail.evaluate.flat import table_of

#: One row an item and group; a text written again; a point of a curve.
MOVES, TEXTS, POINTS = "moves.parquet", "texts.parquet", "curves.parquet"
SUMMARY = "reasons.json"


def summary(found: Faithfulness) -> dict[str, Any]:
    """Returns all but the rows, as data; null for what is unknown, and for a ratio over nothing."""
    return {
        name: _known(each) for name, each in vars(found).items() if name not in {"moves", "texts", "points"}
    }


def _known(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _known(asdict(value))
    if isinstance(value, Mapping):
        return {name: _known(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_known(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_faithfulness(found: Faithfulness, folder: Path, **about: str) -> None:
    """Writes `moves.parquet`, `texts.parquet`, `curves.parquet` and `reasons.json`.

    Args:
        found: What was measured.
        folder: Replaced whole.
        about: What the summary says besides, such as the cutoff.

    Raises:
        EngineError: If the folder cannot be written.
    """
    with whole_folder(folder) as temporary:
        write_table(table_of(found.moves, Move), temporary / MOVES)
        write_table(table_of(found.texts, Text), temporary / TEXTS)
        write_table(table_of(found.points, Point), temporary / POINTS)
        write_json({**about, **summary(found)}, temporary / SUMMARY)
