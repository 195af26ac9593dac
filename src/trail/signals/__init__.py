"""EventLog + cutoff -> one row of signals an item: the trend card."""

from trail.signals.calendar import Calendar, calendar_of
from trail.signals.card import BY_NAME, METADATA, SIGNALS, Card, Cards, cards_at
from trail.signals.core import LATEST, WINDOWS, Context, Family, Group, Signal, Unit, Wording, context_of
from trail.signals.late import Late
from trail.signals.target import Labelled, every, fingerprint, gathered, known_at, label

__all__ = [
    "BY_NAME",
    "LATEST",
    "METADATA",
    "SIGNALS",
    "WINDOWS",
    "Calendar",
    "Card",
    "Cards",
    "Context",
    "Family",
    "Group",
    "Labelled",
    "Late",
    "Signal",
    "Unit",
    "Wording",
    "calendar_of",
    "cards_at",
    "context_of",
    "every",
    "fingerprint",
    "gathered",
    "known_at",
    "label",
]
