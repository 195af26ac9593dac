"""Several projects behind one server, each with snapshots of its own: no answer of one is another's, no damage either."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.service.making import bring, made, point, third, until
from trail.service import ServiceSettings, create_app

DAYS = {"shop": "2026-03-02", "depot": "2026-03-03"}


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """Two projects of the same items, of which different days are published."""
    found = {name: tmp_path / name for name in DAYS}
    for name, folder in found.items():
        made(folder)
        point(folder, folder / "snapshots" / DAYS[name])
    return found


@pytest.fixture
def client(folders: dict[str, Path]) -> Iterator[TestClient]:
    with TestClient(create_app(ServiceSettings(projects=folders, look_seconds=0.02))) as client:
        yield client


def _period(client: TestClient, name: str) -> str:
    return client.get(f"/v1/projects/{name}/period").json()["snapshot"]


def test_each_answers_of_its_own_also_what_was_asked_before(client: TestClient):
    assert client.get("/v1/projects").json() == {"projects": list(DAYS)}
    lists = {}
    for _ in range(2):  # the second time from the answers that are kept
        for name, day in DAYS.items():
            found = client.get(f"/v1/projects/{name}/hits?limit=200").json()
            assert found["period"]["snapshot"] == day
            assert lists.setdefault(name, found) == found
    assert lists["shop"]["items"] != lists["depot"]["items"]
    item = lists["depot"]["items"][0]["item_id"]
    for name, day in DAYS.items():
        assert client.get(f"/v1/projects/{name}/items/{item}").json()["period"]["snapshot"] == day
        assert f"/p/{name}" in client.get(f"/p/{name}").text


def test_a_swap_or_damage_in_one_leaves_the_other(client: TestClient, folders: dict[str, Path]):
    kept = client.get("/v1/projects/depot/hits").content
    newest = bring(folders["shop"], third())
    point(folders["shop"], newest)
    until(lambda: _period(client, "shop") == third())
    assert client.get("/v1/projects/depot/hits").content == kept
    spoilt = bring(folders["depot"], third())
    (spoilt / "forecast.parquet").write_bytes(b"PAR1")
    point(folders["depot"], spoilt)
    until(lambda: client.get("/v1/projects/depot/snapshots").json()["refused"] != "")
    assert client.get("/v1/projects/depot/hits").content == kept
    assert client.get("/v1/projects/shop/snapshots").json()["refused"] == ""
    assert _period(client, "shop") == third()
