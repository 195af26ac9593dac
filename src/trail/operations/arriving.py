"""Whether a log says when its events arrived, how many arrived too late to be known, and where it ends, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

import ibis

from trail.events import EventLog, Horizon, step_end, to_micros

_UNTOLD = "events count as known when they happen"


def of_log(log: EventLog, horizon: Horizon) -> str:
    """Returns what is known of arrivals, for `trail plan`: how long a forecast waits, and what comes later still."""
    if log.arrivals is None:
        return f"not in the log: {_UNTOLD}"
    events, days = log.table, log.arrivals.wait.days
    due = step_end(events, log.grid)
    late, later = (log.knowable(events) >= due + steps * horizon.micros for steps in range(2))
    found = events.aggregate(late=late.mean(), later=later.mean()).to_pyarrow().to_pylist()[0]
    waits = (
        f"a forecast waits {days} day{'s' if days > 1 else ''} for them"
        if days
        else "a forecast waits for none"
    )
    return (
        f"in the log: {waits}; {found['late']:.1%} of the events come too late for the first cutoff after them, {found['later']:.1%} "
        f"too late for the one a {horizon.noun} after that"
    )


def of_end(log: EventLog, cutoff: datetime) -> tuple[str, ...]:
    """Returns what must be said of where a log ends beside a forecast's cutoff; nothing where it is whole until then.

    Args:
        log: The log.
        cutoff: That of the forecast.
    """
    if log.cut and cutoff == log.last_cutoff():
        return (
            f"The log's last days, from {cutoff:%Y-%m-%d} on, are not over or hardly there, and left out.",
        )
    missing = ceil((cutoff - max(log.last_cutoff(), log.end)) / timedelta(days=1))
    if missing < 1:
        return ()
    days = f"{missing} day{'s' * (missing > 1)}"
    return (
        f"The log ends {days} before this forecast's cutoff; missing days count as zero, so it is likely too low.",
    )


def at_origins(log: EventLog, horizon: Horizon, origins: Sequence[datetime]) -> str:
    """Returns how much of the last window was not known at the origins of a backtest, in one sentence."""
    if log.arrivals is None:
        return f"The log does not say when its events arrived (ingested_at): {_UNTOLD}."
    events = log.table
    first, last = min(origins) - horizon.span, max(origins)
    inside = events.filter(
        (events.timestamp >= ibis.literal(first)) & (events.timestamp < ibis.literal(last))
    )
    told = inside.select(knowable=log.knowable(inside), timestamp=inside.timestamp)
    in_window = [
        (told.timestamp >= ibis.literal(each - horizon.span)) & (told.timestamp < ibis.literal(each))
        for each in origins
    ]
    late = [
        window & (told.knowable >= to_micros(each)) for window, each in zip(in_window, origins, strict=True)
    ]
    counted = {f"n{at}": each.sum() for at, each in enumerate((*in_window, *late))}
    found = [int(each or 0) for each in told.aggregate(**counted).to_pyarrow().to_pylist()[0].values()]
    happened, missing = sum(found[: len(origins)]), sum(found[len(origins) :])
    share = f" ({missing / happened:.1%})" if happened else ""
    days = log.arrivals.wait.days
    waited = f", {days} day{'s' if days > 1 else ''} after which their forecasts are made," if days else ""
    return (
        f"At the test origins{waited} {missing:,} of the {happened:,} events of the {horizon.noun} before{share} had not "
        "arrived, by ingested_at, and were not known; what happened counts them."
    )
