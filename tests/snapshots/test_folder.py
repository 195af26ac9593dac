"""Sealed whole, read back exactly, never changed."""

import hashlib
import json
import os
import textwrap
import time
from dataclasses import asdict, replace

import pytest

from tests.killing import kill_when_it_says
from tests.snapshots.making import SHOWN, K, contents, sealed
from trail.baselines import Decayed
from trail.baselines.sample import sample_history
from trail.engine import file_hash
from trail.errors import ConfigError, DataError
from trail.snapshots import (
    FILES,
    compare,
    folders_in,
    forecast_from,
    open_snapshot,
    read_manifest,
    seal,
    verify_snapshot,
)
from trail.snapshots import folder as sealing
from trail.snapshots.manifest import FORMAT


def test_what_was_sealed_is_read_back(tmp_path):
    manifest, table, cards, texts = contents()
    found = seal(tmp_path / "s", manifest, table, cards, texts)
    assert sorted(path.name for path in found.folder.iterdir()) == sorted([*FILES, "manifest.json"])
    assert found.forecast.equals(table)
    assert found.cards.table.equals(cards.table)
    assert (found.cards.cutoff, found.cards.horizon, found.cards.calendar, found.cards.events) == (
        cards.cutoff,
        cards.horizon,
        cards.calendar,
        cards.events,
    )
    assert list(found.explanations) == texts
    first = texts[0].item_id
    assert found.card(first) == cards.card(cards.row_of(first))
    assert found.manifest.files == {name: file_hash(found.folder / name) for name in FILES}
    assert found.manifest.forecaster == "decayed"
    assert found.manifest.items == table.num_rows == 120


def test_ranks_follow_scores_and_ties_follow_identifiers(tmp_path):
    table = sealed(tmp_path / "s").forecast
    rows = table.to_pylist()
    assert [row["rank"] for row in rows] == list(range(1, 121))
    assert rows == sorted(rows, key=lambda row: (-row["score"], row["item_id"]))
    assert sum(row["p_top"] for row in rows) == pytest.approx(K)


def test_outlook_is_the_row_of_the_item(tmp_path):
    found = sealed(tmp_path / "s")
    row = found.forecast.to_pylist()[2]
    outlook = found.outlook(row["item_id"])
    assert (outlook.rank, outlook.expected, outlook.p_top, outlook.k) == (3, row["expected"], row["p_top"], K)
    with pytest.raises(DataError, match="no-such-item"):
        found.outlook("no-such-item")


def test_sealing_the_same_again_changes_nothing(tmp_path):
    first = sealed(tmp_path / "s")
    before = {path.name: path.stat().st_mtime_ns for path in first.folder.iterdir()}
    again = sealed(tmp_path / "s")
    assert again.manifest == first.manifest
    assert {path.name: path.stat().st_mtime_ns for path in first.folder.iterdir()} == before


@pytest.mark.parametrize("what", ["data", "k", "text"])
def test_another_forecast_is_refused_and_the_first_one_stays(tmp_path, what):
    first = sealed(tmp_path / "s")
    hashes = {name: file_hash(first.folder / name) for name in (*FILES, "manifest.json")}
    manifest, table, cards, texts = contents()
    if what == "text":
        texts = [replace(texts[0], text=texts[0].text + " "), *texts[1:]]
    else:
        manifest = replace(manifest, **{what: "other" if what == "data" else 11})
    with pytest.raises(ConfigError, match="already sealed") as error:
        seal(first.folder, manifest, table, cards, texts)
    assert error.value.exit_code == 2
    assert {name: file_hash(first.folder / name) for name in (*FILES, "manifest.json")} == hashes


def test_another_configuration_is_another_forecast_and_of_old_ones_none_is_known(tmp_path):
    manifest, *rest = contents()
    mine, other = (replace(manifest, configuration=each) for each in ("c1", "c2"))
    there = seal(tmp_path / "s", mine, *rest).manifest
    assert there.configuration == "c1"
    assert there.differs(other) == ("configuration",)
    assert there.same_origin(mine)
    with pytest.raises(ConfigError, match="already sealed"):
        seal(tmp_path / "s", other, *rest)
    values = asdict(there)
    del values["configuration"], values["seal"]
    values["seal"] = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    (tmp_path / "s" / "manifest.json").write_text(json.dumps(values))
    old = read_manifest(tmp_path / "s")
    assert verify_snapshot(tmp_path / "s").holds
    assert old.configuration == ""
    assert old.same_origin(mine)
    assert old.same_origin(other)
    assert not old.same_origin(replace(other, k=11))


def test_a_sealed_forecast_returns_in_the_order_of_cards(tmp_path):
    history = sample_history()
    cards = history[-1].cards
    forecast = Decayed().fit(history[:-1]).predict(cards)
    found, chances = forecast_from(sealed(tmp_path / "s").forecast, cards)
    for name in ("expected", "q10", "q50", "q90", "score"):
        assert getattr(found, name).tolist() == getattr(forecast, name).tolist()
    assert list(found.forecaster) == list(forecast.forecaster)
    assert chances.sum() == pytest.approx(K)


def test_folders_that_are_no_snapshots_are_clear_errors(tmp_path):
    with pytest.raises(DataError, match=r"no manifest\.json"):
        open_snapshot(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(DataError, match="format 2"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text("no json")
    with pytest.raises(DataError, match="damaged"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("seed", [0, 1])
def test_what_another_process_seals_meanwhile_stays(tmp_path, monkeypatch, seed):
    """It is returned if it is the same forecast, else the late one is refused."""
    target = tmp_path / "snapshots" / "2024-05-13"
    manifest, *rest = contents()
    other, plain = replace(manifest, seed=manifest.seed + seed), sealing.write_table

    def meanwhile(table, path):
        plain(table, path)
        monkeypatch.setattr(sealing, "write_table", plain)
        seal(target, other, *rest)

    monkeypatch.setattr(sealing, "write_table", meanwhile)
    if seed:
        with pytest.raises(ConfigError, match=r"another forecast .* is already sealed"):
            seal(target, manifest, *rest)
    else:
        assert seal(target, manifest, *rest).manifest.seed == other.seed
    assert open_snapshot(target).manifest.seed == other.seed
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_compare_tells_who_moved(tmp_path):
    older = sealed(tmp_path / "s")
    rows = older.forecast.to_pylist()
    first, second = rows[0], rows[1]
    swapped = older.forecast.set_column(1, "rank", [[2, 1, *range(3, 121)]])
    moves = compare(older, replace(older, forecast=swapped), top=2)
    assert [(move.item_id, move.before, move.after, move.places) for move in moves] == [
        (second["item_id"], 2, 1, 1),
        (first["item_id"], 1, 2, -1),
    ]
    gone = compare(older, replace(older, forecast=older.forecast.slice(1)), top=1)
    assert [(move.item_id, move.after, move.places) for move in gone] == [(first["item_id"], None, None)]


_SLOW_SEAL = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    import trail.snapshots.folder as folder
    from tests.snapshots.making import sealed

    plain = folder.write_table
    def slow(table, path):
        plain(table, path)
        print("written", flush=True)
        time.sleep(60)
    folder.write_table = slow
    sealed(Path(sys.argv[1]))
    """
)


def test_kill_9_in_the_middle_of_a_seal_leaves_nothing_half_written(tmp_path):
    target = tmp_path / "snapshots" / "2024-05-13"
    kill_when_it_says("written", _SLOW_SEAL, target)
    assert not target.exists()
    assert folders_in(target.parent) == []
    left = list(target.parent.iterdir())
    assert [path.name.startswith(".2024-05-13.") for path in left] == [True]
    # what the killed run left is removed once nobody can be writing to it
    old = time.time() - 7200
    os.utime(left[0], (old, old))
    assert len(sealed(target).explanations) == SHOWN
    assert [path.name for path in target.parent.iterdir()] == ["2024-05-13"]
    assert json.loads((target / "manifest.json").read_text())["format"] == FORMAT
