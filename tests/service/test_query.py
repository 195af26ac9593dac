"""Which rows answer a question, beside a loop over rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.service.making import ITEMS, ODD, made
from trail.operations.mapping import opened_mapped
from trail.operations.workspace import Workspace
from trail.service.query import Query, answer
from trail.snapshots.mapped import INNER, Mapped


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    folder = tmp_path_factory.mktemp("query") / "shop"
    snapshots = made(folder)
    return opened_mapped(Workspace.open(folder), snapshots[-1])


def slow(mapped: Mapped, query: Query) -> tuple[int, list[dict[str, Any]]]:
    """One row after the other, one question after the other."""
    found = []
    for row in mapped.listing.drop_columns(list(INNER)).to_pylist():
        words = f"{row['title'] or ''}\n{row['item_id']}".lower()
        keep = not query.category or row["category"] == query.category
        keep &= not query.brand or row["brand"] == query.brand
        keep &= query.price_min is None or (row["price"] is not None and row["price"] >= query.price_min)
        keep &= query.price_max is None or (row["price"] is not None and row["price"] <= query.price_max)
        keep &= not query.new or row["new"]
        keep &= not query.risers or row["rise"] > 0
        keep &= query.search.lower() in words
        if keep:
            found.append(row)
    if query.risers:
        found = sorted(found, key=lambda row: -row["rise"])
    return len(found), found[query.offset : query.offset + query.limit]


_PRICES = st.none() | st.floats(0, 40, allow_nan=False)
QUERIES = st.builds(
    Query,
    category=st.sampled_from(["", "", "", "Teapots", "Mugs", "Tea & Coffee", "none such"]),
    brand=st.sampled_from(["", "", "House 2", "House 3", "none such"]),
    price_min=_PRICES,
    price_max=_PRICES,
    new=st.booleans(),
    risers=st.booleans(),
    search=st.sampled_from(
        [
            "",
            "",
            "",
            "TEAPOT",
            "no. 1",
            "00",
            "a",
            "x",
            "é",
            "crème",
            "%",
            "\\*",
            "_",
            '"quoted"',
            "急",
            "ß",
            ".",
        ]
    ),
    offset=st.integers(0, ITEMS + 5),
    limit=st.integers(1, 500),
)


@given(query=QUERIES)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_each_filter_alone_and_together_is_what_a_loop_finds(mapped: Mapped, query: Query):
    assert answer(mapped, query) == slow(mapped, query)


@pytest.mark.parametrize("asked", [
    {"category": "Mugs"}, {"brand": "House 3"}, {"price_min": 5.0}, {"price_max": 5.0}, {"new": True}, {"risers": True}, {"search": "glass"},
])  # fmt: skip
def test_each_filter_leaves_some_and_drops_some(mapped: Mapped, asked: dict[str, Any]):
    total, rows = answer(mapped, Query(**asked, limit=500))
    assert 0 < total == len(rows) < ITEMS
    assert (total, rows) == slow(mapped, Query(**asked, limit=500))


def test_odd_words_are_found_in_any_case(mapped: Mapped):
    for title in filter(None, ODD):
        for asked in (title, title.lower(), pc.utf8_upper(title).as_py() if title != "Straße" else title):
            assert title in [row["title"] for row in answer(mapped, Query(search=asked))[1]], asked


def test_an_item_without_a_title_is_found_by_its_identifier_alone(mapped: Mapped):
    untitled = next(row for row in slow(mapped, Query(limit=500))[1] if row["title"] is None)
    for asked in (*"abcdefghijklmnopqrstuvwxyz", untitled["item_id"]):
        found = answer(mapped, Query(search=asked, limit=500))
        assert found == slow(mapped, Query(search=asked, limit=500))


def test_words_are_not_found_across_title_and_identifier(mapped: Mapped):
    row = answer(mapped, Query(limit=1))[1][0]
    assert answer(mapped, Query(search=row["title"][-2:] + row["item_id"][:3]))[0] == 0


@given(query=QUERIES, size=st.integers(1, 40))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_pages_cover_every_row_once(mapped: Mapped, query: Query, size: int):
    whole = answer(mapped, replace(query, offset=0, limit=500))
    pages = [answer(mapped, replace(query, offset=at, limit=size)) for at in range(0, ITEMS, size)]
    assert [row for _, rows in pages for row in rows] == whole[1]
    assert {total for total, _ in pages} == {whole[0]}


def test_prices_at_the_border_are_inside(mapped: Mapped):
    price = next(each for each in mapped.listing["price"].to_pylist() if each is not None)
    for asked in (Query(price_min=price, price_max=price), Query(price_min=price), Query(price_max=price)):
        assert answer(mapped, asked) == slow(mapped, asked)
        assert price in [row["price"] for row in answer(mapped, replace(asked, limit=500))[1]]
