"""Results as JSON for programs: one object a command on stdout, keys stable."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from trail.evaluate.methods import label
from trail.evaluate.scorecard import as_dict
from trail.evaluate.seeds import spreads
from trail.operations import (
    Backtested,
    Demonstrated,
    Forecasted,
    Initialised,
    ItemExplained,
    Moves,
    Plan,
    Receipt,
    Scored,
    Trained,
    guessed,
    receipts,
)
from trail.operations.alerting import Alerted
from trail.operations.exporting import Exported
from trail.snapshots import Explanation, Move, SnapshotReport


def plain(value: Any) -> Any:
    """Returns a value as JSON knows it: dataclasses as objects, moments as ISO text, NaN as null."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(each) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value


def dumped(value: Any) -> str:
    """Returns a result as one line of JSON."""
    return json.dumps(plain(value), ensure_ascii=False)


def of_init(done: Initialised) -> dict[str, Any]:
    """Returns `trail init --json`."""
    names = ("role", "column", "source", "reason")
    rows = [dict(zip(names, row, strict=True)) for row in guessed(done)]
    return {"config": done.path, "project": done.project.as_dict(), "guesses": rows}


def of_plan(done: Plan) -> dict[str, Any]:
    """Returns `trail plan --json`."""
    return {"ready": not done.troubles, **asdict(done)}


def of_train(done: Trained) -> dict[str, Any]:
    """Returns `trail train --json`."""
    return asdict(done)


def of_forecast(done: Forecasted) -> dict[str, Any]:
    """Returns `trail forecast --json`: the manifest and the first ranks, as many as K or as were explained."""
    snapshot = done.snapshot
    first = max(snapshot.manifest.k, len(snapshot.explanations))
    titles = dict(zip(snapshot.cards.item_ids, snapshot.cards.table["title"].to_pylist(), strict=True))
    shown = []
    for row in snapshot.forecast.slice(0, first).to_pylist():
        explanation = snapshot.explanation(row["item_id"])
        words = (
            _explanation(explanation, tuple(receipts(explanation, snapshot.cards))) if explanation else None
        )
        launches = [asdict(each) for each in snapshot.launches(row["item_id"])]
        title = titles.get(row["item_id"])
        shown.append({**row, "title": title, "explanation": words, "launches": launches})
    return {
        "snapshot": snapshot.folder,
        "already": done.already,
        "model": done.model,
        "manifest": asdict(snapshot.manifest),
        "notes": done.notes,
        "items": shown,
    }


def _explanation(explanation: Explanation, listed: Sequence[Receipt]) -> dict[str, Any]:
    return {
        "text": explanation.text,
        "source": explanation.source,
        "holds": explanation.verification.holds,
        "drivers": [asdict(driver) for driver in explanation.drivers],
        "receipts": [asdict(each) for each in listed],
    }


def of_explain(done: ItemExplained) -> dict[str, Any]:
    """Returns `trail explain --json`."""
    return {
        "item_id": done.item_id,
        "title": done.title,
        "snapshot": done.snapshot,
        "sealed": done.sealed,
        "outlook": asdict(done.outlook),
        "explanation": _explanation(done.explanation, done.receipts),
        "note": done.note,
        "translation": done.translation or None,
        "launches": [asdict(each) for each in done.launches],
    }


def of_backtest(done: Backtested) -> dict[str, Any]:
    """Returns `trail backtest --json`: means over the test origins, and what they say."""
    return {
        "report": done.page,
        "rows": done.folder / "rows.parquet",
        "model": done.model,
        "test": done.origins.test,
        "validation": done.origins.validation,
        "seeds": sorted({row.seed for row in done.results.rows}),
        "top": done.top,
        "seed_spread": {label(method): each for method, each in spreads(done.results.rows).items()},
        "table": done.table,
        "verdict": done.verdict.sentences,
        "champion": done.verdict.champion.as_dict(done.results.rows[0].task, done.model, done.data),
    }


def of_verify(done: SnapshotReport) -> dict[str, Any]:
    """Returns `trail verify --json`."""
    return {"holds": done.holds, **asdict(done)}


def of_diff(moves: Sequence[Move]) -> dict[str, Any]:
    """Returns `trail diff --json`."""
    return {"moves": [{**asdict(move), "places": move.places} for move in moves]}


def of_moves(done: Moves) -> dict[str, Any]:
    """Returns `trail diff --why --json`: each move with its parts, which add up to it."""
    items = [
        {**asdict(each.move), "places": each.move.places, "parts": [asdict(part) for part in each.parts]}
        for each in done.items
    ]
    return {"older": done.older, "newer": done.newer, "moves": items}


def of_export(done: Exported) -> dict[str, Any]:
    """Returns `trail export --json`."""
    return asdict(done)


def of_alerts(done: Alerted) -> dict[str, Any]:
    """Returns `trail alerts --json`."""
    names = ("sent", "waiting", "given_up", "troubles", "note")
    return {name: getattr(done, name) for name in names}


def of_scorecard(done: Scored) -> dict[str, Any]:
    """Returns `trail scorecard --json`: what the page says as data, and what this run did."""
    return {
        "report": done.page,
        "scored_now": done.fresh,
        "written": done.written,
        **as_dict(done.card),
    }


def of_demo(done: Demonstrated) -> dict[str, Any]:
    """Returns `trail demo --json`."""
    return {
        "project": done.folder,
        "notice": done.notice,
        "backtest": of_backtest(done.backtest),
        "forecast": of_forecast(done.forecast),
    }
