"""Texts of further sources, such as the untuned backbone, from a file of item_id, source and text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from trail.errors import DataError
from trail.evaluate.judging.comparisons import PLAIN, TRAIL

_COLUMNS = ("item_id", "source", "text")
#: Characters of the longest text: four times the longest that a reader of a sheet would read.
LONGEST = 4000


def read_texts(paths: Sequence[Path]) -> dict[str, dict[str, str]]:
    """Returns item -> source -> text of files in Parquet or JSON lines.

    Raises:
        DataError: If a file cannot be read, lacks a column or a text, names a source that is taken, or
            gives an item two texts of one source.
    """
    found: dict[str, dict[str, str]] = {}
    for path in paths:
        for where, row in _rows(path):
            item, source, text = _checked(row, where)
            texts = found.setdefault(item, {})
            if source in texts:
                raise DataError(f"a second text of {source!r} about {item!r}", expected="one", where=where)
            texts[source] = text
    return found


def _rows(path: Path) -> Iterable[tuple[str, Any]]:
    """Yields where a row stands, and the row."""
    try:
        if path.suffix == ".parquet":
            return [(f"{path}, row {at}", row) for at, row in enumerate(pq.read_table(path).to_pylist(), 1)]
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        raise DataError(
            f"a file of texts that cannot be read: {error}",
            expected="Parquet (.parquet) or JSON lines",
            where=str(path),
        ) from error
    return [_parsed(line, f"{path}, line {at}") for at, line in enumerate(lines, 1) if line.strip()]


def _parsed(line: str, where: str) -> tuple[str, Any]:
    try:
        return where, json.loads(line)
    except ValueError as error:
        raise DataError(f"no JSON: {line[:60]!r}", expected="one object a line", where=where) from error


def _checked(row: Any, where: str) -> tuple[str, str, str]:
    """Returns item, source and text of a row."""
    values = [row.get(name) for name in _COLUMNS] if isinstance(row, dict) else []
    texts = [each.strip() for each in values if isinstance(each, str)]
    if len(texts) < len(_COLUMNS) or not all(texts):
        raise DataError(f"a row without {', '.join(_COLUMNS)}", expected="all three, as text", where=where)
    item, source, text = texts
    if source in (TRAIL, PLAIN):
        raise DataError(
            f"texts of the source {source!r}",
            expected="another name: that one is the snapshot's",
            where=where,
        )
    if len(text) > LONGEST:
        raise DataError(f"a text of {len(text):,} characters", expected=f"at most {LONGEST:,}", where=where)
    return item, source, text
