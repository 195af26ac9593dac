"""Scores as flat rows in Parquet, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from trail.engine import write_table
from trail.evaluate.flat import rows_of, schema_of, table_of
from trail.evaluate.scorecard.figures import Figure
from trail.evaluate.scorecard.first import First
from trail.evaluate.scorecard.reasons import Reason
from trail.evaluate.scorecard.score import Head, Score

#: One row a snapshot, a figure, a reason, one of the first items; joined by `seal`.
SCORES, FIGURES, REASONS, FIRST = FILES = (
    "scores.parquet",
    "figures.parquet",
    "reasons.parquet",
    "first.parquet",
)
_Row = TypeVar("_Row", Head, Figure, Reason, First)


def write_scores(scores: Sequence[Score], folder: Path) -> None:
    """Writes `scores.parquet`, `figures.parquet`, `reasons.parquet` and `first.parquet`."""
    write_table(table_of([each.head for each in scores], Head), folder / SCORES)
    write_table(table_of([row for each in scores for row in each.figures], Figure), folder / FIGURES)
    write_table(table_of([row for each in scores for row in each.reasons], Reason), folder / REASONS)
    write_table(table_of([row for each in scores for row in each.first], First), folder / FIRST)


def read_scores(folder: Path) -> list[Score]:
    """Reads what `write_scores` wrote; empty where there is nothing, or what cannot be read as it.

    Scores from before `first.parquet` was written are read without their first items.
    """
    heads = _read(folder / SCORES, Head)
    measured, given = _read(folder / FIGURES, Figure), _read(folder / REASONS, Reason)
    ahead = _read(folder / FIRST, First)
    scores = [
        Score(
            head,
            tuple(row for row in measured if row.seal == head.seal),
            tuple(row for row in given if row.seal == head.seal),
            tuple(row for row in ahead if row.seal == head.seal),
        )
        for head in heads
    ]
    # a score without figures lost a file; it is made anew
    return [each for each in scores if each.figures and (each.reasons or not each.head.texts)]


def _read(path: Path, kind: type[_Row]) -> list[_Row]:
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException):
        return []
    return rows_of(table, kind) if table.schema == schema_of(kind) else []


def renamed(found: Score, snapshot: str) -> Score:
    """Returns a score whose snapshot's folder has another name now."""
    return replace(found, head=replace(found.head, snapshot=snapshot))
