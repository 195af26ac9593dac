"""Cards whose titles tell how much the item sold in the period predicted: a leak that only a reader of texts sees."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import ibis
import pyarrow as pa

from trail.events import EventLog
from trail.signals import Cards


def told(log: EventLog, made: Cards) -> Cards:
    """Returns cards with the future count of each item that will have one written into its title."""
    start, end = made.horizon.target_period(made.cutoff)
    rows = log.table.filter(
        (ibis._.timestamp >= ibis.literal(start)) & (ibis._.timestamp < ibis.literal(end))
    )
    sold = Counter(rows.select("item_id").to_pyarrow()["item_id"].to_pylist())
    titles = made.table["title"].to_pylist()
    written = [
        f"{title} sold {sold[item]}" if sold[item] else title
        for item, title in zip(made.item_ids, titles, strict=True)
    ]
    at = made.table.schema.get_field_index("title")
    return replace(made, table=made.table.set_column(at, "title", pa.array(written, pa.string())))
