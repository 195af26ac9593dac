"""One item's events before a cutoff as a value that can be edited: weights, times, users and prices."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from trail.events import YEAR, to_micros
from trail.signals import WINDOWS, Context

#: What is left of events that are thinned out, as a share: shares and changes of nothing would have no meaning.
LEAST = 0.01
#: What is left, or becomes, of events that pay for others, so that a sum is kept.
_PAYING = (LEAST, 2.0)
_ORDER = [(name, "ascending") for name in ("timestamp", "user_id", "weight", "price", "kind")]


@dataclass(frozen=True)
class Own:
    """The events of one item before a cutoff.

    Attributes:
        table: Columns of `EVENT_SCHEMA`, one row an event, in an order that does not depend on the log's.
        context: Cutoff, horizon and what the log covers.
    """

    table: pa.Table
    context: Context

    @classmethod
    def of(cls, table: pa.Table, context: Context) -> Own:
        """Returns an item's events, put in order."""
        return cls(table.sort_by(_ORDER), context)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def micros(self) -> np.ndarray:
        """Times in microseconds since 1970, shape (events,)."""
        return np.asarray(self.table["timestamp"].cast(pa.int64()).to_numpy(), dtype=np.int64)

    @property
    def weight(self) -> np.ndarray:
        """Weights, shape (events,)."""
        return np.asarray(self.table["weight"].to_numpy(), dtype=np.float64)

    @property
    def ago(self) -> np.ndarray:
        """Windows before the cutoff, 1 is the last one, shape (events,)."""
        age = to_micros(self.context.cutoff) - self.micros
        return (age - 1) // self.context.horizon.micros + 1

    @property
    def late(self) -> np.ndarray:
        """Whether each event lies in the last three sevenths of the last window, shape (events,) of bool."""
        return self.micros >= to_micros(self.context.cutoff) - 3 * self.context.horizon.micros // 7

    @property
    def season(self) -> np.ndarray:
        """0 outside last year's same weeks, 1 in the period predicted, 2 in the window before it, shape (events,)."""
        start, span = to_micros(self.context.cutoff - YEAR), self.context.horizon.micros
        past = start + span - self.micros
        inside = (past > 0) & (past <= 2 * span)
        return np.where(inside, (past - 1) // span + 1, 0)

    @property
    def counts(self) -> np.ndarray:
        """Weight of each window of the card that the log covers, newest first, shape (windows,)."""
        return np.bincount(self.ago, self.weight, WINDOWS + 1)[1 : self.context.counted + 1]

    def weighted(self, factor: np.ndarray) -> Own:
        """Returns a copy whose weights are multiplied, shape (events,)."""
        return self.with_column("weight", pa.array(self.weight * factor, pa.float64()))

    def with_column(self, name: str, values: pa.Array) -> Own:
        """Returns a copy with another column."""
        at = self.table.schema.get_field_index(name)
        return replace(self, table=self.table.set_column(at, self.table.schema.field(at), values))

    def copied(self, rows: np.ndarray, shift: int, total: float) -> pa.Table:
        """Returns copies of events moved in time, never before the item's first event.

        Args:
            rows: Which events, shape (events,) of bool.
            shift: Microseconds by which they come later; negative is earlier.
            total: Sum of the copies' weights.
        """
        weight = self.weight[rows]
        moved = np.maximum(self.micros[rows] + shift, self.micros.min())
        chosen = self.replaced(rows, moved, weight * (total / weight.sum()))
        return chosen.table

    def replaced(self, rows: np.ndarray, micros: np.ndarray, weight: np.ndarray) -> Own:
        """Returns the chosen events with other times and weights."""
        some = replace(self, table=self.table.filter(pa.array(rows)))
        kind = some.table.schema.field("timestamp").type
        return some.with_column("timestamp", pa.array(micros).cast(kind)).with_column(
            "weight", pa.array(weight, pa.float64())
        )

    def joined(self, more: list[pa.Table]) -> Own:
        """Returns a copy with further events."""
        return replace(self, table=pa.concat_tables([self.table, *more])) if more else self

    def paying(self, rows: np.ndarray, owed: float) -> tuple[np.ndarray, float]:
        """Returns factors by which events pay for others, so that the whole weight stays, and what was paid.

        Args:
            rows: Who pays, shape (events,) of bool: down to a hundredth or up to twice their weight.
            owed: Weight to add to them; negative takes it from them.
        """
        there = float(self.weight[rows].sum())
        factor = float(np.clip(1.0 + owed / there, *_PAYING)) if there > 0 else 1.0
        return np.where(rows, factor, 1.0), (factor - 1.0) * there
