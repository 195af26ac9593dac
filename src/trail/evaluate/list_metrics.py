"""Lists for single users: who is asked about, what they touched next, and how well a list held it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import numpy as np
from scipy.sparse import csr_matrix

from trail.baselines.accuracy import discounts
from trail.baselines.interactions import Interactions
from trail.events import Horizon

#: Lengths of the lists that are measured.
DEPTHS = (5, 10)
#: Metric names, in the order of the tables.
LIST_METRICS = tuple(f"{name}@{k}" for name in ("hr", "ndcg") for k in DEPTHS)
#: Share of touched pairs that were touched before, from which on a repeat counts as relevant.
REPEATS = 0.05


@dataclass(frozen=True)
class Visit:
    """The users of one origin; matrices are sparse and bool, of shape (users, items).

    Attributes:
        known: What was known at the cutoff.
        users: Numbers of the users asked about: with an event before the cutoff and a relevant item after it.
        relevant: Items that they touched in the period; only those new to them where repeats do not count.
        excluded: Items that no list may hold: those touched before where repeats do not count, else none.
        newcomers: Users with an event in the period and none before, of whom nothing is known.
        unmeasured: Users with a history who touched nothing that counts.
    """

    known: Interactions
    users: np.ndarray
    relevant: csr_matrix
    excluded: csr_matrix
    newcomers: int
    unmeasured: int

    @classmethod
    def at(cls, events: Interactions, cutoff: datetime, horizon: Horizon, *, repeats: bool) -> Visit:
        """Returns the users of an origin.

        Args:
            events: All of the log; only `known` is handed on to recommenders.
            cutoff: The origin.
            horizon: Length of the period after it.
            repeats: Whether an item that the user had touched before counts.
        """
        known = events.before(cutoff)
        old, touched, newcomers = _touched(events, known, cutoff, horizon)
        relevant = touched if repeats else touched > touched.multiply(old)
        users = np.flatnonzero(relevant.getnnz(axis=1))
        return cls(
            known=known,
            users=users,
            relevant=relevant[users],
            excluded=csr_matrix(relevant[users].shape, dtype=bool) if repeats else old[users],
            newcomers=newcomers,
            unmeasured=int((touched.getnnz(axis=1) > 0).sum()) - len(users),
        )

    def drawn(self, most: int, seed: int) -> Self:
        """Returns this with so many of its users at most, the same ones for the same seed."""
        if len(self.users) <= most:
            return self
        kept = np.sort(np.random.default_rng(seed).choice(len(self.users), most, replace=False))
        rows = {"users": self.users[kept], "relevant": self.relevant[kept], "excluded": self.excluded[kept]}
        return replace(self, **rows)


def repeat_share(events: Interactions, cutoffs: tuple[datetime, ...], horizon: Horizon) -> float:
    """Returns the share of the pairs touched in periods that the user had touched before; 0 where none was."""
    again = total = 0
    for cutoff in cutoffs:
        old, touched, _ = _touched(events, events.before(cutoff), cutoff, horizon)
        again, total = again + touched.multiply(old).nnz, total + touched.nnz
    return again / total if total else 0.0


def _touched(
    events: Interactions, known: Interactions, cutoff: datetime, horizon: Horizon
) -> tuple[csr_matrix, csr_matrix, int]:
    """Returns pairs touched before and in the period, both of users with a history, and the count of newcomers."""
    period = events.inside(*horizon.target_period(cutoff))
    # users are numbered by when they are first known: numbers past the known ones are newcomers
    touched = period.pairs.astype(bool)
    touched.resize(max(known.users, period.users), known.items)
    newcomers = int((touched[known.users :].getnnz(axis=1) > 0).sum())
    return known.pairs.astype(bool), touched[: known.users], newcomers


def top_items(scores: np.ndarray, k: int) -> np.ndarray:
    """Returns the items with the k highest scores, best first, shape (users, k); -1 where there are fewer.

    Equal scores go by row, and items scored minus infinity are not listed.

    Args:
        scores: Shape (users, items).
        k: Length of a list, 1 or more.
    """
    depth = min(k, scores.shape[1])
    border = np.partition(scores, scores.shape[1] - depth, axis=1)[:, scores.shape[1] - depth]
    rows, items = np.nonzero((scores >= border[:, None]) & (scores > -np.inf))
    order = np.lexsort((items, -scores[rows, items], rows))
    rows, items = rows[order], items[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    found = np.full((len(scores), k), -1)
    kept = place < k
    found[rows[kept], place[kept]] = items[kept]
    return found


def list_scores(lists: np.ndarray, relevant: np.ndarray) -> Mapping[str, np.ndarray]:
    """Returns each metric of each user's list, shape (users,) a metric, range 0 to 1, higher is better.

    hr@k: 1 where any of the first k is relevant. ndcg@k: sum of 1 / log2(place + 1) over the relevant ones
    among the first k, divided by that of a list that starts with all relevant items (Järvelin and Kekäläinen
    2002, binary gain). A relevant item that no list could hold counts as missed. Every user has a relevant item.

    Args:
        lists: Items, best first, -1 for an empty place, shape (users, places), places >= 10.
        relevant: Whether an item is relevant, shape (users, items) of bool.
    """
    hits = np.take_along_axis(relevant, np.maximum(lists, 0), axis=1) & (lists >= 0)
    weight, wanted = discounts(lists.shape[1], lists.shape[1]), relevant.sum(axis=1)
    ideal = np.cumsum(weight)[np.minimum(wanted[:, None], DEPTHS) - 1]  # (users, depths)
    found: dict[str, np.ndarray] = {}
    for depth, k in enumerate(DEPTHS):
        found[f"hr@{k}"] = np.asarray(hits[:, :k].any(axis=1), dtype=np.float64)
        found[f"ndcg@{k}"] = np.asarray((hits[:, :k] * weight[:k]).sum(axis=1) / ideal[:, depth])
    return {name: found[name] for name in LIST_METRICS}
