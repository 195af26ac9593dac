"""Which items a comparison is about: all, those with an event lately, or new ones."""

from __future__ import annotations

import numpy as np

from trail.signals import Cards

#: Windows in which an item must have had an event to be a candidate of the scope `active`.
ACTIVE_WINDOWS = 8
#: An item is new if its first event is younger than so many windows, or has not come yet.
NEW_WINDOWS = 2
#: States of an item by its age: never an event, one for each window in which it is new, and old.
NEVER, OLD = 0, -1
#: Kinds of items whose counts fall differently around one forecast: with events lately, new, without events lately.
USUAL, NEW, IDLE = range(3)
#: Catalogue columns that say what an item is.
WORDS = ("title", "categories", "brand", "description")
#: Name in the column `forecaster` of an item of which nothing is known.
ABSTAINED = "abstained"


def counts(cards: Cards, windows: int) -> np.ndarray:
    """Returns the counts of the last windows, newest first, shape (items, windows), NaN before the log."""
    return cards.matrix([f"count_{ago}" for ago in range(1, windows + 1)])


def active(cards: Cards) -> np.ndarray:
    """Returns whether each item had an event in the last eight windows, shape (items,) of bool."""
    return np.asarray(np.nansum(counts(cards, ACTIVE_WINDOWS), axis=1) > 0)


def state(cards: Cards) -> np.ndarray:
    """Returns how new each item is at the cutoff, shape (items,) of int.

    `NEVER` before its first event, 1 in the window after it, 2 in the next one, `OLD` from then on.
    """
    windows = cards.column("age") / cards.horizon.days
    begun = np.floor(np.nan_to_num(windows)).astype(np.int64) + 1
    return np.select([np.isnan(windows), windows < NEW_WINDOWS], [NEVER, begun], OLD)


def is_new(cards: Cards) -> np.ndarray:
    """Returns whether each item's first event is younger than two windows or has not come yet, shape (items,) of bool."""
    return np.asarray(state(cards) != OLD)


def kinds(cards: Cards) -> np.ndarray:
    """Returns what kind of item each is: `NEW`, else `USUAL` where it is active, else `IDLE`; shape (items,) of int."""
    return np.select([is_new(cards), active(cards)], [NEW, USUAL], IDLE)


def unknown(cards: Cards) -> np.ndarray:
    """Returns whether nothing is known of each item: no event yet, and no word in the catalogue, shape (items,) of bool."""
    said = [np.asarray(cards.table[name].is_valid()) for name in WORDS]
    return np.asarray((state(cards) == NEVER) & ~np.any(said, axis=0))
