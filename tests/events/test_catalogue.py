"""Catalogues: duplicates, parts, the category that tells items apart, dates and prices."""

from datetime import date

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trail.engine import connect
from trail.events import ITEM_SCHEMA
from trail.events.catalogue import release_of, with_category
from trail.events.sql import PART, joined, price_of, text_of

LOG = "item,date\na,2023-01-01\nz,2023-01-02\n"


def values(connection, expression, raw: list) -> list:
    table = ibis.memtable(pa.table({"x": pa.array(raw, pa.string())}))
    return connection.to_pyarrow(table.select(y=expression(table["x"])))["y"].to_pylist()


def test_the_first_of_duplicate_items_is_kept_and_the_others_are_set_aside(shelf) -> None:
    items = shelf.file("items.csv", "item,title,price\na,First,1\nb,B,\na,Second,2\n,Nobody,1\na,Third,3\n")
    done = shelf.read(shelf.file("log.csv", LOG), items, share=0.3)
    assert [(row["item_id"], row["title"], row["price"]) for row in shelf.items()] == [
        ("a", "First", 1.0),
        ("b", "B", None),
        ("z", None, None),
    ]
    assert (done.item_rows, done.items_added) == (3, 1)
    assert done.set_aside == {"no item id": 1, "an item id that was there before": 2}
    found = [(row["row"], row["reason"]) for row in shelf.rejected()]
    assert found == [
        ("4", "an item id that was there before"),
        ("5", "no item id"),
        ("6", "an item id that was there before"),
    ]
    assert "Second" in shelf.rejected()[0]["text"]


def test_a_log_as_its_own_catalogue_keeps_the_commonest_title(shelf) -> None:
    text = "item,date,title,genre\n" + "".join(
        f"a,2023-01-0{k + 1},{title},g\n" for k, title in enumerate(["x", "y", "y", "", "z"])
    )
    path = shelf.file("log.csv", text)
    done = shelf.read(path, path)
    assert [(row["title"], row["categories"]) for row in shelf.items()] == [("y", "g")]
    assert done.set_aside == {}


def test_parts_of_categories(connection) -> None:
    raw = ["A|B", " A | B ", "A > B>C", "A;B", '["A", " B "]', '[["A","B"],["C"]]', "[odd", "", None, "A", "Rock & Roll, live"]  # fmt: skip
    parts = values(connection, lambda x: joined(x, glue=PART, marks=r"\s*(\||>|;)\s*"), raw)
    assert parts == ["A | B", "A | B", "A | B | C", "A | B", "A | B", "A | B", "[odd", None, None, "A", "Rock & Roll, live"]  # fmt: skip
    assert values(connection, lambda x: joined(x, glue=" "), ['["A","B"]', "A|B"]) == ["A B", "A|B"]


def test_releases_and_prices(connection) -> None:
    raw = ["1995", "1995.0", "2001-07", "2001-07-09", "2001-7-9T10:00", "24-Jan-1997", "July 5, 2013", "978300760", "soon", ""]  # fmt: skip
    assert values(connection, release_of, raw) == [
        date(1995, 1, 1), date(1995, 1, 1), date(2001, 7, 1), date(2001, 7, 9), date(2001, 7, 9), date(1997, 1, 24),
        date(2013, 7, 5), date(2000, 12, 31), None, None,
    ]  # fmt: skip
    raw = ["3.5", "$1,299.00", "€ 5", "$1.00 - $2.00", "from 9", "-1", "nan", "", "0"]
    assert values(connection, price_of, raw) == [3.5, 1299.0, 5.0, None, None, None, None, None, 0.0]
    assert values(connection, text_of, [" a ", "", "  ", None]) == ["a", None, None, None]


def slow_category(paths: list[str | None]) -> list[str | None]:
    """The rule of the contract as a loop: the first level whose commonest value covers at most 80%."""
    split = [path.split(PART) for path in paths if path is not None]

    def at(parts: list[str], level: int) -> str:
        return parts[min(level, len(parts) - 1)]

    chosen = 0
    for level in range(max(map(len, split), default=0)):
        column = [at(parts, level) for parts in split]
        if max(column.count(value) for value in column) <= 0.8 * len(column):
            chosen = level
            break
    return [None if path is None else at(path.split(PART), chosen) for path in paths]


def category(connection, paths: list[str | None]) -> list[str | None]:
    rows = [{"item_id": f"{n:03d}", "categories": path} for n, path in enumerate(paths)]
    schema = pa.schema([field for field in ITEM_SCHEMA if field.name != "category"])
    table = with_category(ibis.memtable(pa.Table.from_pylist(rows, schema=schema)))
    found = connection.to_pyarrow(table)
    assert found.column_names == ITEM_SCHEMA.names
    return found["category"].to_pylist()


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["Beauty | Hair", "Beauty | Face", "Beauty", None], ["Hair", "Face", "Beauty", None]),
        (["A | x"] * 4 + ["B | y"], ["A"] * 4 + ["B"]),
        (["A | x"] * 9 + ["B | y"], ["A"] * 9 + ["B"]),
        ([None, None], [None, None]),
    ],
)
def test_the_category_tells_items_apart(connection, paths: list, expected: list) -> None:
    assert category(connection, paths) == expected == slow_category(paths)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.one_of(st.none(), st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(PART.join)),
        min_size=1,
        max_size=12,
    )
)
def test_the_category_is_the_one_of_the_loop(paths: list[str | None]) -> None:
    connection = connect(threads=1)
    assert category(connection, paths) == slow_category(paths)
    connection.disconnect()


@pytest.mark.parametrize("column", ["group", "product_group_name", "Product Type", "division"])
def test_a_column_of_groups_is_the_categories(shelf, column: str) -> None:
    items = shelf.file("items.csv", f"item,title,{column}\na,A,Garden\nz,Z,Home\n")
    shelf.read(shelf.file("log.csv", LOG), items)
    assert [row["categories"] for row in shelf.items()] == ["Garden", "Home"]
