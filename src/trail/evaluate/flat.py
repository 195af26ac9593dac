"""Flat rows as Arrow tables and back: a dataclass says once which columns there are and what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
_TYPES = {
    "str": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "float | None": pa.float64(),
    "bool": pa.bool_(),
    "datetime": pa.timestamp("us", tz="UTC"),
}


def schema_of(kind: type[DataclassInstance]) -> pa.Schema:
    """Returns the Arrow schema of a kind of rows, one column a field."""
    return pa.schema([(each.name, _TYPES[str(each.type)]) for each in fields(kind)])


def table_of(rows: Sequence[DataclassInstance], kind: type[DataclassInstance]) -> pa.Table:
    """Returns rows of one kind as a table; without rows, its columns alone."""
    return pa.Table.from_pylist([vars(row) for row in rows], schema=schema_of(kind))


def rows_of(table: pa.Table, kind: type[T]) -> list[T]:
    """Returns the rows of a table that `table_of` made, moments in UTC."""
    return [kind(**_in_utc(values)) for values in table.to_pylist()]


def _in_utc(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: each.astimezone(UTC) if isinstance(each, datetime) else each for name, each in values.items()
    }
