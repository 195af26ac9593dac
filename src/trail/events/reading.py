"""A source made ready to read: its files, their shapes, its layout, and where each contract column comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import ibis
import ibis.expr.types as ir

from trail.errors import ConfigError, DataError
from trail.events.columns import guess_columns
from trail.events.databases import copy_database, database_shape
from trail.events.foreign import copy_literals, copy_sheets, sheet_shape
from trail.events.layouts import NAMES, View, by_columns, by_file, mapped, view_of
from trail.events.locate import files_of, format_of
from trail.events.shape import Shape, shape_of
from trail.events.source import CONTRACT, REQUIRED, Role, Source, near
from trail.events.staging import stage


@dataclass(frozen=True)
class Reading:
    """How a source is read.

    Attributes:
        source: What was asked for.
        role: Events or items.
        layout: Public layout by name, or `plain`.
        groups: Files that share a shape, with the shape; a database has one group without files.
        columns: Contract column -> source column (or one that the layout derives).
        reasons: Contract column -> why that column.
    """

    source: Source
    role: Role
    layout: str
    groups: tuple[tuple[Shape, tuple[Path, ...]], ...]
    columns: Mapping[str, str]
    reasons: Mapping[str, str]

    @property
    def shape(self) -> Shape:
        """The shape of the first file."""
        return self.groups[0][0]

    @property
    def view(self) -> View | None:
        """The layout's view of the role; null for a plain table."""
        return view_of(self.layout, self.role)

    @property
    def files(self) -> tuple[Path, ...]:
        """All files in order; none for a database."""
        return tuple(path for _, files in self.groups for path in files)


def _shape(path: Path, source: Source, layout: str, role: Role) -> Shape:
    if format_of(path) == "excel":
        return sheet_shape(path, source)
    view = view_of(layout, role)
    if view is None:
        return shape_of(path, source)
    return shape_of(path, source, names=view.names, delimiter=view.delimiter, quote=view.quote)


def _key(shape: Shape) -> Shape:
    """Returns what two files must share to be read together: for JSON any keys will do."""
    return replace(shape, rows=(), columns=() if shape.format in ("json", "literal") else shape.columns)


def _grouped(
    files: list[Path], source: Source, layout: str, role: Role
) -> tuple[tuple[Shape, tuple[Path, ...]], ...]:
    groups: dict[Shape, tuple[Shape, list[Path]]] = {}
    for path in files:
        shape = _shape(path, source, layout, role)
        known, together = groups.setdefault(_key(shape), (shape, []))
        together.append(path)
        if known.columns != shape.columns:
            columns = tuple(dict.fromkeys((*known.columns, *shape.columns)))
            groups[_key(shape)] = (replace(known, columns=columns), together)
    return tuple((shape, tuple(together)) for shape, together in groups.values())


def reading_of(source: Source, role: Role, told: Mapping[str, str] | None = None) -> Reading:
    """Looks at a source and settles how it is read.

    Args:
        source: Where it lies; what its own `columns` leave out is not read.
        role: Events or items.
        told: Contract column -> source column, which go before guesses; what they leave out is guessed.

    Raises:
        ConfigError: If a column that was asked for does not exist, or the layout is unknown.
        DataError: If nothing is there, or a required column is neither named nor found.
    """
    if source.layout not in NAMES:
        raise ConfigError(f"the layout {source.layout!r}", where=source.shown, fix=near(source.layout, NAMES))
    layout = source.layout
    if source.is_database:
        groups: tuple[tuple[Shape, tuple[Path, ...]], ...] = ((database_shape(source), ()),)
    else:
        files = files_of(source, role)
        layout = (by_file(files[0].name, role) or "auto") if layout == "auto" else layout
        groups = _grouped(files, source, layout, role)
    shape = groups[0][0]
    if not shape.rows:
        raise DataError("no usable row: only a header", expected="at least one row", where=source.shown)
    if layout == "auto":
        layout = by_columns(shape.columns, role) or "plain"
        if (view := view_of(layout, role)) and not view.quote:
            groups = _grouped([path for _, files in groups for path in files], source, layout, role)
    columns, reasons = _columns(source, role, layout, groups[0][0], told or {})
    reading = Reading(source, role, layout, groups, columns, reasons)
    _check(reading, told or {})
    return reading


def _columns(
    source: Source, role: Role, layout: str, shape: Shape, told: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    if source.columns:
        view = view_of(layout, role)
        own = mapped(view, shape.columns) if view and source.layout == layout else {}
        return {**own, **source.columns}, dict.fromkeys(source.columns, "set in the configuration")
    view = view_of(layout, role)
    if view is not None and view.columns:
        columns = mapped(view, shape.columns)
        return columns, dict.fromkeys(columns, f"layout {layout}")
    here = {name: column for name, column in told.items() if name in CONTRACT[role] and known(shape, column)}
    return guess_columns(shape, role, here)


def _check(reading: Reading, told: Mapping[str, str]) -> None:
    """Refuses a missing column, naming those that look like it."""
    for name in REQUIRED[reading.role]:
        if name not in reading.columns:
            asked = told.get(name)
            say = f'say which it is: {name} = "..." under columns, or `--column {name}=...` of `trail init`'
            raise DataError(
                f"no column{f' {asked!r}' if asked else ''} for {name} among {', '.join(reading.shape.columns)}",
                where=reading.source.shown,
                fix=near(asked, reading.shape.columns) if asked else say,
            )
    for shape, files in reading.groups:
        for name, column in reading.columns.items():
            derived = column.startswith("_") and reading.view is not None
            if not derived and not known(shape, column):
                raise DataError(
                    f"no column {column!r} for {name}",
                    where=str(files[0]) if files else reading.source.shown,
                    fix=near(column, shape.columns),
                )


def known(shape: Shape, column: str) -> bool:
    """Whether a file of this shape has the column; in JSON, `a.b` may reach into an object."""
    if column in shape.columns:
        return True
    head = column.split(".", 1)[0]
    return shape.format == "json" and "." in column and head in shape.columns


def raw_tables(connection: ibis.BaseBackend, reading: Reading, scratch: Path) -> list[ir.Table]:
    """Returns the raw rows of each group: source columns, `_file`, `_row`, `_broken`, what a layout derives."""
    view = reading.view
    tables = []
    for number, (shape, files) in enumerate(reading.groups):
        reads = set(reading.columns.values()) | set(view.reads if view else ())
        reads |= {name.removeprefix("_") for name in reads if name.startswith("_")}
        wanted = [name for name in shape.columns if name in reads]
        wanted += [name for name in reads if name not in wanted and known(shape, name)]
        target = scratch / f"copy-{reading.role}-{number}.parquet"
        if shape.format == "database":
            copy_database(reading.source, wanted, target)
        elif shape.format == "literal":
            copy_literals(files, wanted, target)
        if shape.format in ("database", "literal"):
            tables.append(connection.read_parquet(str(target)))
        elif shape.format == "excel":
            tables += _sheets(connection, reading, files, wanted, target)
        else:
            tables.append(stage(connection, files, shape, wanted, scratch))
    return [view.derive(table) if view else table for table in tables]


def _sheets(
    connection: ibis.BaseBackend, reading: Reading, files: tuple[Path, ...], wanted: list[str], target: Path
) -> list[ir.Table]:
    tables = []
    for number, path in enumerate(files):
        part = target.with_suffix(f".{number}.parquet")
        copy_sheets(path, reading.source, wanted, part)
        tables.append(connection.read_parquet(str(part)))
    return tables
