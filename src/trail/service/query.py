"""Which items of a listing are asked for, and the rows that answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trail.snapshots.mapped import INNER, Mapped

#: Rows of one answer at most.
MOST = 500


@dataclass(frozen=True)
class Query:
    """What a list may be asked for.

    Attributes:
        category: Only items of this category.
        brand: Only items of this brand.
        price_min: Only items that cost so much at least.
        price_max: Only items that cost so much at most.
        new: Only new items: first event less than two windows ago, or still to come.
        risers: Only items expected above their last window, the strongest rise first.
        search: Only items with these words in title or identifier, in any case.
        offset: Rows left out from the start.
        limit: Rows at most.
    """

    category: str = ""
    brand: str = ""
    price_min: float | None = None
    price_max: float | None = None
    new: bool = False
    risers: bool = False
    search: str = ""
    offset: int = 0
    limit: int = 50


def answer(mapped: Mapped, query: Query) -> tuple[int, list[dict[str, Any]]]:
    """Returns how many items a query finds, and the rows of the page asked for."""
    listing = mapped.listing
    masks = list(_masks(listing, query))
    if not masks and not query.risers:
        return len(mapped), _shown(listing.slice(query.offset, query.limit))
    rows = np.flatnonzero(reduce(np.logical_and, masks)) if masks else np.arange(len(mapped))
    if query.risers:
        rise = listing["rise"].to_numpy()[rows]
        rows = rows[np.argsort(-rise, kind="stable")]
    page = rows[query.offset : query.offset + query.limit]
    return len(rows), _shown(listing.take(pa.array(page)))


def _shown(page: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = page.drop_columns(list(INNER)).to_pylist()
    return rows


def _masks(listing: pa.Table, query: Query) -> Iterator[np.ndarray]:
    for name in ("category", "brand"):
        if wanted := getattr(query, name):
            yield _bools(pc.equal(listing[name], wanted))
    if query.price_min is not None:
        yield _bools(pc.greater_equal(listing["price"], query.price_min))
    if query.price_max is not None:
        yield _bools(pc.less_equal(listing["price"], query.price_max))
    if query.new:
        yield _bools(listing["new"])
    if query.risers:
        yield _bools(pc.greater(listing["rise"], 0.0))
    if query.search:
        yield _bools(pc.match_substring(listing["words"], pc.utf8_lower(pa.scalar(query.search)).as_py()))


def _bools(column: Any) -> np.ndarray:
    """Returns a column of bool with null as false, shape (items,)."""
    return np.asarray(pc.fill_null(column, fill_value=False).to_numpy(zero_copy_only=False), dtype=bool)
