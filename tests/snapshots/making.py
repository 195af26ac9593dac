"""A real little snapshot: a simulated log, a fitted baseline, plain texts; and ways to tamper with it."""

import json
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from trail.baselines import Decayed, p_top
from trail.baselines.sample import sample_history
from trail.engine import file_hash
from trail.facts import Driver, plain, verify
from trail.snapshots import (
    FILES,
    Explained,
    Manifest,
    Snapshot,
    forecast_table,
    outlook_of,
    read_manifest,
    seal,
)
from trail.snapshots.tables import ranking

K, SEED, SHOWN = 10, 3, 4
DRIVERS = (Driver("change", 0.4), Driver("level_three", -0.1))


@cache
def contents(data: str = "d1", *, back: int = 1, shown: int = SHOWN, cards: str = "shown"):
    """Manifest, forecast table, cards (of the items shown, or all) and texts, of the sample's last cutoff or one further back."""
    which = cards
    history = sample_history()
    cards = history[-back].cards
    forecast = Decayed().fit(history[:-back]).predict(cards)
    chances = p_top(forecast, K, seed=SEED)
    table = forecast_table(cards, forecast, chances, forecast.expected * 0.9)
    order = ranking(forecast.score, cards.item_ids)
    rows = order[:shown]
    texts = []
    for row in rows:
        card = cards.card(int(row))
        outlook = outlook_of(table, card.item_id, K)
        text = plain(card, outlook, DRIVERS)
        texts.append(Explained(card.item_id, text, verify(text, card, outlook), DRIVERS, "plain"))
    manifest = Manifest(
        cutoff=cards.cutoff.isoformat(),
        horizon_days=cards.horizon.days,
        k=K,
        seed=SEED,
        events=cards.events,
        explained=shown,
        data=data,
        versions={"numpy": np.__version__},
    )
    return manifest, table, cards.take(order if which == "all" else rows), texts


def sealed(folder: Path, **asked) -> Snapshot:
    return seal(folder, *contents(**asked))


def rehash(folder: Path, **changes) -> None:
    """Writes a manifest that fits the files again, as somebody would who hides a change."""
    manifest = replace(
        read_manifest(folder), files={name: file_hash(folder / name) for name in FILES}, **changes
    )
    manifest = replace(manifest, seal=manifest.computed_seal())
    (folder / "manifest.json").write_text(json.dumps(asdict(manifest)))


def edit(folder: Path, name: str, change) -> None:
    """Rewrites a table by a function over its rows, and hides it."""
    path = folder / name
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    rehash(folder)
