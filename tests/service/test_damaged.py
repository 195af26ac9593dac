"""What others wrote into a project and a disk spoilt: the service says what is missing and goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.service.making import made, served

HEAD = {"snapshot": "2026-03-02", "seal": "s"}
FIGURE = {"seal": "s", "forecaster": "served", "scope": "active", "metric": "recall", "k": 50, "value": 0.5}
TALLY = {"basis": "text", "about": "", "sign": "", "cases": 900, "right": 600, "ties": 0}
CARD = {
    "title": "Scorecard",
    "verdict": [],
    "snapshots": [HEAD],
    "figures": [FIGURE],
    "reasons": [TALLY | {"share": 0.66, "low": 0.6, "high": 0.7}],
    "waiting": [],
    "refused": [],
}


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with served(folder, look_seconds=60) as client:
        yield client


@pytest.fixture
def card(folder: Path) -> Iterator[Path]:
    path = folder / "reports" / "scorecard" / "scorecard.json"
    path.parent.mkdir(parents=True)
    yield path
    shutil.rmtree(path.parent)


def test_a_whole_scorecard_is_spoken_of(client: TestClient, card: Path):
    card.write_text(json.dumps(CARD))
    assert client.get("/v1/projects/shop/scorecard").json() == CARD
    assert "25.0 in their own top 50" in client.get("/p/shop.json").json()["about"]["right"]
    assert client.get("/p/shop/scorecard", headers={"accept": "text/html"}).status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "5",
        "[]",
        "{}",
        '{"figures": ',
        json.dumps(CARD | {"figures": [{"scope": "active"}]}),
        json.dumps(CARD | {"figures": {}}),
        json.dumps(CARD | {"reasons": [TALLY]}),
        json.dumps(CARD | {"figures": [FIGURE | {"value": "much"}]}),
        json.dumps({name: each for name, each in CARD.items() if name != "snapshots"}),
    ],
)
def test_a_damaged_scorecard_is_none(client: TestClient, card: Path, text: str):
    card.write_text(text)
    for address in ("/v1/projects/shop/scorecard", "/p/shop/scorecard.json"):
        answer = client.get(address)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    answer = client.get("/p/shop", headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert client.get("/p/shop.json").json()["about"]["right"] == ""


def test_a_listed_snapshot_that_is_gone_is_left_out(tmp_path: Path):
    older, newer = made(tmp_path / "shop")
    with served(tmp_path / "shop", look_seconds=60) as client:
        shutil.rmtree(older)
        answer = client.get("/p/shop/health.json")
        assert [each["name"] for each in answer.json()["snapshots"]] == [newer.name]
        (newer / "manifest.json").write_text("{")
        client.app.state.trail.shelves["shop"].look()  # type: ignore[attr-defined]
        for address in (
            "/p/shop/health",
            "/v1/projects/shop/snapshots",
            "/v1/projects/shop/hits?at=2026-03-02",
        ):
            assert str(tmp_path) not in client.get(address).text
