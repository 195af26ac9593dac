"""What a new snapshot brings that somebody may want to be told: entrants to the top K, and forecasts that turn round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from trail.engine import value_hash
from trail.project.webhooks import ENTRANT, REVERSAL
from trail.snapshots.mapped import Mapped

#: A forecast rises or falls if it lies further from the last window than this share of it, and than one event.
CLEAR = 0.1
#: The snapshot published before and the one published now.
_Pair = tuple[Mapped, Mapped]


@dataclass(frozen=True)
class News:
    """One thing to tell.

    Attributes:
        id: The same for the same two snapshots, item and kind, whenever it is found: receivers know repeats by it.
        kind: `entrant` or `reversal`.
        item_id: The item.
        title: Its title; null without one.
        rank: Its rank now.
        before: Its rank before; null if it was not forecast.
        expected: Expected count now.
        last: Count of the last window.
        text: Its explanation; null where none was written.
        words: The news in one sentence.
    """

    id: str
    kind: str
    item_id: str
    title: str | None
    rank: int
    before: int | None
    expected: float
    last: float
    text: str | None
    words: str


def news_of(older: Mapped, newer: Mapped) -> list[News]:
    """Returns what is new, the most important first: by the rank now, entrants before reversals of the same item.

    An entrant is of the top K now and was not before. A reversal is an item of the top K now or before whose forecast
    rose clearly above its last window and now falls clearly below it, or the other way.

    Args:
        older: The snapshot that was published before.
        newer: The one that is published now.
    """
    k = newer.snapshot.manifest.k
    found = [*_entrants(older, newer, k), *_reversals(older, newer, k)]
    return sorted(found, key=lambda each: (each.rank, each.kind))


def _entrants(older: Mapped, newer: Mapped, k: int) -> Iterator[News]:
    places = pc.index_in(newer.listing["item_id"].slice(0, k), value_set=older.listing["item_id"])
    for row, place in enumerate(places.to_pylist()):
        if place is None or place >= k:
            before = None if place is None else place + 1
            came = "was not forecast before" if before is None else f"was {before:,}"
            yield _news((older, newer), row, before, ENTRANT, f"enters the top {k} at {row + 1} ({came})")


def _reversals(older: Mapped, newer: Mapped, k: int) -> Iterator[News]:
    places = pc.fill_null(
        pc.index_in(newer.listing["item_id"], value_set=older.listing["item_id"]), -1
    ).to_numpy()
    known = places >= 0
    now, then = _turn(newer), np.zeros(len(newer), dtype=np.int64)
    then[known] = _turn(older)[places[known]]
    top = (np.arange(len(newer)) < k) | (known & (places < k))
    for row in np.flatnonzero(top & (now * then < 0)):
        was, turns = ("a rise", "a fall") if now[row] < 0 else ("a fall", "a rise")
        yield _news(
            (older, newer),
            int(row),
            int(places[row]) + 1,
            REVERSAL,
            f"turns from {was} to {turns} (rank {row + 1})",
        )


def _turn(mapped: Mapped) -> np.ndarray:
    """Returns 1 where a forecast rises clearly above the last window, -1 where it falls clearly below, else 0, shape (items,)."""
    rise, last = mapped.listing["rise"].to_numpy(), mapped.listing["last"].to_numpy()
    return np.asarray(
        np.where(np.abs(rise) > np.maximum(CLEAR * last, 1.0), np.sign(rise), 0), dtype=np.int64
    )


def _news(pair: _Pair, row: int, before: int | None, kind: str, words: str) -> News:
    newer = pair[1]
    item = newer.listing.slice(row, 1).to_pylist()[0]
    seals = [each.snapshot.manifest.seal for each in pair]
    name = item["title"] or item["item_id"]
    return News(
        id=value_hash([*seals, kind, item["item_id"]]),
        kind=kind,
        item_id=item["item_id"],
        title=item["title"],
        rank=row + 1,
        before=before,
        expected=item["expected"],
        last=item["last"],
        text=item["text"],
        words=f"{name} {words}: {item['expected']:,.0f} {newer.snapshot.manifest.events} expected",
    )
