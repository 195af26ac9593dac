"""Synthetic events and a catalogue as Parquet: two years, skewed popularity, users, weights, prices."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from trail.events import EVENT_SCHEMA, ITEM_SCHEMA, to_micros

_CHUNK = 1_000_000


def _named(prefix: str, codes: np.ndarray) -> pa.Array:
    names = pa.array([f"{prefix}-{n:06d}" for n in range(int(codes.max()) + 1)])
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), names).cast(pa.string())


def write_files(folder: Path, *, events: int, items: int, cutoff: datetime, seed: int = 7) -> None:
    """Writes `events.parquet` (in order of time, to eight weeks past the cutoff) and `items.parquet`."""
    rng = np.random.default_rng(seed)
    chances = np.arange(1, items + 1) ** -0.9
    order, chances = rng.permutation(items), chances / chances.sum()
    start, end = cutoff - timedelta(days=730), cutoff + timedelta(days=56)
    moments = np.sort(rng.integers(to_micros(start), to_micros(end), events))
    with pq.ParquetWriter(folder / "events.parquet", EVENT_SCHEMA, compression="zstd") as writer:
        for first in range(0, events, _CHUNK):
            some = moments[first : first + _CHUNK]
            chosen = order[rng.choice(items, len(some), p=chances)]
            columns = [
                _named("item", chosen),
                pa.array(some).cast(pa.timestamp("us", tz="UTC")),
                _named("user", rng.integers(0, 500_000, len(some))),
                pa.array(rng.integers(1, 4, len(some)).astype(np.float64)),
                pa.nulls(len(some), pa.string()),
                pa.array(np.round(1 + chosen % 50 + rng.gamma(2, 1, len(some)), 2)),
                pa.nulls(len(some), pa.timestamp("us", tz="UTC")),
            ]
            writer.write_table(pa.table(columns, schema=EVENT_SCHEMA))
    pq.write_table(_catalogue(items, cutoff), folder / "items.parquet")


def _catalogue(items: int, cutoff: datetime) -> pa.Table:
    """Returns items of 200 categories; one in ten has none, one in three no release."""
    numbers = np.arange(items)
    category = [None if n % 10 == 0 else f"category {n % 200}" for n in numbers]
    release: list[date | None] = [
        None if n % 3 == 0 else cutoff.date() - timedelta(days=int(n % 2000)) for n in numbers
    ]
    empty = pa.nulls(items, pa.string())
    names = _named("item", numbers)
    columns = [
        names,
        names,
        pa.array(category),
        pa.array(category),
        empty,
        empty,
        pa.nulls(items, pa.float64()),
    ]
    return pa.table([*columns, pa.array(release, pa.date32())], schema=ITEM_SCHEMA)
