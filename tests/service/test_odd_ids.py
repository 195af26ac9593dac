"""Items of any name have addresses, for programs and on pages: also those that browsers and proxies read as other paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote, unquote, urljoin

import pyarrow as pa
import pytest
from bench.service_data import made_shop, sealed_day
from starlette.testclient import TestClient

from tests.service.making import served
from tests.service.page_shop import NEWER, OLDER, bare_project
from tests.service.parsed import BROWSER, page
from trail.service.pages.frame import Frame

ODD = (
    "a/b",
    "a//b",
    "/",
    "..",
    ".",
    " . ",
    "ü",
    "a?b",
    "a#b",
    " x",
    "  ",
    "%2F",
    "a\\b",
    "x.json",
    "explanations",
)
BASE = "/v1/projects/shop"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder, shop = bare_project(tmp_path_factory.mktemp("odd") / "shop"), made_shop(40, 3)
    ids = [*ODD, *shop.catalogue["item_id"].to_pylist()[len(ODD) :]]
    catalogue = shop.catalogue.set_column(0, "item_id", pa.array(ids, pa.string()))
    catalogue = catalogue.set_column(
        catalogue.column_names.index("title"), "title", pa.nulls(40, pa.string())
    )
    for day in (0, 1):
        sealed_day(folder, replace(shop, catalogue=catalogue), day, texts=20)
    with served(folder, look_seconds=60) as opened:
        opened.headers.update(BROWSER)
        yield opened


def followed(base: str, link: str) -> str:
    """Where a browser goes: dots are steps in a path, also where they are escaped, and a backslash is a slash."""
    path, mark, query = link.partition("?")
    found = urljoin(
        f"http://testserver{base}", path.replace("%2E", ".").replace("%2e", ".").replace("\\", "/")
    )
    return f"{found.removeprefix('http://testserver')}{mark}{query}"


@pytest.mark.parametrize("item", ODD)
def test_programs_reach_an_item_by_its_name(client: TestClient, item: str):
    assert client.get(f"{BASE}/explanations", params={"id": item, "by": "plain"}).json()["holds"]
    assert client.get(f"{BASE}/items", params={"id": item}).json()["hit"]["item_id"] == item
    past = client.get(f"{BASE}/items", params={"id": item, "at": OLDER}).json()
    assert (past["hit"]["item_id"], past["period"]["snapshot"]) == (item, OLDER)
    if item.strip(" .") and not set(item) & set("/\\%"):
        assert client.get(f"{BASE}/items/{quote(item, safe='')}").json()["hit"]["item_id"] == item


@pytest.mark.parametrize("item", ODD)
def test_people_reach_an_item_by_links(client: TestClient, item: str):
    base = f"/p/shop?limit=100&at={OLDER}"
    links = [each["href"] for each in page(client, base).all("a") if "/items" in each["href"]]
    mine = [each for each in links if item in unquote(each.replace("+", " ")) and not each.endswith("#why")]
    twins = {each: client.get(f"{followed(base, each)}&format=json").json()["detail"] for each in mine}
    (link,) = [each for each, detail in twins.items() if detail["hit"]["item_id"] == item]
    shown = page(client, followed(base, link))
    assert [each["value"] for each in shown.all("input", name="id")] == [item]
    (form,) = [each for each in shown.all("form") if each["aria-label"] == "Snapshot"]
    chosen = client.get(form["action"], params={"id": item, "at": "", "format": "json"}).json()["detail"]
    assert (chosen["hit"]["item_id"], chosen["period"]["snapshot"]) == (item, NEWER)
    for twin in shown.all("link", rel="alternate"):
        assert client.get(followed(base, twin["href"])).json()["detail"]["hit"]["item_id"] == item


def test_a_name_is_needed(client: TestClient):
    for path in (f"{BASE}/items", f"{BASE}/items?id=", f"{BASE}/explanations", "/p/shop/items"):
        assert client.get(path).status_code == 422, path
    assert client.get(f"{BASE}/items?id=none").status_code == 404


@pytest.mark.parametrize("item", ODD)
def test_the_address_at_which_a_text_is_written_is_its_items(client: TestClient, item: str):
    asked = client.get(f"{BASE}/explanations", params={"id": item}).json()
    stream = Frame("Item", project="shop", at=NEWER).stream(item)
    assert client.get(followed("/p/shop", stream)).json() == asked
