"""Commands side by side: one reads the sources at a time, and what is opened stays what it was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from tests.killing import kill_when_it_says
from tests.operations.nights import BEFORE, LAST, make_project, write_orders

from trail.events.job import Job
from trail.operations.changes import changed, remember
from trail.operations.data import prepare
from trail.operations.workspace import Workspace


@pytest.fixture
def shop(tmp_path) -> Workspace:
    """A project that was never read."""
    return Workspace.open(make_project(tmp_path / "shop"))


def test_a_second_command_waits_for_the_end_of_a_reading(shop, monkeypatch):
    inside, others_turn, read, waited = Event(), Event(), Job.read, []

    def slowly(job, readings):
        if not inside.is_set():
            inside.set()
            assert others_turn.wait(60)
        return read(job, readings)

    def told(stage, done, total):
        if "wait" in stage:
            waited.append(done)
            others_turn.set()

    monkeypatch.setattr(Job, "read", slowly)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(prepare, shop)
        assert inside.wait(60)
        second = pool.submit(prepare, shop, told)
        second.add_done_callback(lambda _: others_turn.set())
        found, again = first.result(), second.result()
    assert (found.ingested.fresh, again.ingested.fresh, waited) == (True, False, [0, 1])
    assert found.fingerprint == again.fingerprint


def test_a_killed_reading_holds_up_nobody_and_is_cleared_away(shop):
    script = """
import sys, time
from pathlib import Path
from trail.events.job import Job
from trail.operations.data import prepare
from trail.operations.workspace import Workspace

def stop(*_):
    print("inside", flush=True)
    time.sleep(60)
Job.read = stop
prepare(Workspace.open(Path(sys.argv[1])))
"""
    kill_when_it_says("inside", script, shop.folder)
    assert list(shop.data.glob(".ingest-*"))
    assert prepare(shop).ingested.fresh
    assert not list(shop.data.glob(".ingest-*"))


def test_what_was_opened_stays_when_the_sources_are_read_again(shop):
    first = prepare(shop)
    rows, items = first.log.rows, first.items.rows
    write_orders(shop.folder, "b.csv", BEFORE, LAST)
    (shop.folder / "orders" / "c.csv").write_text(
        "item_id,timestamp,user_id,price\nnew-item,2024-05-12,user-1,3.0\n"
    )
    second = prepare(shop)
    assert second.log.rows > rows
    for data in (first, second):
        assert data.log.table.count().to_pyarrow().as_py() == data.log.rows
        assert data.items.table.count().to_pyarrow().as_py() == data.items.rows
    assert (first.log.rows, first.items.rows) == (rows, items)
    assert second.items.rows > items


def test_a_night_remembers_what_it_read_and_not_what_another_command_read_since(shop):
    first = prepare(shop)
    write_orders(shop.folder, "b.csv", BEFORE, LAST)
    second = prepare(shop)
    remember(shop, first)
    assert changed(shop, second).new == second.log.rows - first.log.rows
    remember(shop, second)
    assert (shop.data / "seen" / "events.parquet").samefile(shop.data / "events.parquet")
    assert changed(shop, second).new == 0
