"""What ingesting tolerates, counts and gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trail.errors import ConfigError
from trail.events.source import Role


@dataclass(frozen=True)
class IngestRules:
    """What is tolerated.

    Attributes:
        max_bad_share: Share of bad rows (0 to 1) of a source above which it is refused.
    """

    max_bad_share: float = 0.01

    def __post_init__(self) -> None:
        if not 0 <= self.max_bad_share <= 1:
            raise ConfigError(f"max_bad_share = {self.max_bad_share}", expected="a share from 0 to 1")


@dataclass(frozen=True)
class Tally:
    """What was counted in one source.

    Attributes:
        location: The source, without a password.
        role: Events or items.
        layout: Public layout, or `plain`.
        time_unit: Unit or format of the times; empty for items.
        rows: Rows read.
        kept: Rows kept (items: before duplicates are set aside).
        set_aside: Reason -> rows.
    """

    location: str
    role: Role
    layout: str
    time_unit: str
    rows: int
    kept: int
    set_aside: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Ingested:
    """What `ingest` wrote.

    Attributes:
        events: Parquet file with the columns of `EVENT_SCHEMA`, sorted by item and time.
        items: Parquet file with the columns of `ITEM_SCHEMA`, sorted by item.
        rejected: CSV file for people: role, file, row, reason, text.
        tallies: One a source, events first.
        event_rows: Events written.
        item_rows: Items written.
        items_added: Items that only the log knows; their metadata are null.
        set_aside: Reason -> rows over all sources, duplicate items included.
        fingerprint: 16 hexadecimal digits of the inputs' contents and how they are read.
        fresh: False where nothing had changed and nothing was read again.
    """

    events: Path
    items: Path
    rejected: Path
    tallies: tuple[Tally, ...]
    event_rows: int
    item_rows: int
    items_added: int
    set_aside: Mapping[str, int]
    fingerprint: str
    fresh: bool = True
