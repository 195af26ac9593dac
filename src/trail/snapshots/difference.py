"""How two snapshots differ: who moved in the ranking."""

from __future__ import annotations

from dataclasses import dataclass

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
    """

    item_id: str
    before: int | None
    after: int | None
    expected_before: float | None
    expected_after: float | None

    @property
    def places(self) -> int | None:
        """Places gained; positive is up; null if it stands in one of the two only."""
        return None if self.before is None or self.after is None else self.before - self.after


def compare(older: Snapshot, newer: Snapshot, *, top: int = 50) -> list[Move]:
    """Returns the moves of every item in the top of either snapshot, in the newer one's order."""
    sides = []
    for snapshot in (older, newer):
        columns = (snapshot.forecast[name].to_pylist() for name in ("item_id", "rank", "expected"))
        sides.append({item: (rank, expected) for item, rank, expected in zip(*columns, strict=True)})
    before, after = sides
    shown = {item for side in sides for item, (rank, _) in side.items() if rank <= top}
    moves = [
        Move(item, was[0], now[0], was[1], now[1])
        for item in shown
        for was, now in [(before.get(item, (None, None)), after.get(item, (None, None)))]
    ]
    return sorted(moves, key=lambda move: (move.after is None, move.after or 0, move.before or 0))
