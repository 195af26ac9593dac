"""Where a log or a catalogue lies and how its columns are named: one value, kept in `trail.toml`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from trail.errors import ConfigError

Role = Literal["events", "items"]
#: Columns of the contract that a source may fill, by role.
CONTRACT: Mapping[Role, tuple[str, ...]] = {
    "events": ("item_id", "timestamp", "user_id", "weight", "kind", "price", "ingested_at"),
    "items": ("item_id", "title", "categories", "brand", "description", "price", "release"),
}
REQUIRED: Mapping[Role, tuple[str, ...]] = {"events": ("item_id", "timestamp"), "items": ("item_id",)}
TIME_UNITS = ("auto", "iso", "s", "ms", "us", "ns")


def near(word: str, known: Iterable[str]) -> str:
    """Returns the known words that look like `word` (or else all of them) as the end of an error."""
    listed = sorted(known)
    folded = {name.lower(): name for name in listed}
    close = [folded[name] for name in difflib.get_close_matches(word.lower(), folded, n=3, cutoff=0.6)]
    return f"did you mean {' or '.join(close)}" if close else f"there are {', '.join(listed) or 'none'}"


@dataclass(frozen=True)
class Source:
    """One log or catalogue as it lies on disk or in a database.

    Attributes:
        location: File, glob, folder, or URL (`duckdb:///shop.db`, `sqlite:///shop.db`,
            `postgresql://user@host/shop`).
        table: Table of a database (`schema.table` works), or sheet of a spreadsheet; empty means the
            only table, or all sheets.
        columns: Contract column -> source column. Empty means that they are recognised or guessed;
            otherwise nothing beside what is listed is read. In JSON, `a.b` reaches into an object.
        time_unit: `auto`, `iso`, `s`, `ms`, `us`, `ns`, or a strptime format in UTC; of `ingested_at` where that reads
            it whole, which is found out otherwise.
        layout: `auto`, `plain` (no public layout), or a public layout by name.
        delimiter: Between the cells of a text file; empty means that it is found out.
        header: Whether the first line of a text file names the columns; null means that it is found out.
    """

    location: str
    table: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    time_unit: str = "auto"
    layout: str = "auto"
    delimiter: str = ""
    header: bool | None = None

    def __post_init__(self) -> None:
        try:
            urlsplit(self.location if self.is_database else "")
        except ValueError as error:  # what it says may tell a password
            raise ConfigError(
                "an address that is none", expected="such as postgresql://user@host/shop"
            ) from error
        known = {name for names in CONTRACT.values() for name in names}
        for name in self.columns:
            if name not in known:
                raise ConfigError(
                    f"the column name {name!r}", expected="a column of the contract", where=f"columns of {self.shown}",
                    fix=near(name, known),
                )  # fmt: skip
        if self.time_unit not in TIME_UNITS and "%" not in self.time_unit:
            raise ConfigError(
                f"the time unit {self.time_unit!r}",
                expected=f"{', '.join(TIME_UNITS)} or a strptime format such as %d/%m/%Y %H:%M",
                where=self.shown,
            )

    @property
    def is_database(self) -> bool:
        """Whether the location is a URL rather than files."""
        return "://" in self.location

    @property
    def shown(self) -> str:
        """The location as messages and files may show it: without a password."""
        if not self.is_database:
            return self.location
        password = urlsplit(self.location).password
        shown = self.location.replace(f":{password}@", ":***@") if password else self.location
        return re.sub(r"([?&]password=)[^&]*", r"\1***", shown)

    def within(self, folder: Path) -> Source:
        """Returns the source with a relative file location read from `folder`."""
        if self.is_database:
            return self
        return replace(self, location=str(folder / self.location))

    def as_dict(self) -> dict[str, Any]:
        """Returns the plain values that differ from the defaults, as `trail.toml` keeps them."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        plain["columns"] = dict(self.columns)
        return {
            name: value
            for name, value in plain.items()
            if name == "location" or value not in ("", None, {}, "auto")
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Reads the plain values of `as_dict`.

        Raises:
            ConfigError: If a key is unknown, or the location is missing, or a value is of the wrong kind.
        """
        kinds: dict[str, type] = {f.name: str for f in fields(cls)} | {"columns": Mapping, "header": bool}
        for key, value in values.items():
            if key not in kinds:
                raise ConfigError(f"the key {key!r}", where="a source", fix=near(key, kinds))
            if not isinstance(value, kinds[key]):
                raise ConfigError(
                    f"{value!r} as {key!r}", expected=f"a {kinds[key].__name__}", where="a source"
                )
        if not values.get("location"):
            raise ConfigError("a source without a location", expected="a file, folder, glob or URL")
        return cls(**values)
