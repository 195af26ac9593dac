"""Texts read and verified a second, and how long the slowest take: `verify` on texts written and corrupted.

    python bench/verify.py [--texts N] [--seed N]

The cards come from a random log of two years by the week. Every true text should be accepted and every
corrupted one refused; both counts are printed with the times.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pyarrow as pa

from trail.engine import connect
from trail.events import Horizon, Items, event_log
from trail.facts import Driver, Outlook, plain, render, speaker, verify
from trail.pairs import Corruption, corrupt
from trail.signals import Card, Group, cards_at

DAY = 86_400_000_000
START = 1_640_995_200_000_000  # 2022-01-01


def tables(rng: np.random.Generator, items: int, events: int) -> tuple[pa.Table, pa.Table]:
    popularity = rng.pareto(1.2, items) + 0.1
    chosen = rng.choice(items, events, p=popularity / popularity.sum())
    moments = START + rng.integers(0, 730 * DAY, events)
    log = pa.table(
        {
            "item_id": pa.array([f"i{k}" for k in chosen]),
            "timestamp": pa.array(moments, pa.timestamp("us", tz="UTC")),
            "user_id": pa.array([f"u{k}" for k in rng.integers(0, 2000, events)]),
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
            "release": pa.nulls(items, pa.date32()),
        }
    )
    return log, catalogue


def all_cards(seed: int) -> list[Card]:
    log, catalogue = tables(np.random.default_rng(seed), 500, 60_000)
    connection = connect(threads=1)
    connection.con.register("bench_events", log)
    connection.con.register("bench_items", catalogue)
    events = event_log(connection.table("bench_events"), name="orders")
    items = Items(connection.table("bench_items"), catalogue.num_rows)
    cards = cards_at(events, items, events.last_cutoff(), Horizon(7))
    return [cards.card(row) for row in range(len(cards))]


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
