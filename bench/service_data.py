"""A project of n items with sealed snapshots a day apart, made from a seed: what a server of a shop would hold."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from trail.baselines import Forecast, p_top
from trail.events import Horizon, Source
from trail.facts import Driver, plain, verify
from trail.operations.mapping import mapped_files
from trail.operations.workspace import Workspace, moment_name
from trail.project import Project, save_project
from trail.signals import BY_NAME, Cards, calendar_of
from trail.snapshots import Explained, Manifest, Snapshot, forecast_table, outlook_of, seal
from trail.snapshots.tables import ranking

FIRST = datetime(2026, 3, 2, tzinfo=UTC)
WINDOWS = 12
K = 50
_KINDS = ("Teapot", "Lantern", "Notebook", "Cushion", "Garland", "Lunch box", "Doorstop", "Mug", "Candle", "Clock")
_COLOURS = ("red", "ivory", "sage", "navy", "copper", "clear", "rose", "pale blue")
_STYLES = ("vintage", "retrospot", "enamel", "woven", "glass", "wooden", "travel", "folding", "children's")
_AISLES = ("Kitchen", "Garden", "Paper", "Bedroom", "Party", "Office")
_DRIVERS = (Driver("change", 0.4), Driver("level_three", -0.1))
#: Of the columns of a card, those that `_signals` fills; the others are null.
_SHARE = 0.6


@dataclass(frozen=True)
class Shop:
    """What stays the same from one day to the next.

    Attributes:
        catalogue: item_id and the catalogue's columns, in the order of identifiers.
        level: Mean count of each item, shape (items,).
        born: Windows before the last day since when each item sells, shape (items,).
    """

    catalogue: pa.Table
    level: np.ndarray
    born: np.ndarray


def made_shop(items: int, seed: int) -> Shop:
    """Returns the catalogue and how much each item sells."""
    rng = np.random.default_rng(seed)
    number = np.arange(items)
    kind, colour, style = (rng.integers(0, len(each), items) for each in (_KINDS, _COLOURS, _STYLES))
    aisle, brand = kind % len(_AISLES), rng.zipf(1.3, items) % 400
    words = [
        f"{_STYLES[s]} {_COLOURS[c]} {_KINDS[k].lower()} no. {n}"
        for s, c, k, n in zip(style, colour, kind, number, strict=True)
    ]
    catalogue = pa.table(
        {
            "item_id": pa.array([f"{n:06d}{'ABCD'[n % 4]}" for n in number]),
            "title": pa.array(words),
            "categories": pa.array([f"{_AISLES[a]} | {_KINDS[k]}s" for a, k in zip(aisle, kind, strict=True)]),
            "category": pa.array([f"{_KINDS[k]}s" for k in kind]),
            "brand": pa.array([None if b == 1 else f"House {b}" for b in brand]),
            "description": pa.array([f"A {word}, made to last." for word in words]),
            "price": pa.array(np.round(rng.gamma(2.0, 4.0, items) + 0.5, 2), mask=rng.random(items) < 0.02),
            "release": pa.array([date(2020 + int(n) % 6, 1 + int(n) % 12, 1) for n in number]),
        }
    )
    level = 400.0 / (1.0 + rng.permutation(items)) ** 0.6
    return Shop(catalogue, level, rng.integers(1, 60, items))


def sealed_day(folder: Path, shop: Shop, day: int, *, texts: int = 50, seed: int = 0) -> Snapshot:
    """Seals the forecast of one day after `FIRST`, of all items of a shop, best first."""
    rng = np.random.default_rng((seed, day))
    cutoff, horizon = FIRST + timedelta(days=day), Horizon(7)
    cards = _cards(shop, rng, cutoff, horizon)
    expected = np.round(cards.column("mean_4") * rng.gamma(20.0, 0.05, len(cards)), 3)
    q10, q90 = expected * 0.6, expected * 1.5 + 1.0
    forecaster = np.where(expected > np.quantile(expected, 0.99), "trail", "decayed").astype(object)
    forecast = Forecast(expected, q10, expected, q90, expected, forecaster)
    chances = p_top(forecast, K, seed=seed, draws=200)
    table = forecast_table(cards, forecast, chances, np.round(expected * 0.95, 3))
    ordered = cards.take(ranking(forecast.score, cards.item_ids))
    manifest = Manifest(
        cutoff=cutoff.isoformat(),
        horizon_days=horizon.days,
        k=K,
        seed=seed,
        events="orders",
        explained=min(texts, len(cards)),
        data=f"day {day}",
        by="best",
    )
    told = [_told(ordered, table, row) for row in range(manifest.explained)]
    return seal(folder / "snapshots" / moment_name(cutoff), manifest, table, ordered, told)


def _told(cards: Cards, table: pa.Table, row: int) -> Explained:
    card = cards.card(row)
    outlook = outlook_of(table, card.item_id, K)
    text = plain(card, outlook, _DRIVERS)
    return Explained(card.item_id, text, verify(text, card, outlook), _DRIVERS, "plain")


def _cards(shop: Shop, rng: np.random.Generator, cutoff: datetime, horizon: Horizon) -> Cards:
    calendar, items = calendar_of(cutoff, horizon, "GB"), len(shop.level)
    counts = rng.poisson(shop.level[:, None], (items, WINDOWS)).astype(float)
    counts[np.arange(1, WINDOWS + 1)[None, :] > shop.born[:, None]] = 0.0
    columns = _signals(counts, shop.born * 7.0) | calendar.numbers
    table = shop.catalogue
    for name in BY_NAME:
        values = columns.get(name, np.full(items, np.nan))
        values = np.broadcast_to(np.asarray(values, dtype=float), (items,))
        table = table.append_column(name, pa.array(values, mask=np.isnan(values)))
    return Cards(table, cutoff, horizon, calendar, "orders")


def _signals(counts: np.ndarray, age: np.ndarray) -> dict[str, np.ndarray]:
    """Returns signals that fit each other: those that the counts of twelve windows, newest first, decide."""
    last, before = counts[:, 0], counts[:, 1]
    half = 0.5 ** (np.arange(WINDOWS) / 3.0)
    ranks, ranks_before = (len(last) - np.argsort(np.argsort(each)) for each in (last, before))
    with np.errstate(divide="ignore", invalid="ignore"):
        growth, peak = (last - before) / before, last / counts.max(axis=1)
    return {
        **{f"count_{ago + 1}": counts[:, ago] for ago in range(WINDOWS)},
        "level_three": counts @ half / half.sum(),
        "mean_4": counts[:, :4].mean(axis=1),
        "mean_12": counts.mean(axis=1),
        "peak_share": peak,
        "peak_ago": counts.argmax(axis=1) + 1.0,
        "active_windows": (counts > 0).sum(axis=1).astype(float),
        "total": counts.sum(axis=1),
        "age": age,
        "rank": ranks.astype(float),
        "share": last / last.sum(),
        "change": last - before,
        "growth": np.where(np.isfinite(growth), growth, np.nan),
        "acceleration": last - 2 * before + counts[:, 2],
        "rank_change": (ranks_before - ranks).astype(float),
        "users": np.ceil(last * _SHARE),
    }


def made_project(folder: Path, *, items: int, days: int, seed: int = 0, texts: int = 50) -> list[Path]:
    """Makes a project with sealed snapshots, a day apart, unless they are there; returns their folders."""
    save_project(Project(events=(Source("events.csv"),)), folder)
    shop = made_shop(items, seed)
    return [sealed_day(folder, shop, day, texts=texts, seed=seed).folder for day in range(days)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    start = time.perf_counter()
    asked.folder.mkdir(parents=True, exist_ok=True)
    folders = made_project(asked.folder, items=asked.items, days=asked.days, seed=asked.seed)
    print(f"sealed {len(folders)} snapshots of {asked.items:,} items in {time.perf_counter() - start:.1f} s")
    workspace = Workspace.open(asked.folder)
    for each in folders:
        start = time.perf_counter()
        mapped_files(workspace, each)
        print(f"{each.name}: mapped in {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
