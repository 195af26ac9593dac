"""What happened in the period of a sealed forecast: when it is known, and what the log says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import numpy as np

from trail.baselines.scope import ACTIVE_WINDOWS
from trail.errors import DataError
from trail.evaluate.origins import end_of
from trail.events import EventLog, Horizon


@dataclass(frozen=True)
class Happened:
    """The log's counts for the items of a forecast, in the forecast's row order.

    Attributes:
        target: Weight of the events inside the period, shape (items,), 0 without events.
        last: Weight of the events in the window before it that were known when it began, shape (items,).
        active: Whether the item had a known event in the last eight full windows before it, shape (items,).
        others: Weight inside the period of each item that was not forecast, shape (other items,).
    """

    target: np.ndarray
    last: np.ndarray
    active: np.ndarray
    others: np.ndarray

    def others_in_top(self, k: int) -> int:
        """Returns how many of the period's true top k were not forecast at all."""
        border = np.sort(np.concatenate([self.target, self.others]))[::-1][:k]
        return int((self.others >= border[-1]).sum()) if len(border) else 0


def known_on(log: EventLog, cutoff: datetime, horizon: Horizon) -> datetime:
    """Returns the day that the log must reach before it covers a period whole.

    A log without a grid covers a day only once it holds a later event, so a period that ends inside a day
    waits for that day's end.
    """
    end = horizon.target_period(cutoff)[1]
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
    return end if log.grid or midnight == end else midnight + timedelta(days=1)


def is_over(log: EventLog, cutoff: datetime, horizon: Horizon) -> bool:
    """Tells whether the log covers the period whole, by the same end as a backtest's last origin."""
    return horizon.target_period(cutoff)[1] <= end_of(log)


def happened(log: EventLog, item_ids: Sequence[str], cutoff: datetime, horizon: Horizon) -> Happened:
    """Sums the weights of a period, of the window before it and of the last eight, in one query.

    The period's events are all that happened in it, whenever they arrived; those before it, what was known at its start.

    Args:
        log: Events.
        item_ids: Items of the forecast.
        cutoff: First moment of the period.
        horizon: Its length.

    Raises:
        DataError: If the cutoff lies off the log's grid, or the log does not cover the window before it.
    """
    log.check_cutoff(cutoff)
    covered = min(ACTIVE_WINDOWS, log.windows_before(cutoff, horizon))
    if not covered:
        raise DataError(
            f"a log that begins on {log.start:%Y-%m-%d}",
            expected=f"one that covers the {horizon.noun} before {cutoff:%Y-%m-%d}",
            fix="score it against the log that it was made from, grown",
        )
    start, end = cutoff - covered * horizon.span, cutoff + horizon.span
    events = log.table
    events = events.filter((events.timestamp >= ibis.literal(start)) & (events.timestamp < ibis.literal(end)))
    inside, known = events.timestamp >= ibis.literal(cutoff), log.is_known(events, cutoff)
    newest = known & (events.timestamp >= ibis.literal(cutoff - horizon.span))
    sums = events.group_by("item_id").aggregate(
        target=events.weight.sum(where=inside),
        last=events.weight.sum(where=newest),
        recent=events.weight.sum(where=known),
    )
    rows = sums.order_by("item_id").to_pyarrow().to_pylist()
    found = {row["item_id"]: [row[name] or 0.0 for name in ("target", "last", "recent")] for row in rows}
    table = np.array([found.get(item, [0.0, 0.0, 0.0]) for item in item_ids]).reshape(-1, 3)
    known = set(item_ids)
    others = np.array([sums[0] for item, sums in found.items() if item not in known and sums[0] > 0])
    return Happened(table[:, 0], table[:, 1], table[:, 2] > 0, others)
