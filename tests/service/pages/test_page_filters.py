"""Forms, paging, past snapshots and errors of the pages work without script."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.service.page_shop import HOSTILE, ITEMS, NEWER, OLDER, bare_project, page_shop
from tests.service.parsed import BROWSER, Parsed, page
from trail.service import ServiceSettings, create_app


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ("category=Mugs", lambda hit: hit["category"] == "Mugs"),
        ("search=MUG", lambda hit: "mug" in hit["title"].lower()),
        ("price_min=5&price_max=9", lambda hit: 5 <= (hit["price"] or 0) <= 9),
        ("new=true", lambda hit: hit["new"]),
        ("risers=true&category=Mugs", lambda hit: hit["category"] == "Mugs" and hit["rise"] > 0),
        (f"brand={quote(HOSTILE)}", lambda hit: hit["brand"] == HOSTILE),
    ],
)
def test_filters_leave_what_fits_and_are_shown_as_asked(client, asked, fits):
    every = client.get("/p/shop.json?limit=500").json()["hits"]["items"]
    form = f"search=&category=&brand=&price_min=&price_max=&at=&{asked}"
    found = client.get(f"/p/shop.json?limit=500&{form}").json()["hits"]
    assert {each["item_id"] for each in found["items"]} == {each["item_id"] for each in every if fits(each)}
    assert 0 < found["total"] < ITEMS
    shown = page(client, f"/p/shop?{form}")
    assert f"of {found['total']}" in shown.text
    assert "Clear filters" in shown.text
    for name, value in (pair.split("=") for pair in asked.split("&")):
        fields = [each for each in shown.all("input") if each.get("name") == name]
        if fields and fields[0]["type"] == "checkbox":
            assert "checked" in fields[0]
        elif fields:
            assert fields[0]["value"] == value
        else:
            assert [each["value"] for each in shown.all("option") if "selected" in each]


def test_a_price_of_nothing_stays_on_the_next_page(client):
    links = page(client, "/p/shop?price_max=0&offset=50").all("a", rel="prev")
    assert links
    assert all("price_max=0" in each["href"] and "new=" not in each["href"] for each in links)


def test_paging_goes_through_all_items_of_one_snapshot(client):
    path, seen = "/p/shop?limit=100&category=", []
    while path:
        twin = client.get(path + "&format=json").json()
        seen += [each["rank"] for each in twin["hits"]["items"]]
        links = page(client, path).all("a", rel="next")
        path = links[0]["href"] if links else ""
        assert not path or f"at={NEWER}" in path
    assert seen == list(range(1, ITEMS + 1))
    last = page(client, "/p/shop?limit=100&offset=200")
    assert "Items 201 to 240 of 240" in last.text
    assert "offset=100" in last.all("a", rel="prev")[0]["href"]
    assert "There is no such page" in page(client, "/p/shop?offset=1000").text


def test_the_twin_s_next_page_is_a_twin(client):
    found = client.get("/p/shop/risers.json?limit=10").json()["hits"]
    following = client.get(found["next"]).json()["hits"]
    assert following["offset"] == 10
    assert following["items"][0]["rise"] <= found["items"][-1]["rise"]


def test_a_past_snapshot_is_looked_at_as_a_whole(client):
    shown = page(client, f"/p/shop?at={OLDER}")
    assert f"You look at another snapshot, {OLDER}" in shown.text
    links = [each["href"] for each in shown.all("a") if "/items/" in each["href"]]
    assert links
    assert all(f"at={OLDER}" in link for link in links)
    assert [each for each in shown.all("option") if "selected" in each]
    item = page(client, links[0])
    assert f"You look at another snapshot, {OLDER}" in item.text
    assert "no snapshot before this one" in item.text
    assert "another snapshot" not in page(client, f"/p/shop?at={NEWER}").text


def test_nothing_that_fits_is_said(client):
    shown = page(client, "/p/shop?search=nothing+like+it")
    assert "No item fits these filters. Clear them" in shown.text
    assert not shown.all("table")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/p/nope", 404, "The project 'nope'"),
        ("/p/shop/items/none", 404, "The item 'none'"),
        ("/p/shop?at=1999-01-01", 404, "The snapshot '1999-01-01'"),
        ("/p/shop?price_min=cheap", 422, "Query.price_min"),
        ("/p/shop?colour=red", 422, "An unknown parameter 'colour'"),
        ("/p/shop/nothing", 404, "No such address"),
    ],
)
def test_errors_are_pages_for_browsers_and_json_for_programs(client, path, status, words):
    shown = page(client, path, status)
    assert words in shown.text
    assert shown.all("a", href="/p/shop" if path.startswith("/p/shop") else "/")
    for program in (
        client.get(path, headers={"Accept": "*/*"}),
        client.get(path + ("&" if "?" in path else "?") + "format=json"),
    ):
        assert program.status_code == status
        assert words.lower() in program.json()["error"]["found"].lower()
    assert client.get("/v1/projects/nope/hits").json()["error"]["code"] == "not_found"


def test_what_is_not_there_yet_says_what_to_run(tmp_path):
    bare, made = bare_project(tmp_path / "bare"), page_shop(tmp_path / "made", items=60, hostile=False)
    projects = {"bare": bare, "made": made}
    with TestClient(
        create_app(ServiceSettings(projects=projects, look_seconds=60)), headers=BROWSER
    ) as client:
        for path, command, status in (
            ("", "trail forecast bare", 503),
            ("/scorecard", "trail scorecard bare", 404),
            ("/backtest", "trail backtest bare", 404),
        ):
            shown = page(client, f"/p/bare{path}", status)
            assert command in shown.text
            assert "Not there yet" in shown.text
            assert shown.all("a", href="/p/bare/health")
        health = page(client, "/p/bare/health").text
        for words in (
            "No log was read",
            "No model was trained",
            "trail backtest bare",
            "trail forecast bare",
        ):
            assert words in health
        front = page(client, "/")
        assert [each["href"] for each in front.all("a") if each["href"].startswith("/p/")] == [
            "/p/bare",
            "/p/made",
        ]
        assert [each["name"] for each in client.get("/index.json").json()["projects"]] == ["bare", "made"]
        assert "How right" not in page(client, "/p/made").text
        assert client.get("/p/made.json").json()["about"]["right"] == ""


def test_the_only_project_is_the_first_page(client):
    answer = client.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/p/shop")


def test_addresses_keep_the_prefix_of_a_proxy(client):
    with TestClient(client.app, root_path="/behind", headers=BROWSER) as behind:
        shown = Parsed(behind.get("/p/shop").text)
    assert shown.all("link", rel="stylesheet")[0]["href"] == "/behind/static/trail.css"
    assert all(each["href"].startswith(("/behind/", "#", "http://testserver/")) for each in shown.all("a"))


def test_a_damaged_report_does_not_take_the_pages_down(tmp_path):
    made = page_shop(tmp_path / "made", items=60, hostile=False)
    for path in (
        "reports/scorecard/scorecard.json",
        "reports/b/champion.json",
        "data/ingest.json",
        "models/m.json",
    ):
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_text("{")
    (made / "models" / "m").mkdir()
    with TestClient(
        create_app(ServiceSettings(projects={"made": made}, look_seconds=60)), headers=BROWSER
    ) as client:
        for path in ("", "/backtest", "/health"):
            page(client, f"/p/made{path}")
        assert "a damaged record m.json" in page(client, "/p/made/health").text
        page(client, "/p/made/scorecard", 404)


def test_the_menu_leaves_out_what_would_show_nothing(client, tmp_path):
    def menu(path, opened, status=200):
        return {
            each["href"].partition("?")[0] for each in page(opened, path, status).all("a") if "href" in each
        }

    places = {"/p/shop/moves", "/p/shop/backtest"}
    assert places <= menu("/p/shop", client)
    assert menu(f"/p/shop?at={OLDER}", client) & places == {"/p/shop/backtest"}
    with TestClient(
        create_app(ServiceSettings(projects={"bare": bare_project(tmp_path / "bare")}, look_seconds=60)),
        headers=BROWSER,
    ) as bare:
        for path, status in (("health", 200), ("backtest", 404)):
            assert not {"/p/bare/moves", "/p/bare/backtest"} & menu(f"/p/bare/{path}", bare, status)
        shown = page(bare, "/p/bare/backtest", 404)
        assert "No backtest of bare was run yet" in shown.text
        assert "Status" not in shown.text
        assert shown.all("details", **{"class": "runs"})


@pytest.mark.parametrize("price", ["1234567.89", "0.1", "12", "123456789012345.6"])
def test_a_form_sends_the_prices_back_that_it_was_asked_with(client, price):
    shown = client.get(f"/p/shop?price_min={price}&price_max={price}").text
    assert shown.count(f'value="{price}"') == 2
