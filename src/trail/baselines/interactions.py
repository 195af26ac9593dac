"""Who touched which item when: what a recommender for single users learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Self

import numpy as np
import pyarrow.compute as pc
from scipy.sparse import csr_matrix

from trail.events import EventLog, Horizon, epoch_micros, to_micros


@dataclass(frozen=True)
class Interactions:
    """Events that name a user, oldest first; every array has shape (events,).

    Users are numbered by when they are first known, so that what is known at a cutoff does not tell how many users
    come later.

    Attributes:
        user: Number of the user, from 0.
        item: Row of the item on the cards.
        micros: Moment, microseconds since 1970.
        items: Items on the cards.
        window: Length of a window in microseconds.
        end: First moment not known, microseconds since 1970.
        knowable: Since when an event is known, microseconds since 1970; null where it is when it happens.
    """

    user: np.ndarray
    item: np.ndarray
    micros: np.ndarray
    items: int
    window: int
    end: int
    knowable: np.ndarray | None = None

    @property
    def users(self) -> int:
        """Users with an event."""
        return int(self.user.max()) + 1 if len(self.user) else 0

    @cached_property
    def pairs(self) -> csr_matrix:
        """1 where a user touched an item, however often; sparse, shape (users, items), float32."""
        found = csr_matrix(
            (np.ones(len(self.user), dtype=np.float32), (self.user, self.item)), (self.users, self.items)
        )
        found.data[:] = 1.0
        return found

    def before(self, cutoff: datetime) -> Self:
        """Returns what was known at a cutoff."""
        found = self._part(0, to_micros(cutoff), to_micros(cutoff))
        return found if found.knowable is None else found.take(found.knowable < to_micros(cutoff))

    def inside(self, start: datetime, end: datetime) -> Self:
        """Returns the events of the half-open span from start to end."""
        return self._part(to_micros(start), to_micros(end), to_micros(end))

    def lately(self, windows: int) -> np.ndarray:
        """Returns the events of each item in the last windows before the end, shape (items,)."""
        first = int(np.searchsorted(self.micros, self.end - windows * self.window))
        return np.bincount(self.item[first:], minlength=self.items)

    def _part(self, start: int, end: int, known: int) -> Self:
        first, last = (int(each) for each in np.searchsorted(self.micros, [start, end]))
        return replace(self.take(slice(first, last)), end=min(known, self.end))

    def take(self, rows: slice | np.ndarray) -> Self:
        """Returns some of the events, in their order."""
        return replace(
            self,
            user=self.user[rows],
            item=self.item[rows],
            micros=self.micros[rows],
            knowable=None if self.knowable is None else self.knowable[rows],
        )


def interactions(log: EventLog, item_ids: Sequence[str], horizon: Horizon) -> Interactions:
    """Reads a log's events that name a user, weigh more than 0 and are about a known item.

    Events of one moment are put in the order of user and item, since the log has none. Takes about 50 bytes
    an event.

    Args:
        log: Events.
        item_ids: Items on the cards, in row order.
        horizon: Length of a window.
    """
    events = log.table.filter(log.table.user_id.notnull() & (log.table.weight > 0))
    told = {"knowable": log.knowable(events)} if log.arrivals else {}
    chosen = events.select("user_id", "item_id", micros=epoch_micros(events.timestamp), **told)
    table = chosen.order_by("micros", "user_id", "item_id", *told).to_pyarrow()
    rows = {item: row for row, item in enumerate(item_ids)}
    coded = table["item_id"].combine_chunks().dictionary_encode()
    lookup = np.array([rows.get(item, -1) for item in coded.dictionary.to_pylist()], dtype=np.int64)
    item = lookup[coded.indices.to_numpy()] if len(coded) else np.zeros(0, dtype=np.int64)
    known = item >= 0
    users = pc.filter(table["user_id"].combine_chunks(), known).dictionary_encode()
    user = users.indices.to_numpy().astype(np.int64)
    knowable = table["knowable"].to_numpy()[known] if told else None
    return Interactions(
        user=user if knowable is None else _renumbered(user, knowable),
        item=item[known],
        micros=table["micros"].to_numpy()[known],
        items=len(item_ids),
        window=horizon.micros,
        end=to_micros(log.last_cutoff()),
        knowable=knowable,
    )


def _renumbered(user: np.ndarray, knowable: np.ndarray) -> np.ndarray:
    """Returns numbers of users, given by first event, in the order in which the users are first known."""
    first = np.full(int(user.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, user, knowable)
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first, kind="stable")] = np.arange(len(first))
    return np.asarray(place[user])
