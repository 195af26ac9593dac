"""Texts read and verified a second, how long the slowest take, and how many alterations are caught.

    python -m bench.verify [--texts N] [--seed N]

The cards come from random logs of two years, by the week, by four weeks and by the day. Every true text should be
accepted; every alteration of it, one at a time (`bench/mutations.py`), should be refused, except those that are still true
by the writer's own record (`bench/equivalents.py`). Aims: none of 10,000 true texts refused, 99.5%
of alterations caught, 5 ms a text at the 99th percentile.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import numpy as np
import pyarrow as pa
from bench.equivalents import still_true
from bench.mutations import Mutant, mutants

from trail.engine import connect
from trail.events import Horizon, Items, event_log
from trail.facts import Driver, Outlook, Rendered, plain, render, speaker, verify
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
            "release": pa.array(
                [date(2022, 1, 1) + timedelta(days=int(d)) for d in rng.integers(-900, 760, items)]
            ),
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


Told = tuple[str, Card, Outlook]


def timed(texts: list[Told]) -> tuple[int, np.ndarray]:
    """Returns how many texts hold, and the milliseconds of processor time of each, whatever else runs."""
    held, times = 0, []
    for text, card, forecast in texts:
        clock = time.process_time()
        held += verify(text, card, forecast).holds
        times.append((time.process_time() - clock) * 1e3)
    return held, np.array(times)


def show(name: str, texts: list[Told]) -> None:
    held, times = timed(texts)
    p50, p99 = np.percentile(times, [50, 99])
    print(
        f"{name:<10} {len(texts):>6} texts, {held:>6} hold; {1e3 / times.mean():>6.0f} texts/s, "
        f"median {p50:.2f} ms, p99 {p99:.2f} ms, worst {times.max():.2f} ms"
    )


def written(pool: list[Card], seed: int, texts: int) -> Iterator[tuple[Rendered, str, Card, Outlook]]:
    """Yields true texts in all wordings, those of training and those held out in turn, each beside its plain rendering."""
    rng = np.random.default_rng(seed)
    for at in range(texts):
        card = pool[rng.integers(len(pool))]
        forecast, reasons = outlook(card, rng), drivers(card, rng)
        text = render(card, forecast, reasons, rng, held_out=at % 2 == 1)
        yield text, plain(card, forecast, reasons), card, forecast


def altered(
    text: Rendered, card: Card, forecast: Outlook, other: Card, draw: Random
) -> tuple[list[Mutant], list[Mutant]]:
    """Returns every alteration of a text: the false ones, and those still true."""
    names = {
        str(card.metadata[key]): str(other.metadata[key])
        for key in ("title", "category", "brand")
        if card.metadata[key] != other.metadata[key]
    }
    false: list[Mutant] = []
    same: list[Mutant] = []
    for each in mutants(text.text, draw, events=card.events, names=names):
        (same if still_true(each, text, card, forecast) else false).append(each)
    return false, same


def mutate(texts: list[tuple[Rendered, Card, Outlook]], seed: int) -> None:
    """Prints how many alterations of each kind are caught, and some that are not."""
    draw, made, missed = Random(seed), Counter[str](), Counter[str]()
    true, shown = 0, []
    for at, (text, card, forecast) in enumerate(texts):
        false, same = altered(text, card, forecast, texts[at - 1][1], draw)
        true += len(same)
        for each in false:
            made[each.kind] += 1
            if verify(each.text, card, forecast).holds:
                missed[each.kind] += 1
                shown.append((each, text.text))
    for kind in sorted(made):
        print(
            f"  {kind:<18} {made[kind]:>6} made, {missed[kind]:>3} missed, {1 - missed[kind] / made[kind]:.2%} caught"
        )
    made_all, missed_all = made.total(), missed.total()
    print(
        f"  {'all':<18} {made_all:>6} made, {missed_all:>3} missed, {1 - missed_all / made_all:.3%} caught; {true} still true"
    )
    for each, original in shown[:10]:
        print(f"  missed: {each.kind}: {original}\n  as:     {each.text}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    found = list(written(all_cards(arguments.seed), arguments.seed, arguments.texts))
    true = [(text.text, card, forecast) for text, _, card, forecast in found]
    verify(*true[0])  # the patterns are compiled once
    show("true", true)
    show("plain", [(simple, card, forecast) for _, simple, card, forecast in found])
    mutate([(text, card, forecast) for text, _, card, forecast in found], arguments.seed)


if __name__ == "__main__":
    main()
