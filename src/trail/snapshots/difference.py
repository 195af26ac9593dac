"""How two snapshots differ: who moved in the ranking."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from trail.snapshots.folder import Snapshot


@dataclass(frozen=True)
class Move:
    """One item in two snapshots.

    Attributes:
        item_id: The item.
        before: Rank in the older snapshot; null if it was not forecast.
        after: Rank in the newer one; null if it is no longer forecast.
        expected_before: Expected count in the older one.
        expected_after: Expected count in the newer one.
        title: Its title, of the newer one if it is there; null without one.
    """

    item_id: str
    before: int | None
    after: int | None
    expected_before: float | None
    expected_after: float | None
    title: str | None = None

    @property
    def places(self) -> int | None:
        """Places gained; positive is up; null if it stands in one of the two only."""
        return None if self.before is None or self.after is None else self.before - self.after


def compare(older: Snapshot, newer: Snapshot, *, top: int = 50) -> list[Move]:
    """Returns the moves of every item in the top of either snapshot, in the newer one's order."""
    sides = (older.forecast, newer.forecast)
    first = [each.filter(pc.less_equal(each["rank"], top))["item_id"].to_pylist() for each in sides]
    shown = pa.array({item for side in first for item in side}, pa.string())
    before, after = (_found(each, shown) for each in sides)
    titles = pc.coalesce(*(_titles(each.cards.table, shown) for each in (newer, older))).to_pylist()
    moves = [
        Move(item, was[0], now[0], was[1], now[1], title)
        for item, was, now, title in zip(shown.to_pylist(), before, after, titles, strict=True)
    ]
    return sorted(moves, key=lambda move: (move.after is None, move.after or 0, move.before or 0))


def _titles(cards: pa.Table, item_ids: pa.Array) -> pa.ChunkedArray:
    return cards["title"].take(pc.index_in(item_ids, value_set=cards["item_id"]))


def _found(forecast: pa.Table, item_ids: pa.Array) -> list[tuple[int | None, float | None]]:
    """Returns rank and expected count of items, null where they are not forecast."""
    rows = forecast.select(["rank", "expected"]).take(pc.index_in(item_ids, value_set=forecast["item_id"]))
    return [(row["rank"], row["expected"]) for row in rows.to_pylist()]
