"""What a file looks like, from its first lines: format, delimiter, header, column names, example rows."""

from __future__ import annotations

import ast
import csv
import gzip
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from trail.errors import DataError
from trail.events.locate import format_of
from trail.events.source import Source

SAMPLE_ROWS = 2_000
_SAMPLE_BYTES = 1 << 20
_NUMBER = re.compile(r"^\s*[-+]?\d+([.,]\d+)?\s*$")


@dataclass(frozen=True)
class Shape:
    """How to read one file.

    Attributes:
        format: text, json, literal (one Python dictionary a line), parquet, excel or database.
        columns: Column names in file order.
        rows: Example rows, column -> raw value; at most `SAMPLE_ROWS`. Not part of equality.
        delimiter: Between the cells of a text file.
        quote: Around a cell of a text file; empty where quotes mean nothing.
        header: Whether the first line names the columns.
        encoding: utf-8 or latin-1.
    """

    format: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, Any], ...] = field(compare=False, repr=False)
    delimiter: str = ","
    quote: str = '"'
    header: bool = False
    encoding: str = "utf-8"

    def values(self, column: str) -> list[Any]:
        """Returns the example values of a column that are not empty; in JSON, `a.b` reaches inside."""
        found = (reach(row, column) for row in self.rows)
        return [value for value in found if value is not None and value != ""]


def reach(row: dict[str, Any], column: str) -> Any:
    """Returns the value of a column, or of the path `a.b` where no column has that name."""
    if column in row or "." not in column:
        return row.get(column)
    head, rest = column.split(".", 1)
    inner = row.get(head)
    return reach(inner, rest) if isinstance(inner, dict) else None


def opened(path: Path) -> BinaryIO:
    """Opens a plain or compressed file for reading bytes."""
    if path.suffix == ".gz":
        return cast("BinaryIO", gzip.open(path, "rb"))
    if path.suffix == ".zst":
        return cast("BinaryIO", pa.CompressedInputStream(str(path), "zstd"))
    return path.open("rb")


def _head(path: Path) -> tuple[list[str], str]:
    """Returns the first lines as text, the last half line left out, and the encoding."""
    try:
        with opened(path) as handle:
            data = handle.read(_SAMPLE_BYTES)
    except (OSError, EOFError) as error:
        raise DataError(f"a file that cannot be read ({error})", where=str(path)) from error
    if len(data) == _SAMPLE_BYTES:
        data = data[: data.rfind(b"\n") + 1] or data
    encoding = "utf-8"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding, text = "latin-1", data.decode("latin-1")
    lines = (line.rstrip("\r") for line in text.split("\n"))
    return [line for line in lines if line.strip()][: SAMPLE_ROWS + 1], encoding


def _rows(lines: list[str], delimiter: str, quote: str) -> list[list[str]]:
    if len(delimiter) > 1 or not quote:
        return [line.split(delimiter) for line in lines]
    return list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, quotechar=quote))


def _delimiter(lines: list[str]) -> str:
    """Returns the delimiter that cuts most lines into the same number of cells, and into the most."""
    best, chosen = (0.0, 0), ","
    for candidate in ("::", "\t", ",", ";", "|"):
        widths = [len(row) for row in _rows(lines[:50], candidate, '"')]
        usual = max(set(widths), key=widths.count) if widths else 0
        score = (round(widths.count(usual) / max(1, len(widths)), 1), usual) if usual > 1 else (0.0, 0)
        if score > best:
            best, chosen = score, candidate
    return chosen


def _unique(names: list[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    unique = []
    for position, name in enumerate(names, start=1):
        plain = name.strip() or f"column{position}"
        seen[plain] = seen.get(plain, 0) + 1
        unique.append(plain if seen[plain] == 1 else f"{plain}_{seen[plain]}")
    return tuple(unique)


def _text(path: Path, source: Source, names: tuple[str, ...], delimiter: str, quote: str) -> Shape:
    lines, encoding = _head(path)
    delimiter = source.delimiter or delimiter or _delimiter(lines)
    quote = "" if len(delimiter) > 1 else quote
    rows = _rows(lines, delimiter, quote)
    first = rows[0] if rows else []
    header = source.header
    if header is None:
        header = not names and not any(_NUMBER.match(cell) for cell in first)
    columns = _unique(first) if header else names or tuple(f"column{k}" for k in range(1, len(first) + 1))
    body = rows[1:] if header else rows
    examples = tuple(dict(zip(columns, row, strict=False)) for row in body[:SAMPLE_ROWS])
    return Shape("text", columns, examples, delimiter, quote, header, encoding)


def literal(line: str) -> dict[str, Any] | None:
    """Returns the Python dictionary that a line of an Amazon 2014 metadata file spells, else null."""
    try:
        value = ast.literal_eval(line)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _json_object(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _json(path: Path) -> Shape:
    lines, encoding = _head(path)
    for name, parse in (("json", _json_object), ("literal", literal)):
        rows = [row for row in map(parse, lines) if row is not None]
        if rows:
            columns = dict.fromkeys(key for row in rows for key in row)
            return Shape(name, tuple(columns), tuple(rows), encoding=encoding)
    raise DataError(
        "no usable row: no line is a JSON object",
        expected="one JSON object a line",
        where=str(path),
        fix="write a JSON array as lines, for example with `jq -c '.[]'`",
    )


def _parquet(path: Path) -> Shape:
    try:
        file = pq.ParquetFile(path)
        batches = islice(file.iter_batches(batch_size=SAMPLE_ROWS), 1)
        rows = tuple(row for batch in batches for row in batch.to_pylist())
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"a Parquet file that cannot be read ({error})", where=str(path)) from error
    return Shape("parquet", tuple(file.schema_arrow.names), rows)


def from_rows(format_: str, rows: Iterator[dict[str, Any]]) -> Shape:
    """Returns the shape of rows that are already named, from the first of them."""
    examples = tuple(islice(rows, SAMPLE_ROWS))
    return Shape(format_, tuple(examples[0]) if examples else (), examples)


def shape_of(
    path: Path, source: Source, *, names: tuple[str, ...] = (), delimiter: str = "", quote: str = '"'
) -> Shape:
    """Looks at the start of a file.

    Args:
        path: Text, JSON lines or Parquet file, plain or compressed.
        source: Its delimiter and header are obeyed.
        names: Column names where a public layout has no header line.
        delimiter: Delimiter where a public layout has its own.
        quote: Quote character; empty where the layout has none.

    Raises:
        DataError: If the file cannot be read.
    """
    format_ = format_of(path)
    if format_ == "json":
        return _json(path)
    if format_ == "parquet":
        return _parquet(path)
    return _text(path, source, names, delimiter, quote)
