"""Changes planted into copies of a log and a catalogue, none of which may move a forecast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from trail.events import EVENT_SCHEMA, EventLog, Horizon, Items, event_log

#: Catalogue columns that say what an item is: context by design, which a forecaster may read whenever they
#: were crawled. Every other column may be of a later crawl, and nothing may depend on it.
CONTEXT = ("item_id", "title", "categories", "category", "brand", "description", "release")
#: Items that get a burst, at most, the events of each, and the windows before the cutoff that late ones lie in.
_BURSTS, _EACH, _WINDOWS = 200, 25, 3
_NEWCOMER = "planted after the cutoff"


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


@dataclass(frozen=True)
class Planted:
    """A changed copy; the original stays as it is.

    Attributes:
        log: The events.
        items: The catalogue.
        names: New item_id -> the one it had before; items that are not in it kept theirs.
        backwards: Whether the forecaster is asked for the cards in reverse order.
    """

    log: EventLog
    items: Items
    names: Mapping[str, str] = field(default_factory=dict)
    backwards: bool = False


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


def _with_events(ground: Ground, table: ir.Table, items: Items | None = None) -> Planted:
    """Returns a copy with other events; all that is known of a log is measured again, but when they usually arrive."""
    kept = event_log(ground.written(table.select(*EVENT_SCHEMA.names)), name=ground.log.name)
    if kept.arrivals and ground.log.arrivals:
        usual = ground.log.arrivals
        kept = replace(kept, arrivals=replace(usual, first=kept.arrivals.first))
    return Planted(kept, items or ground.items)


def _nothing(ground: Ground) -> Planted:
    return Planted(ground.log, ground.items)


def _bursts(ground: Ground) -> Planted:
    """Adds a burst from the cutoff on to random items, and to one that nobody knows yet."""
    # the log's own grid is kept: how finely it counts is known of a log as a whole
    step = ground.log.grid or ground.horizon.span / _EACH
    return _with_bursts(ground, [ground.cutoff + turn * step for turn in range(_EACH)])


def _late_arrivals(ground: Ground) -> Planted | None:
    """Adds a burst in the last windows before the cutoff that arrives when the cutoff's forecast is made."""
    log, cutoff = ground.log, ground.cutoff
    if log.arrivals is None or log.last_cutoff() <= cutoff:
        return None
    step = log.grid or _WINDOWS * ground.horizon.span / _EACH
    moments = [cutoff - (turn + 1) * step for turn in range(_EACH)]
    return _with_bursts(ground, [each for each in moments if each >= log.start], cutoff + log.arrivals.wait)


def _with_bursts(ground: Ground, moments: list[datetime], arrival: datetime | None = None) -> Planted:
    """Returns a copy with an event at each moment of random items, and of one that nobody knows yet."""
    known = _ids(ground)
    chosen = ground.rng.choice(known, min(_BURSTS, len(known)), replace=False)
    items = np.repeat([*chosen, _NEWCOMER], len(moments))
    rows, times = len(items), len(items) // len(moments)
    users = np.array([f"planted user {turn}" for turn in range(len(moments))])
    arrivals = pa.nulls(rows) if arrival is None else pa.array([arrival] * rows)
    events = {
        "item_id": pa.array(items, pa.string()),
        "timestamp": pa.array(moments * times, pa.timestamp("us", tz="UTC")),
        "user_id": np.tile(users, times) if ground.log.has_users else pa.nulls(rows, pa.string()),
        "weight": np.full(rows, 40.0),
        "kind": pa.nulls(rows, pa.string()),
        "price": np.full(rows, 1e6) if ground.log.has_prices else pa.nulls(rows, pa.float64()),
        "ingested_at": arrivals.cast(pa.timestamp("us", tz="UTC")),
    }
    return _with_events(ground, _joined(ground.log.table, ibis.memtable(pa.table(events, EVENT_SCHEMA))))


def _joined(table: ir.Table, more: ir.Table) -> ir.Table:
    types = {name: kind.copy(nullable=True) for name, kind in table.schema().items()}
    names = EVENT_SCHEMA.names
    parts = (each.select(*names).cast({name: types[name] for name in names}) for each in (table, more))
    return ibis.union(*parts)


def _no_future(ground: Ground) -> Planted | None:
    if ground.log.end < ground.cutoff:
        return None
    return _with_events(ground, ground.log.known(ground.cutoff))


def _absurd_outcomes(ground: Ground) -> Planted | None:
    """Turns what is not known at the cutoff upside down: every count a thousandfold and more."""
    table = ground.log.table
    if ground.log.end < ground.cutoff:
        return None
    known = ground.log.is_known(table, ground.cutoff)
    return _with_events(ground, table.mutate(weight=known.ifelse(table.weight, 1000.0 * table.weight + 1e5)))


def _later_crawl(ground: Ground) -> Planted | None:
    """Changes every catalogue column that a later crawl would change; what an item is stays."""
    table = ground.items.table.to_pyarrow()
    changed = [name for name in table.column_names if name not in CONTEXT]
    if not changed:
        return None
    rng = ground.rng
    for name in changed:
        at, kind = table.schema.get_field_index(name), table.schema.field(name).type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind):
            found = pa.array(np.round(rng.lognormal(5.0, 2.0, table.num_rows))).cast(kind)
        else:
            found = table[name].take(pa.array(rng.permutation(table.num_rows)))
        table = table.set_column(at, name, found)
    return Planted(ground.log, replace(ground.items, table=ground.written(ibis.memtable(table))))


def _ids(ground: Ground) -> np.ndarray:
    """Returns every item_id of the log or the catalogue, sorted."""
    log, items = (each.select("item_id").distinct() for each in (ground.log.table, ground.items.table))
    found = [each.to_pyarrow()["item_id"].to_pylist() for each in (log, items)]
    return np.array(sorted({str(name) for names in found for name in names}), dtype=object)


def _renamed(table: ir.Table, column: str, names: Mapping[str, str]) -> ir.Table:
    """Returns a table with the values of a column renamed, old -> new; null stays null."""
    known = ibis.memtable(pa.table({"_old": list(names), "_new": list(names.values())}))
    joined = table.left_join(known, table[column] == known["_old"])
    return joined.mutate(**{column: joined["_new"]}).select(*table.columns)


def _item_ids(ground: Ground) -> Planted:
    ids = _ids(ground)
    names = dict(zip(ids.tolist(), ground.rng.permutation(ids).tolist(), strict=True))
    catalogue = replace(ground.items, table=ground.written(_renamed(ground.items.table, "item_id", names)))
    planted = _with_events(ground, _renamed(ground.log.table, "item_id", names), catalogue)
    return replace(planted, names={new: old for old, new in names.items()})


def _user_ids(ground: Ground) -> Planted | None:
    table = ground.log.table
    if not ground.log.has_users:
        return None
    named = table.filter(table.user_id.notnull()).select("user_id").distinct().order_by("user_id")
    users = named.to_pyarrow()["user_id"].to_pylist()
    names = dict(zip(users, ground.rng.permutation(np.array(users, dtype=object)).tolist(), strict=True))
    return _with_events(ground, _renamed(table, "user_id", names))


def _user_again(ground: Ground) -> Planted | None:
    """Repeats after the cutoff all that the busiest user did before it."""
    log, cutoff = ground.log, ground.cutoff
    past = log.table.filter((log.table.timestamp < ibis.literal(cutoff)) & log.table.user_id.notnull())
    counted = past.group_by("user_id").aggregate(n=past.count())
    busiest = counted.order_by([ibis.desc("n"), "user_id"]).limit(1).to_pyarrow()["user_id"].to_pylist()
    if not busiest:
        return None
    step = log.grid or timedelta(days=1)
    shift = step * -((log.start - cutoff) // step)
    theirs = past.filter(past.user_id == busiest[0])
    moved = theirs.mutate(
        timestamp=theirs.timestamp + ibis.literal(shift), ingested_at=theirs.ingested_at + ibis.literal(shift)
    )
    return _with_events(ground, _joined(log.table, moved))


def _row_order(ground: Ground) -> Planted:
    events, items = ground.log.table, ground.items.table
    mixed = (events.item_id + events.timestamp.cast("string")).hash()
    catalogue = replace(ground.items, table=ground.written(items.order_by([items.item_id.hash(), "item_id"])))
    return _with_events(ground, events.order_by(mixed), catalogue)


def _card_order(ground: Ground) -> Planted:
    return Planted(ground.log, ground.items, backwards=True)


_AN_EVENT, _A_USER = "an event at or after the cutoff", "a log that names users"
#: Every plant, the control first.
PLANTS: tuple[Plant, ...] = (
    Plant("nothing", "nothing: the same question again must get the same answer", _nothing),
    Plant("future_bursts", "bursts after the cutoff on random items and on an unknown one", _bursts),
    Plant(
        "late_arrivals",
        "bursts before the cutoff that arrive too late for it",
        _late_arrivals,
        "a log that says when its events arrived, and an event at or after the cutoff",
    ),
    Plant("no_future", "every event not known at the cutoff taken away", _no_future, _AN_EVENT),
    Plant(
        "absurd_outcomes",
        "every event not known at the cutoff weighs a thousandfold",
        _absurd_outcomes,
        _AN_EVENT,
    ),
    Plant(
        "later_crawl",
        "catalogue prices and every column that is not context changed",
        _later_crawl,
        "a column of the catalogue that is not context",
    ),
    Plant("item_ids", "item ids exchanged in log and catalogue alike", _item_ids),
    Plant("user_ids", "user ids exchanged", _user_ids, _A_USER),
    Plant("user_again", "the busiest user's past repeated after the cutoff", _user_again, _A_USER),
    Plant("row_order", "rows of log and catalogue in another order", _row_order),
    Plant("card_order", "cards given to the forecaster in reverse order", _card_order),
)
