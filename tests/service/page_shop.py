"""A shop whose pages have all that they can show: lists, texts, a scorecard, a backtest, refused rows, hostile titles."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from bench.service_data import made_shop, sealed_day

from tests.evaluate.handmade import rows_for
from trail.evaluate import Results, write_report
from trail.evaluate.scorecard import Scorecard, score, write_scorecard
from trail.events import EVENT_SCHEMA, Source, event_log, to_micros
from trail.events.ingest import ingest
from trail.events.tally import IngestRules
from trail.operations.models import ModelRecord, write_record
from trail.operations.workspace import Workspace
from trail.project import Project, save_project
from trail.snapshots import Snapshot, open_snapshot

#: What somebody might write into a catalogue.
HOSTILE = '<script>alert(1)</script>" onfocus="alert(2)\' {{ 7 * 7 }} &amp;'
HOSTILE_ID = "a/b?c=1#d% \"<b>'&.json"
OLDER, NEWER = "2026-03-02", "2026-03-03"
ITEMS, TEXTS = 240, 12
_NOW = datetime(2026, 3, 3, 6, tzinfo=UTC)


def page_shop(folder: Path, *, items: int = ITEMS, hostile: bool = True) -> Path:
    """Makes the project; its second item by level has a hostile identifier, title, brand and description."""
    bare_project(folder)
    shop = made_shop(items, 7)
    if hostile:
        shop = replace(shop, catalogue=_spoilt(shop.catalogue, int(shop.level.argsort()[-2])))
    for day in (0, 1):
        sealed_day(folder, shop, day, texts=TEXTS)
    return folder


def with_reports(folder: Path) -> Path:
    """Adds to a project what other commands would have written: backtest, scorecard, data, a model's record."""
    rows = rows_for({"decayed": 0.8, "lightgbm": 0.9}, {"trail": 0.7, "decayed": 0.8, "lightgbm": 0.9})
    write_report(Results(tuple(rows)), folder / "reports" / "2026-02-02-6", title="Backtest of the shop")
    _write_scorecard(folder)
    _read_log(folder)
    workspace = Workspace.open(folder)
    (workspace.models / "2026-02-23").mkdir(parents=True)
    until, created = "2026-02-23T00:00:00+00:00", "2026-02-24T05:00:00+00:00"
    write_record(workspace, ModelRecord("2026-02-23", until, "d", {}, "t", "f" * 16, created, {}))
    return folder


def _spoilt(catalogue: pa.Table, row: int) -> pa.Table:
    spoilt = {"item_id": HOSTILE_ID, "title": HOSTILE, "brand": HOSTILE, "description": HOSTILE}
    for name, value in spoilt.items():
        values = catalogue[name].to_pylist()
        values[row] = value
        catalogue = catalogue.set_column(catalogue.column_names.index(name), name, pa.array(values))
    return catalogue


def _write_scorecard(folder: Path) -> None:
    """Scores the shop's own snapshots on weeks that were dealt after them."""
    snapshots = [open_snapshot(folder / "snapshots" / name) for name in (OLDER, NEWER)]
    log = event_log(ibis.memtable(_dealt(snapshots[0])))
    scores = [score(each, log, data="d", definitions="v") for each in snapshots]
    ends = scores[-1].head.until
    card = Scorecard("Scorecard of the shop", "d", ends, tuple(scores), (), ())
    write_scorecard(card, folder / "reports" / "scorecard")


def _dealt(snapshot: Snapshot) -> pa.Table:
    """Returns an event a day for each item, of twelve weeks before the cutoff and three after it."""
    rng = np.random.default_rng(7)
    expected = snapshot.forecast["expected"].to_numpy()
    days = np.arange(-84, 21)
    weight = rng.poisson(
        expected[:, None] / 7 * rng.gamma(9.0, 1 / 9, (len(expected), 1)), (len(expected), len(days))
    )
    moments = to_micros(snapshot.manifest.moment) + days * 86_400_000_000
    ids = np.repeat(snapshot.forecast["item_id"].to_numpy(zero_copy_only=False), len(days))
    empty = {field.name: pa.nulls(len(ids), field.type) for field in EVENT_SCHEMA}
    known = {
        "item_id": ids,
        "timestamp": pa.array(np.tile(moments, len(expected))).cast(pa.timestamp("us", tz="UTC")),
        "weight": weight.ravel().astype(float),
    }
    return pa.table(empty | known, schema=EVENT_SCHEMA).filter(pc.field("weight") > 0)


def _read_log(folder: Path) -> None:
    rows = [f"A{n % 9},2026-02-{1 + n % 28:02d},{n % 7}" for n in range(400)]
    (folder / "events.csv").write_text(
        "\n".join(["item_id,timestamp,user_id", *rows, f'"{HOSTILE}",never,1', ",2026-02-01,1"])
    )
    ingest([Source(str(folder / "events.csv"))], [], folder / "data", IngestRules(), now=_NOW)


def bare_project(folder: Path) -> Path:
    """Makes a project in which nothing was done but its file."""
    folder.mkdir(parents=True)
    save_project(Project(events=(Source("events.csv"),)), folder)
    return folder
