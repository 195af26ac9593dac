"""A sealed forecast as parts of the report's page: its first ranks, their texts, their receipts."""

from __future__ import annotations

from collections.abc import Sequence

from trail.evaluate import Section
from trail.operations.explaining import Receipt, receipts
from trail.snapshots import Explained, Snapshot


def forecast_sections(snapshot: Snapshot) -> list[Section]:
    """Returns the first ranks as a table, then one part an item explained."""
    manifest = snapshot.manifest
    start, end = snapshot.cards.horizon.target_period(manifest.moment)
    titles = _titles(snapshot)
    first = snapshot.forecast.slice(0, len(snapshot.explanations)).to_pylist()
    table: dict[str, Sequence[object]] = {
        "rank": [row["rank"] for row in first],
        "item": [titles[row["item_id"]] for row in first],
        "expected": [f"{row['expected']:,.0f}" for row in first],
        "80% range": [f"{row['q10']:,.0f} to {row['q90']:,.0f}" for row in first],
        f"in the top {manifest.k}": [f"{row['p_top']:.0%}" for row in first],
        "prior alone": [f"{row['prior']:,.0f}" for row in first],
        "by": [row["forecaster"] for row in first],
    }
    words = (
        f"{manifest.items:,} items, sealed as {manifest.seal[:16]}; cutoff {manifest.moment:%Y-%m-%d %H:%M} UTC.",
        _sources(snapshot),
    )
    head = Section(f"Forecast of {manifest.events}, {start:%d %B %Y} until {end:%d %B %Y}", words, table)
    return [head, *(_item(each, titles[each.item_id], snapshot) for each in snapshot.explanations)]


def _titles(snapshot: Snapshot) -> dict[str, str]:
    columns = (snapshot.cards.table[name].to_pylist() for name in ("item_id", "title"))
    return {item: title or item for item, title in zip(*columns, strict=True)}


def _sources(snapshot: Snapshot) -> str:
    total = len(snapshot.explanations)
    written = sum(each.source == "model" for each in snapshot.explanations)
    return (
        f"{written} of {total} explanations were written by the model, {total - written} are plain renderings; "
        "every claim of every one was read back and checked on the card."
    )


def _item(explained: Explained, title: str, snapshot: Snapshot) -> Section:
    listed = list(receipts(explained, snapshot.cards))
    drivers = ", ".join(
        f"{each.signal} {'raised' if each.effect > 0 else 'lowered'} it" for each in explained.drivers
    )
    table: dict[str, Sequence[object]] = {
        "claim": [each.said for each in listed],
        "rests on": [each.signal or "context" for each in listed],
        "window": [_window(each) for each in listed],
        "actual": [
            f"{each.actual:,.4g}" if isinstance(each.actual, float) else each.actual or "" for each in listed
        ],
        "verdict": [each.verdict for each in listed],
    }
    source = "Written by the model." if explained.source == "model" else "Plain rendering."
    words = (explained.text, f"{source} Drivers: {drivers or 'none stood out'}.")
    return Section(title, words, table)


def _window(receipt: Receipt) -> str:
    if receipt.start is None or receipt.end is None:
        return ""
    return f"{receipt.start:%d %b} to {receipt.end:%d %b %Y}"
