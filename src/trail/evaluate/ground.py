"""What the leak alarm plants into, and what a plant is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from trail.events import EVENT_SCHEMA, EventLog, Horizon, Items, event_log

#: Events that an item gets in a burst, and the item that nobody knows before the cutoff.
EACH, NEWCOMER = 25, "planted after the cutoff"


@dataclass(frozen=True)
class Ground:
    """What a plant is put into.

    Attributes:
        log: The events.
        items: The catalogue.
        cutoff: First instant not known.
        horizon: Span predicted.
        folder: Where changed copies are written.
        seed: Seed of what is chosen at random.
    """

    log: EventLog
    items: Items
    cutoff: datetime
    horizon: Horizon
    folder: Path
    seed: int = 0

    @property
    def rng(self) -> np.random.Generator:
        """A fresh source of the plant's chances."""
        return np.random.default_rng(self.seed)

    @property
    def connection(self) -> ibis.BaseBackend:
        """Where the log lies."""
        return ibis.get_backend(self.log.table)

    def written(self, table: ir.Table) -> ir.Table:
        """Returns a table as a file of the folder, its rows in their order: computed once, kept out of memory."""
        names = (self.folder / f"{number}.parquet" for number in count())
        path = next(each for each in names if not each.exists())
        self.connection.to_parquet(table, str(path))
        return self.connection.read_parquet(str(path))

    def ids(self) -> np.ndarray:
        """Returns every item_id of the log or the catalogue, sorted."""
        log, items = (each.select("item_id").distinct() for each in (self.log.table, self.items.table))
        found = [each.to_pyarrow()["item_id"].to_pylist() for each in (log, items)]
        return np.array(sorted({str(name) for names in found for name in names}), dtype=object)

    def moments(self) -> list[datetime]:
        """Returns the moments of a burst inside the period predicted, the first at the cutoff."""
        # the log's own grid is kept: how finely it counts is known of a log as a whole
        step = self.log.grid or self.horizon.span / EACH
        return [self.cutoff + turn * step for turn in range(EACH)]

    def with_events(self, table: ir.Table, items: Items | None = None) -> Planted:
        """Returns a copy with other events; all that is known of a log is measured again, but when they usually arrive."""
        kept = event_log(self.written(table.select(*EVENT_SCHEMA.names)), name=self.log.name)
        if kept.arrivals and self.log.arrivals:
            usual = self.log.arrivals
            kept = replace(kept, arrivals=replace(usual, first=kept.arrivals.first))
        return Planted(kept, items or self.items)

    def with_bursts(
        self, chosen: Sequence[str], moments: Sequence[datetime], arrival: datetime | None = None
    ) -> Planted:
        """Returns a copy with an event at each moment of each chosen item."""
        items = np.repeat(np.array(chosen, dtype=object), len(moments))
        rows = len(items)
        users = np.array([f"planted user {turn}" for turn in range(len(moments))])
        arrivals = pa.nulls(rows) if arrival is None else pa.array([arrival] * rows)
        events = {
            "item_id": pa.array(items, pa.string()),
            "timestamp": pa.array([*moments] * len(chosen), pa.timestamp("us", tz="UTC")),
            "user_id": np.tile(users, len(chosen)) if self.log.has_users else pa.nulls(rows, pa.string()),
            "weight": np.full(rows, 40.0),
            "kind": pa.nulls(rows, pa.string()),
            "price": np.full(rows, 1e6) if self.log.has_prices else pa.nulls(rows, pa.float64()),
            "ingested_at": arrivals.cast(pa.timestamp("us", tz="UTC")),
        }
        return self.with_events(joined(self.log.table, ibis.memtable(pa.table(events, EVENT_SCHEMA))))


@dataclass(frozen=True)
class Planted:
    """A changed copy; the original stays as it is.

    Attributes:
        log: The events.
        items: The catalogue.
        names: New item_id -> the one it had before; items that are not in it kept theirs.
        backwards: Whether the forecaster is asked for the cards in reverse order.
        aside: Items whose own cards are left out of what is learned from and asked about.
        reworded: Whether a forecaster may read what was changed: then only the signals of the cards are compared.
    """

    log: EventLog
    items: Items
    names: Mapping[str, str] = field(default_factory=dict)
    backwards: bool = False
    aside: frozenset[str] = frozenset()
    reworded: bool = False


@dataclass(frozen=True)
class Plant:
    """One kind of change.

    Attributes:
        name: Short name in findings.
        words: What is changed, for people.
        make: Returns the changed copy; null where the ground lacks what the plant needs.
        needs: What `make` lacked where it returned null.
    """

    name: str
    words: str
    make: Callable[[Ground], Planted | None]
    needs: str = ""


def joined(table: ir.Table, more: ir.Table) -> ir.Table:
    """Returns the events of both tables, in the types of the first."""
    types = {name: kind.copy(nullable=True) for name, kind in table.schema().items()}
    names = EVENT_SCHEMA.names
    parts = (each.select(*names).cast({name: types[name] for name in names}) for each in (table, more))
    return ibis.union(*parts)
