"""Cards of two queries compared: sums in another order differ in the last bits, which mean nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from trail.signals import METADATA, Cards

#: How far a number may move without a meaning, as a share of it where it exceeds 1.
TOLERANCE = 1e-9


def numbers(cards: Cards) -> list[str]:
    """Returns the columns of cards that are signals: all numbers that are not context."""
    schema = cards.table.schema
    return [each.name for each in schema if pa.types.is_floating(each.type) and each.name not in METADATA]


def same(before: np.ndarray, after: np.ndarray, tolerance: float = TOLERANCE) -> np.ndarray:
    """Returns where two arrays agree, shape (items,) of bool; null agrees with null only."""
    equal = (before == after) | (np.isnan(before) & np.isnan(after))
    with np.errstate(invalid="ignore"):
        scale = np.maximum(1.0, np.maximum(np.abs(before), np.abs(after)))
        return np.asarray(equal | (np.abs(before - after) <= tolerance * scale))


def settled(cards: Cards, before: Cards) -> Cards:
    """Returns cards whose numbers that agree with those before, within the tolerance, equal them."""
    table = cards.table
    for name in numbers(cards):
        old, new = before.column(name), cards.column(name)
        kept = np.where(same(old, new), old, new)
        column = pa.array(kept, pa.float64(), mask=np.isnan(kept))
        table = table.set_column(table.schema.get_field_index(name), name, column)
    return replace(cards, table=table)
