"""The pages show what their twins say."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from tests.service.page_shop import ITEMS, NEWER, OLDER, TEXTS, page_shop
from tests.service.parsed import BROWSER, item_path, page
from tests.snapshots.making import DRIVERS
from trail.engine import write_json
from trail.facts import Length, Style
from trail.operations import ItemExplained
from trail.operations.causes import Moved, Moves, Part, path_of
from trail.operations.making import plain_explanation
from trail.operations.wording import count
from trail.service import ServiceSettings, create_app
from trail.service.pages import health, listing, vendored
from trail.service.pages.words import chance, rise
from trail.service.wire import Hit
from trail.snapshots import Move

FIXED = ["", "/risers", "/new", "/moves", "/scorecard", "/backtest", "/health"]


def test_the_list_shows_what_its_twin_says(client):
    twin, shown = client.get("/p/shop.json").json(), page(client, "/p/shop")
    assert client.get("/p/shop?format=json").json() == twin
    hits = twin["hits"]["items"]
    assert [each["rank"] for each in hits] == list(range(1, 51))
    links = [each["href"] for each in shown.all("a") if "/items" in each["href"] and "#" not in each["href"]]
    assert links == [item_path(hit) for hit in hits]
    for hit in hits:
        assert f"{count(hit['expected'])} {count(hit['q10'])} to {count(hit['q90'])}" in shown.text
        assert chance(hit["p_top"]) in shown.text
    about = twin["about"]
    for words in (about["what"], about["made"], about["right"], about["over"], *about["runs"]):
        assert words.replace("`", "") in shown.text
    assert len(twin["texts"]) == TEXTS
    assert all(text["text"] in shown.text for text in twin["texts"].values())
    drawings = shown.all("svg", role="img")
    assert len(drawings) == 50
    assert f"{count(hits[0]['expected'])} expected" in drawings[0]["aria-label"]


def test_the_list_says_what_when_by_whom_and_how_right(client):
    about = client.get("/p/shop.json").json()["about"]
    assert about["what"] == "How many orders each of 240 items should get from 3 to 9 Mar 2026."
    assert "From what was known up to 3 Mar 2026; the first item's number is by" in about["made"]
    over = datetime.now(UTC).date() >= date(2026, 3, 10)
    assert about["over"] == ("The period predicted is over." if over else "")
    assert ("A new forecast is made by `trail forecast shop`." in about["runs"]) == over
    latest = client.get("/p/shop/scorecard.json").json()["scorecard"]["latest"]
    assert about["right"] == (
        f"What it would have said of 3 to 9 Mar 2026 (it was made afterwards): of the 50 items said to be first, "
        f"{latest['were']} were; {latest['inside']:.0%} of the outcomes of {latest['active']} active items lay inside "
        "their range."
    )


def test_the_scorecard_opens_with_what_was_said_and_what_happened(client):
    card = client.get("/p/shop/scorecard.json").json()["scorecard"]
    assert client.get("/v1/projects/shop/scorecard").json() == card
    shown, items = page(client, "/p/shop/scorecard"), card["latest"]["items"]
    assert [each["rank"] for each in items] == list(range(1, 21))
    links = [each["href"] for each in shown.all("a") if "/items" in each["href"]]
    assert links == [item_path(each, at=NEWER) for each in items]
    assert page(client, links[0]).all("h1")
    for each in items:
        place = (
            "below" if each["target"] < each["q10"] else "above" if each["target"] > each["q90"] else "inside"
        )
        low, high = count(each["q10"]), count(each["q90"])
        assert (
            f"{each['title']} {count(each['expected'])} {low} to {high} {count(each['target'])} {place} {each['true_rank']}"
        ) in shown.text
    assert len({each["target"] < each["q10"] or each["target"] > each["q90"] for each in items}) == 2
    parts = ["What happened", "Track record by reason", "technical figures", "NDCG", "WAPE"]
    places = [shown.text.index(words) for words in parts]
    assert places == sorted(places)
    assert all(each["title"] for each in shown.all("th", scope="col") if "title" in each)
    assert len([each for each in shown.all("th", scope="col") if "title" in each]) == 8


def test_reasons_are_a_table_with_rare_ones_folded_away_and_without_percentages(client):
    text = client.get("/p/shop/scorecard", headers={"accept": "text/html"}).text
    tallies = client.get("/p/shop/scorecard.json").json()["scorecard"]["reasons"]
    mine = [each for each in tallies if each["basis"] != "claim" and each["sign"] in ("", "level")]
    table, folded = text.partition("Track record by reason</h2>")[2].split("</section>")[0].split("<details>")
    folded = folded.partition("</details>")[0]
    rare = [each for each in mine if each["cases"] < 10]
    assert 0 < len(rare) < len(mine)
    assert folded.count("<tr>") == len(rare) + 1
    assert table.count("<tr>") == len(mine) - len(rare) + 1
    assert "%" not in folded
    assert "Texts citing" not in text


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
    state, item = client.app.state.trail, hits[TEXTS + 1]["item_id"]
    snapshot = state.shelves["shop"].current.snapshot
    card, outlook = snapshot.card(item), snapshot.outlook(item)
    text = plain_explanation(card, outlook, DRIVERS, Style(length=Length.LONG))
    said = "What moved the forecast cannot be told: <the log> is not here."
    made = ItemExplained(item, "", snapshot.folder, outlook, text, (), sealed=False, note=said)
    order = (state.settings.projects["shop"], NEWER, item, snapshot.manifest.seal)
    state.desk._kept[order] = (math.inf, made)
    shown = page(client, item_path(hits[TEXTS + 1]))
    assert text.text in shown.text
    assert said in shown.text
    assert "not part of the sealed snapshot" in shown.text
    assert text.text not in page(client, f"{item_path(hits[TEXTS + 1])}?at={OLDER}").text


def test_moves_risers_and_new_items(client):
    moves = client.get("/p/shop/moves.json?top=10").json()["difference"]
    assert (moves["older"], moves["newer"]) == (OLDER, NEWER)
    shown = page(client, "/p/shop/moves?top=10")
    assert all((each["title"] or each["item_id"]) in shown.text for each in moves["moves"])
    assert f"trail diff {OLDER} {NEWER} --why" in shown.text
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
    assert data["newest"] == "2026-02-28T00:00:00Z"
    assert data["newest_ago"].endswith(" days ago")
    assert health["mirror"] is False
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
    assert "Newest event" in shown.text
    for words in (
        *health["warnings"],
        data["newest_ago"],
        *health["champion"],
        "400",
        health["snapshots"][0]["seal"][:16],
    ):
        assert words in shown.text
    assert str(client.app.state.trail.settings.projects["shop"]) not in shown.text


def test_health_warns_of_a_log_that_ends_a_horizon_before_what_is_served_takes_for_known(client):
    shelf, now = client.app.state.trail.shelves["shop"], datetime(2026, 3, 3, tzinfo=UTC)

    def warned(newest):
        data = health._data(shelf.workspace.data, now).model_copy(update={"newest": newest})
        said = health._warnings(shelf, data, now, mirror=False)
        return [each for each in said if "newest event" in each]

    assert warned(now - timedelta(days=7)) == warned(None) == []
    (said,) = warned(now - timedelta(days=9))
    assert "The newest event of the log is 9 days older" in said


def test_health_of_a_mirror_says_that_it_is_one_and_misses_no_log(tmp_path):
    folder = page_shop(tmp_path / "shop")
    (folder / "mirror.txt").write_text("shop")
    with TestClient(create_app(ServiceSettings(projects={"shop": folder})), headers=BROWSER) as client:
        told = client.get("/p/shop/health.json").json()
        shown = client.get("/p/shop/health").text
    assert told["mirror"] is True
    assert not [each for each in told["warnings"] if "log" in each]
    assert "This is a mirror" in shown
    for elsewhere in ("trail plan", "trail backtest", "trail train"):
        assert elsewhere not in shown


def test_health_tells_of_the_last_run_and_of_what_failed_in_it(client, monkeypatch):
    monkeypatch.setattr(health, "_looks", health._Looks())  # one that remembers nothing
    steps = [
        {"name": "forecast", "status": "done", "words": "120 items", "seconds": 1.0},
        {"name": "alerts", "status": "failed", "words": "in /srv/shop/alerts: status 500", "seconds": 1.0},
    ]
    told = {"begun": "2026-03-01T03:00:00+00:00", "ended": None, "steps": steps}
    path = client.app.state.trail.shelves["shop"].folder / "run.json"
    write_json({**told, "unread": {"at": "2026-03-02T03:00:00+00:00", "words": "no such file"}}, path)
    try:
        shown = page(client, "/p/shop/health").text
        path.write_text('{"steps": 3, "unread": 4}')
        monkeypatch.setattr(health, "_looks", health._Looks())
        damaged = client.get("/p/shop/health.json").json()
    finally:
        path.unlink()
    for words in (
        "The last run could not read the sources: no such file",
        "The last run failed to do this, alerts: in alerts: status 500",
        "120 items",
        "not ended: it works, or was killed",
    ):
        assert words in shown
    assert damaged["run"] is None
    assert not [each for each in damaged["warnings"] if "last run" in each]


def test_moves_say_where_the_snapshot_before_was_removed(client, monkeypatch):
    shelf = client.app.state.trail.shelves["shop"]
    monkeypatch.setattr(shelf, "names", lambda: [NEWER])
    shown = page(client, "/p/shop/moves", 404).text
    assert f"{OLDER}, which moves of {NEWER} are counted from, was removed" in shown


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


def test_what_moved_an_item_stands_in_parts_where_it_was_asked(client):
    shelf = client.app.state.trail.shelves["shop"]
    seals = tuple(shelf.at(name).snapshot.manifest.seal for name in (OLDER, NEWER))
    first = client.get("/p/shop/moves.json?top=3").json()["difference"]["moves"][0]
    move = Move(
        *(first[name] for name in ("item_id", "before", "after", "expected_before", "expected_after"))
    )
    parts = (Part("late events", 3, 7.0), Part("new events", -2, -12.0), Part("model", 0, 0.0))
    path = path_of(shelf.workspace, OLDER, NEWER)
    write_json(asdict(Moves(OLDER, NEWER, seals, (Moved(move, parts),))), path)
    try:
        shown = page(client, "/p/shop/moves?top=3").text
    finally:
        path.unlink()
    assert "late events +3 (+7), new events \u22122 (\u221212)" in shown
    assert "model" not in shown.partition("Moved by")[2]


def test_what_holds_of_all_texts_is_said_once(client, monkeypatch):
    said = "plain rendering of the facts; every claim holds"
    shown = page(client, "/p/shop").text
    assert shown.lower().count(said) == 1
    calls = iter([False, *[True] * 99])
    made = listing.text_of
    monkeypatch.setattr(
        listing,
        "text_of",
        lambda *given, **sealed: made(*given, **sealed).model_copy(update={"holds": next(calls)}),
    )
    shown = page(client, "/p/shop").text
    assert f"Reasons: {said}, unless a row says otherwise." in shown
    assert shown.count("Plain rendering of the facts; a claim does not hold.") == 1


def test_moves_in_rank_and_against_the_last_window_are_told_apart(client, hits):
    shown = page(client, "/p/shop").text
    assert "Move in rank since last forecast" in shown
    for hit in hits:
        assert rise(Hit(**hit), "week") in shown
    assert all(
        words in {"more", "fewer", "many"} for words in (rise(Hit(**hit), "week").split()[1] for hit in hits)
    )
    ten = {"expected": 98.7, "last": 91.0, "rise": 7.7}
    assert rise(Hit(**(hits[0] | ten)), "week") == "8 more than last week"
    assert (
        rise(Hit(**(hits[0] | {"expected": 2.5, "last": 4.0, "rise": -1.5})), "week")
        == "1.5 fewer than last week"
    )
    assert (
        rise(Hit(**(hits[0] | {"expected": 90.6, "last": 91.0, "rise": -0.4})), "week")
        == "as many as last week"
    )


def test_new_is_defined_where_it_is_said(client, hits):
    said = "New: first orders within the last two weeks, or none yet."
    new = client.get("/p/shop/new.json").json()["hits"]["items"][0]
    assert said in page(client, "/p/shop/new").text
    assert said in page(client, item_path(new)).text
    assert said not in page(client, item_path(next(hit for hit in hits if not hit["new"]))).text


def test_receipts_lead_with_words_and_days(client, hits):
    shown = page(client, item_path(hits[0])).text
    claims = client.get(f"{item_path(hits[0])}?format=json").json()["detail"]["explanation"]["claims"]
    assert {each["signal"] for each in claims} >= {"change", "expected"}
    assert "Orders more or fewer than the week before, 24 Feb to 2 Mar 2026 change" in shown
    assert "Orders expected, 3 to 9 Mar 2026 expected" in shown
    change = next(each for each in claims if each["signal"] == "change")
    assert f"{count(change['actual'])} in the data" in shown
    assert f"{count(hits[0]['expected'])} in the forecast" in shown
