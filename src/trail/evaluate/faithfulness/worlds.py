"""Cards of a changed log: one world an intervention, in which one item's events are edited and nobody else's.

Editing many items in one copy of the log would be fewer queries, but their ranks, shares and categories would see
each other's edits, and a measure of reasons should not have to explain that away. So an edit that other items' cards
can see gets a world of its own, and only edits that they cannot see (users, prices, last year) share one. What makes
this cheap is that of another item a card sees its counts in the last two windows and nothing else: a world
holds the item's own events and at most two events for each other item. That this is so is not taken for granted: the world
in which nothing is edited must give the cards of the whole log (`World.check`), else nothing is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from trail.errors import EngineError
from trail.evaluate.faithfulness.own import Own
from trail.evaluate.settled import numbers, same, settled
from trail.events import EVENT_SCHEMA, EventLog, Items
from trail.signals import Cards, Context, context_of

#: The cards of a log and a catalogue at the cutoff in question.
Rebuild = Callable[[EventLog, Items], Cards]
#: Windows of another item that a card sees.
_SEEN = 2


@dataclass(frozen=True)
class World:
    """What cards are rebuilt from.

    Attributes:
        log: The whole log; never changed.
        cards: The cards of all items, as they are.
        items: Catalogue of the items that a card can see.
        rows: Rows of `cards` that are tested, shape (tested,).
        own: Their events, in that order.
        counts: Counts of the last two windows of every row of `cards`, newest first, shape (items, 2).
        context: Cutoff, horizon and what the log covers.
        rebuild: The normal query.
    """

    log: EventLog
    cards: Cards
    items: Items
    rows: np.ndarray
    own: tuple[Own, ...]
    counts: np.ndarray
    context: Context
    rebuild: Rebuild

    def check(self) -> None:
        """Makes sure that the world in which nothing is edited gives the cards of the whole log.

        Raises:
            EngineError: If it does not: a signal sees more of other items than a world holds.
        """
        before = self.cards.take(self.rows)
        after = self.rebuilt(self.own, self.rows, settle=False)
        for name in numbers(before):
            wrong = np.flatnonzero(~same(before.column(name), after.column(name)))
            if len(wrong):
                row = int(wrong[0])
                raise EngineError(
                    f"{name} of {before.item_ids[row]!r} is {after.column(name)[row]:g} in a narrowed log",
                    expected=f"{before.column(name)[row]:g}, as in the whole log",
                    fix="the signal sees more of other items than their last two windows: teach worlds.py",
                )

    def rebuilt(
        self,
        own: Sequence[Own],
        rows: np.ndarray,
        counts: np.ndarray | None = None,
        *,
        settle: bool = True,
    ) -> Cards:
        """Returns the cards of some items with other events of theirs, in the order of `rows`.

        Args:
            own: Events of each of the items.
            rows: Their rows in `cards`, shape (own,).
            counts: Counts of everybody else, shape (items, 2); as they are by default.
            settle: Whether numbers that moved by no more than rounding are taken as they were.
        """
        around = _stand_ins(self.cards, self.counts if counts is None else counts, rows, self.context)
        table = pa.concat_tables([around, *(each.table for each in own)])
        with _placed(self.log, table) as events:
            found = self.rebuild(replace(self.log, table=events), self.items)
        place = {item: at for at, item in enumerate(found.item_ids)}
        before = self.cards.take(rows)
        after = found.take(np.array([place[item] for item in before.item_ids], dtype=np.int64))
        return settled(after, before) if settle else after


@contextmanager
def world_of(
    log: EventLog, items: Items, cards: Cards, rows: np.ndarray, rebuild: Rebuild
) -> Iterator[World]:
    """Yields the world of some items, checked.

    Args:
        log: The events.
        items: The catalogue.
        cards: The cards of all items at the cutoff.
        rows: Rows to be tested, shape (tested,).
        rebuild: The normal query at the same cutoff.

    Raises:
        EngineError: If a narrowed log does not give the same cards.
    """
    context = context_of(log, cards.cutoff, cards.horizon, cards.calendar.numbers)
    counts = np.column_stack([np.nan_to_num(cards.column(f"count_{ago}")) for ago in range(1, _SEEN + 1)])
    tested = np.array(cards.item_ids, dtype=object)[rows].tolist()
    seen = {*np.array(cards.item_ids, dtype=object)[counts.sum(axis=1) > 0].tolist(), *tested}
    catalogue = items.table.to_pyarrow()
    catalogue = catalogue.filter(pc.is_in(catalogue["item_id"], pa.array(sorted(seen))))
    own = _own_events(log, tested, context)
    with _placed(log, catalogue) as table:
        found = World(log, cards, Items(table, len(catalogue)), rows, own, counts, context, rebuild)
        found.check()
        yield found


def _own_events(log: EventLog, item_ids: Sequence[str], context: Context) -> tuple[Own, ...]:
    known = log.known(context.cutoff)
    table = known.filter(known.item_id.isin(item_ids)).select(*EVENT_SCHEMA.names).to_pyarrow()
    table = table.cast(EVENT_SCHEMA)
    return tuple(Own.of(table.filter(pc.equal(table["item_id"], item)), context) for item in item_ids)


def _stand_ins(cards: Cards, counts: np.ndarray, without: np.ndarray, context: Context) -> pa.Table:
    """Returns an event for each of the last two windows of every item that has one, some items left out."""
    others = counts.copy()
    others[without] = 0.0
    row, window = np.nonzero(others)
    starts = [context.horizon.window(context.cutoff, ago)[0] for ago in range(1, counts.shape[1] + 1)]
    columns = {
        "item_id": cards.table["item_id"].take(pa.array(row)),
        "timestamp": pa.array([starts[at] for at in window], EVENT_SCHEMA.field("timestamp").type),
        "user_id": pa.nulls(len(row), pa.string()),
        "weight": pa.array(others[row, window]),
        "kind": pa.nulls(len(row), pa.string()),
        "price": pa.nulls(len(row), pa.float64()),
        "ingested_at": pa.nulls(len(row), pa.timestamp("us", tz="UTC")),
    }
    return pa.table(columns, schema=EVENT_SCHEMA)


@contextmanager
def _placed(log: EventLog, table: pa.Table) -> Iterator[ir.Table]:
    """Yields a table in a file that the log's engine reads; it is gone afterwards."""
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "table.parquet")
        pq.write_table(table, path)
        yield ibis.get_backend(log.table).read_parquet(path, table_name=Path(folder).name)
