"""Trend cards: one row of signals an item at a cutoff, and one item's row as a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trail.errors import DataError
from trail.events import EventLog, Horizon, Items
from trail.signals import history, metadata, momentum
from trail.signals.calendar import Calendar, calendar_of
from trail.signals.core import Signal, context_of
from trail.signals.measures import measures

#: Every signal, in the order of the card; the one list that prompts, texts, checks and docs derive from.
SIGNALS: tuple[Signal, ...] = (*history.SIGNALS, *momentum.SIGNALS, *metadata.SIGNALS)
BY_NAME: Mapping[str, Signal] = {signal.name: signal for signal in SIGNALS}
#: Catalogue columns that a card carries as context.
METADATA = ("title", "categories", "category", "brand", "description", "price", "release")


@dataclass(frozen=True)
class Card:
    """One item's trend card.

    Attributes:
        item_id: The item.
        cutoff: First instant not known.
        horizon: Window length and span predicted.
        values: Signal name -> value; null where the signal is empty.
        metadata: Catalogue column -> value, context only.
        calendar: The period predicted.
        events: What one unit of weight is called, in the plural.
    """

    item_id: str
    cutoff: datetime
    horizon: Horizon
    values: Mapping[str, float | None]
    metadata: Mapping[str, object]
    calendar: Calendar
    events: str = "events"

    def __getitem__(self, signal: str) -> float | None:
        return self.values[signal]

    @property
    def counts(self) -> list[float]:
        """Counts of the covered windows, newest first."""
        found = (self.values[f"count_{k}"] for k in range(1, 13))
        return [value for value in found if value is not None]


@dataclass(frozen=True)
class Cards:
    """The trend cards of all items at one cutoff.

    Attributes:
        table: Arrow table: item_id, the catalogue's columns, one column a signal; sorted by item_id.
        cutoff: First instant not known.
        horizon: Window length and span predicted.
        calendar: The period predicted.
        events: What one unit of weight is called, in the plural.
    """

    table: pa.Table
    cutoff: datetime
    horizon: Horizon
    calendar: Calendar
    events: str = "events"

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def item_ids(self) -> list[str]:
        """Item identifiers in row order."""
        return [str(item) for item in self.table["item_id"].to_pylist()]

    def column(self, signal: str) -> np.ndarray:
        """Returns one signal as float64, shape (items,), NaN where null."""
        return np.asarray(self.table[signal].to_numpy(zero_copy_only=False), dtype=np.float64)

    def matrix(self, signals: Sequence[str]) -> np.ndarray:
        """Returns signals as float64, shape (items, signals), NaN where null."""
        return np.column_stack([self.column(name) for name in signals])

    def take(self, rows: np.ndarray) -> Cards:
        """Returns the cards of the given rows, in their order."""
        return Cards(self.table.take(pa.array(rows)), self.cutoff, self.horizon, self.calendar, self.events)

    def card(self, row: int) -> Card:
        """Returns the card in a row."""
        values = self.table.slice(row, 1).to_pylist()[0]
        return Card(
            item_id=values["item_id"],
            cutoff=self.cutoff,
            horizon=self.horizon,
            values={signal.name: values[signal.name] for signal in SIGNALS},
            metadata={name: values[name] for name in METADATA},
            calendar=self.calendar,
            events=self.events,
        )

    def row_of(self, item_id: str) -> int:
        """Returns the row of an item.

        Raises:
            DataError: If no card is about the item.
        """
        row = int(pc.index(self.table["item_id"], item_id).as_py())
        if row < 0:
            raise DataError(
                f"the item {item_id!r}",
                expected="an item of the catalogue or the log",
                fix="check its spelling",
            )
        return row


def _too_early(log: EventLog, cutoff: datetime) -> DataError:
    found = f"the cutoff {cutoff:%Y-%m-%d}"
    if log.arrivals is None or cutoff <= log.start:
        return DataError(found, expected=f"a moment after the first event, {log.start:%Y-%m-%d}")
    return DataError(
        found,
        expected=f"a moment after the first event arrived, {log.arrivals.first:%Y-%m-%d}",
        fix="where ingested_at is the time of a later copy of the log, leave it out of the columns",
    )


def cards_at(
    log: EventLog, items: Items, cutoff: datetime, horizon: Horizon, *, country: str = "US"
) -> Cards:
    """Computes every item's signals at a cutoff in one query.

    Args:
        log: Events; none is read that was not known at the cutoff.
        items: Catalogue.
        cutoff: First instant not known.
        horizon: Window length and span predicted.
        country: Whose holidays the calendar lists.

    Raises:
        DataError: If the cutoff does not lie on the log's grid, or no event was known by then.
        ConfigError: If the cutoff has no time zone, or the country is unknown.
    """
    if not log.begins_before(cutoff):
        raise _too_early(log, cutoff)
    calendar = calendar_of(cutoff, horizon, country)
    context = context_of(log, cutoff, horizon, calendar.numbers)
    facts = measures(log, items, context)
    columns = {signal.name: signal.expression(facts, context).cast("float64") for signal in SIGNALS}
    query = facts.select("item_id", *METADATA, **columns).order_by("item_id")
    return Cards(query.to_pyarrow(), cutoff, horizon, calendar, log.name)
