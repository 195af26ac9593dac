"""Log and catalogue in: any file, database or warehouse -> EventLog, Items."""

from trail.events.arrival import Arrivals, step_end
from trail.events.columns import TOLD
from trail.events.guess import Guess, guess
from trail.events.ingest import ingest
from trail.events.log import (
    EVENT_SCHEMA,
    ITEM_SCHEMA,
    EventLog,
    Items,
    event_log,
    open_items,
    open_log,
)
from trail.events.period import YEAR, Horizon, epoch_micros, parse_moment, to_micros
from trail.events.source import CONTRACT, REQUIRED, Role, Source, near
from trail.events.tally import Ingested, IngestRules, Tally

__all__ = [
    "CONTRACT",
    "EVENT_SCHEMA",
    "ITEM_SCHEMA",
    "REQUIRED",
    "TOLD",
    "YEAR",
    "Arrivals",
    "EventLog",
    "Guess",
    "Horizon",
    "IngestRules",
    "Ingested",
    "Items",
    "Role",
    "Source",
    "Tally",
    "epoch_micros",
    "event_log",
    "guess",
    "ingest",
    "near",
    "open_items",
    "open_log",
    "parse_moment",
    "step_end",
    "to_micros",
]
