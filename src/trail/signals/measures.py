"""One pass over the events before a cutoff: what every signal is made of, one row an item."""

from __future__ import annotations

from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from trail.events import YEAR, EventLog, Items, epoch_micros, to_micros
from trail.signals.core import WINDOWS, Context

_DAY = 86_400_000_000


def _or_zero(value: ir.NumericValue) -> ir.NumericValue:
    return ibis.coalesce(value, 0.0)


def _inside(events: ir.Table, start: datetime, end: datetime) -> ir.BooleanValue:
    """Tells which events lie in `[start, end)`: compared as timestamps, engines skip what lies outside."""
    return (events.timestamp >= ibis.literal(start)) & (events.timestamp < ibis.literal(end))


def _last(events: ir.Table, context: Context, windows: int, skipped: int = 0) -> ir.BooleanValue:
    """Tells which events lie in the last `windows` windows before the `skipped` newest ones."""
    start, _ = context.horizon.window(context.cutoff, skipped + windows)
    return _inside(events, start, context.cutoff - skipped * context.horizon.span)


def _windows_and_slices(events: ir.Table, context: Context) -> ir.Table:
    """Sums weights by window, late slice and season; one row an item with history."""
    cutoff, span, weight = context.cutoff, context.horizon.span, events.weight
    season = cutoff - YEAR
    sums = {f"w{k}": weight.sum(where=_last(events, context, 1, k - 1)) for k in range(1, WINDOWS + 1)}
    # the slice starts on a whole microsecond, rounded up: a floored length
    late = cutoff - (3 * span) // timedelta.resolution // 7 * timedelta.resolution
    return events.group_by("item_id").aggregate(
        **sums,
        late=weight.sum(where=_inside(events, late, cutoff)),
        season_next=weight.sum(where=_inside(events, season, season + span)),
        season_last=weight.sum(where=_inside(events, season - span, season)),
        total=weight.sum(),
        first_seen=events.timestamp.min(),
        last_seen=events.timestamp.max(),
        price_last=events.price.mean(where=_last(events, context, 1)),
        price_before=events.price.mean(where=_last(events, context, 4, 1)),
    )


def _people(events: ir.Table, context: Context) -> ir.Table:
    """Counts distinct users of the last two windows and the heaviest user's weight in the last."""
    named = events.filter(_last(events, context, 2) & events.user_id.notnull())
    is_now = _last(named, context, 1)
    each = named.group_by("item_id", "user_id").aggregate(
        now=named.weight.sum(where=is_now), then=named.weight.sum(where=~is_now)
    )
    return each.group_by("item_id").aggregate(
        users_now=each.now.count(), users_then=each.then.count(), heaviest=each.now.max()
    )


def _days_before(context: Context, moment: ir.TimestampValue) -> ir.FloatingValue:
    return (ibis.literal(to_micros(context.cutoff)) - epoch_micros(moment)) / float(_DAY)


def measures(log: EventLog, items: Items, context: Context) -> ir.Table:
    """Returns one row for every item of the catalogue or of the log before the cutoff.

    Columns: the catalogue's; `w1` to `w12` (weight by window, 1 is the last); `late`, `season_next`,
    `season_last`, `total`, `heaviest` (weights); `users_now`, `users_then`; `price_last`, `price_before`
    (mean unit price in the last window and the four before); `first_days`, `last_days` (days before the
    cutoff of the first and last event); `rank_now`, `rank_then` (1 is the highest).
    """
    known = log.table.filter(log.table.timestamp < ibis.literal(context.cutoff))
    joined = items.table.outer_join(_windows_and_slices(known, context), "item_id", rname="seen_{name}")
    joined = joined.mutate(item_id=ibis.coalesce(joined.item_id, joined.seen_item_id)).drop("seen_item_id")
    if context.has_users:
        joined = joined.left_join(_people(known, context), "item_id", rname="people_{name}").drop(
            "people_item_id"
        )
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
        first_days=_days_before(context, joined.first_seen),
        last_days=_days_before(context, joined.last_seen),
    )
    return joined.mutate(
        rank_now=ibis.rank().over(order_by=ibis.desc(joined.w1)) + 1,
        rank_then=ibis.rank().over(order_by=ibis.desc(joined.w2)) + 1,
    )
