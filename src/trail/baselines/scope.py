"""Which items a comparison is about: all, or those with an event lately."""

from __future__ import annotations

import numpy as np

from trail.signals import Cards

#: Windows in which an item must have had an event to be a candidate of the scope `active`.
ACTIVE_WINDOWS = 8


def counts(cards: Cards, windows: int) -> np.ndarray:
    """Returns the counts of the last windows, newest first, shape (items, windows), NaN before the log."""
    return cards.matrix([f"count_{ago}" for ago in range(1, windows + 1)])


def active(cards: Cards) -> np.ndarray:
    """Returns whether each item had an event in the last eight windows, shape (items,) of bool."""
    return np.asarray(np.nansum(counts(cards, ACTIVE_WINDOWS), axis=1) > 0)
