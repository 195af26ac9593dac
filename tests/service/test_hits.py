"""Lists over HTTP: paged to the end, of one snapshot, kept while it is served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.service.making import ITEMS, TEXTS, bring, made, point, served, third, until
from trail.operations.mapping import opened_mapped
from trail.operations.workspace import Workspace
from trail.service.answers import OVERHEAD, Answers
from trail.service.state import State
from trail.service.wire import Hits

LISTS = "/v1/projects/shop/hits"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("hits") / "shop"
    made(folder)
    with served(folder, look_seconds=60) as client:
        yield client


def _pages(client: TestClient, address: str | None) -> Iterator[dict]:
    while address:
        page = client.get(address).json()
        yield page
        address = page["next"]


@pytest.mark.parametrize(
    "asked", ["", "&risers=true", "&search=a", "&new=true&price_min=2", "&category=Tea %26 Coffee"]
)
def test_following_next_covers_every_item_once(client: TestClient, asked: str):
    pages = list(_pages(client, f"{LISTS}?limit=7{asked}"))
    hits = [hit for page in pages for hit in page["items"]]
    assert len({hit["item_id"] for hit in hits}) == len(hits) == pages[0]["total"]
    assert {len(page["items"]) for page in pages[:-1]} <= {7}
    assert hits == client.get(f"{LISTS}?limit=500{asked}").json()["items"]
    assert all(page["period"] == pages[0]["period"] for page in pages)
    assert pages[0]["total"] == (ITEMS if not asked else pages[0]["total"])


def test_a_page_names_the_snapshot_and_moves_since_the_one_before(client: TestClient):
    page = client.get(LISTS, params={"limit": 500}).json()
    period = page["period"]
    assert (period["snapshot"], period["before"], period["items"]) == ("2026-03-03", "2026-03-02", ITEMS)
    assert (period["start"], period["end"], period["events"]) == ("2026-03-03", "2026-03-10", "orders")
    before = {
        hit["item_id"]: hit["rank"]
        for hit in client.get(LISTS, params={"at": "2026-03-02", "limit": 500}).json()["items"]
    }
    for hit in page["items"]:
        assert hit["before"] == before.get(hit["item_id"])
        assert hit["moved"] == (before[hit["item_id"]] - hit["rank"] if hit["item_id"] in before else None)
    assert sum(hit["moved"] is None for hit in page["items"]) == 4
    assert sum(hit["text"] is not None for hit in page["items"]) == TEXTS
    Hits.model_validate_json(client.get(LISTS).content)


def test_of_a_past_snapshot_the_next_page_is_of_it_too(client: TestClient):
    first = client.get(LISTS, params={"at": "2026-03-02", "limit": 10}).json()
    assert "at=2026-03-02" in first["next"]
    assert {page["period"]["snapshot"] for page in _pages(client, first["next"])} == {"2026-03-02"}
    assert first["total"] == ITEMS - 4


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"at": "2020-01-01"}, 404, "not_found"),
        ({"at": "../../etc"}, 422, "invalid"),
        ({"at": "x" * 41}, 422, "invalid"),
        ({"limit": 0}, 422, "invalid"),
        ({"limit": 501}, 422, "invalid"),
        ({"offset": -1}, 422, "invalid"),
        ({"price_min": "nan"}, 422, "invalid"),
        ({"price_max": "1e999"}, 422, "invalid"),
        ({"search": "a\nb"}, 422, "invalid"),
        ({"sort": "rank"}, 422, "invalid"),
        ({"category": "x" * 201}, 422, "invalid"),
    ],
)
def test_what_cannot_be_asked_has_a_stable_code(client: TestClient, asked: dict, status: int, code: str):
    answer = client.get(LISTS, params=asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize("address", [LISTS, "/p/shop.json", "/p/shop/new?format=json"])
@pytest.mark.parametrize(
    ("asked", "found", "fix"),
    [
        ({"Limt": "3"}, "an unknown parameter 'Limt'", "did you mean limit?"),
        (
            {"riser": "1", "pricemin": "2"},
            "'riser'; an unknown parameter 'pricemin'",
            "did you mean risers and price_min?",
        ),
        ({"zzz" * 50: "1"}, f"an unknown parameter '{'zzz' * 20}'", "leave it out"),
        ({"ofset": "1", "limit": "0"}, "an unknown parameter 'ofset'; query.limit: ", "did you mean offset?"),
    ],
)
def test_of_an_unknown_parameter_it_is_said_which_are_known(
    client: TestClient, address: str, asked: dict, found: str, fix: str
):
    error = client.get(
        address, params=asked | {each: "json" for each in ("format",) if "?" in address}
    ).json()["error"]
    assert found in error["found"]
    assert error["fix"] == fix
    assert error["expected"] == (
        "only at, category, brand, price_min, price_max, new, risers, search, offset, limit"
    )
    page = client.get("/p/shop", params=asked, headers={"Accept": "text/html"}).text
    assert (f"{fix[0].upper()}{fix[1:]}</p>" if fix[-1] == "?" else f"What to do: {fix}.</p>") in page


def test_no_project_of_the_name(client: TestClient):
    answer = client.get("/v1/projects/other/hits")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_past_the_end_there_is_no_row_and_no_next(client: TestClient):
    page = client.get(LISTS, params={"offset": 10_000}).json()
    assert (page["total"], page["items"], page["next"]) == (ITEMS, [], None)


def _state(client: TestClient) -> State:
    return client.app.state.trail


def test_a_kept_answer_is_the_fresh_one(client: TestClient):
    _state(client).answers.forget("shop")
    for asked in ("", "?limit=3", "?search=glass&limit=2", "?risers=true"):
        fresh = client.get(LISTS + asked)
        assert _state(client).answers.size > 0
        kept = client.get(LISTS + asked)
        assert kept.content == fresh.content
        for name in ("content-type", "cache-control", "content-length"):
            assert kept.headers[name] == fresh.headers[name]


def test_only_lists_of_what_is_published_are_kept(client: TestClient):
    _state(client).answers.forget("shop")
    client.get(LISTS, params={"at": "2026-03-02"})
    client.get(LISTS, params={"limit": "x"})
    client.get("/v1/projects/shop/snapshots")
    assert _state(client).answers.size == 0


def test_kept_answers_vanish_at_a_swap_and_the_old_snapshot_is_unmapped(tmp_path: Path):
    folder = tmp_path / "shop"
    days = made(folder)
    point(folder, days[0])
    with served(folder) as client:
        first = client.get(LISTS).json()
        assert first["period"]["snapshot"] == days[0].name
        for day in (days[1], bring(folder, third())):
            size = _state(client).answers.size
            assert size > 0
            point(folder, day)
            until(lambda: _state(client).shelves["shop"].current.name == day.name)  # noqa: B023 - waited for here
            until(lambda: _state(client).answers.size == 0)
            page = client.get(LISTS).json()
            truth = opened_mapped(Workspace.open(folder), day)
            assert [hit["expected"] for hit in page["items"]] == truth.listing["expected"].to_pylist()[:50]
            assert page["period"]["seal"] == truth.snapshot.manifest.seal
            del truth
        maps = Path("/proc/self/maps")
        if maps.exists():
            until(lambda: f"{folder}/serving/{days[0].name}" not in maps.read_text())


def test_answers_are_kept_up_to_a_number_of_bytes_and_the_oldest_go_first():
    answers = Answers(2 * (OVERHEAD + 41) + 10)
    for at in range(4):
        answers.keep(("shop", "seal", "", "", str(at)), b"x" * 40)
        answers.get(("shop", "seal", "", "", "0"))
    assert [answers.get(("shop", "seal", "", "", str(at))) is not None for at in range(4)] == [
        True,
        False,
        False,
        True,
    ]
    answers.keep(("shop", "seal", "", "", "large"), b"x" * 3_000)
    assert answers.size == 2 * (OVERHEAD + 41)
    answers.forget("shop")
    assert answers.size == 0
    answers.keep(("other", "seal", "", "", "0"), b"x" * 10)
    answers.keep(("shop", "seal", "", "", "0"), b"x" * 10)
    answers.forget("shop")
    assert answers.size == OVERHEAD + 11


@pytest.mark.parametrize(
    ("address", "asked", "expected", "fix"),
    [
        ("diff", {"to": "x"}, "only older, newer, top", "did you mean top?"),
        ("diff", {"old": "x"}, "only older, newer, top", "did you mean older?"),
        ("period", {"att": "x"}, "only at", "did you mean at?"),
        ("snapshots", {"limit": "1"}, "no parameter", "leave it out"),
        ("scorecard", {"at": "x"}, "no parameter", "leave it out"),
        ("items/a", {"At": "x"}, "only at", "did you mean at?"),
        ("items", {"id": "a", "on": "x"}, "only id, at", "leave it out"),
        ("explanations", {"id": "a", "bye": "x"}, "only id, at, by", "did you mean by?"),
    ],
)
def test_every_route_refuses_parameters_that_it_does_not_take(
    client: TestClient, address: str, asked: dict, expected: str, fix: str
):
    answer = client.get(f"/v1/projects/shop/{address}", params=asked)
    error = answer.json()["error"]
    assert (answer.status_code, error["expected"], error["fix"]) == (422, expected, fix)
