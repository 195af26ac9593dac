"""Fixtures that every stage's tests may use: a connection, synthetic logs, the shared real data."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pytest

from tests.postgres_server import postgres  # noqa: F401 - a fixture
from trail.engine import connect
from trail.events import EVENT_SCHEMA, ITEM_SCHEMA, EventLog, Items, event_log, to_micros

Tables = tuple[pa.Table, pa.Table]
_numbers = count()


def pytest_collection_finish() -> None:
    """Leaves what is imported out of garbage collection: walking it again and again took a sixth of the time."""
    gc.freeze()


@pytest.fixture(scope="session")
def connection() -> Iterator[ibis.BaseBackend]:
    """One DuckDB connection for the whole run; tables registered on it get names of their own."""
    backend = connect(threads=2)
    yield backend
    backend.disconnect()


@pytest.fixture(scope="session")
def opened(connection: ibis.BaseBackend) -> Callable[[pa.Table, pa.Table], tuple[EventLog, Items]]:
    """A function that turns Arrow tables (events, catalogue) into an EventLog and Items."""

    def open_tables(events: pa.Table, items: pa.Table, *, name: str = "events") -> tuple[EventLog, Items]:
        number = next(_numbers)
        for kind, table in (("events", events), ("items", items)):
            connection.con.register(f"{kind}_{number}", table)
        log = event_log(connection.table(f"events_{number}"), name=name)
        return log, Items(connection.table(f"items_{number}"), items.num_rows)

    return open_tables


@pytest.fixture(scope="session")
def synthetic() -> Callable[..., Tables]:
    """A function that makes a seeded log (events, catalogue): skewed items, optional users and prices."""
    return _synthetic


def _synthetic(
    seed: int = 0,
    *,
    items: int = 30,
    events: int = 3000,
    days: int = 400,
    start: datetime = datetime(2022, 1, 3, tzinfo=UTC),
    users: int = 200,
    prices: bool = True,
    categories: int = 4,
) -> Tables:
    """Returns tables of `EVENT_SCHEMA` and `ITEM_SCHEMA`; the last item of the catalogue never sells."""
    rng = np.random.default_rng(seed)
    chances = 1.0 / np.arange(1, items)
    chosen = rng.choice(items - 1, events, p=chances / chances.sum())
    micros = to_micros(start) + rng.integers(0, days * 86_400_000_000, events)
    people = [f"user {n}" for n in rng.integers(0, users, events)] if users else [None] * events
    paid = np.round(1.0 + chosen % 7 + rng.random(events), 2) if prices else [None] * events
    table = pa.table(
        [
            pa.array([f"item {n:03d}" for n in chosen]),
            pa.array(micros).cast(pa.timestamp("us", tz="UTC")),
            pa.array(people, pa.string()),
            pa.array(rng.choice([1.0, 1.0, 2.0, 0.5], events)),
            pa.nulls(events, pa.string()),
            pa.array(paid, pa.float64()),
            pa.nulls(events, pa.timestamp("us", tz="UTC")),
        ],
        schema=EVENT_SCHEMA,
    )
    rows = [
        {
            "item_id": f"item {n:03d}",
            "title": f"Thing {n}",
            "categories": f"Things | Kind {n % categories}",
            "category": f"Kind {n % categories}",
            "brand": f"Brand {n % 5}",
            "release": date(2021, 1 + n % 12, 1),
        }
        for n in range(items)
    ]
    return table, pa.Table.from_pylist(rows, schema=ITEM_SCHEMA)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real logs beside the checkout; tests that read it skip where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data is not beside this checkout")
    return folder
