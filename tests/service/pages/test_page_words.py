"""Untrusted words stay words; texts in runs, drawings, numbers and files are what they should be."""

from __future__ import annotations

import json
import math
import re
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.service.page_shop import HOSTILE, HOSTILE_ID
from tests.service.parsed import Parsed, item_path, page
from trail.operations.wording import NONE, count, days, effect, figure
from trail.service.pages.marked import run_numbers, runs_of
from trail.service.pages.sparkline import Outlook, drawn, said
from trail.service.pages.words import chance
from trail.service.wire import ClaimRead, Text

FIXED = ["", "/risers", "/new", "/moves", "/scorecard", "/backtest", "/health"]


@pytest.mark.parametrize(
    "path",
    ["", "/moves", "/scorecard", "/items", f"?search={quote(HOSTILE)}", f"?brand={quote(HOSTILE)}", "/nope"],
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
        if "/items" not in each["href"] and "brand=" not in each["href"] and "search=" not in each["href"]
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
    assert days(date(2026, 3, 30), date(2026, 4, 6)) == "30 Mar to 5 Apr 2026"
    assert days(date(2026, 3, 3), date(2026, 3, 10)) == "3 to 9 Mar 2026"
    assert [
        figure(120.91, "expected"),
        figure(2.96, "price_paid"),
        figure(0.143, "growth"),
        figure(0.8, "coverage"),
    ] == [
        "121",
        "2.96",
        "14.3%",
        "80%",
    ]


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
    files = Path(__file__).parents[3] / "src" / "trail" / "service" / "pages" / "static"
    for name in ("trail.css", "page.js", "write.js", "chart.js"):
        assert "http" not in (files / name).read_text()
    assert json.loads(client.get("/p/shop.json").text)


@pytest.mark.parametrize(
    ("expected", "without", "said"),
    [
        (149, 99, "raised the forecast by 51%"),
        (24, 99, "lowered the forecast by 76%"),
        (95.6, 10, "made the forecast 9.6 times as high as without it"),
        (1900, 10, "made the forecast 190 times as high as without it"),
        (0.5, 0.1, "made the forecast 5 times as high as without it"),  # the effect is of log(1 + count)
        (0.3, 0.9, "lowered the forecast by 67%"),
        (3, 0.01, "made the forecast what it is, next to nothing without it"),
        (3, -0.2, "made the forecast what it is, next to nothing without it"),
    ],
)
def test_what_a_driver_did_is_per_cent_and_from_twice_on_times(expected, without, said):
    assert effect(math.log1p(expected) - math.log1p(without), expected) == said
