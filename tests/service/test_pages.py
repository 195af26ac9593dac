"""The pages: what they show is what their twins say, untrusted words stay words, forms and errors work without script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.service.page_shop import (
    HOSTILE,
    HOSTILE_ID,
    ITEMS,
    NEWER,
    OLDER,
    TEXTS,
    bare_project,
    page_shop,
    with_reports,
)
from trail.facts import Length, Style
from trail.operations import ItemExplained
from trail.operations.forecasting import plain_explanation
from trail.service import ServiceSettings, create_app
from trail.service.pages import vendored
from trail.service.pages.marked import run_numbers, runs_of
from trail.service.pages.render import POLICY
from trail.service.pages.sparkline import Outlook, drawn, said
from trail.service.pages.words import NONE, chance, count, days, shortened
from trail.service.wire import ClaimRead, Text

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
FIXED = ["", "/risers", "/new", "/moves", "/scorecard", "/backtest", "/health"]


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator[TestClient]:
    folder = with_reports(page_shop(tmp_path_factory.mktemp("projects") / "shop"))
    with TestClient(
        create_app(ServiceSettings(projects={"shop": folder}, look_seconds=60)), headers=BROWSER
    ) as it:
        yield it


@pytest.fixture(scope="module")
def hits(client):
    return client.get("/p/shop.json").json()["hits"]["items"]


class Parsed(HTMLParser):
    """A page taken apart: its elements with attributes, its text, the rows of its tables."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag, **wanted):
        return [each for name, each in self.elements if name == tag and wanted.items() <= each.items()]


def page(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"] == POLICY
    return Parsed(answer.text)


def item_path(hit):
    return f"/p/shop/items/{quote(hit['item_id'], safe='')}"


# what is shown


def test_the_list_shows_what_its_twin_says(client):
    twin, shown = client.get("/p/shop.json").json(), page(client, "/p/shop")
    assert client.get("/p/shop?format=json").json() == twin
    hits = twin["hits"]["items"]
    assert [each["rank"] for each in hits] == list(range(1, 51))
    links = [each["href"] for each in shown.all("a") if "/items/" in each["href"] and "#" not in each["href"]]
    assert links == [item_path(hit) for hit in hits]
    for hit in hits:
        assert f"{count(hit['expected'])} {count(hit['q10'])} to {count(hit['q90'])}" in shown.text
        assert chance(hit["p_top"]) in shown.text
    for words in twin["about"].values():
        assert words in shown.text
    assert len(twin["texts"]) == TEXTS
    assert all(text["text"] in shown.text for text in twin["texts"].values())
    drawings = shown.all("svg", role="img")
    assert len(drawings) == 50
    assert f"{count(hits[0]['expected'])} expected" in drawings[0]["aria-label"]


def test_the_list_says_what_when_by_whom_and_how_right(client):
    about = client.get("/p/shop.json").json()["about"]
    assert about["what"] == "How many orders each of 240 items should get from 3 Mar to 9 Mar 2026."
    assert "from what was known up to 3 Mar 2026; the first item's number is by" in about["made"]
    card = client.get("/p/shop/scorecard.json").json()["scorecard"]
    recall, inside = (
        [
            row["value"]
            for row in card["figures"]
            if (row["scope"], row["forecaster"], row["metric"]) == ("active", "served", metric)
        ]
        for metric in ("recall", "coverage")
    )
    texts = next(each for each in card["reasons"] if (each["basis"], each["sign"]) == ("text", ""))
    assert about["right"] == (
        f"Of the last 2 forecasts whose period is over, on average: of the true top 50 they had {sum(recall) * 25:.1f} in "
        f"their own top 50; {sum(inside) / 2:.0%} of the outcomes lay in the range; texts argued the right way "
        f"{texts['share']:.0%} of {texts['cases']} times."
    )


def test_each_claim_is_underlined_and_described_by_its_receipt(client, hits):
    shown, twin = page(client, "/p/shop"), client.get("/p/shop.json").json()
    rows = {each["id"] for each in shown.all("tr") if "id" in each}
    runs = shown.all("span", tabindex="0")
    described = {name for each in runs for name in each["aria-describedby"].split()}
    claims = {
        f"r{hit['rank']}-{at}"
        for hit in hits[:TEXTS]
        for at in range(len(twin["texts"][hit["item_id"]]["claims"]))
    }
    assert described == rows == claims
    for hit in hits[:TEXTS]:
        for claim in twin["texts"][hit["item_id"]]["claims"]:
            assert f"“{claim['said']}”" in shown.text
            assert claim["signal"] in shown.text


@pytest.mark.parametrize("path", [*(f"{each}.json" for each in FIXED), "/items"])
def test_every_page_has_a_twin_of_the_same_content(client, hits, path):
    address = f"{item_path(hits[0])}?format=json" if path == "/items" else f"/p/shop{path}"
    twin = client.get(address)
    assert twin.headers["content-type"] == "application/json"
    shown = page(client, address.removesuffix("?format=json").removesuffix(".json"))
    alternate = next(each["href"] for each in shown.all("link", rel="alternate"))
    again = client.get(alternate.removeprefix("http://testserver"))
    ignored = {"asked": None}
    assert again.json() | ignored == twin.json() | ignored


def test_an_item_page_shows_its_twin(client, hits):
    detail = client.get(f"{item_path(hits[0])}?format=json").json()["detail"]
    assert detail == client.get(f"/v1/projects/shop/items/{hits[0]['item_id']}").json()
    shown = page(client, item_path(hits[0]))
    assert f"{detail['hit']['rank']} of {ITEMS}" in shown.text
    assert detail["explanation"]["text"] in shown.text
    for signal in detail["card"]:
        assert signal["name"] in shown.text
    assert detail["description"] in shown.text
    assert all(count(window["count"]) in shown.text for window in detail["history"])


def test_a_text_that_is_missing_can_be_ordered_or_rendered_plainly(client, hits):
    bare = hits[TEXTS]
    shown = page(client, item_path(bare))
    button = shown.all("button", type="button")[0]
    assert button["data-stream"] == f"/v1/projects/shop/explanations/{bare['item_id']}"
    assert button["data-page"] == f"{item_path(bare)}?by=plain"
    plain = client.get(f"{item_path(bare)}?by=plain&format=json").json()["detail"]["explanation"]
    assert (plain["source"], plain["sealed"], plain["holds"]) == ("plain", False, True)
    shown = page(client, f"{item_path(bare)}?by=plain")
    assert plain["text"] in shown.text
    assert "not part of the sealed snapshot" in shown.text
    assert not shown.all("button", type="button")


def test_a_text_written_on_demand_is_shown_as_long_as_it_is_kept(client, hits):

    bare, desk = hits[TEXTS + 1], client.app.state.trail.desk
    shelf = client.app.state.trail.shelves["shop"].current
    card, outlook = shelf.card(bare["item_id"]), shelf.outlook(bare["item_id"])
    sealed = plain_explanation(card, outlook, (), Style(Length.LONG))
    assert sealed.text != plain_explanation(card, outlook).text
    made = ItemExplained(
        explanation=sealed,
        **{
            name: {"sealed": False, "item_id": bare["item_id"]}.get(name)
            for name in ItemExplained.__dataclass_fields__
            if name != "explanation"
        },
    )
    folder = client.app.state.trail.settings.projects["shop"]
    desk._kept[(folder, NEWER, bare["item_id"])] = made
    assert sealed.text in page(client, item_path(bare)).text
    assert sealed.text not in page(client, f"{item_path(bare)}?at={OLDER}").text


def test_moves_risers_and_new_items(client):
    moves = client.get("/p/shop/moves.json?top=10").json()["difference"]
    assert (moves["older"], moves["newer"]) == (OLDER, NEWER)
    shown = page(client, "/p/shop/moves?top=10")
    assert all((each["title"] or each["item_id"]) in shown.text for each in moves["moves"])
    risers = client.get("/p/shop/risers.json").json()["hits"]
    rises = [each["rise"] for each in risers["items"]]
    assert rises == sorted(rises, reverse=True)
    assert min(rises) > 0
    new = client.get("/p/shop/new.json").json()["hits"]
    assert 0 < new["total"] < ITEMS
    assert all(each["new"] for each in new["items"])


def test_health_says_what_was_read_refused_trained_and_served(client):
    health = client.get("/p/shop/health.json").json()
    data = health["data"]
    assert data["events"] == 400
    assert sum(data["refused"].values()) == 2
    assert [each["location"] for each in data["sources"]] == ["events.csv"]
    assert {each["reason"] for each in data["examples"]} == set(data["refused"])
    assert [(each["name"], each["serves"]) for each in health["models"]] == [("2026-02-23", False)]
    assert health["champion"][0].startswith("Champion, to be served: decayed")
    assert [(each["name"], each["published"]) for each in health["snapshots"]] == [
        (NEWER, True),
        (OLDER, False),
    ]
    assert any("2 rows of the sources were refused" in each for each in health["warnings"])
    shown = page(client, "/p/shop/health")
    for words in (*health["warnings"], *health["champion"], "400", health["snapshots"][0]["seal"][:16]):
        assert words in shown.text
    assert str(client.app.state.trail.settings.projects["shop"]) not in shown.text


def test_the_backtest_shows_its_table_and_its_report_can_do_nothing(client):
    found = client.get("/p/shop/backtest.json").json()
    assert [line["forecaster"] for line in found["lines"]] == ["trail", "decayed", "lightgbm"]
    shown = page(client, "/p/shop/backtest")
    assert all(f"{line['wape']:.3f}" in shown.text for line in found["lines"])
    assert all(" ".join(words.split()) in shown.text for words in found["champion"])
    report = client.get(shown.all("a", href="/p/shop/backtest/report.html")[0]["href"])
    policy = report.headers["content-security-policy"]
    assert "<svg" in report.text
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script" not in policy


# filters and paging


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
    assert f"You look at a past snapshot, {OLDER}" in shown.text
    links = [each["href"] for each in shown.all("a") if "/items/" in each["href"]]
    assert links
    assert all(f"at={OLDER}" in link for link in links)
    assert [each for each in shown.all("option") if "selected" in each]
    item = page(client, links[0])
    assert f"You look at a past snapshot, {OLDER}" in item.text
    assert "no snapshot before this one" in item.text
    assert "past snapshot" not in page(client, f"/p/shop?at={NEWER}").text


def test_nothing_that_fits_is_said(client):
    shown = page(client, "/p/shop?search=nothing+like+it")
    assert "No item fits these filters. Clear them" in shown.text
    assert not shown.all("table")


# untrusted words


@pytest.mark.parametrize(
    "path", ["", "/moves", "/items", f"?search={quote(HOSTILE)}", f"?brand={quote(HOSTILE)}", "/nope"]
)
def test_untrusted_words_stay_words(client, hits, path):
    bad = next(each for each in hits if each["title"] == HOSTILE)
    if path == "/items":
        shown = page(client, item_path(bad))
        assert HOSTILE in shown.text
        assert HOSTILE_ID in shown.text
        twin = next(each["href"] for each in shown.all("link", rel="alternate"))
        assert client.get(twin).json()["detail"]["hit"] == bad
    elif path == "/nope":
        shown = page(client, f"/p/shop/items/{quote(HOSTILE)}", 404)
        assert "alert(1)" in shown.text
    else:
        shown = page(client, f"/p/shop{path}")
        assert HOSTILE in shown.text
    own = {"/static/page.js", "/static/write.js", "/static/chart.js", "/static/vendor/uPlot.iife.min.js"}
    assert {each.get("src") for each in shown.all("script")} <= own
    assert not any("onfocus" in each for _, each in shown.elements)
    assert "49" not in [each.get("value") for each in shown.all("input")]
    assert "alert(" not in "".join(
        str(each.get("href"))
        for each in shown.all("a")
        if "/items/" not in each["href"] and "brand=" not in each["href"] and "search=" not in each["href"]
    )


@pytest.mark.parametrize("path", [*FIXED, "/items", "/nope"])
def test_no_page_has_a_script_or_a_style_of_its_own(client, hits, path):
    address = item_path(hits[0]) if path == "/items" else f"/p/shop{path}"
    shown = page(client, address, 404 if path == "/nope" else 200)
    for tag, attributes in shown.elements:
        assert tag != "style"
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        if tag in {"script", "link", "img"}:
            assert re.match(r"/(static|p)/|http://testserver/p/", attributes.get("src") or attributes["href"])
    assert all(each.get("src") for each in shown.all("script"))


def claimed(text, *spans):
    claims = [
        ClaimRead(
            start=start, end=end, said=text[start:end], kind="value", signal="count_1", meaning="m", stated=1.0,
            actual=1.0, from_=None, until=None, verdict=verdict, reason="",
        )
        for start, end, verdict in spans
    ]  # fmt: skip
    return Text(text=text, source="plain", holds=True, claims=claims, drivers=[], sealed=True)


def test_spans_that_nest_or_overlap_share_a_run():
    text = claimed(
        "0123456789",
        (1, 4, "supported"),
        (2, 3, "context"),
        (3, 6, "contradicted"),
        (6, 8, "supported"),
        (9, 99, "supported"),
        (5, 5, "supported"),
    )
    runs = runs_of(text)
    assert "".join(piece.said for run in runs for piece in run.pieces) == text.text
    assert [("".join(each.said for each in run.pieces), run.claims) for run in runs] == [
        ("0", ()),
        ("12345", (0, 1, 2)),
        ("67", (3,)),
        ("8", ()),
        ("9", (4,)),
    ]
    assert [(each.said, each.verdict, each.deep) for each in runs[1].pieces] == [
        ("1", "supported", False),
        ("2", "supported", True),
        ("3", "contradicted", True),
        ("45", "contradicted", False),
    ]
    assert run_numbers(runs) == {0: 0, 1: 0, 2: 0, 3: 1, 4: 2}
    assert [run.claims for run in runs_of(claimed("plain"))] == [()]


def test_a_drawing_has_its_words_and_escapes_them():
    outlook = Outlook((None, 2.0, 4.0, None, 8.0), 6.0, 3.0, 10.0, 'we"ek')
    drawing = drawn(outlook)
    assert (
        said(outlook)
        == '3 we"eks from 2 to 8, 2 at the least and 8 at the most; next we"ek 6 expected, range 3 to 10'
    )
    shown = Parsed(drawing)
    assert shown.all("svg")[0]["aria-label"] == said(outlook)
    lines = [each["points"].split() for each in shown.all("polyline", **{"class": "spark-line"})]
    assert [len(each) for each in lines] == [2, 1]
    (low, high) = shown.all("polyline", **{"class": "spark-range"})[0]["points"].split()
    assert high.split(",")[1] == "4.0"
    assert float(low.split(",")[1]) == pytest.approx(4 + 36 * (1 - 3 / 10), abs=0.05)
    assert "No history" in drawn(Outlook((None,), 0.0, 0.0, 0.0, "week"))


def test_numbers_and_days_in_words():
    assert [count(value) for value in (None, 0.0, 0.44, 9.96, 12.4, 1234567.0)] == [
        NONE,
        "0",
        "0.4",
        "10",
        "12",
        "1,234,567",
    ]
    assert [chance(value) for value in (0.0, 0.004, 0.5, 0.996, 1.0)] == [
        "under 1%",
        "under 1%",
        "50%",
        "over 99%",
        "over 99%",
    ]
    assert days(date(2025, 12, 29), date(2026, 1, 5)) == "29 Dec 2025 to 4 Jan 2026"
    assert days(date(2026, 1, 5), date(2026, 1, 6)) == "5 Jan 2026"
    assert shortened("One. Two.") == "One."
    assert shortened("word " * 99).endswith("word …")


# errors


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/p/nope", 404, "The project 'nope'"),
        ("/p/shop/items/none", 404, "The item 'none'"),
        ("/p/shop?at=1999-01-01", 404, "The snapshot '1999-01-01'"),
        ("/p/shop?price_min=cheap", 422, "Query.price_min"),
        ("/p/shop?colour=red", 422, "Query.colour"),
        ("/p/shop/nothing", 404, "Not Found"),
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


def test_the_files_are_served_with_their_kinds(client):
    for name, kind in (
        ("trail.css", "text/css"),
        ("page.js", "javascript"),
        ("favicon.svg", "image/svg+xml"),
    ):
        answer = client.get(f"/static/{name}")
        assert kind in answer.headers["content-type"]
        assert answer.headers["cache-control"] == "no-cache"
        assert (
            client.get(f"/static/{name}", headers={"If-None-Match": answer.headers["etag"]}).status_code
            == 304
        )
    assert client.get("/static/../service/app.py").status_code == 404
    files = Path(__file__).parents[2] / "src" / "trail" / "service" / "pages" / "static"
    for name in ("trail.css", "page.js", "write.js", "chart.js"):
        assert "http" not in (files / name).read_text()
    assert json.loads(client.get("/p/shop.json").text)


@pytest.mark.parametrize("there", [True, False])
def test_the_chart_s_library_is_asked_for_only_where_it_was_vendored(
    client, hits, tmp_path, monkeypatch, there
):
    monkeypatch.setattr(vendored, "STATIC", tmp_path)
    if there:
        (tmp_path / "vendor").mkdir()
        for name in ("uPlot.iife.min.js", "uPlot.min.css", "LICENSE"):
            (tmp_path / "vendor" / name).touch()
    shown = page(client, item_path(hits[0]))
    assert bool(shown.all("script", src="/static/vendor/uPlot.iife.min.js")) == there
    assert bool(shown.all("script", src="/static/chart.js")) == there
    assert ("data-chart" in shown.all("figure")[0]) == there
    assert shown.all("svg")[0]["aria-label"] in client.get("/p/shop").text.replace("&#39;", "'")
