"""What others wrote into a project and a disk spoilt: the service says what is missing and goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.service.making import made, point, served
from tests.service.page_shop import NEWER, OLDER, page_shop, with_reports
from tests.service.parsed import BROWSER

HEAD = {"snapshot": "2026-03-02", "seal": "s", "cutoff": "2026-03-02T00:00:00+00:00"}
HEAD |= {"until": "2026-03-09T00:00:00+00:00", "afterwards": False}
ITEM = {"item_id": "gone", "title": "", "rank": 1, "expected": 89.0, "q10": 60.0, "q90": 120.0}
ITEM |= {"target": 145.0, "true_rank": 1}
LATEST = {"seal": "s", "said": 50, "were": 25, "active": 60, "inside": 0.84, "items": [ITEM]}
FIGURE = {"seal": "s", "forecaster": "served", "scope": "active", "metric": "recall", "k": 50, "value": 0.5}
TALLY = {"basis": "text", "about": "", "sign": "", "cases": 900, "right": 600, "ties": 0}
CARD = {
    "title": "Scorecard",
    "latest": LATEST,
    "verdict": [],
    "snapshots": [HEAD],
    "figures": [FIGURE],
    "reasons": [TALLY | {"share": 0.66, "low": 0.6, "high": 0.7}],
    "waiting": [],
    "refused": [],
}

NOTE = json.dumps(
    {"result": {"event_rows": 1, "item_rows": 1, "items_added": 0, "set_aside": {}, "tallies": []}}
)
RECORD = {"name": "m", "until": "2026-02-23T00:00:00+00:00", "created": "2026-02-24T05:00:00+00:00"}
RECORD |= {"data": "d", "settings": {}, "task": "t", "fingerprint": "f" * 16, "metrics": {}}


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
    assert client.get("/p/shop.json").json()["about"]["right"] == (
        "What it said of 2 to 8 Mar 2026: of the 50 items said to be first, 25 were; "
        "84% of the outcomes of 60 active items lay inside their range."
    )
    shown = client.get("/p/shop/scorecard", headers={"accept": "text/html"}).text
    assert ">145<" in shown
    assert "/p/shop/items/gone?at=2026-03-02" in shown
    moved = [HEAD | {"snapshot": "2020-01-06"}]
    card.write_text(json.dumps(CARD | {"snapshots": moved}))
    shown = client.get("/p/shop/scorecard", headers={"accept": "text/html"}).text
    assert ">145<" in shown
    assert "at=2020-01-06" not in shown, "a snapshot that was moved out has no pages"


def test_what_was_refused_is_told_without_folders(client: TestClient, card: Path):
    why = "no manifest.json in /srv/secret/shop/snapshots/2026-03-02; expected the folder of a snapshot"
    card.write_text(json.dumps(CARD | {"refused": [{"snapshot": "2026-03-02", "why": why}]}))
    for address in ("/v1/projects/shop/scorecard", "/p/shop/scorecard", "/p/shop/scorecard.json"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "no manifest.json in 2026-03-02" in answer.text
        assert "secret" not in answer.text


def test_a_scorecard_from_before_first_items_were_kept_is_shown_without_them(client: TestClient, card: Path):
    card.write_text(json.dumps({name: each for name, each in CARD.items() if name != "latest"}))
    answer = client.get("/p/shop/scorecard", headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert "What happened" not in answer.text
    assert "after: trail scorecard shop" in answer.text
    assert "Track record by reason" in answer.text
    assert client.get("/p/shop.json").json()["about"]["right"] == ""


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
        json.dumps(CARD | {"latest": LATEST | {"items": [HEAD]}}),
        json.dumps(CARD | {"latest": LATEST | {"items": [ITEM | {"target": float("nan")}]}}),
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
        client.app.state.trail.shelves["shop"].look()
        for address in (
            "/p/shop/health",
            "/v1/projects/shop/snapshots",
            "/v1/projects/shop/hits?at=2026-03-02",
        ):
            assert str(tmp_path) not in client.get(address).text


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with what other commands write; to be copied."""
    return with_reports(page_shop(tmp_path_factory.mktemp("reported") / "shop", items=60, hostile=False))


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("champion.json", "/p/shop/backtest"),
        ("champion.json", "/p/shop/health"),
        ("report.html", "/p/shop/backtest/report.html"),
        ("scorecard.json", "/p/shop/scorecard"),
        ("scorecard.json", "/p/shop"),
        ("ingest.json", "/p/shop/health"),
        ("2026-02-23.json", "/p/shop/health"),
        ("rows.parquet", "/v1/projects/shop/rerank"),
        ("manifest.json", f"/v1/projects/shop/hits?at={OLDER}"),
        ("manifest.json", f"/p/shop?at={OLDER}"),
        ("cards.parquet", f"/v1/projects/shop/hits?at={OLDER}"),
    ],
)
def test_what_is_removed_between_two_looks_at_it_is_left_out_or_not_found(
    reported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, address: str
):
    folder = shutil.copytree(reported, tmp_path / "shop")
    (folder / "reports" / "lists-2026-02-02-6").mkdir()
    (folder / "reports" / "lists-2026-02-02-6" / "rows.parquet").write_bytes(b"")
    point(folder, folder / "snapshots" / NEWER)
    seen, stat = [], Path.stat

    def vanishing(path: Path, **how: bool):
        """Removes the file, a snapshot's folder whole, once somebody saw it there."""
        found = stat(path, **how)
        if path.name == name and (path.parent.name == OLDER or path.parents[1].name != "snapshots"):
            seen.append(path)
            shutil.rmtree(path.parent) if path.parent.name == OLDER else path.unlink()
        return found

    with served(folder, look_seconds=60) as opened:
        monkeypatch.setattr(Path, "stat", vanishing)
        client = TestClient(opened.app, raise_server_exceptions=False, headers=BROWSER)
        answer = (
            client.post(address, json={"items": [{"item_id": "A1", "score": 1.0}]})
            if address.endswith("rerank")
            else client.get(address)
        )
    assert bool(seen) == (name not in ("report.html", "cards.parquet")), "these are read without a look"
    assert answer.status_code < 500, answer.text
    assert not seen or answer.status_code == 404 or f"at={OLDER}" not in address


@pytest.mark.parametrize(
    ("path", "text", "address", "status"),
    [
        ("data/ingest.json", "{}", "/p/shop/health", 200),
        ("data/ingest.json", '{"result": {"event_rows": "many"}}', "/p/shop/health", 200),
        ("data/ingest.json", "[" * 100_000, "/p/shop/health", 200),
        ("data/rejected.csv", "role,file\na\rb", "/p/shop/health", 200),
        ("models/m.json", json.dumps(RECORD | {"created": "soon"}), "/p/shop/health", 200),
        ("models/m.json", json.dumps(RECORD | {"until": None}), "/p/shop/health", 200),
        ("trail.toml", "no toml", "/p/shop/health", 200),
        ("reports/b/champion.json", '{"words": 3}', "/p/shop/health", 200),
        ("reports/b/champion.json", '{"words": 3}', "/p/shop/backtest", 200),
        ("reports/b/report.json", '{"summary": [{"split": "test"}]}', "/p/shop/backtest", 404),
        ("reports/b/report.json", '{"verdict": 3}', "/p/shop/backtest", 404),
    ],
)
def test_files_of_another_shape_are_none(tmp_path: Path, path: str, text: str, address: str, status: int):
    made(tmp_path / "shop", 1)
    (tmp_path / "shop" / "models" / "m").mkdir(parents=True)
    with served(tmp_path / "shop", look_seconds=60) as opened:
        for name, words in (("data/ingest.json", NOTE), ("reports/b/champion.json", "{}"), (path, text)):
            (tmp_path / "shop" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "shop" / name).write_text(words)
        client = TestClient(opened.app, raise_server_exceptions=False, headers=BROWSER)
        assert client.get(address).status_code == status
