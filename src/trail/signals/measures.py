"""The events before a cutoff, summed: what every signal is made of, one row an item."""

from __future__ import annotations

from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from trail.events import YEAR, EventLog, Items, epoch_micros, to_micros
from trail.signals.core import WINDOWS, Context

_DAY = 86_400_000_000


#: Columns that are zero, not null, for an item without events.
_SUMMED = {
    *(f"w{k}" for k in range(1, WINDOWS + 1)),
    *("late", "total", "season_next", "season_last", "users_now", "users_then", "heaviest"),
}


def _inside(events: ir.Table, start: datetime, end: datetime) -> ir.BooleanValue:
    """Tells which events lie in `[start, end)`: compared as timestamps, engines skip what lies outside."""
    return (events.timestamp >= ibis.literal(start)) & (events.timestamp < ibis.literal(end))


def _last(events: ir.Table, context: Context, windows: int, skipped: int = 0) -> ir.BooleanValue:
    """Tells which events lie in the last `windows` windows before the `skipped` newest ones."""
    start, _ = context.horizon.window(context.cutoff, skipped + windows)
    return _inside(events, start, context.cutoff - skipped * context.horizon.span)


def _ever(events: ir.Table) -> ir.Table:
    """Sums what needs all of the past; one row an item with history."""
    return events.group_by("item_id").aggregate(
        total=events.weight.sum(), first_seen=events.timestamp.min(), last_seen=events.timestamp.max()
    )


def _recent(events: ir.Table, context: Context) -> ir.Table:
    """Sums weights by window and in the late slice, and averages prices; one row an item of the windows."""
    # a filter of its own: files in order of time are read from there on
    events = events.filter(_last(events, context, WINDOWS))
    weight, span = events.weight, context.horizon.span
    sums = {f"w{k}": weight.sum(where=_last(events, context, 1, k - 1)) for k in range(1, WINDOWS + 1)}
    # the slice starts on a whole microsecond, rounded up: a floored length
    late = context.cutoff - (3 * span) // timedelta.resolution // 7 * timedelta.resolution
    return events.group_by("item_id").aggregate(
        **sums,
        late=weight.sum(where=_inside(events, late, context.cutoff)),
        price_last=events.price.mean(where=_last(events, context, 1)),
        price_before=events.price.mean(where=_last(events, context, 4, 1)),
    )


def _season(events: ir.Table, context: Context) -> ir.Table:
    """Sums weights of the period predicted and of the window before it, both a year ago."""
    start, span = context.cutoff - YEAR, context.horizon.span
    events = events.filter(_inside(events, start - span, start + span))
    is_next = _inside(events, start, start + span)
    return events.group_by("item_id").aggregate(
        season_next=events.weight.sum(where=is_next), season_last=events.weight.sum(where=~is_next)
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
    """Returns one row for every item of the catalogue or of the events known at the cutoff.

    Columns: the catalogue's; `w1` to `w12` (weight by window, 1 is the last); `late`, `total` (weights);
    `price_last`, `price_before` (mean unit price in the last window and the four before); `first_days`,
    `last_days` (days before the cutoff of the first and last event); `rank_now`, `rank_then` (1 is the
    highest); where the log reaches back, `season_next`, `season_last` (weights); where it names users,
    `users_now`, `users_then` and `heaviest` (weight).
    """
    known = log.known(context.cutoff)
    joined = items.table.outer_join(_ever(known), "item_id", rname="seen_{name}")
    joined = joined.mutate(item_id=ibis.coalesce(joined.item_id, joined.seen_item_id)).drop("seen_item_id")
    parts = [_recent(known, context)]
    parts += [_season(known, context)] if context.has_last_year else []
    parts += [_people(known, context)] if context.has_users else []
    for part in parts:
        joined = joined.left_join(part, "item_id", rname="part_{name}").drop("part_item_id")
    summed = [name for name in joined.columns if name in _SUMMED]
    joined = joined.mutate(
        **{name: ibis.coalesce(joined[name], 0) for name in summed},
        first_days=_days_before(context, joined.first_seen),
        last_days=_days_before(context, joined.last_seen),
    )
    return joined.mutate(
        rank_now=ibis.rank().over(order_by=ibis.desc(joined.w1)) + 1,
        rank_then=ibis.rank().over(order_by=ibis.desc(joined.w2)) + 1,
    )
