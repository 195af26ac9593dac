"""What happened in the period predicted: the target, and cards that know theirs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from trail.events import EventLog, epoch_micros, to_micros
from trail.signals.card import METADATA, SIGNALS, Cards


@dataclass(frozen=True)
class Labelled:
    """Cards at one cutoff with the popularity that followed.

    Attributes:
        cards: The cards.
        target: Weight of each item's events inside the horizon, shape (items,), 0 or more.
    """

    cards: Cards
    target: np.ndarray

    @property
    def known_from(self) -> datetime:
        """The first moment at which the target is fully known."""
        return self.cards.cutoff + self.cards.horizon.span


def label(log: EventLog, cards: Cards) -> Labelled:
    """Sums the weight of each card's events in `[cutoff, cutoff + horizon)`; items without events get 0.

    Items that appear first inside the period and are not in the catalogue have no card and are left out.
    """
    start, length = to_micros(cards.cutoff), cards.horizon.micros
    events = log.table.mutate(moment=epoch_micros(log.table.timestamp))
    inside = events.filter((events.moment >= start) & (events.moment < start + length))
    sums = inside.group_by("item_id").aggregate(target=inside.weight.sum()).to_pyarrow()
    found = dict(zip(sums["item_id"].to_pylist(), sums["target"].to_pylist(), strict=True))
    return Labelled(cards, np.array([found.get(item, 0.0) for item in cards.item_ids], dtype=np.float64))


def fingerprint(history: Iterable[Labelled]) -> str:
    """Returns 16 hexadecimal digits that change with any cutoff, horizon, card or target of the history."""
    digest = hashlib.sha256()
    texts: dict[str, tuple[pa.ChunkedArray, bytes]] = {}
    for example in sorted(history, key=lambda each: each.cards.cutoff):
        cards = example.cards
        digest.update(f"{cards.cutoff.isoformat()} {cards.horizon.days} {cards.events}".encode())
        for name in ("item_id", *METADATA):
            column, before = cards.table[name], texts.get(name)
            if before is None or not column.equals(
                before[0]
            ):  # the catalogue is the same at nearly every cutoff
                words = "\n".join(map(str, column.to_pylist()))
                texts[name] = before = (column, hashlib.sha256(words.encode()).digest())
            digest.update(before[1])
        for values in (*(cards.column(signal.name) for signal in SIGNALS), example.target):
            digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    return digest.hexdigest()[:16]


def known_at(history: Iterable[Labelled], cutoff: datetime) -> list[Labelled]:
    """Returns the examples whose target ended at or before the cutoff, oldest first."""
    return sorted((each for each in history if each.known_from <= cutoff), key=lambda each: each.cards.cutoff)
