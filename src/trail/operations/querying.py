"""The query behind a receipt: SQL that anybody can run on the project's files to see the number again."""

from __future__ import annotations

import re
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

import ibis

from trail.errors import ConfigError
from trail.events.job import EVENTS_FILE, ITEMS_FILE
from trail.operations.data import prepare
from trail.operations.explaining import snapshot_of
from trail.operations.workspace import Report, Workspace, quiet
from trail.signals import BY_NAME, calendar_of, context_of
from trail.signals.measures import measures


def query(
    folder: Path, item_id: str, signal: str, *, at: datetime | None = None, report: Report = quiet
) -> str:
    """Returns DuckDB SQL that computes one signal of one item at a snapshot's cutoff.

    It is what the card was computed with, cut down to the signal. Paths in it are relative to the project.

    Args:
        folder: The project.
        item_id: The item.
        signal: Name of the signal.
        at: Cutoff of the snapshot; the latest by default.
        report: Told what goes on.

    Raises:
        ConfigError: If there is no such signal or no snapshot.
    """
    if signal not in BY_NAME:
        close = get_close_matches(signal, BY_NAME, n=3)
        raise ConfigError(
            f"no signal {signal!r}", expected=" or ".join(close) or "a name on the page docs/signals.md"
        )
    workspace = Workspace.open(folder)
    cutoff = snapshot_of(workspace, at).manifest.moment
    data, project = prepare(workspace, report), workspace.project
    calendar = calendar_of(cutoff, project.horizon, project.country)
    context = context_of(data.log, cutoff, project.horizon, calendar.numbers)
    facts = measures(data.log, data.items, context)
    values = facts.select("item_id", **{signal: BY_NAME[signal].expression(facts, context).cast("float64")})
    text = str(ibis.to_sql(values.filter(values.item_id == item_id), dialect="duckdb"))
    for table, file in ((data.log.table, EVENTS_FILE), (data.items.table, ITEMS_FILE)):
        name = re.escape(table.get_name())
        there = f"READ_PARQUET('{(workspace.data / file).relative_to(folder).as_posix()}')"
        text = re.sub(rf'("\w+"\.)*"{name}"', there, text)
    return text
