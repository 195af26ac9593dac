"""A CSV with arrival times from `trail init` to a backtest: guessed, read, kept, said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
import pyarrow.csv

from tests.arriving import arriving
from tests.cli.conftest import run
from trail.baselines.sample import sample_log
from trail.events import to_micros
from trail.operations.data import prepare
from trail.operations.history import cards_of, cutoffs_before, labelled
from trail.operations.workspace import Workspace
from trail.signals import every, fingerprint, label


def written(folder, table, arrived="loaded_at"):
    """Writes orders.csv with Unix seconds and arrivals in ISO text, and makes a project of it."""
    rows = table.select(["item_id", "timestamp", "user_id", "price"]).to_pydict()
    rows["timestamp"] = [to_micros(each) // 1_000_000 for each in rows["timestamp"]]
    rows[arrived] = [each and each.isoformat() for each in table["ingested_at"].to_pylist()]
    pyarrow.csv.write_csv(pa.table(rows), folder / "orders.csv")
    return run("init", folder / "shop", "--events", folder / "orders.csv", "--json")


def test_from_init_to_a_backtest(stood_in, undrawn, tmp_path):
    log = arriving(sample_log()[0])
    guesses = {each["column"]: each for each in written(tmp_path, log.table.to_pyarrow()).json["guesses"]}
    assert (guesses["ingested_at"]["source"], guesses["ingested_at"]["reason"]) == (
        "loaded_at",
        "named 'loaded_at'",
    )
    workspace = Workspace.open(tmp_path / "shop")
    data = prepare(workspace)
    assert data.log.arrivals == log.arrivals
    assert data.ingested.set_aside == {}
    # what is kept in the cache is what was computed
    cutoffs = cutoffs_before(data, data.log.last_cutoff(), workspace)[-3:]
    fresh = [label(data.log, cards_of(data, cutoff, workspace)) for cutoff in cutoffs]
    assert any(len(each.late.row) for each in fresh)
    for _ in range(2):
        found = labelled(data, cutoffs, workspace)
        assert fingerprint(replace(each, between=()) for each in found) == fingerprint(fresh)
        assert [each.cards.cutoff for each in every(found)] == sorted(
            cutoff - timedelta(days=days) for cutoff in cutoffs for days in (0, 2, 5)
        )
    done = run("backtest", tmp_path / "shop", "--origins", 1, "--no-model", "--with", "last_window", "--json")
    assert done.code == 0, done.err
    assert any("had not arrived, by ingested_at" in each for each in done.json["verdict"])


def test_the_time_of_a_later_copy_is_no_arrival(stood_in, tmp_path):
    table = sample_log()[0].table.to_pyarrow()
    copied = pa.array(
        [table["timestamp"][0].as_py().replace(year=2025)] * len(table), table.schema.field("timestamp").type
    )
    place = table.column_names.index("ingested_at")
    written(tmp_path, table.set_column(place, table.schema.field("ingested_at"), copied))
    done = run("forecast", tmp_path / "shop", "--by", "last_window")
    assert done.code == 3
    said = " ".join(done.err.split())
    assert "most arrive" in said
    assert "leave it out" in said
