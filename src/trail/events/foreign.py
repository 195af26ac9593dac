"""Sources that DuckDB does not read itself: databases, spreadsheets, lines of Python dictionaries."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from trail.errors import ConfigError, DataError, EngineError, TrailError
from trail.events.shape import SAMPLE_ROWS, Shape, from_rows, literal, opened
from trail.events.source import Source, near

_BATCH = 50_000
_EXTRAS = {"sqlite": "sqlite", "postgresql": "postgres", "postgres": "postgres"}


def _missing(extra: str, where: str, error: ImportError) -> ConfigError:
    return ConfigError(
        f"the package {error.name or extra} is not installed",
        where=where,
        fix=f"pip install 'trail-forecast[{extra}]'",
    )


def open_database(source: Source) -> Any:
    """Connects to the database of a URL, for reading.

    Raises:
        ConfigError: If the scheme is unknown or its extra is not installed.
        DataError: If there is no such file.
        EngineError: If the database refuses.
    """
    scheme = urlsplit(source.location).scheme
    if scheme not in ("duckdb", *_EXTRAS):
        raise ConfigError(
            f"the scheme {scheme!r}", expected="duckdb, sqlite or postgresql", where=source.shown
        )
    file = "" if scheme.startswith("postgres") else _file(source)
    try:
        if scheme == "duckdb":
            return ibis.duckdb.connect(file, read_only=True)
        return ibis.sqlite.connect(file) if scheme == "sqlite" else ibis.connect(source.location)
    except ImportError as error:
        raise _missing(_EXTRAS[scheme], source.shown, error) from error
    except Exception as error:  # drivers share no error class
        raise EngineError(f"the database cannot be opened ({_first(error)})", where=source.shown) from error


def _first(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _file(source: Source) -> str:
    """Returns the file of a URL: `scheme:///a.db` is `/a.db` where that exists, else `a.db`."""
    parts = urlsplit(source.location)
    path = Path(unquote(parts.netloc + parts.path))
    beside = Path(str(path).lstrip("/"))
    for candidate in (path, beside):
        if candidate.is_file():
            return str(candidate)
    raise DataError("no database file", where=source.shown, fix="check the path")


def database_table(backend: Any, source: Source) -> ir.Table:
    """Returns the table that a source names, values of engine-specific types as text.

    Raises:
        ConfigError: If the table does not exist, or none is named and there are several.
    """
    known = _tables(backend)
    name = source.table or (known[0] if len(known) == 1 else "")
    if name not in known:
        found = f"the table {name!r}" if name else f"{len(known)} tables and none named"
        raise ConfigError(
            found, expected="a table of the database", where=source.shown, fix=near(name, known)
        )
    schema, _, plain = name.rpartition(".")
    table = backend.table(plain, database=schema) if schema else backend.table(plain)
    kept = (
        (lambda _: False)  # SQLite keeps any value in any column
        if backend.name == "sqlite"
        else lambda kind: (
            kind.is_numeric() or kind.is_string() or kind.is_timestamp() or kind.is_date() or kind.is_nested()
        )
    )
    return table.select(
        **{
            column: value if kept((value := table[column]).type()) else value.cast("string")
            for column in table.columns
        }
    )


def _tables(backend: Any) -> list[str]:
    """Returns tables and views, those outside the default schema with their schema's name."""
    if backend.name == "sqlite":
        return sorted(backend.list_tables())
    cursor = backend.raw_sql(
        "SELECT CASE WHEN table_schema = current_schema() THEN table_name"
        " ELSE table_schema || '.' || table_name END FROM information_schema.tables"
        " WHERE table_schema NOT IN ('information_schema', 'pg_catalog') ORDER BY 1"
    )
    return [str(row[0]) for row in cursor.fetchall()]


def database_shape(source: Source) -> Shape:
    """Looks at the first rows of a database table."""
    backend = open_database(source)
    try:
        table = database_table(backend, source)
        shape = from_rows("database", iter(table.limit(SAMPLE_ROWS).to_pyarrow().to_pylist()))
        return Shape("database", tuple(table.columns), shape.rows)
    finally:
        backend.disconnect()


def copy_database(source: Source, wanted: Sequence[str], target: Path) -> None:
    """Copies columns of a database table into a Parquet file of raw values, in batches."""
    backend = open_database(source)
    try:
        table = database_table(backend, source).select(*dict.fromkeys(wanted))
        origin = f"{source.shown}#{source.table}" if source.table else source.shown
        if backend.name == "duckdb":
            numbered = table.mutate(
                _file=ibis.literal(origin), _row=ibis.row_number() + 1, _broken=ibis.null("string")
            )
            backend.to_parquet(numbered, str(target))
        else:
            with table.to_pyarrow_batches(chunk_size=_BATCH) as batches:
                _write(batches, origin, target)
    except TrailError:
        raise
    except Exception as error:  # drivers share no error class
        raise EngineError(f"the table cannot be read ({_first(error)})", where=source.shown) from error
    finally:
        backend.disconnect()


def _write(batches: Iterable[pa.RecordBatch], origin: str, target: Path) -> None:
    writer, done = None, 0
    for batch in batches:
        table = pa.Table.from_batches([batch])
        rows = table.num_rows
        table = table.append_column("_file", pa.array([origin] * rows, pa.string()))
        table = table.append_column("_row", pa.array(range(done + 1, done + rows + 1), pa.int64()))
        table = table.append_column("_broken", pa.nulls(rows, pa.string()))
        writer = writer or pq.ParquetWriter(target, table.schema)
        writer.write_table(table)
        done += rows
    if writer is None:
        raise DataError("no usable row: the table is empty", expected="at least one row", where=origin)
    writer.close()


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
        raise _missing("excel", str(path), error) from error
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
