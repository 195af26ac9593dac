"""Files as tables of raw values that know the file and row they came from."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from trail.errors import DataError
from trail.events.shape import Shape
from trail.events.sql import json_extract_string, json_type, json_valid, nothing

#: A separator that no text file has, so that a line is one cell.
_NEVER = "\x01"
_LONGEST_LINE = 1 << 25
_numbers = itertools.count()


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
        raise DataError(
            f"a file that cannot be read ({str(error).splitlines()[0]})", where=", ".join(map(str, files[:3]))
        ) from error


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
    table = connection.read_parquet(str(target))
    bad = _rejected(connection, number, header=shape.header)
    numbered = _numbered(table, bad, header=shape.header)
    if not is_text:
        numbered = numbered.filter(numbered["_line"]).drop("_line")
    return numbered if bad is None else _with_broken(numbered, bad)


def _rejected(connection: ibis.BaseBackend, number: int, *, header: bool) -> pa.Table | None:
    """Returns the lines that could not be cut into cells: file, row, how many good rows lie before."""
    found = connection.raw_sql(
        f"SELECT file_path, line, any_value(csv_line) FROM rejects_{number}"  # noqa: S608 - our own names
        f" JOIN scans_{number} USING (scan_id, file_id) GROUP BY 1, 2 ORDER BY 1, 2"
    ).fetchall()
    if not found:
        return None
    rows = []
    for file, lines in itertools.groupby(found, key=lambda row: row[0]):
        for earlier, (_, line, text) in enumerate(lines):
            rows.append(
                {
                    "_file": file,
                    "_row": line,
                    "_broken": (text or "").strip("\r\n"),
                    "_good": line - header - earlier - 1,
                }
            )
    return pa.Table.from_pylist(rows)


def _numbered(table: ir.Table, bad: pa.Table | None, *, header: bool) -> ir.Table:
    """Adds `_row`: the rank among the good rows of the file, the header and the bad rows before it."""
    first = table.group_by("_file").aggregate(_first=table["_kept"].min())
    rank = table.inner_join(first, "_file").mutate(_rank=lambda t: t["_kept"] - t["_first"])
    rows = rank["_rank"] + 1 + int(header)
    if bad is not None:
        # A good row of rank r comes after every bad row that has at most r good rows before it.
        marks = ibis.memtable(_shifts(bad))
        rank = rank.asof_join(marks, rank["_rank"] >= marks["_good"], predicates="_file")
        rows = rank["_rank"] + 1 + int(header) + rank["_shift"].fill_null(0)
    kept = [name for name in table.columns if name != "_kept"]
    return rank.mutate(_row=rows.cast("int64")).select(*kept, "_row")


def _shifts(bad: pa.Table) -> pa.Table:
    """Returns, by file and number of good rows before, how many bad rows there are up to there."""
    counted: Counter[str] = Counter()
    shifts: dict[tuple[str, int], int] = {}
    for row in bad.to_pylist():
        counted[row["_file"]] += 1
        shifts[row["_file"], row["_good"]] = counted[row["_file"]]
    return pa.Table.from_pylist(
        [{"_file": file, "_good": good, "_shift": shift} for (file, good), shift in shifts.items()]
    )


def _with_broken(table: ir.Table, bad: pa.Table) -> ir.Table:
    lines = ibis.memtable(bad)
    extra = {
        name: lines[name] if name in ("_file", "_broken") else nothing()
        for name in table.columns
        if name != "_row"
    }
    broken = lines.select(**extra, _row=lines["_row"].cast("int64"))
    return table.union(broken.select(*table.columns))
