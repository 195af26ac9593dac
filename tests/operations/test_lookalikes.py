"""New items have their nearest launches beside the forecast: as looked up one by one, sealed, checked, shown."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from urllib.parse import quote

import numpy as np
import pytest
from rich.console import Console
from starlette.testclient import TestClient
from tests.snapshots.making import contents, edit, sealed

from trail.baselines import nearest_launches
from trail.baselines.sample import sample_history
from trail.baselines.scope import is_new
from trail.cli.answers import of_forecast
from trail.cli.show import show_forecast
from trail.events import Source
from trail.operations import Forecasted, lookalikes
from trail.operations.lookalikes import look_alikes
from trail.project import Project, save_project
from trail.service import ServiceSettings, create_app
from trail.signals import known_at
from trail.snapshots import FILES, forecast_from, forecast_table, open_snapshot, seal, verify_snapshot

NOW = sample_history()[-1].cards
PAST = known_at(sample_history(), NOW.cutoff)
NAME = f"{NOW.cutoff:%Y-%m-%d}"


def found_of(order=None):
    return look_alikes(PAST, NOW, np.arange(len(NOW)) if order is None else order)


def named(folder):
    """Seals the sample's last cutoff with the launches of its new items."""
    manifest, table, cards, texts = contents(cards="all")
    forecast, chances = forecast_from(table, NOW)
    made = forecast_table(NOW, forecast, chances, forecast.expected * 0.9, found_of())
    return seal(folder, manifest, made, cards, texts)


def test_all_at_once_are_those_of_one_by_one():
    new = np.flatnonzero(is_new(NOW))
    slow = {NOW.item_ids[row]: nearest_launches(PAST, NOW, int(row)) for row in new}
    assert found_of() == {item: each for item, each in slow.items() if each}
    assert len(found_of()) > 1
    assert look_alikes([], NOW, np.arange(len(NOW))) == {}
    old = np.flatnonzero(~is_new(NOW))
    assert found_of(old) == {}


def test_the_first_new_items_in_order_are_looked_up(monkeypatch):
    monkeypatch.setattr(lookalikes, "MOST", 1)
    order = np.arange(len(NOW))[::-1]
    first = next(NOW.item_ids[row] for row in order if is_new(NOW)[row])
    assert set(found_of(order)) == {first}


def test_they_are_sealed_and_hold_and_a_snapshot_without_them_is_read_as_before(tmp_path):
    snapshot = named(tmp_path / NAME)
    assert verify_snapshot(snapshot.folder).problems == ()
    for item in NOW.item_ids:
        assert snapshot.launches(item) == found_of().get(item, ())
    bare = sealed(tmp_path / "bare")
    assert "launches" not in bare.forecast.column_names
    assert bare.launches(NOW.item_ids[0]) == ()
    assert open_snapshot(snapshot.folder).forecast.drop(["launches"]).equals(bare.forecast)
    # the same again is no other forecast
    assert named(tmp_path / NAME).manifest == snapshot.manifest


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda launch: launch.update(cutoff=NOW.cutoff - timedelta(days=3)), "period was not over"),
        (lambda launch: launch.update(count=-1.0), "cannot be"),
        (lambda launch: launch.update(similarity=1.5), "cannot be"),
    ],
)
def test_a_launch_that_cannot_be_is_found_under_fresh_hashes(tmp_path, change, said):
    folder = named(tmp_path / NAME).folder

    def spoil(rows):
        change(next(row for row in rows if row["launches"])["launches"][0])

    edit(folder, FILES[0], spoil)
    assert any(said in each.what for each in verify_snapshot(folder).problems)


def test_a_launch_beside_an_old_item_is_found(tmp_path):
    folder = named(tmp_path / NAME).folder

    def spoil(rows):
        lent = next(row for row in rows if row["launches"])["launches"]
        next(row for row in rows if not row["launches"])["launches"] = lent

    edit(folder, FILES[0], spoil)
    assert [each.what for each in verify_snapshot(folder).problems] == [
        "launches beside an item that is not new"
    ]


def test_the_service_shows_them_of_new_items_alone(tmp_path):
    save_project(Project(events=(Source("events.csv"),)), tmp_path)
    named(tmp_path / "snapshots" / NAME)
    item, launches = next(iter(found_of().items()))
    old = next(each for each in NOW.item_ids if each not in found_of())
    with TestClient(create_app(ServiceSettings(projects={"shop": tmp_path}))) as client:
        told = client.get(f"/v1/projects/shop/items/{quote(item)}").json()["launches"]
        assert [(each["item_id"], each["count"]) for each in told] == [
            (each.item_id, each.count) for each in launches
        ]
        first = launches[0]
        assert (told[0]["start"], told[0]["similarity"]) == (f"{first.cutoff:%Y-%m-%d}", first.similarity)
        page = client.get(f"/p/shop/items/{quote(item)}", headers={"Accept": "text/html"}).text
        assert "Its nearest launches" in page
        assert page.index("Its nearest launches") < page.index(f">{first.title}</a>")
        assert client.get(f"/v1/projects/shop/items/{quote(old)}").json()["launches"] == []
        assert "nearest launches" not in client.get(f"/p/shop/items/{quote(old)}").text


def test_the_command_line_tells_them_of_the_items_that_it_shows(tmp_path):
    snapshot = named(tmp_path / NAME)
    done = Forecasted(replace(snapshot, manifest=replace(snapshot.manifest, k=len(NOW))), "", already=False)
    told = {each["item_id"]: each["launches"] for each in of_forecast(done)["items"]}
    assert told == {item: [asdict(each) for each in found_of().get(item, ())] for item in NOW.item_ids}
    item, (first, *_) = next(iter(found_of().items()))
    rank = snapshot.outlook(item).rank
    for rows, shown in ((rank, True), (rank - 1, False)):
        console = Console(record=True, width=500)
        show_forecast(done, console, rows=rows)
        line = (
            f"{rank}. {item} is new. Its nearest launches: {first.title} ({first.similarity:.2f} alike, then "
        )
        assert (line in console.export_text()) == shown
