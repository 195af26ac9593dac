"""Public layouts are recognised and read without any mapping."""

import gzip
import json
from datetime import UTC, date, datetime

import openpyxl
import pytest

from trail.events import Source, guess
from trail.events.reading import reading_of

SECOND = 978_300_760
AT = datetime.fromtimestamp(SECOND, UTC)


def read(shelf, events, items=None, **more):
    """Reads through the guesses, as `trail init` does."""
    log, catalogue = guess(events), guess(items, "items") if items else None
    done = shelf.read(log.source, catalogue.source if catalogue else None, **more)
    return log, catalogue, done


def flags(*genres: int) -> str:
    return "|".join("1" if k in genres else "0" for k in range(19))


MOVIELENS = {
    "movielens_100k": (
        "u.data", f"196\t242\t3\t{SECOND}\n",
        "u.item", f'242|Kolya (1996)|24-Jan-1997||http://x|{flags(5, 8)}\n1|Café "x (1995)|||u|{flags()}\n'.encode("latin-1"),
    ),
    "movielens_dat": (
        "ratings.dat", f"196::242::3::{SECOND}\n",
        "movies.dat", '242::Kolya (1997)::Comedy|Drama\n1::Café "x (1995)::(no genres listed)\n'.encode("latin-1"),
    ),
    "movielens_csv": (
        "ratings.csv", f"userId,movieId,rating,timestamp\n196,242,3.5,{SECOND}\n",
        "movies.csv", 'movieId,title,genres\n242,Kolya (1997),Comedy|Drama\n1,"Café ""x (1995)",(no genres listed)\n'.encode(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", MOVIELENS)
def test_movielens(shelf, layout: str) -> None:
    log_name, log_text, item_name, item_text = MOVIELENS[layout]
    log, catalogue, _ = read(shelf, shelf.file(log_name, log_text), shelf.file(item_name, item_text))
    assert (log.layout, catalogue.layout, log.name) == (layout, layout, "ratings")
    # A rating is one event, whatever its stars.
    assert shelf.punctual() == [("242", AT, "196", 1.0, None, None)]
    by_id = {row["item_id"]: row for row in shelf.items()}
    assert by_id["242"]["title"] == "Kolya"
    assert by_id["242"]["categories"] == "Comedy | Drama"
    released = date(1997, 1, 24) if layout == "movielens_100k" else date(1997, 1, 1)
    assert by_id["242"]["release"] == released
    assert by_id["1"]["title"] == 'Café "x'
    assert (by_id["1"]["categories"], by_id["1"]["release"]) == (None, date(1995, 1, 1))


REVIEW_2014 = {"reviewerID": "A1", "asin": "B1", "helpful": [0, 1], "overall": 5.0, "unixReviewTime": SECOND,
               "reviewTime": "01 1, 2001"}  # fmt: skip
REVIEW_2018 = {"overall": 5.0, "verified": True, "reviewerID": "A1", "asin": "B1", "unixReviewTime": SECOND}
REVIEW_2023 = {"rating": 5.0, "title": "t", "asin": "B1-red", "parent_asin": "B1", "user_id": "A1",
               "timestamp": SECOND * 1000}  # fmt: skip
META_2014 = {"asin": "B1", "title": "It's a \"comb\"", "price": 1299.0, "brand": "Acme", "description": "Long",
             "categories": [["Beauty", "Hair Care"], ["Gifts"]], "salesRank": {"Beauty": 1}}  # fmt: skip
META_2018 = {"asin": "B1", "title": "It's a \"comb\"", "price": "$1,299.00", "brand": "Acme", "description": ["Long"],
             "category": ["Beauty", "Hair Care"], "date": "July 5, 2013", "main_cat": "Beauty"}  # fmt: skip
META_2023 = {"parent_asin": "B1", "title": "It's a \"comb\"", "price": 1299.0, "store": "Acme", "description": ["Long"],
             "categories": ["Beauty", "Hair Care"], "main_category": "All", "details": {"Date First Available": "July 5, 2013"}}  # fmt: skip


@pytest.mark.parametrize(
    ("layout", "review", "meta", "form"),
    [
        ("amazon_2014", REVIEW_2014, META_2014, "literal"),
        ("amazon_2018", REVIEW_2018, META_2018, "json"),
        ("amazon_2023", REVIEW_2023, META_2023, "json"),
    ],
)
def test_amazon(shelf, layout: str, review: dict, meta: dict, form: str) -> None:
    line = repr(meta) if form == "literal" else json.dumps(meta)
    log, catalogue, _ = read(
        shelf,
        shelf.file("reviews_Beauty.json.gz", gzip.compress((json.dumps(review) + "\n").encode())),
        shelf.file("meta_Beauty.json.gz", gzip.compress((line + "\n").encode())),
    )
    assert (log.layout, catalogue.layout, catalogue.format, log.name) == (layout, layout, form, "reviews")
    assert shelf.punctual() == [("B1", AT, "A1", 1.0, None, None)]
    released = None if layout == "amazon_2014" else date(2013, 7, 5)
    assert list(shelf.items()[0].values()) == [
        "B1", "It's a \"comb\"", "Beauty | Hair Care", "Beauty", "Acme", "Long", 1299.0, released,
    ]  # fmt: skip


def test_broken_python_literals_are_set_aside(shelf) -> None:
    log = shelf.file("log.csv", "asin,date\nB1,2023-01-01\n")
    lines = [repr(META_2014 | {"asin": f"B{k}"}) for k in range(9)]
    lines.insert(4, "{'asin': __import__('os')}")
    shelf.read(log, shelf.file("meta.json", "\n".join(lines) + "\n"), share=0.2)
    assert [(row["role"], row["row"], row["text"]) for row in shelf.rejected()] == [("items", "5", lines[4])]
    assert len(shelf.items()) == 9


def test_recbole(shelf) -> None:
    events = shelf.file(
        "ml.inter",
        f"user_id:token\titem_id:token\trating:float\ttimestamp:float\n196\t242\t3\t{SECOND}\n",
    )
    items = shelf.file(
        "ml.item",
        'item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n242\tThe "Kolya\t1996\tComedy Drama\n',
    )
    log, catalogue, _ = read(shelf, events, items)
    assert (log.layout, catalogue.layout, log.name) == ("recbole", "recbole", "ratings")
    assert shelf.punctual() == [("242", AT, "196", 1.0, None, None)]
    assert list(shelf.items()[0].values()) == [
        "242", 'The "Kolya', "Comedy | Drama", "Comedy", None, None, None, date(1996, 1, 1),
    ]  # fmt: skip


RETAIL = [
    ("536365", "85123A", "LANTERN", 6, datetime(2010, 12, 1, 8, 26), 2.55, 17850.0),  # noqa: DTZ001
    ("536366", "85123A", "LANTERN", 1, datetime(2010, 12, 1, 9, 0), 2.95, None),  # noqa: DTZ001
    ("536367", "85123A", "WET LANTERN", 1, datetime(2010, 12, 1, 9, 5), 2.95, None),  # noqa: DTZ001
    ("C536368", "85123A", "LANTERN", -6, datetime(2010, 12, 1, 9, 30), 2.55, 17850.0),  # noqa: DTZ001
    ("536369", "22423", "damaged", -10, datetime(2010, 12, 1, 9, 40), 0.0, None),  # noqa: DTZ001
    ("536370", "POST", "POSTAGE", 1, datetime(2010, 12, 1, 9, 50), 18.0, 12583.0),  # noqa: DTZ001
]
OLD = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
NEW = ("Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("header", [OLD, NEW])
def test_online_retail(shelf, form: str, header: tuple[str, ...]) -> None:
    path = shelf.folder / f"Online Retail.{form}"
    if form == "csv":
        lines = [",".join(header)]
        lines += [
            f"{no},{code},{title},{count},{at.month}/{at.day}/{at:%Y} {at.hour}:{at:%M},{price},{user or ''},UK"
            for no, code, title, count, at, price, user in RETAIL
        ]
        path.write_text("\n".join(lines) + "\n")
    else:
        book = openpyxl.Workbook()
        for sheet, rows in ((book.active, RETAIL[:2]), (book.create_sheet("Year 2"), RETAIL[2:])):
            sheet.append(header)
            for row in rows:
                sheet.append([*row, "UK"])
        book.save(path)
    log = guess(path)
    assert (log.layout, log.name, log.catalogue) == ("online_retail", "orders", True)
    assert "one row counts once" in log.reasons["weight"]
    # The log names its items itself: given as the catalogue too, it is folded into one row an item.
    done = shelf.read(log.source, guess(path, "items").source)
    assert shelf.punctual() == [
        ("85123A", datetime(2010, 12, 1, 8, 26, tzinfo=UTC), "17850", 1.0, None, 2.55),
        ("85123A", datetime(2010, 12, 1, 9, 0, tzinfo=UTC), None, 1.0, None, 2.95),
        ("85123A", datetime(2010, 12, 1, 9, 5, tzinfo=UTC), None, 1.0, None, 2.95),
    ]
    aside = {
        "a cancellation": 1,
        "a quantity of zero or less": 1,
        "a fee, postage or correction rather than a product": 1,
    }
    assert done.tallies[0].set_aside == aside
    assert [(row["item_id"], row["title"], row["price"]) for row in shelf.items()] == [
        ("85123A", "LANTERN", None)
    ]
    rows = [int(row["row"]) for row in shelf.rejected() if row["role"] == "events"]
    assert rows == ([5, 6, 7] if form == "csv" else [3, 4, 5])


def test_a_layout_can_be_named_and_its_columns_set(shelf) -> None:
    path = shelf.file("my.log", f"196::242::3::{SECOND}\n")
    shelf.read(Source(str(path), layout="movielens_dat", columns={"weight": "rating"}))
    assert [(row["item_id"], row["weight"]) for row in shelf.events()] == [("242", 3.0)]


def test_a_told_column_of_recbole_is_read_again_from_what_is_saved(tmp_path):
    path = tmp_path / "lf.inter"
    path.write_text(
        "user_id:token\titem_id:token\tartist_id:token\ttimestamp:float\n"
        "u1\tt1\ta1\t1672531200\nu2\tt2\ta2\t1672617600\n"
    )
    found = guess(path, told={"item_id": "artist_id:token"})
    assert found.columns["item_id"] == "artist_id:token"
    assert dict(reading_of(found.source, "events").columns) == dict(found.columns)
    assert guess(path).source.columns == {}


def test_a_layout_that_names_its_columns_keeps_them(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text("userId,movieId,rating,timestamp\n1,2,3.5,1672531200\n2,3,4,1672617600\n")
    assert guess(path, told={"user_id": "movieId"}) == guess(path)
