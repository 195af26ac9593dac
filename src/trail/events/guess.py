"""What a file seems to be, and why: the start of a `trail.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from trail.events.columns import TOLD, guess_name, quantity_note
from trail.events.reading import reading_of
from trail.events.source import REQUIRED, Role, Source
from trail.events.times import unit_of


@dataclass(frozen=True)
class Guess:
    """What a location seems to hold.

    Attributes:
        source: The location with layout, columns and time unit filled in: ready for `ingest`.
        role: Events or items.
        format: text, json, literal, parquet, excel or database.
        layout: Public layout by name, or `plain`.
        columns: Contract column -> source column.
        reasons: Contract column (and `time_unit`, `weight`, `name`) -> why, for people.
        name: What one unit of weight is called in the plural.
        available: All columns of the source.
        files: Number of files; 0 for a database.
        catalogue: Whether the log also names its items, so that it can be given as `items` too.
    """

    source: Source
    role: Role
    format: str
    layout: str
    columns: Mapping[str, str]
    reasons: Mapping[str, str]
    name: str
    available: tuple[str, ...]
    files: int
    catalogue: bool


def guess(
    location: str | Path,
    role: Role = "events",
    *,
    table: str = "",
    told: Mapping[str, str] | None = None,
) -> Guess:
    """Looks at the start of a file, folder, glob or database table.

    Args:
        location: As in `Source`.
        role: What it is to be read as.
        table: Table of a database or sheet of a spreadsheet.
        told: Contract column -> source column, which go before guesses; those of the other role and those that
            the source lacks say nothing of it. A public layout that names its columns keeps them.

    Raises:
        ConfigError: If the table or an extra is missing.
        DataError: If nothing is there, or no column can be the item or the time; the message names the columns.
    """
    reading = reading_of(Source(str(location), table=table), role, told)
    shape, view, columns = reading.shape, reading.view, dict(reading.columns)
    reasons = dict(reading.reasons)
    unit = "auto"
    if role == "events":
        unit = unit_of(shape.values(columns["timestamp"])) or "auto"
        reasons["time_unit"] = (
            f"{unit} fits the first {len(shape.rows):,} rows"
            if unit != "auto"
            else "the whole column will tell"
        )
        if "ingested_at" not in columns:
            reasons["ingested_at"] = "no column of arrival times: events count as known when they happen"
        if note := quantity_note(columns, shape):
            reasons["weight"] = note
    # a public layout is known by its name, unless it lets columns be guessed and some were told
    named = reading.layout != "plain" and TOLD not in reading.reasons.values()
    name = view.name if view and view.columns else guess_name(shape, _place(reading.source))
    source = replace(reading.source, layout=reading.layout, columns={} if named else columns, time_unit=unit)
    missing = [column for column in REQUIRED[role] if column not in columns]
    assert not missing
    return Guess(
        source=source,
        role=role,
        format=shape.format,
        layout=reading.layout,
        columns=columns,
        reasons=reasons,
        name=name,
        available=shape.columns,
        files=len(reading.files),
        catalogue=bool(view and view.catalogue),
    )


def _place(source: Source) -> str:
    """Returns the names that may tell what is counted: the file, its folder, the table."""
    if source.is_database:
        return source.table
    path = Path(source.location)
    return " ".join((*path.parts[-2:], source.table))
