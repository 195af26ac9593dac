"""What of a target became known only after its period: events that arrived late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np

from trail.events import to_micros


@dataclass(frozen=True)
class Late:
    """A target in the order in which it became known.

    Attributes:
        on_time: Weight known when the period was over, shape (items,).
        row: Row of each item that more became known of, shape (late,).
        weight: What was added, shape (late,).
        moment: Since when, in microseconds since 1970: known at every cutoff after it, shape (late,).
    """

    on_time: np.ndarray
    row: np.ndarray
    weight: np.ndarray
    moment: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """The target, shape (items,)."""
        found = self.on_time.copy()
        np.add.at(found, self.row, self.weight)
        return found

    def before(self, cutoff: datetime) -> Self:
        """Returns what of it was known at a cutoff."""
        return self._kept(self.moment < to_micros(cutoff), self.on_time, self.row)

    def take(self, rows: np.ndarray) -> Self:
        """Returns the target of the given rows, all different, in their order."""
        place = np.full(len(self.on_time), -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        return self._kept(place[self.row] >= 0, self.on_time[rows], place[self.row])

    def _kept(self, kept: np.ndarray, on_time: np.ndarray, row: np.ndarray) -> Self:
        return type(self)(on_time, row[kept], self.weight[kept], self.moment[kept])
