"""The edit of everybody else: an item's category and the whole catalogue made neutral around it."""

from __future__ import annotations

import numpy as np

from trail.evaluate.faithfulness.edits import Aim
from trail.evaluate.faithfulness.own import LEAST
from trail.signals import Cards

#: What the edit needs, in words.
NEEDS = "a category or catalogue with events of other items in the last two windows"


def calm(cards: Cards, counts: np.ndarray, row: int, aim: Aim) -> np.ndarray | None:
    """Returns counts in which an item's category has the neutral count in both windows, and the catalogue is level.

    The item's own counts stay, and the catalogue's of the last window, so that its share of everything stays. The
    others of its category share one factor a window, and so do the other categories; a hundredth is left.

    Args:
        cards: All cards.
        counts: Counts of the last two windows, newest first, shape (items, 2).
        row: The item.
        aim: Neutral values.

    Returns:
        Shape (items, 2); null where there is nobody else to edit.
    """
    category = np.array(cards.table["category"].to_pylist(), dtype=object)
    other = np.arange(len(counts)) != row
    inside = other & (category == category[row]) if category[row] is not None else np.zeros_like(other)
    outside = other & ~inside
    if not (counts[inside].sum(axis=0) > 0).all() and not (counts[outside].sum(axis=0) > 0).all():
        return None
    found = counts.copy()
    for window in range(counts.shape[1]):
        mine = counts[row, window]
        if counts[inside, window].sum() > 0:
            found[inside, window] = _scaled(counts[inside, window], aim.neutral["category_count"] - mine)
        wanted = counts[:, 0].sum() - mine - found[inside, window].sum()
        found[outside, window] = _scaled(counts[outside, window], wanted)
    return found


def _scaled(values: np.ndarray, total: float) -> np.ndarray:
    there = values.sum()
    return values * max(total / there, LEAST) if there > 0 else values
