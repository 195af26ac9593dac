"""Files as tables of raw values that know the file and row they came from."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from trail.errors import DataError
from trail.events.shape import Shape, opened
from trail.events.sql import json_extract_string, json_type, json_valid, nothing

#: A separator that no text file has, so that a line is one cell.
_NEVER = "\x01"
_LONGEST_LINE = 1 << 25
_numbers = itertools.count()
#: End of a compressed file's name -> the program that packs and unpacks it.
_PACKERS = {".gz": "gzip", ".zst": "zstd"}


def stage(
    connection: ibis.BaseBackend, files: Sequence[Path], shape: Shape, wanted: Sequence[str], scratch: Path
) -> ir.Table:
    """Reads files of one shape once, into `scratch` where they are text; memory stays bounded.

    Returns:
        The wanted columns as raw values, and `_file`, `_row` (of the file, a header counted), `_broken`
        (the text of a line that could not be cut into columns, else null).

    Raises:
        DataError: If a file cannot be read.
    """
    target = scratch / f"raw-{next(_numbers)}.parquet"
    try:
        if shape.format == "parquet":
            return _parquet(connection, files, wanted)
        return _lines(connection, files, shape, wanted, target)
    except duckdb.Error as error:
        mixed = _ending_both_ways(files) if shape.format != "parquet" else None
        repair = "tr -d '\\r' < FILE > COPY"
        if mixed and mixed.suffix in _PACKERS:
            repair = "{0} -dc FILE | tr -d '\\r' | {0} > COPY".format(_PACKERS[mixed.suffix])
        raise DataError(
            f"a file that cannot be read ({str(error).splitlines()[0]})",
            expected="lines that end alike" if mixed else "",
            where=str(mixed) if mixed else ", ".join(map(str, files[:3])),
            fix=f"use a copy without carriage returns, for example by `{repair}`" if mixed else "",
        ) from error


def _ending_both_ways(files: Sequence[Path]) -> Path | None:
    """Returns the first file of which some lines end with a carriage return and some do not, which DuckDB refuses."""
    for path in files:
        with opened(path) as handle:
            if {line.endswith(b"\r\n") for line in handle if line.endswith(b"\n")} == {True, False}:
                return path
    return None


def _parquet(connection: ibis.BaseBackend, files: Sequence[Path], wanted: Sequence[str]) -> ir.Table:
    table = connection.read_parquet(
        [str(path) for path in files], file_row_number=True, filename="_file", union_by_name=True
    )
    columns = {name: _flat(table[name]) for name in wanted}
    return table.select(**columns, _file=table["_file"], _row=table["file_row_number"] + 1, _broken=nothing())


def _flat(value: ir.Value) -> ir.Value:
    """Returns a nested value as JSON text, anything else as it is."""
    return value.cast("json").cast("string") if value.type().is_nested() else value


def _path(column: str, columns: Sequence[str]) -> str:
    """Returns the JSON path of a column: a key, or `a.b` where no key has that name."""
    keys = [column] if column in columns else column.split(".", 1)
    return "$" + "".join('."' + key.replace('"', '\\"') + '"' for key in keys)


def _lines(
    connection: ibis.BaseBackend, files: Sequence[Path], shape: Shape, wanted: Sequence[str], target: Path
) -> ir.Table:
    number = next(_numbers)
    is_text = shape.format == "text"
    raw = connection.read_csv(
        [str(path) for path in files],
        columns=dict.fromkeys(shape.columns if is_text else ("_line",), "VARCHAR"),
        delim=shape.delimiter if is_text else _NEVER,
        quote=shape.quote if is_text else "",
        escape=shape.quote if is_text else "",
        header=shape.header,
        encoding=shape.encoding,
        filename="_file",
        auto_detect=False,
        max_line_size=_LONGEST_LINE,
        ignore_errors=True,
        store_rejects=True,
        rejects_table=f"rejects_{number}",
        rejects_scan=f"scans_{number}",
    )
    if is_text:
        kept = raw.select(*dict.fromkeys(wanted), "_file", _kept=ibis.row_number(), _broken=nothing())
    else:
        line = raw["_line"]
        valid = json_valid(line).ifelse(json_type(line) == "OBJECT", ibis.literal(value=False))
        values = {
            name: valid.ifelse(json_extract_string(line, _path(name, shape.columns)), nothing())
            for name in dict.fromkeys(wanted)
        }
        broken = valid.ifelse(nothing(), line)
        kept = raw.select(
            **values, _file=raw["_file"], _kept=ibis.row_number(), _broken=broken, _line=line.notnull()
        )
    connection.to_parquet(kept, str(target))
    bad = _rejected(connection, number)
    table = connection.read_parquet(str(target))
    first = table.group_by("_file").aggregate(_first=table["_kept"].min())
    if bad:
        again = target.with_suffix(".numbered.parquet")
        starts = {row["_file"]: row["_first"] for row in first.to_pyarrow().to_pylist()}
        _renumber(target, again, starts, bad, header=shape.header)
        numbered = connection.read_parquet(str(again))
    else:
        ranked = table.inner_join(first, "_file")
        numbered = ranked.mutate(_row=ranked["_kept"] - ranked["_first"] + 1 + int(shape.header))
        numbered = numbered.drop("_kept", "_first")
    return numbered if is_text else numbered.filter(numbered["_line"]).drop("_line")


def _rejected(connection: ibis.BaseBackend, number: int) -> dict[str, list[tuple[int, str]]]:
    """Returns, by file, the row and text of the lines that could not be cut into cells."""
    found = connection.raw_sql(
        f"SELECT file_path, line, any_value(csv_line) FROM rejects_{number}"  # noqa: S608 - our own names
        f" JOIN scans_{number} USING (scan_id, file_id) GROUP BY 1, 2 ORDER BY 1, 2"
    ).fetchall()
    bad: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for file, line, text in found:
        bad[file].append((line, (text or "").strip("\r\n")))
    return bad


def _renumber(
    path: Path,
    target: Path,
    starts: Mapping[str, int],
    bad: Mapping[str, list[tuple[int, str]]],
    *,
    header: bool,
) -> None:
    """Copies staged rows with `_row`, counting the bad lines that lie before each, and adds those lines.

    Args:
        path: Staged rows with `_file` and `_kept`, their rank among the good rows of all files.
        target: The copy.
        starts: File -> rank of its first good row.
        bad: File -> row and text of its bad lines, in order.
        header: Whether a header counts as the first row.
    """
    # Of each bad line, how many good rows of its file lie before it.
    before = {
        file: np.array([line - header - earlier - 1 for earlier, (line, _) in enumerate(lines)])
        for file, lines in bad.items()
    }
    staged = pq.ParquetFile(path)
    fields = [field for field in staged.schema_arrow if field.name != "_kept"]
    schema = pa.schema([*fields, pa.field("_row", pa.int64())])
    with pq.ParquetWriter(target, schema) as writer:
        for batch in staged.iter_batches():
            files = batch["_file"].to_numpy(zero_copy_only=False)
            kept = batch["_kept"].to_numpy()
            rows = np.empty(len(kept), dtype=np.int64)
            for file in set(files):
                mine = files == file
                rank = kept[mine] - starts[file]
                shift = np.searchsorted(before.get(file, np.empty(0)), rank, side="right")
                rows[mine] = rank + 1 + int(header) + shift
            columns = [batch[field.name] for field in fields]
            writer.write_table(pa.Table.from_arrays([*columns, pa.array(rows)], schema=schema))
        lines = [
            {"_file": file, "_row": line, "_broken": text, "_line": True}
            for file, found in bad.items()
            for line, text in found
        ]
        writer.write_table(pa.Table.from_pylist(lines, schema=schema))
