"""What happened in the period predicted: the target, and cards that know theirs."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from trail.events import EventLog, to_micros
from trail.signals.card import METADATA, SIGNALS, Cards
from trail.signals.late import Late


@dataclass(frozen=True)
class Labelled:
    """Cards at one cutoff with the popularity that followed.

    Attributes:
        cards: The cards.
        target: Weight of each item's events inside the horizon, shape (items,), 0 or more.
        late: When the target became known; null where the log does not say when its events arrived.
        between: Examples of cutoffs less than a horizon earlier, oldest first, without any of their own: periods
            that overlap, and were over when this one was. For what learns from rows; a part of an example has none.
    """

    cards: Cards
    target: np.ndarray
    late: Late | None = None
    between: tuple[Labelled, ...] = ()

    @property
    def known_from(self) -> datetime:
        """The first moment at which the period is over; what arrives later is known later."""
        return self.cards.cutoff + self.cards.horizon.span

    def take(self, rows: np.ndarray) -> Self:
        """Returns the example of the given rows, all different, in their order."""
        late = None if self.late is None else self.late.take(rows)
        return type(self)(self.cards.take(rows), self.target[rows], late)

    def as_known_at(self, cutoff: datetime) -> Self:
        """Returns the example with what of its target was known at a cutoff after its period."""
        if self.late is None:
            return self
        late = self.late.before(cutoff)
        return type(self)(
            self.cards, late.total, late, tuple(each.as_known_at(cutoff) for each in self.between)
        )


def label(log: EventLog, cards: Cards) -> Labelled:
    """Sums the weight of each card's events in `[cutoff, cutoff + horizon)`, late ones too; items without events get 0.

    Items that appear first inside the period and are not in the catalogue have no card and are left out.
    """
    begins, ends = (ibis.literal(each) for each in (cards.cutoff, cards.cutoff + cards.horizon.span))
    # compared as timestamps, engines skip what lies outside
    inside = log.table.filter((log.table.timestamp >= begins) & (log.table.timestamp < ends))
    if log.arrivals is None:
        return Labelled(cards, _summed(inside, cards))
    told, over = inside.mutate(knowable=log.knowable(inside)), to_micros(cards.cutoff + cards.horizon.span)
    on_time = _summed(told.filter(told.knowable < over), cards)
    late = _late(told.filter(told.knowable >= over), cards, on_time)
    return Labelled(cards, late.total, late)


def _summed(events: ir.Table, cards: Cards) -> np.ndarray:
    sums = events.group_by("item_id").aggregate(target=events.weight.sum()).to_pyarrow()
    found = dict(zip(sums["item_id"].to_pylist(), sums["target"].to_pylist(), strict=True))
    return np.array([found.get(item, 0.0) for item in cards.item_ids], dtype=np.float64)


def _late(events: ir.Table, cards: Cards, on_time: np.ndarray) -> Late:
    sums = events.group_by("item_id", "knowable").aggregate(weight=events.weight.sum())
    table = sums.order_by("item_id", "knowable").to_pyarrow()
    places = {item: row for row, item in enumerate(cards.item_ids)}
    row = np.array([places.get(item, -1) for item in table["item_id"].to_pylist()], dtype=np.int64)
    weight, moment = (table[name].to_numpy() for name in ("weight", "knowable"))
    return Late(on_time, row[row >= 0], weight[row >= 0], moment[row >= 0])


def fingerprint(history: Iterable[Labelled]) -> str:
    """Returns 16 hexadecimal digits that change with any cutoff, horizon, card or target of the history."""
    digest = hashlib.sha256()
    texts: dict[str, tuple[pa.ChunkedArray, bytes]] = {}
    for example in every(sorted(history, key=lambda each: each.cards.cutoff)):
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
        if example.late is not None:
            for moments in (example.late.row, example.late.moment):
                digest.update(np.ascontiguousarray(moments, dtype="<i8").tobytes())
            digest.update(np.ascontiguousarray(example.late.weight, dtype="<f8").tobytes())
    return digest.hexdigest()[:16]


def every(history: Iterable[Labelled]) -> list[Labelled]:
    """Returns the examples of a history, oldest first as it is, each after those between it and the one before."""
    return [each for example in history for each in (*example.between, example)]


def gathered(examples: Iterable[Labelled], cutoffs: Collection[datetime]) -> list[Labelled]:
    """Returns the examples at some cutoffs, oldest first, each with those of other cutoffs less than a horizon before it.

    Args:
        examples: At these cutoffs and at others, in any order, none with any between.
        cutoffs: A horizon or more apart.
    """
    ordered = sorted(examples, key=lambda each: each.cards.cutoff)
    others = [each for each in ordered if each.cards.cutoff not in cutoffs]

    def before(cutoff: datetime, span: timedelta) -> tuple[Labelled, ...]:
        return tuple(each for each in others if cutoff - span < each.cards.cutoff < cutoff)

    return [
        replace(each, between=before(each.cards.cutoff, each.cards.horizon.span))
        for each in ordered
        if each.cards.cutoff in cutoffs
    ]


def known_at(history: Iterable[Labelled], cutoff: datetime) -> list[Labelled]:
    """Returns the examples whose period ended at or before the cutoff, with their targets as known then, oldest first."""
    # the truth as a forecaster of that day could know it: with what arrived later, a label would tell of the future
    over = (each.as_known_at(cutoff) for each in history if each.known_from <= cutoff)
    return sorted(over, key=lambda each: each.cards.cutoff)
