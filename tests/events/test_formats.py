"""Every file format gives the same log."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trail.engine import connect
from trail.errors import ConfigError, DataError
from trail.events import EVENT_SCHEMA, ITEM_SCHEMA, Source, guess, open_items, open_log

ROWS = [
    {"user": "u1", "sku": "b", "when": "2023-05-02T10:00:00Z", "count": "2", "unit_price": "3.5", "event": "buy"},
    {"user": "u2", "sku": "a", "when": "2023-05-01T00:00:00Z", "count": "1", "unit_price": "", "event": "view"},
    {"user": "", "sku": "a", "when": "2023-05-03T12:30:00+02:00", "count": "", "unit_price": "1", "event": ""},
]  # fmt: skip
#: Sorted by item and time; an empty weight counts one, and an offset is honoured.
EXPECTED = [
    ("a", datetime(2023, 5, 1, tzinfo=UTC), "u2", 1.0, "view", None),
    ("a", datetime(2023, 5, 3, 10, 30, tzinfo=UTC), None, 1.0, None, 1.0),
    ("b", datetime(2023, 5, 2, 10, tzinfo=UTC), "u1", 2.0, "buy", 3.5),
]


def delimited(delimiter: str) -> str:
    lines = [delimiter.join(ROWS[0]), *(delimiter.join(row.values()) for row in ROWS)]
    return "\n".join(lines) + "\n"


def json_lines() -> str:
    return "".join(json.dumps({k: v or None for k, v in row.items()}) + "\n" for row in ROWS)


def write(shelf, name: str) -> Path:
    packed = name.removesuffix(".gz")
    if packed.endswith(".parquet"):
        columns = {key: pa.array([row[key] or None for row in ROWS], pa.large_string()) for key in ROWS[0]}
        pq.write_table(pa.table(columns), shelf.folder / name)
        return shelf.folder / name
    if packed.endswith(".xlsx"):
        book = openpyxl.Workbook()
        book.active.append(list(ROWS[0]))
        for row in ROWS:
            book.active.append([value or None for value in row.values()])
        book.save(shelf.folder / name)
        return shelf.folder / name
    text = json_lines() if "jsonl" in packed else delimited("\t" if "tsv" in packed else ",")
    data = text.encode()
    return shelf.file(name, gzip.compress(data) if name.endswith(".gz") else data)


@pytest.mark.parametrize(
    "name",
    ["log.csv", "log.csv.gz", "log.tsv", "log.tsv.gz", "log.jsonl", "log.jsonl.gz", "log.parquet", "log.xlsx"],
)  # fmt: skip
def test_every_format_gives_the_same_log(shelf, name: str) -> None:
    done = shelf.read(write(shelf, name))
    assert shelf.punctual() == EXPECTED
    assert done.event_rows == 3
    assert done.set_aside == {}
    # Without a catalogue the log's items are the catalogue, and nothing else is known of them.
    assert [row["item_id"] for row in shelf.items()] == ["a", "b"]
    assert not any(value for row in shelf.items() for name, value in row.items() if name != "item_id")


def test_the_files_have_the_types_of_the_contract(shelf) -> None:
    done = shelf.read(write(shelf, "log.csv"))
    for path, schema in ((done.events, EVENT_SCHEMA), (done.items, ITEM_SCHEMA)):
        found = pq.read_schema(path)
        assert {f.name: f.type for f in found} == {f.name: f.type for f in schema}
    connection = connect(threads=1)
    log = open_log(connection, done.events, name="orders")
    assert (log.rows, log.has_users, log.has_prices, log.grid) == (3, True, True, None)
    assert (log.start, log.end) == (
        datetime(2023, 5, 1, tzinfo=UTC),
        datetime(2023, 5, 3, 10, 30, tzinfo=UTC),
    )
    assert open_items(connection, done.items).rows == 2


def test_semicolons_quotes_and_line_breaks_in_cells(shelf) -> None:
    path = shelf.file("log.csv", 'item;date;user\n"a;1";2023-05-01;"x ""y"""\n"b\nc";2023-05-02;z\n')
    shelf.read(path)
    assert [(row["item_id"], row["user_id"]) for row in shelf.events()] == [("a;1", 'x "y"'), ("b\nc", "z")]


def test_a_folder_and_a_glob_read_every_file_and_number_rows_by_file(shelf) -> None:
    shelf.file("days/one.csv", "item,date\na,2023-01-01\n,2023-01-01\n")
    # The second file orders its columns otherwise.
    shelf.file("days/two.csv", "date,item\n2023-01-02,b\n2023-01-02,c\nnever,d\n")
    shelf.file("days/empty.csv", "")
    for location in ("days", "days/*.csv"):
        done = shelf.read(Source(str(shelf.folder / location)), share=0.5)
        assert [row["item_id"] for row in shelf.events()] == ["a", "b", "c"]
        assert [(Path(row["file"]).name, row["row"], row["reason"]) for row in shelf.rejected()] == [
            ("one.csv", "3", "no item id"),
            ("two.csv", "4", "an unreadable time"),
        ]
        assert done.tallies[0].rows == 5


def test_a_folder_with_log_and_catalogue_is_told_apart_by_names(shelf) -> None:
    shelf.file("shop/events.csv", "item,date\na,2023-01-01\n")
    shelf.file("shop/items.csv", "item,title\na,Apple\n")
    folder = shelf.folder / "shop"
    shelf.read(Source(str(folder)), Source(str(folder)))
    assert [row["title"] for row in shelf.items()] == ["Apple"]


def test_a_catalogue_on_its_own_sheet_of_the_logs_workbook_keeps_its_prices(shelf) -> None:
    book = openpyxl.Workbook()
    sheets = (
        ("log", (["item", "date"], ["7", datetime(2023, 1, 1)], ["7", datetime(2023, 1, 2)])),  # noqa: DTZ001 - spreadsheets have no zones
        ("goods", (["item", "title", "price"], ["7", "Apple", 2.5])),
    )
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.remove(book["Sheet"])
    path = shelf.folder / "shop.xlsx"
    book.save(path)
    shelf.read(Source(str(path), table="log"), Source(str(path), table="goods"))
    assert [(row["title"], row["price"]) for row in shelf.items()] == [("Apple", 2.5)]


def test_json_reaches_into_objects_and_sheets_can_be_chosen(shelf) -> None:
    line = json.dumps({"item": {"id": 7}, "at": 1_672_531_200})
    path = shelf.file("log.jsonl", line + "\n\n" + line + "\n")
    shelf.read(Source(str(path), columns={"item_id": "item.id", "timestamp": "at"}))
    assert [row["item_id"] for row in shelf.events()] == ["7", "7"]
    book = openpyxl.Workbook()
    for title, item in (("first", 1), ("second", 2)):
        sheet = book.create_sheet(title)
        sheet.append(["item", "date"])
        sheet.append([item, datetime(2023, 1, item)])  # noqa: DTZ001 - spreadsheets have no zones
    book.remove(book["Sheet"])
    book.save(shelf.folder / "log.xlsx")
    shelf.read(shelf.folder / "log.xlsx")
    assert [row["item_id"] for row in shelf.events()] == ["1", "2"]
    shelf.read(Source(str(shelf.folder / "log.xlsx"), table="second"))
    assert [row["timestamp"] for row in shelf.events()] == [datetime(2023, 1, 2, tzinfo=UTC)]
    with pytest.raises(ConfigError, match="did you mean second"):
        shelf.read(Source(str(shelf.folder / "log.xlsx"), table="secnd"))


def test_a_spreadsheet_without_its_extra_names_it(shelf, monkeypatch) -> None:
    path = write(shelf, "log.xlsx")
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    with pytest.raises(ConfigError, match=r"pip install 'trail-forecast\[excel\]'"):
        shelf.read(path)


def test_parquet_keeps_numbers_times_and_lists_as_they_are_meant(shelf) -> None:
    table = pa.table(
        {
            "item": pa.array([1.0, 2.0]),
            "user": pa.array([13085.0, None]),
            "ts": pa.array([datetime(2023, 1, 1), datetime(2023, 1, 2)], pa.timestamp("ns")),  # noqa: DTZ001
            "price": pa.array([5.95, 1.1], pa.float32()),
        }
    )
    pq.write_table(table, shelf.folder / "log.parquet")
    catalogue = pa.table({"item": ["1"], "title": ["One"], "category": pa.array([["Home", " Garden "]])})
    pq.write_table(catalogue, shelf.folder / "items.parquet")
    shelf.read(shelf.folder / "log.parquet", shelf.folder / "items.parquet")
    assert [(r["item_id"], r["user_id"], r["price"]) for r in shelf.events()] == [
        ("1", "13085", 5.95),
        ("2", None, 1.1),
    ]
    # Item 2 is only in the log: it is added, not lost.
    assert [(r["item_id"], r["categories"]) for r in shelf.items()] == [("1", "Home | Garden"), ("2", None)]


def test_files_without_a_header_are_guessed_and_say_so(shelf) -> None:
    path = shelf.file("log.csv", "".join(f"u{k % 3},i{k % 2},5,{1_600_000_000 + k}\n" for k in range(6)))
    found = guess(path)
    assert found.columns == {"timestamp": "column4", "item_id": "column2", "user_id": "column1"}
    assert "check it" in found.reasons["item_id"]
    shelf.read(found.source)
    assert {row["item_id"] for row in shelf.events()} == {"i0", "i1"}


@pytest.mark.parametrize("name", ["buyer", "Shopper_ID", "reviewer", "customer id"])
def test_whoever_acts_is_guessed_by_the_usual_words(shelf, name) -> None:
    found = guess(shelf.file("log.csv", f"sku,date,{name}\n" + "a,2023-01-01,x\n" * 3))
    assert found.columns["user_id"] == name


def test_nothing_there(shelf) -> None:
    with pytest.raises(DataError, match="no file"):
        guess(shelf.folder / "absent.csv")
    with pytest.raises(DataError, match="cannot be read"):
        guess(shelf.file("log.parquet", "not parquet"))
    shelf.file("mixed/a.csv", "item,date\na,2023-01-01\n")
    shelf.file("mixed/a.jsonl", "{}")
    with pytest.raises(DataError, match="several formats"):
        guess(shelf.folder / "mixed")
