"""The listing of a snapshot: what is shown of each item, in one table in the order of ranks.

All of it leaves the interpreter's lock: a server makes it while it answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trail.baselines.scope import is_new
from trail.signals import Cards

#: Columns of the listing that find rows and are shown to nobody.
INNER = ("by_id", "words")
#: Windows of history in a row of the listing.
WINDOWS = 12
#: Values of a filter that are offered, at most.
_OFFERED = 200
_FORECAST = ("score", "expected", "q10", "q50", "q90", "p_top", "prior")


def listing_of(forecast: pa.Table, cards: Cards, texts: pa.Table, before: pa.Table | None) -> pa.Table:
    """Returns the listing of a snapshot; columns as in `trail.snapshots.mapped.Mapped`.

    Args:
        forecast: Its forecast, best first.
        cards: Its cards, in any order; of an item without one, what a card would say is null.
        texts: Its texts, as sealed.
        before: item_id and rank in the snapshot that moves are counted from; null without.
    """
    ids = forecast["item_id"]
    cards, told = _aligned(cards, ids), _places(ids, texts)
    last = np.nan_to_num(cards.column("count_1"))
    columns: dict[str, Any] = {
        "item_id": ids,
        "rank": forecast["rank"],
        "before": pa.nulls(len(ids), pa.int64())
        if before is None
        else before["rank"].take(_places(ids, before)),
        **{name: cards.table[name] for name in ("title", "category", "brand")},
        "price": cards.table["price"].cast(pa.float64()),
        **{name: forecast[name] for name in _FORECAST},
        "forecaster": forecast["forecaster"],
        "last": last,
        "rise": forecast["expected"].to_numpy() - last,
        "new": is_new(cards),
        "counts": _counts(cards),
        **{name: texts[name].take(told) for name in ("text", "source")},
        "by_id": pc.sort_indices(ids).cast(pa.int32()),
        "words": pc.binary_join_element_wise(*(pc.utf8_lower(each) for each in _words(cards, ids)), "\n"),
    }
    return pa.table(columns)


def _words(cards: Cards, ids: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    return pc.fill_null(cards.table["title"], ""), ids


def _places(ids: pa.ChunkedArray, table: pa.Table) -> pa.Array:
    """Returns in which row of a table each item stands, null where in none."""
    return pc.index_in(ids, value_set=table["item_id"]).combine_chunks()


def _aligned(cards: Cards, ids: pa.ChunkedArray) -> Cards:
    """Returns a card an item in the order of identifiers given; of an item without a sealed card, one without values."""
    if cards.table["item_id"].equals(ids):
        return cards
    return replace(cards, table=cards.table.take(_places(ids, cards.table)))


def _counts(cards: Cards) -> pa.Array:
    """Returns counts of the last windows, oldest first, null before the log began."""
    values = cards.matrix([f"count_{ago}" for ago in range(WINDOWS, 0, -1)]).ravel()
    flat = pa.array(values, mask=np.isnan(values))
    return pa.FixedSizeListArray.from_arrays(flat, WINDOWS)


def most(column: pa.ChunkedArray) -> list[tuple[str, int]]:
    """Returns the values that most rows have, with how many have them, the most frequent first."""
    return sorted(_tallied(column), key=lambda pair: (-pair[1], pair[0]))[:_OFFERED]


def _tallied(column: pa.ChunkedArray) -> Iterator[tuple[str, int]]:
    for each in pc.value_counts(column).to_pylist():
        if each["values"]:
            yield each["values"], each["counts"]
