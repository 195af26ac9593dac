"""Tables of databases by URL, copied in batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from trail.errors import ConfigError, DataError, EngineError, TrailError
from trail.events.shape import SAMPLE_ROWS, Shape, from_rows
from trail.events.source import Source, near

_BATCH = 50_000
_EXTRAS = {"sqlite": "sqlite", "postgresql": "postgres", "postgres": "postgres"}


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
        raise ConfigError(
            f"the package {error.name or scheme} is not installed",
            where=source.shown,
            fix=f"pip install 'trail-forecast[{_EXTRAS[scheme]}]'",
        ) from error
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
