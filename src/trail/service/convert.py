"""Values inside as messages outside."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from trail.baselines import Launch
from trail.facts.claims import Checked
from trail.operations.causes import Part
from trail.operations.explaining import receipt_of
from trail.service.problems import without_folders
from trail.service.query import Query
from trail.service.wire import (
    ClaimRead,
    Detail,
    Difference,
    DriverRead,
    Hit,
    Hits,
    LaunchRead,
    MoveRead,
    PartRead,
    Period,
    SignalValue,
    Text,
    WindowCount,
)
from trail.signals import BY_NAME, Card, Cards
from trail.snapshots import Explanation, Move
from trail.snapshots.mapped import WINDOWS, Mapped

#: Said of moves whose causes nobody worked out.
_NO_PARTS = "What moved them was not worked out: `trail diff {older} {newer} --why` does in the folder of snapshots, and `trail run` each night."

#: What moved items, by item.
Parts = Mapping[str, Sequence[Part]]


def period_of(mapped: Mapped) -> Period:
    """Returns what a snapshot is about."""
    manifest, cards = mapped.snapshot.manifest, mapped.snapshot.cards
    start, end = cards.horizon.target_period(manifest.moment)
    return Period(
        snapshot=mapped.name,
        seal=manifest.seal,
        cutoff=manifest.moment,
        start=start.date(),
        end=end.date(),
        k=manifest.k,
        events=manifest.events,
        items=manifest.items,
        before=mapped.before,
    )


def hit_of(row: Mapping[str, Any]) -> Hit:
    """Returns a row of a listing as a message."""
    values = {name: row[name] for name in Hit.model_fields if name != "moved"}
    before = row["before"]
    return Hit(**values, moved=None if before is None else before - row["rank"])


def hits_of(mapped: Mapped, query: Query, total: int, rows: list[dict[str, Any]], path: str) -> Hits:
    """Returns a page of a list; `path` is the address that it was asked at."""
    upto = query.offset + len(rows)
    return Hits(
        period=period_of(mapped),
        total=total,
        offset=query.offset,
        items=[hit_of(row) for row in rows],
        next=f"{path}?{_asked(mapped, query, upto)}" if rows and upto < total else None,
    )


def _asked(mapped: Mapped, query: Query, offset: int) -> str:
    """Returns a query as the parameters of the next page, of the very snapshot."""
    values: dict[str, Any] = {"at": mapped.name}
    for name, default in Query.__dataclass_fields__.items():
        value = getattr(query, name)
        if value != default.default:
            values[name] = str(value).lower() if isinstance(value, bool) else value
    return urlencode(values | {"offset": offset})


def text_of(explanation: Explanation, cards: Cards, *, sealed: bool, note: str = "") -> Text:
    """Returns an explanation with the receipt of each claim."""
    text, found = explanation.text, explanation.verification
    return Text(
        text=text,
        source=explanation.source,
        holds=found.holds,
        claims=[_claim(each, text, cards) for each in found.checked],
        drivers=[DriverRead(signal=each.signal, effect=each.effect) for each in explanation.drivers],
        sealed=sealed,
        note=without_folders(note),
    )


def _claim(checked: Checked, text: str, cards: Cards) -> ClaimRead:
    claim, receipt = checked.claim, receipt_of(checked, text, cards)
    return ClaimRead(
        start=claim.start,
        end=claim.end,
        said=receipt.said,
        kind=claim.kind.value,
        signal=receipt.signal,
        meaning=receipt.meaning,
        stated=_finite(receipt.stated),
        actual=_finite(receipt.actual),
        from_=receipt.start,
        until=receipt.end,
        verdict=receipt.verdict,
        reason=checked.reason,
    )


def _finite(value: float | str | None) -> float | str | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def detail_of(mapped: Mapped, row: Mapping[str, Any], explanation: Text | None) -> Detail:
    """Returns all about one item."""
    card = mapped.card(row["item_id"])
    return Detail(
        period=period_of(mapped),
        hit=hit_of(row),
        description=_word(card, "description"),
        categories=_word(card, "categories"),
        card=[_signal(card, name) for name in BY_NAME] if card else [],
        history=list(_history(mapped, row["counts"])),
        explanation=explanation,
        launches=[_launch(each, mapped) for each in mapped.launches(row["item_id"])],
    )


def _launch(launch: Launch, mapped: Mapped) -> LaunchRead:
    start, end = mapped.snapshot.cards.horizon.target_period(launch.cutoff)
    return LaunchRead(
        item_id=launch.item_id,
        title=launch.title,
        similarity=launch.similarity,
        start=start.date(),
        end=end.date(),
        count=launch.count,
    )


def _word(card: Card | None, name: str) -> str | None:
    value = card.metadata[name] if card else None
    return None if value is None else str(value)


def _signal(card: Card, name: str) -> SignalValue:
    signal, value = BY_NAME[name], card[name]
    finite = None if value is None or not math.isfinite(value) else value
    return SignalValue(name=name, value=finite, unit=signal.unit.value, meaning=signal.doc)


def _history(mapped: Mapped, counts: list[float | None]) -> Iterator[WindowCount]:
    cutoff, horizon = mapped.snapshot.manifest.moment, mapped.snapshot.cards.horizon
    for at, count in enumerate(counts):
        start, end = horizon.window(cutoff, WINDOWS - at)
        yield WindowCount(start=start, end=end, count=count)


def difference_of(older: Mapped, newer: Mapped, moves: Sequence[Move], parts: Parts) -> Difference:
    """Returns who moved between two snapshots, with titles, and what moved them where that is known."""
    note = "" if parts else _NO_PARTS.format(older=older.name, newer=newer.name)
    return Difference(
        older=older.name, newer=newer.name, moves=[_move(each, parts) for each in moves], note=note
    )


def _move(move: Move, parts: Parts) -> MoveRead:
    found = [PartRead(**asdict(each)) for each in parts.get(move.item_id, ())]
    return MoveRead(**asdict(move), places=move.places, parts=found)
