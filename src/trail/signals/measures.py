"""One pass over the events before a cutoff: what every signal is made of, one row an item."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from trail.events import YEAR, EventLog, Items, epoch_micros, to_micros
from trail.events.period import MICROSECOND
from trail.signals.core import WINDOWS, Context

_DAY = 86_400_000_000


def _or_zero(value: ir.NumericValue) -> ir.NumericValue:
    return ibis.coalesce(value, 0.0)


def _windows_and_slices(events: ir.Table, context: Context) -> ir.Table:
    """Sums weights by window, late slice and season; one row an item with history."""
    cutoff, length = to_micros(context.cutoff), context.horizon.micros
    season = cutoff - YEAR // MICROSECOND
    age, moment, weight = events.age, events.moment, events.weight
    sums = {f"w{k}": weight.sum(where=age == k - 1) for k in range(1, WINDOWS + 1)}
    return events.group_by("item_id").aggregate(
        **sums,
        late=weight.sum(where=moment >= cutoff - length * 3 // 7),
        season_next=weight.sum(where=(moment >= season) & (moment < season + length)),
        season_last=weight.sum(where=(moment >= season - length) & (moment < season)),
        total=weight.sum(),
        first_moment=moment.min(),
        last_moment=moment.max(),
        price_last=events.price.mean(where=age == 0),
        price_before=events.price.mean(where=(age >= 1) & (age <= 4)),  # noqa: PLR2004 - four windows
    )


def _people(events: ir.Table) -> ir.Table:
    """Counts distinct users of the last two windows and the heaviest user's weight in the last."""
    named = events.filter((events.age <= 1) & events.user_id.notnull())
    each = named.group_by("item_id", "user_id").aggregate(
        now=named.weight.sum(where=named.age == 0), then=named.weight.sum(where=named.age == 1)
    )
    return each.group_by("item_id").aggregate(
        users_now=each.now.count(), users_then=each.then.count(), heaviest=each.now.max()
    )


def measures(log: EventLog, items: Items, context: Context) -> ir.Table:
    """Returns one row for every item of the catalogue or of the log before the cutoff.

    Columns: the catalogue's; `w1` to `w12` (weight by window, 1 is the last); `late`, `season_next`,
    `season_last`, `total`, `heaviest` (weights); `users_now`, `users_then`; `price_last`, `price_before`
    (mean unit price in the last window and the four before); `first_days`, `last_days` (days before the
    cutoff of the first and last event); `rank_now`, `rank_then` (1 is the highest).
    """
    cutoff = to_micros(context.cutoff)
    known = log.table.mutate(moment=epoch_micros(log.table.timestamp)).filter(lambda t: t.moment < cutoff)
    # ceil((cutoff - moment) / length) - 1 in whole microseconds: an event at a window's start belongs to it
    known = known.mutate(age=(ibis.literal(cutoff - 1) - known.moment) // context.horizon.micros)
    joined = items.table.outer_join(_windows_and_slices(known, context), "item_id", rname="seen_{name}")
    joined = joined.mutate(item_id=ibis.coalesce(joined.item_id, joined.seen_item_id)).drop("seen_item_id")
    if context.has_users:
        joined = joined.left_join(_people(known), "item_id", rname="people_{name}").drop("people_item_id")
    else:
        joined = joined.mutate(
            users_now=ibis.null("int64"), users_then=ibis.null("int64"), heaviest=ibis.null("float64")
        )
    zeros = [f"w{k}" for k in range(1, WINDOWS + 1)] + [
        "late",
        "season_next",
        "season_last",
        "total",
        "heaviest",
    ]
    joined = joined.mutate(
        **{name: _or_zero(joined[name]) for name in zeros},
        users_now=ibis.coalesce(joined.users_now, 0),
        users_then=ibis.coalesce(joined.users_then, 0),
        first_days=(ibis.literal(cutoff) - joined.first_moment) / float(_DAY),
        last_days=(ibis.literal(cutoff) - joined.last_moment) / float(_DAY),
    )
    return joined.mutate(
        rank_now=ibis.rank().over(order_by=ibis.desc(joined.w1)) + 1,
        rank_then=ibis.rank().over(order_by=ibis.desc(joined.w2)) + 1,
    )
