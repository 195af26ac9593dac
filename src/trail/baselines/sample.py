"""A small simulated history, on which anybody can try a forecaster without data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import ibis
import numpy as np
import pyarrow as pa

from trail.events import EVENT_SCHEMA, ITEM_SCHEMA, EventLog, Horizon, Items, event_log
from trail.signals import Labelled, cards_at, label

_START = datetime(2024, 1, 1, tzinfo=UTC)
_WEEKS = 20


@cache
def sample_history(seed: int = 0, cutoffs: int = 11) -> tuple[Labelled, ...]:
    """Returns labelled weekly cards of a simulated log: steady, rising, falling, new and silent items.

    Args:
        seed: Seed of the simulation.
        cutoffs: Weekly cutoffs, at most 18, the last one a week before the log's end.
    """
    log, items = sample_log(seed)
    ends = [_START + timedelta(weeks=_WEEKS - 1 - back) for back in range(cutoffs)]
    return tuple(label(log, cards_at(log, items, cutoff, Horizon(7))) for cutoff in reversed(ends))


def sample_log(seed: int = 0) -> tuple[EventLog, Items]:
    """Returns the simulated log of 20 weeks and its catalogue of 120 items, the last ten without an event."""
    rng = np.random.default_rng(seed)
    names = np.array([f"item-{number:03d}" for number in range(120)])
    rate = rng.lognormal(1.0, 1.2, 110)[:, None] * _shapes(rng)
    counts = rng.poisson(rate)  # (items, weeks)
    item, week = (np.repeat(axis.ravel(), counts.ravel()) for axis in np.indices(counts.shape))
    seconds = week * 604_800 + rng.integers(0, 604_800, len(week))
    moments = np.datetime64(_START.replace(tzinfo=None), "us") + seconds.astype("timedelta64[s]")
    events = {
        "item_id": names[item],
        "timestamp": pa.array(moments, pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")),
        "user_id": np.char.add("user-", rng.integers(0, 300, len(week)).astype(str)),
        "weight": np.ones(len(week)),
        "kind": pa.nulls(len(week), pa.string()),
        "price": rng.integers(1, 20, len(week)).astype(float),
        "ingested_at": pa.nulls(len(week), pa.timestamp("us", tz="UTC")),
    }
    empty = {field.name: pa.nulls(len(names), field.type) for field in ITEM_SCHEMA}
    category = np.char.add("kind-", (np.arange(len(names)) % 5).astype(str))
    catalogue = empty | {"item_id": names, "title": names, "categories": category, "category": category}
    table = ibis.memtable(pa.table(events, schema=EVENT_SCHEMA))
    return event_log(table), Items(ibis.memtable(pa.table(catalogue, schema=ITEM_SCHEMA)), len(names))


def _shapes(rng: np.random.Generator) -> np.ndarray:
    """Returns the course of each item's rate, shape (110, weeks): steady, rising, falling, bursts, new."""
    week = np.arange(_WEEKS)
    kind = rng.integers(0, 5, 110)[:, None]
    start = rng.integers(4, _WEEKS - 1, 110)[:, None]
    courses = [np.ones(_WEEKS), 1.12**week, 0.9**week, 1 + 4 * (week == start), (week >= start) * 2.0]
    return np.select([kind == number for number in range(5)], courses)
