"""A log whose events arrive late: most at once, some the day after, a few a week and more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import ibis
import numpy as np
import pyarrow as pa

from trail.events import EventLog, event_log


def arriving(log: EventLog, seed: int = 0) -> EventLog:
    """Returns a copy of a log with arrival times; one event in twenty does not say when it arrived."""
    table = log.table.order_by("timestamp", "item_id", "user_id").to_pyarrow()
    hours = np.random.default_rng(seed).choice([0.1, 0.1, 0.1, 0.1, 0.1, 30, 220, 400], len(table))
    moments = table["timestamp"].to_pylist()
    arrived = [
        None if at % 20 == 0 else moment + timedelta(hours=float(late))
        for at, (moment, late) in enumerate(zip(moments, hours, strict=True))
    ]
    place = table.column_names.index("ingested_at")
    told = pa.array(arrived, pa.timestamp("us", tz="UTC"))
    table = table.set_column(place, table.schema.field("ingested_at"), told)
    found = event_log(ibis.memtable(table), name=log.name)
    assert found.arrivals is not None
    return replace(found, grid=log.grid)
