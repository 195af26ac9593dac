"""Sources that DuckDB does not read itself: spreadsheets and lines of Python dictionaries."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from trail.errors import ConfigError, DataError
from trail.events.shape import Shape, from_rows, literal, opened
from trail.events.source import Source, near

_BATCH = 50_000


def _cell(value: Any) -> str | None:
    """Returns a spreadsheet's cell as text: whole numbers without a point, times as ISO."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def sheet_rows(path: Path, source: Source) -> Iterator[tuple[str, int, dict[str, str | None]]]:
    """Yields sheet, row number as the spreadsheet shows it, and column -> text.

    Raises:
        ConfigError: If the extra is not installed or the sheet does not exist.
        DataError: If the file is no spreadsheet.
    """
    try:
        calamine = importlib.import_module("python_calamine")
    except ImportError as error:
        raise ConfigError(
            "a spreadsheet, and the package python-calamine is not installed",
            where=str(path),
            fix="pip install 'trail-forecast[excel]'",
        ) from error
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
    except (calamine.CalamineError, OSError) as error:
        raise DataError(f"a spreadsheet that cannot be read ({error})", where=str(path)) from error
    if source.table and source.table not in book.sheet_names:
        raise ConfigError(
            f"the sheet {source.table!r}", where=str(path), fix=near(source.table, book.sheet_names)
        )
    for name in [source.table] if source.table else book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        start = sheet.start[0] if sheet.start else 0
        columns: list[str] = []
        for number, cells in enumerate(sheet.to_python(), start=start + 1):
            texts = [_cell(cell) for cell in cells]
            if not any(texts):
                continue
            if columns:
                yield name, number, dict(zip(columns, texts, strict=False))
            else:
                columns = [text or f"column{k}" for k, text in enumerate(texts, start=1)]


def sheet_shape(path: Path, source: Source) -> Shape:
    """Looks at the first rows of a spreadsheet."""
    return from_rows("excel", (row for _, _, row in sheet_rows(path, source)))


def _write_rows(
    rows: Iterator[tuple[str, int, str | None, dict[str, str | None]]], wanted: Sequence[str], target: Path
) -> None:
    schema = pa.schema(
        [
            *((name, pa.string()) for name in dict.fromkeys(wanted)),
            ("_file", pa.string()),
            ("_row", pa.int64()),
            ("_broken", pa.string()),
        ]
    )
    with pq.ParquetWriter(target, schema) as writer:
        while chunk := list(islice(rows, _BATCH)):
            values = [
                {**{name: row.get(name) for name in wanted}, "_file": file, "_row": number, "_broken": broken}
                for file, number, broken, row in chunk
            ]
            writer.write_table(pa.Table.from_pylist(values, schema=schema))


def copy_sheets(path: Path, source: Source, wanted: Sequence[str], target: Path) -> None:
    """Copies the sheets of a spreadsheet into a Parquet file of raw values."""
    rows = ((f"{path}[{name}]", number, None, row) for name, number, row in sheet_rows(path, source))
    _write_rows(rows, wanted, target)


def copy_literals(files: Sequence[Path], wanted: Sequence[str], target: Path) -> None:
    """Copies lines of Python dictionaries into a Parquet file of raw values, lists as JSON text."""
    _write_rows(_literal_rows(files), wanted, target)


def _literal_rows(files: Sequence[Path]) -> Iterator[tuple[str, int, str | None, dict[str, str | None]]]:
    for path in files:
        with opened(path) as handle:
            for number, data in enumerate(handle, start=1):
                line = data.decode("utf-8", errors="replace").strip()
                row = literal(line)
                if row is not None:
                    yield str(path), number, None, {key: _plain(value) for key, value in row.items()}
                elif line:
                    yield str(path), number, line, {}


def _plain(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, list | dict) else str(value)
