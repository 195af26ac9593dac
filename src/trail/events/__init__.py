"""Log and catalogue in: any file, database or warehouse -> EventLog, Items."""

from trail.events.log import (
    EVENT_SCHEMA,
    ITEM_SCHEMA,
    EventLog,
    Items,
    epoch_micros,
    event_log,
    open_items,
    open_log,
)
from trail.events.period import YEAR, Horizon, parse_moment, to_micros

__all__ = [
    "EVENT_SCHEMA",
    "ITEM_SCHEMA",
    "YEAR",
    "EventLog",
    "Horizon",
    "Items",
    "epoch_micros",
    "event_log",
    "open_items",
    "open_log",
    "parse_moment",
    "to_micros",
]
