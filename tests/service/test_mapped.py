"""The memory-mapped copy of a snapshot: the same numbers, found by row, closed when nobody needs it."""

from __future__ import annotations

import gc
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.service.making import ITEMS, bring, made, third
from tests.snapshots.making import sealed
from trail.errors import DataError
from trail.operations.mapping import forget_mapped, mapped_files, opened_mapped, readable
from trail.operations.workspace import Workspace
from trail.snapshots import open_snapshot
from trail.snapshots.mapped import INNER, Mapped, folder_of, open_mapped


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mapped") / "shop"
    made(folder)
    return folder


@pytest.fixture(scope="module")
def mapped(shop: Path) -> Mapped:
    workspace = Workspace.open(shop)
    return opened_mapped(workspace, readable(workspace)[0][0])


def slow_rows(folder: Path, before: Path):
    """The listing by loops over the sealed tables' rows."""
    forecast = pq.read_table(folder / "forecast.parquet").to_pylist()
    cards = {row["item_id"]: row for row in pq.read_table(folder / "cards.parquet").to_pylist()}
    texts = {row["item_id"]: row for row in pq.read_table(folder / "explanations.parquet").to_pylist()}
    ranks = {row["item_id"]: row["rank"] for row in pq.read_table(before / "forecast.parquet").to_pylist()}
    for row in forecast:
        card, text = cards[row["item_id"]], texts.get(row["item_id"], {})
        age = card["age"]
        yield {
            **row,
            "before": ranks.get(row["item_id"]),
            **{name: card[name] for name in ("title", "category", "brand", "price")},
            "last": card["count_1"],
            "rise": row["expected"] - card["count_1"],
            "new": age is None or age < 14,
            "counts": [card[f"count_{ago}"] for ago in range(12, 0, -1)],
            "text": text.get("text"),
            "source": text.get("source"),
        }


def test_each_row_is_what_loops_over_the_sealed_tables_say(mapped: Mapped, shop: Path):
    slow = list(slow_rows(mapped.snapshot.folder, shop / "snapshots" / mapped.before))
    assert mapped.listing.drop_columns(list(INNER)).to_pylist() == slow
    assert len(mapped) == ITEMS
    assert sum(row["before"] is None for row in slow) == 4
    assert sum(row["text"] is not None for row in slow) == 5


def test_offered_values_are_counted_over_all_items(mapped: Mapped):
    for name in ("category", "brand"):
        values = [each for each in mapped.listing[name].to_pylist() if each]
        slow = sorted({(each, values.count(each)) for each in values}, key=lambda pair: (-pair[1], pair[0]))
        assert mapped.offered[name] == slow


def test_every_item_is_found_by_its_identifier(mapped: Mapped):
    ids = mapped.listing["item_id"].to_pylist()
    assert [mapped.row_of(item) for item in ids] == list(range(ITEMS))
    asked = [*reversed(ids), "nothing", ""]
    assert list(mapped.rows_of(asked)) == [*reversed(range(ITEMS)), -1, -1]
    for absent in ("", "0", "000000", ids[0] + "x", "\x00", "zzz"):
        with pytest.raises(DataError, match="check its spelling"):
            mapped.row_of(absent)
    with pytest.raises(DataError, match=f"did you mean {re.escape(ids[0])}"):
        mapped.row_of(ids[0] + "x")


def test_cards_and_outlooks_are_those_of_the_sealed_snapshot(mapped: Mapped):
    opened = open_snapshot(mapped.snapshot.folder)
    for item in mapped.listing["item_id"].to_pylist()[::7]:
        assert mapped.card(item) == opened.card(item)
        assert mapped.outlook(item) == opened.outlook(item)
        assert mapped.texts.get(item) == opened.explanation(item)
    with pytest.raises(DataError, match="spelling"):
        mapped.card("nothing")
    turned = replace(mapped.snapshot, cards=mapped.snapshot.cards.take(np.arange(ITEMS)[::-1]))
    for item in mapped.listing["item_id"].to_pylist()[::7]:
        assert replace(mapped, snapshot=turned).card(item) == opened.card(item), "in whatever order they lie"


def test_a_snapshot_with_cards_of_the_first_ranks_alone_is_served_without_the_others(tmp_path: Path):
    made(tmp_path / "shop", 1)
    workspace = Workspace.open(tmp_path / "shop")
    old = sealed(tmp_path / "shop" / "snapshots" / "2027-01-01")
    mapped = opened_mapped(workspace, old.folder)
    shown = set(old.cards.item_ids)
    rows = mapped.listing.to_pylist()
    assert {row["item_id"] for row in rows if row["counts"] != [None] * 12} == shown
    assert {row["item_id"] for row in rows if mapped.card(row["item_id"]) is not None} == shown
    assert not mapped.before, "the snapshot before has another horizon or other items, or none"


def test_cards_in_another_order_are_brought_into_that_of_ranks(tmp_path: Path):
    """Cards of the sample are sealed best first; sorted by identifier they must give the same listing."""
    from trail.snapshots.listing import listing_of  # noqa: PLC0415
    from trail.snapshots.tables import cards_from  # noqa: PLC0415

    snapshot = made(tmp_path / "shop", 1)[0]
    forecast, cards, texts = (
        pq.read_table(snapshot / f"{name}.parquet") for name in ("forecast", "cards", "explanations")
    )
    other = listing_of(forecast, cards_from(cards.sort_by("item_id")), texts, None)
    assert other.equals(listing_of(forecast, cards_from(cards), texts, None))


def test_damaged_files_are_made_again_from_the_sealed_ones(tmp_path: Path):
    snapshot = made(tmp_path / "shop", 1)[0]
    workspace = Workspace.open(tmp_path / "shop")
    folder = mapped_files(workspace, snapshot)
    for damage in (_cut, _flip, _other_seal, _no_note, _other_version, _no_json):
        damage(folder)
        with pytest.raises(DataError):
            open_mapped(folder, snapshot)
        assert opened_mapped(workspace, snapshot).listing.num_rows


def _cut(folder: Path) -> None:
    (folder / "cards.arrow").write_bytes((folder / "cards.arrow").read_bytes()[:-1000])


def _flip(folder: Path) -> None:
    found = bytearray((folder / "listing.arrow").read_bytes())
    found[len(found) // 2] ^= 1
    (folder / "listing.arrow").write_bytes(found)


def _other_seal(folder: Path) -> None:
    _note(folder, seal="0" * 64)


def _other_version(folder: Path) -> None:
    _note(folder, version=0)


def _no_note(folder: Path) -> None:
    (folder / "note.json").unlink()


def _no_json(folder: Path) -> None:
    (folder / "note.json").write_text("{")


def _note(folder: Path, **changes) -> None:
    note = json.loads((folder / "note.json").read_text())
    (folder / "note.json").write_text(json.dumps(note | changes))


def test_what_is_no_longer_used_is_no_longer_mapped(tmp_path: Path):
    snapshot = made(tmp_path / "shop", 1)[0]
    opened = opened_mapped(Workspace.open(tmp_path / "shop"), snapshot)
    mapped_now = Path("/proc/self/maps")
    if not mapped_now.exists():
        pytest.skip("only Linux tells what a process has mapped")
    here = str(folder_of(tmp_path / "shop" / "serving", snapshot))
    assert here in mapped_now.read_text()
    del opened
    gc.collect()
    assert here not in mapped_now.read_text()


def test_copies_of_snapshots_that_are_gone_or_not_kept_are_removed(tmp_path: Path):
    first, second = made(tmp_path / "shop", 2)
    workspace = Workspace.open(tmp_path / "shop")
    kept, gone = mapped_files(workspace, first), mapped_files(workspace, second)
    half = workspace.serving / ".half-written.abc"
    half.mkdir()
    second.rename(tmp_path / "elsewhere")
    forget_mapped(workspace, [first, second])
    assert kept.exists()
    assert not gone.exists()
    assert half.exists(), "it may be being written"
    import os  # noqa: PLC0415

    os.utime(half, (0, 0))
    forget_mapped(workspace, [])
    assert not half.exists()
    assert not kept.exists()


def test_a_folder_that_is_no_snapshot_hides_no_other(tmp_path: Path):
    first, second = made(tmp_path / "shop", 2)
    for name, said in (("2099-01-01", "{"), ("2099-01-02", "[]"), ("2099-01-03", "\x00")):
        (tmp_path / "shop" / "snapshots" / name).mkdir()
        (tmp_path / "shop" / "snapshots" / name / "manifest.json").write_text(said)
    workspace = Workspace.open(tmp_path / "shop")
    assert [folder for folder, _ in readable(workspace)] == [second, first]
    assert opened_mapped(workspace, second).before == first.name
    brought = bring(tmp_path / "shop", third())
    assert opened_mapped(workspace, brought).before == second.name
