"""Changes planted into copies of a log and a catalogue, none of which may move a forecast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from trail.evaluate.catalogue_plants import later_crawl, newcomer, other_words
from trail.evaluate.ground import EACH, NEWCOMER, Ground, Plant, Planted, joined

#: Items that get a burst, at most, and the windows before the cutoff that late ones lie in.
_BURSTS, _WINDOWS = 200, 3


def _nothing(ground: Ground) -> Planted:
    return Planted(ground.log, ground.items)


def _some(ground: Ground) -> list[str]:
    """Returns random items, and one that nobody knows yet."""
    known = ground.ids()
    return [*ground.rng.choice(known, min(_BURSTS, len(known)), replace=False), NEWCOMER]


def _bursts(ground: Ground) -> Planted:
    """Adds a burst from the cutoff on to random items, and to one that nobody knows yet."""
    return ground.with_bursts(_some(ground), ground.moments())


def _late_arrivals(ground: Ground) -> Planted | None:
    """Adds a burst in the last windows before the cutoff that arrives when the cutoff's forecast is made."""
    log, cutoff = ground.log, ground.cutoff
    if log.arrivals is None or log.last_cutoff() <= cutoff:
        return None
    step = log.grid or _WINDOWS * ground.horizon.span / EACH
    moments = [cutoff - (turn + 1) * step for turn in range(EACH)]
    inside = [each for each in moments if each >= log.start]
    return ground.with_bursts(_some(ground), inside, cutoff + log.arrivals.wait)


def _no_future(ground: Ground) -> Planted | None:
    if ground.log.end < ground.cutoff:
        return None
    return ground.with_events(ground.log.known(ground.cutoff))


def _absurd_outcomes(ground: Ground) -> Planted | None:
    """Turns what is not known at the cutoff upside down: every count a thousandfold and more."""
    table = ground.log.table
    if ground.log.end < ground.cutoff:
        return None
    known = ground.log.is_known(table, ground.cutoff)
    return ground.with_events(table.mutate(weight=known.ifelse(table.weight, 1000.0 * table.weight + 1e5)))


def _renamed(table: ir.Table, column: str, names: Mapping[str, str]) -> ir.Table:
    """Returns a table with the values of a column renamed, old -> new; null stays null."""
    known = ibis.memtable(pa.table({"_old": list(names), "_new": list(names.values())}))
    joined = table.left_join(known, table[column] == known["_old"])
    return joined.mutate(**{column: joined["_new"]}).select(*table.columns)


def _item_ids(ground: Ground) -> Planted:
    ids = ground.ids()
    names = dict(zip(ids.tolist(), ground.rng.permutation(ids).tolist(), strict=True))
    catalogue = replace(ground.items, table=ground.written(_renamed(ground.items.table, "item_id", names)))
    planted = ground.with_events(_renamed(ground.log.table, "item_id", names), catalogue)
    return replace(planted, names={new: old for old, new in names.items()})


def _user_ids(ground: Ground) -> Planted | None:
    table = ground.log.table
    if not ground.log.has_users:
        return None
    named = table.filter(table.user_id.notnull()).select("user_id").distinct().order_by("user_id")
    users = named.to_pyarrow()["user_id"].to_pylist()
    names = dict(zip(users, ground.rng.permutation(np.array(users, dtype=object)).tolist(), strict=True))
    return ground.with_events(_renamed(table, "user_id", names))


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
    return ground.with_events(joined(log.table, moved))


def _row_order(ground: Ground) -> Planted:
    events, items = ground.log.table, ground.items.table
    mixed = (events.item_id + events.timestamp.cast("string")).hash()
    catalogue = replace(ground.items, table=ground.written(items.order_by([items.item_id.hash(), "item_id"])))
    return ground.with_events(events.order_by(mixed), catalogue)


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
        later_crawl,
        "a column of the catalogue that is not context",
    ),
    Plant(
        "newcomer",
        "a row of the catalogue whose item first occurs after the cutoff: nothing of the others may move",
        newcomer,
        "a row of the catalogue",
    ),
    Plant(
        "other_words",
        "titles, categories, brands and descriptions exchanged: no signal may move, though a forecaster may read them",
        other_words,
        "different words in the catalogue",
    ),
    Plant("item_ids", "item ids exchanged in log and catalogue alike", _item_ids),
    Plant("user_ids", "user ids exchanged", _user_ids, _A_USER),
    Plant("user_again", "the busiest user's past repeated after the cutoff", _user_again, _A_USER),
    Plant("row_order", "rows of log and catalogue in another order", _row_order),
    Plant("card_order", "cards given to the forecaster in reverse order", _card_order),
)
