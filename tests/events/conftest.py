"""Small logs made in the test, and a short way to read them."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from trail.events import Ingested, IngestRules, Source, ingest

NOW = datetime(2024, 1, 1, tzinfo=UTC)


class Shelf:
    """Reads sources in a temporary folder and gives the rows back as plain values."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "out"

    def file(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def read(
        self,
        events: Source | Path | Sequence[Source],
        items: Source | Path | None = None,
        *,
        share: float = 0.01,
        now: datetime = NOW,
    ) -> Ingested:
        logs = [events] if isinstance(events, Source | Path) else list(events)
        catalogues = [] if items is None else [items]
        plain = [
            [Source(str(s)) if isinstance(s, Path) else s for s in sources] for sources in (logs, catalogues)
        ]
        return ingest(plain[0], plain[1], self.out, IngestRules(share), now=now)

    def events(self) -> list[dict[str, Any]]:
        return pq.read_table(self.out / "events.parquet").to_pylist()

    def punctual(self) -> list[tuple[Any, ...]]:
        """Every event of a log without arrival times, and without that column."""
        rows = self.events()
        assert [row.pop("ingested_at") for row in rows] == [None] * len(rows)
        return [tuple(row.values()) for row in rows]

    def items(self) -> list[dict[str, Any]]:
        return pq.read_table(self.out / "items.parquet").to_pylist()

    def rejected(self) -> list[dict[str, str]]:
        with (self.out / "rejected.csv").open(encoding="utf-8") as handle:
            return list(csv.DictReader(handle))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)
