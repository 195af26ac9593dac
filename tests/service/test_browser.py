"""The pages in a real browser: journeys, keyboard, phone, paper, accessibility, nothing from any other host.

Screenshots go to the folder that TRAIL_SCREENSHOTS names, else to pytest's own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from bench.service_data import made_shop, sealed_day

from tests.service.browsing import ARGUMENTS, CHROMIUM, PHONE, Watched, focused, press, served
from tests.service.page_shop import HOSTILE, HOSTILE_ID, TEXTS, bare_project, page_shop, with_reports
from trail.operations.mapping import mapped_files
from trail.operations.workspace import Workspace
from trail.service.keys import create
from trail.service.pages.vendored import has_chart

pytestmark = pytest.mark.slow
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PAGES = {
    "list": "/p/shop?limit=15",
    "past": "/p/shop?at=2026-03-02&limit=5",
    "filtered": "/p/shop?category=Mugs&risers=true&limit=5",
    "empty": "/p/shop?search=nothing+like+it",
    "risers": "/p/shop/risers?limit=15",
    "new": "/p/shop/new?limit=5",
    "moves": "/p/shop/moves?top=15",
    "scorecard": "/p/shop/scorecard",
    "backtest": "/p/shop/backtest",
    "health": "/p/shop/health",
    "error": "/p/shop/items/none",
    "front": "/",
    "nothing": "/p/bare",
}
#: In the dark only colours are others.
RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
    "dark": ["color-contrast"],
}
BIG = 100_000


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("projects")
    projects = {"shop": with_reports(page_shop(folder / "shop")), "bare": bare_project(folder / "bare")}
    with served(projects) as found:
        yield found


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no {CHROMIUM}: install Debian's package chromium")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker of accessibility, as a script."""
    if not AXE.is_file():
        pytest.skip("axe-core was not fetched: run `make vendor`")
    return AXE.read_text()


@pytest.fixture(scope="module")
def shots(tmp_path_factory) -> Path:
    """Where screenshots are kept."""
    named = os.environ.get("TRAIL_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def opened(browser, address):
    made: list[Watched] = []

    def open_tab(**options) -> Watched:
        made.append(Watched(browser, address, **options))
        return made[-1]

    yield open_tab
    for each in made:
        each.context.close()


@pytest.fixture
def tab(opened):
    """A tab of a desk that did nothing wrong in the end."""
    watched = opened()
    yield watched.tab
    assert watched.wrong == []


def test_why_the_first_is_first_is_found_within_two_clicks(tab):
    tab.goto("/p/shop")
    first = tab.locator("table.list > tbody > tr").first
    assert first.locator(".text").is_visible()
    claim = first.locator(".run:has(.supported)").last
    receipt = first.locator(".receipts tbody tr:visible")
    assert receipt.count() == 0
    claim.click()  # the first click
    assert receipt.count() == 1
    assert "supported" in receipt.inner_text()
    with tab.expect_navigation():
        first.locator("th a").click()  # the second
    assert tab.locator("#why .receipts tbody tr").first.is_visible()
    assert tab.locator("#why .drivers li").first.is_visible()


#: Words that make one claim, so that they have one receipt.
ONE_CLAIM = '.run:not([aria-describedby*=" "])'


def test_a_receipt_is_shown_on_pointing_and_put_away(tab):
    tab.goto("/p/shop")
    first = tab.locator("table.list > tbody > tr").first
    one = first.locator(ONE_CLAIM).first
    one.hover()
    receipt = first.locator(".receipts tbody tr:visible")
    assert receipt.count() == 1
    tab.keyboard.press("Escape")
    assert receipt.count() == 0
    box = one.bounding_box()
    tab.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)
    assert receipt.count() == 0  # it stays away while the pointer stays
    tab.mouse.move(5, 5)
    first.locator(".run").last.hover()
    assert receipt.count() >= 1
    receipt.first.hover()  # it stays while one reads it
    assert receipt.count() >= 1
    tab.mouse.move(5, 5)
    assert receipt.count() == 0


def test_three_rows_of_the_list_are_seen_without_scrolling(tab):
    tab.set_viewport_size({"width": 1280, "height": 800})
    tab.goto("/p/shop?limit=3&offset=3")  # the third has a title longer than any shop's
    box = tab.locator("table.list > tbody > tr").nth(2).bounding_box()
    assert box["y"] + box["height"] <= 800


def test_a_receipt_opens_inside_the_window_and_stays_while_the_page_is_scrolled(tab):
    tab.set_viewport_size({"width": 1280, "height": 800})
    tab.goto("/p/shop")
    for row in tab.locator("table.list > tbody > tr:has(.run)").all():
        tab.mouse.move(5, 5)
        run = row.locator(".run").last
        run.evaluate("run => scrollBy(0, run.getBoundingClientRect().bottom - innerHeight + 4)")
        run.hover()
        box = row.locator(".receipts").bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 800
    said = row.locator(".receipts").inner_text()
    before = tab.evaluate("scrollY")
    tab.mouse.wheel(0, 130)
    tab.wait_for_timeout(500)  # some time after scrolling a browser looks what is below the pointer now
    assert tab.evaluate("scrollY") > before + 100
    assert tab.locator(".receipts:visible").count() == 1
    assert row.locator(".receipts").inner_text() == said
    tab.mouse.move(5, 5)
    assert tab.locator(".receipts:visible").count() == 0


def test_filter_page_risers_item_and_back(tab):
    tab.goto("/p/shop")
    tab.get_by_label("Category").select_option("Mugs")
    tab.get_by_label("Search").fill("mug")
    rows = tab.locator("table.list > tbody > tr")
    press(tab, "button", "Show")
    assert all("Mugs" in each for each in rows.locator("th.item").all_inner_texts())
    assert tab.get_by_label("Category").input_value() == "Mugs"
    press(tab, "link", "Clear filters")
    press(tab, "link", "Next page")
    assert tab.get_by_text("Items 51 to 100 of 240").is_visible()
    press(tab, "link", "Previous page")
    assert rows.first.locator(".rank").inner_text() == "1"
    press(tab, "link", "Risers")
    name = rows.nth(2).locator("th a").inner_text()
    with tab.expect_navigation():
        rows.nth(2).locator("th a").click()
    assert tab.locator("h1").inner_text() == name
    tab.go_back()
    assert tab.locator("h1").inner_text() == "Risers"
    tab.get_by_label("Snapshot").select_option("2026-03-02")
    press(tab, "button", "Show")
    assert tab.get_by_text("You look at another snapshot").is_visible()


def test_the_keyboard_alone_reaches_skip_link_receipt_and_item(tab):
    tab.goto("/p/shop")
    tab.keyboard.press("Tab")
    assert focused(tab) == "skip"
    tab.keyboard.press("Enter")
    assert focused(tab) == "main"
    seen = []
    while "run" not in "".join(seen):
        tab.keyboard.press("Tab")
        seen.append(focused(tab))
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        assert len(seen) < 25, seen
    receipt = tab.locator(".receipts tbody tr:visible")
    assert receipt.count() == 1
    tab.keyboard.press("Escape")
    assert receipt.count() == 0
    tab.keyboard.press("Tab")
    assert receipt.count() >= 1
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/items/**")


def test_the_whole_report_is_shown_in_its_sandbox(tab):
    tab.goto("/p/shop/backtest")
    press(tab, "link", "The whole report")
    assert tab.locator("figure svg").first.is_visible()
    assert tab.evaluate("getComputedStyle(document.querySelector('.verdict')).borderLeftWidth") == "4px"
    assert tab.evaluate("origin") == "null"


def test_hostile_words_are_shown_and_do_nothing(tab):
    tab.goto("/p/shop")
    with tab.expect_navigation():
        tab.get_by_role("link", name=HOSTILE, exact=True).click()
    assert tab.locator("h1").inner_text() == HOSTILE
    assert HOSTILE_ID in tab.locator("main").inner_text()
    assert tab.locator("main script, main b[id], [onfocus]").count() == 0


def test_a_text_is_written_on_demand(tab):
    tab.goto("/p/shop")
    tab.locator("table.list > tbody > tr").nth(TEXTS + 2).locator("th a").click()
    tab.get_by_role("button", name="Write it").click()
    tab.locator("#why .text").wait_for()
    assert tab.locator("#why .receipts tbody tr").count() > 3
    # these snapshots are made up, and the log beside them is none of theirs: there are no drivers, and the page says so
    assert "what moved the forecast cannot be told" in tab.locator("#why .note").inner_text()
    assert tab.locator("#why .drivers").count() == 0
    assert focused(tab) == "why"


def test_what_cannot_be_written_is_said(opened):
    watched = opened()
    tab = watched.tab
    tab.goto("/p/shop")
    tab.locator("table.list > tbody > tr").nth(TEXTS + 3).locator("th a").click()
    body = 'event: problem\ndata: {"error": {"found": "<b>20</b> texts wait", "fix": "ask again in a minute"}}\n\n'
    tab.route("**/v1/**", lambda route: route.fulfill(body=body, content_type="text/event-stream"))
    tab.get_by_role("button", name="Write it").click()
    tab.get_by_text("<b>20</b> texts wait; ask again in a minute").wait_for()
    assert tab.get_by_role("button", name="Write it").is_enabled()
    assert watched.wrong == []


@pytest.mark.parametrize(
    ("status", "found"), [(403, "a key for read"), (429, "too many requests"), (503, "texts wait")]
)
def test_why_it_was_refused_is_said(opened, status, found):
    tab = opened().tab
    tab.goto("/p/shop")
    tab.locator("table.list > tbody > tr").nth(TEXTS + 3).locator("th a").click()
    body = {"error": {"code": "x", "found": found, "expected": "", "fix": "ask <i>again</i>"}}
    tab.route("**/v1/**", lambda route: route.fulfill(status=status, json=body))
    tab.get_by_role("button", name="Write it").click()
    tab.get_by_text(f"{found}; ask <i>again</i>").wait_for()
    assert tab.get_by_role("button", name="Write it").is_enabled()
    tab.unroute("**/v1/**")
    tab.route("**/v1/**", lambda route: route.abort())
    tab.get_by_role("button", name="Write it").click()
    tab.get_by_text("The server did not answer. Try again.").wait_for()


def test_without_script_everything_can_be_read(opened):
    watched = opened(java_script_enabled=False)
    watched.tab.goto("/p/shop")
    first = watched.tab.locator("table.list > tbody > tr").first
    first.locator(ONE_CLAIM).first.focus()
    assert first.locator(".receipts tbody tr:visible").count() == 1
    first.locator("th a").click()
    assert watched.tab.locator(".drawn svg").is_visible()
    assert watched.wrong == []


@pytest.mark.skipif(not has_chart(), reason="uPlot was not vendored: run `make vendor`")
def test_the_larger_chart_is_drawn_and_follows_the_window(tab):
    tab.goto("/p/shop")
    tab.locator("table.list > tbody > tr th a").first.click()
    chart = tab.locator(".uplot")
    chart.wait_for()
    assert chart.get_attribute("aria-label").endswith(tab.locator(".facts dd").nth(2).inner_text())
    assert not tab.locator(".drawn svg").is_visible()
    key = tab.locator(".u-legend")
    ahead = key.inner_text()
    low_to_high = tab.locator(".facts dd").nth(2).inner_text()
    assert f"80% range{low_to_high}" in "".join(ahead.split("\t")).replace("\n", "")
    plot = tab.locator(".u-over")
    plot.hover(position={"x": 30, "y": 30})
    assert low_to_high not in key.inner_text()
    tab.mouse.move(5, 5)
    assert key.inner_text() == ahead
    tab.emulate_media(media="print")
    assert tab.locator(".drawn svg").is_visible()
    assert not chart.is_visible()
    tab.emulate_media(media="screen")
    tab.set_viewport_size(PHONE)
    tab.wait_for_function("document.querySelector('.uplot').clientWidth < 380")


def test_every_page_is_accessible_and_asks_no_other_host(opened, shots, axe):
    watched = opened()
    found = {}
    for name, path in every_page(watched.tab).items():
        watched.tab.goto(path)
        found |= violations(watched.tab, name, shots, axe)
    assert found == {}
    assert unexpected(watched) == []


def violations(tab, name: str, shots: Path, axe: str) -> dict[str, list[str]]:
    """Returns the serious violations on a page, in light and dark, and takes a picture of each."""
    found = {}
    tab.evaluate(axe)
    for scheme, rules in RULES.items():
        tab.emulate_media(color_scheme=scheme)
        seen = tab.evaluate(f"axe.run({{runOnly: {rules}, resultTypes: ['violations'], iframes: false}})")
        assert seen["passes"]
        serious = [each for each in seen["violations"] if each["impact"] in {"serious", "critical"}]
        found |= {
            f"{name}, {scheme}: {each['id']}": [node["html"][:200] for node in each["nodes"]][:3]
            for each in serious
        }
        tab.screenshot(path=shots / f"{name}-{scheme}.png", full_page=name != "list")
    return found


def test_the_report_in_its_sandbox_is_accessible(opened, shots, axe):
    watched = opened()
    watched.tab.goto("/p/shop/backtest")
    press(watched.tab, "link", "The whole report")
    assert watched.tab.get_by_role("heading", level=1).is_visible()
    watched.tab.screenshot(path=shots / "report.png", full_page=True)
    assert watched.wrong == []
    # no script runs in the sandbox: its text is looked at outside of it
    text = watched.tab.request.get("/p/shop/backtest/report.html").text()
    watched.tab.goto("about:blank")
    watched.tab.set_content(text)
    assert violations(watched.tab, "report", shots, axe) == {}


def test_people_sign_in_with_their_key_and_land_where_they_wanted(browser, tmp_path, shots):
    keys = tmp_path / "keys.json"
    key = create(keys, "reader", ["read"])[1]
    with served({"shop": page_shop(tmp_path / "shop")}, keys) as address:
        watched = Watched(browser, address)
        tab = watched.tab
        tab.goto("/p/shop/risers?limit=5")
        assert unquote(tab.url) == f"{address}/login?next=/p/shop/risers?limit=5"
        assert focused(tab) == "key"
        found = violations(tab, "login", shots, AXE.read_text()) if AXE.is_file() else {}
        tab.keyboard.type("trail_of_somebody_else")
        with tab.expect_navigation():
            tab.keyboard.press("Enter")
        assert "unknown, revoked or expired" in tab.get_by_role("alert").inner_text()
        found |= violations(tab, "login-wrong", shots, AXE.read_text()) if AXE.is_file() else {}
        tab.get_by_label("Your key").fill(key)
        press(tab, "button", "Sign in")
        assert tab.url == f"{address}/p/shop/risers?limit=5"
        assert tab.locator("table.list > tbody > tr").count() == 5
        (cookie,) = watched.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"], key in cookie["value"]) == (True, "Strict", False)
        tab.reload()
        assert tab.locator("table.list").is_visible()  # and stays signed in
        stranger = Watched(browser, address)
        stranger.tab.goto("/p/shop")
        assert stranger.tab.url.startswith(f"{address}/login")
        for each in (watched, stranger):
            each.context.close()
        assert found == {}
        meant = (f"401 {address}/login", "401 (Unauthorized)")  # the wrong key
        wrong = [*watched.wrong, *stranger.wrong]
        assert [each for each in wrong if not any(words in each for words in meant)] == []


def every_page(tab) -> dict[str, str]:
    """Returns name -> address, with the pages of an item that has a text and of one that has none."""
    items = tab.request.get("/p/shop.json").json()["hits"]["items"]
    of = {"item": items[0], "bare-item": items[TEXTS + 4]}
    return PAGES | {name: f"/p/shop/items/{each['item_id']}" for name, each in of.items()}


def unexpected(watched: Watched) -> list[str]:
    """Returns what was wrong but for the pages that were asked for to see their error."""
    meant = ("404", "/p/bare", "503 (Service Unavailable)")
    return [each for each in watched.wrong if not any(words in each for words in meant)]


def test_on_a_phone_nothing_is_cut_off(opened, shots):
    watched = opened(viewport=PHONE, is_mobile=True, has_touch=True)
    tab = watched.tab
    for name, path in every_page(tab).items():
        tab.goto(path)
        assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
        tab.screenshot(path=shots / f"{name}-phone.png", full_page=name != "moves")
    tab.goto("/p/shop")
    tab.locator(".run:has(.supported)").first.tap()
    receipt = tab.locator(".receipts:visible")
    box = receipt.bounding_box()
    assert box["width"] == pytest.approx(PHONE["width"], abs=20)
    for run in (tab.locator(".run").nth(3), tab.locator(".run").last):
        run.evaluate("run => scrollBy(0, run.getBoundingClientRect().bottom - innerHeight + 4)")
        run.focus()
        said = run.bounding_box()
        assert said["y"] + said["height"] <= tab.locator(".receipts:visible").bounding_box()["y"]
    assert "supported" in receipt.inner_text()
    tab.screenshot(path=shots / "receipt-phone.png")
    assert unexpected(watched) == []


def test_on_paper_receipts_stand_below_their_texts(tab, shots):
    tab.goto("/p/shop")
    tab.emulate_media(media="print")
    assert tab.locator(".receipts:visible").count() == TEXTS
    assert tab.locator(".receipts tbody tr").first.is_visible()
    assert not tab.locator("form").first.is_visible()
    assert not tab.locator("nav").first.is_visible()
    tab.pdf(path=shots / "list.pdf")
    tab.screenshot(path=shots / "list-print.png")


def test_the_first_list_of_100_000_items_is_visible(browser, tmp_path, shots):
    """How soon is measured by `python -m bench.service first`."""
    folder = bare_project(tmp_path / "shop")
    snapshot = sealed_day(folder, made_shop(BIG, 7), 0, texts=50)
    mapped_files(Workspace.open(folder), snapshot.folder)
    with served({"shop": folder}) as address:
        for path in (
            "/p/shop",
            "/p/shop?search=copper",
            "/p/shop?category=Mugs&risers=true",
            "/p/shop?offset=99950",
        ):
            watched = Watched(browser, address)  # of its own, with nothing kept
            watched.tab.goto(path, wait_until="commit")
            watched.tab.locator("table.list > tbody > tr th a").first.wait_for(state="visible")
            if path == "/p/shop":
                watched.tab.screenshot(path=shots / "list-100000.png")
            assert watched.wrong == []
            watched.context.close()
    shutil.rmtree(folder)
