"""Texts read and verified a second, and how long the slowest take: `verify` on texts written and corrupted.

    python bench/verify.py [--texts N] [--seed N]

The cards come from a random log of two years by the week. Every true text should be accepted and every
corrupted one refused; both counts are printed with the times.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from trail.engine import connect
from trail.events import Horizon, Items, event_log
from trail.facts import Driver, Outlook, plain, render, speaker, verify
from trail.pairs import Corruption, corrupt
from trail.signals import Card, Group, cards_at

DAY = 86_400_000_000
START = 1_640_995_200_000_000  # 2022-01-01


@dataclass(frozen=True)
class _Shop:
    """One random log: its noun, items, events, days of a window, and cutoffs (windows before the end)."""

    noun: str
    items: int
    events: int
    days: int
    backs: tuple[int, ...]


#: From a busy shop by the week to a young list by the day.
SHOPS = (
    _Shop("orders", 500, 60_000, 7, (0,)),
    _Shop("orders", 120, 200_000, 7, (0, 1, 5)),
    _Shop("ratings", 150, 60_000, 28, (0, 2)),
    _Shop("stars", 60, 150_000, 1, (0, 6)),
)


def tables(rng: np.random.Generator, shop: _Shop) -> tuple[pa.Table, pa.Table]:
    """Returns a log whose items rise, fall and have their seasons, and its catalogue."""
    items, events = shop.items, shop.events
    popularity = rng.pareto(1.2, items) + 0.1
    chosen = rng.choice(items, events, p=popularity / popularity.sum())
    lean, bump = rng.normal(0, 1.5, items)[chosen], rng.uniform(0, 1, items)[chosen]
    at = rng.uniform(0, 1, events) ** np.exp(lean)
    at = np.where(rng.random(events) < 0.3, (bump + rng.normal(0, 0.02, events)) % 1, at)
    moments = START + (at * 730 * DAY).astype(np.int64)
    log = pa.table(
        {
            "item_id": pa.array([f"i{k}" for k in chosen]),
            "timestamp": pa.array(moments, pa.timestamp("us", tz="UTC")),
            "user_id": pa.array([f"u{k}" for k in (2000 * rng.random(events) ** 3).astype(int)]),
            "weight": pa.array(np.ones(events)),
            "kind": pa.nulls(events, pa.string()),
            "price": pa.array(rng.uniform(1, 9, events).round(2)),
        }
    )
    names = [f"Item {k}" for k in range(items)]
    catalogue = pa.table(
        {
            "item_id": [f"i{k}" for k in range(items)],
            "title": names,
            "categories": [f"Kind {k % 9}" for k in range(items)],
            "category": [f"Kind {k % 9}" for k in range(items)],
            "brand": [f"Maker {k % 17}" for k in range(items)],
            "description": pa.nulls(items, pa.string()),
            "price": pa.array(rng.uniform(1, 9, items).round(2)),
            "release": pa.array([date(2022, 1, 1) + timedelta(days=int(d)) for d in rng.integers(-900, 760, items)]),
        }
    )
    return log, catalogue


def all_cards(seed: int) -> list[Card]:
    """Returns the cards of every shop at its cutoffs."""
    connection, rng, found = connect(threads=1), np.random.default_rng(seed), []
    for at, shop in enumerate(SHOPS):
        log, catalogue = tables(rng, shop)
        connection.con.register(f"events_{at}", log)
        connection.con.register(f"items_{at}", catalogue)
        events = event_log(connection.table(f"events_{at}"), name=shop.noun)
        items = Items(connection.table(f"items_{at}"), catalogue.num_rows)
        for back in shop.backs:
            cutoff = events.last_cutoff() - timedelta(days=shop.days * back)
            cards = cards_at(events, items, cutoff, Horizon(shop.days))
            found += [cards.card(row) for row in range(len(cards))]
    return found


def outlook(card: Card, rng: np.random.Generator) -> Outlook:
    expected = max(0.05, (card["count_1"] or 0.3) * rng.lognormal(0, 0.4))
    low, high = expected * rng.uniform(0.4, 0.8), expected * rng.uniform(1.2, 2)
    return Outlook(expected, low, high, float(rng.beta(0.5, 0.5)), 50, int(rng.integers(1, 400)))


def drivers(card: Card, rng: np.random.Generator) -> list[Driver]:
    effects = {Group(each): float(rng.normal()) for each in rng.permutation(list(Group))[:2]}
    spoken = {speaker(group, card, effect): effect for group, effect in effects.items()}
    return [Driver(name, effect) for name, effect in spoken.items() if name]


def timed(texts: list[tuple[str, Card, Outlook]]) -> tuple[int, np.ndarray]:
    """Returns how many texts hold, and the milliseconds of processor time of each, whatever else runs."""
    held, times = 0, []
    for text, card, forecast in texts:
        clock = time.process_time()
        held += verify(text, card, forecast).holds
        times.append((time.process_time() - clock) * 1e3)
    return held, np.array(times)


def show(name: str, texts: list[tuple[str, Card, Outlook]]) -> None:
    held, times = timed(texts)
    p50, p99 = np.percentile(times, [50, 99])
    print(
        f"{name:<10} {len(texts):>6} texts, {held:>6} hold; {1e3 / times.mean():>6.0f} texts/s, "
        f"median {p50:.2f} ms, p99 {p99:.2f} ms, worst {times.max():.2f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng, pool = np.random.default_rng(arguments.seed), all_cards(arguments.seed)
    true, simple, wrong, donor = [], [], [], None
    kinds = list(Corruption)
    while len(wrong) < arguments.texts:
        card = pool[rng.integers(len(pool))]
        forecast, reasons, hidden = outlook(card, rng), drivers(card, rng), len(wrong) % 2 == 1
        text = render(card, forecast, reasons, rng, held_out=hidden)
        if len(true) < arguments.texts:
            true.append((text.text, card, forecast))
            simple.append((plain(card, forecast, reasons), card, forecast))
        kind = kinds[len(wrong) % len(kinds)]
        corrupted = corrupt(text, card, forecast, kind, rng, donor=donor, held_out=hidden)
        if corrupted is not None:
            wrong.append((corrupted, card, forecast))
        donor = text
    verify(*true[0])  # the patterns are compiled once
    for name, texts in (("true", true), ("plain", simple), ("corrupted", wrong)):
        show(name, texts)


if __name__ == "__main__":
    main()
