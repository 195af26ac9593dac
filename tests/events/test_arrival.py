"""The column of arrival times: found by its name, read as any time, clipped or set aside where it cannot be."""

from datetime import UTC, datetime

import ibis
import pytest

from trail.errors import DataError
from trail.events import Source, guess

GOOD = "".join(
    f"i{k},2023-03-{k % 28 + 1:02d} 10:00:00,2023-03-{k % 28 + 1:02d} 11:00:00\n" for k in range(200)
)


@pytest.mark.parametrize(
    "name",
    [
        "ingested_at",
        "_loaded_at",
        "LoadTime",
        "created_in_warehouse",
        "_fivetran_synced",
        "received_at",
        "loaded",
    ],
)
def test_a_csv_with_arrivals_is_guessed_and_read(shelf, name) -> None:
    found = guess(
        shelf.file("log.csv", f"item,{name},bought on\na,2023-01-03 02:00:00,2023-01-01 10:00:00\n")
    )
    # bought_on is no usual name; it is the event's time all the same, and the load is not
    assert (found.columns["timestamp"], found.columns["ingested_at"]) == ("bought on", name)
    assert found.reasons["ingested_at"] == f"named {name!r}"
    shelf.read(found.source)
    assert shelf.events()[0]["timestamp"] == datetime(2023, 1, 1, 10, tzinfo=UTC)
    assert shelf.events()[0]["ingested_at"] == datetime(2023, 1, 3, 2, tzinfo=UTC)


def test_the_only_time_is_the_events_own_and_words_are_no_arrival(shelf) -> None:
    alone = guess(shelf.file("alone.csv", "item,loaded_at\na,2023-01-03\n"))
    assert alone.columns == {"item_id": "item", "timestamp": "loaded_at"}
    assert alone.reasons["ingested_at"].startswith("no column of arrival times")
    words = guess(shelf.file("words.csv", "item,date,received_at\na,2023-01-03,the back door\n"))
    assert "ingested_at" not in words.columns


@pytest.mark.parametrize("unit", ["auto", "s"])
@pytest.mark.parametrize("arrived", ["2023-01-01T02:00:00Z", "1672538400000"])
def test_its_unit_may_be_another_than_that_of_the_events(shelf, unit, arrived) -> None:
    text = f"item,ts,loaded_at\na,1672531200,{arrived}\nb,1672531200,\n"
    shelf.read(Source(str(shelf.file("log.csv", text)), time_unit=unit))
    assert [row["ingested_at"] for row in shelf.events()] == [datetime(2023, 1, 1, 2, tzinfo=UTC), None]


def test_a_format_that_is_set_is_read_in_both_columns(shelf) -> None:
    text = "item,date,loaded_at\na,03/04/2023 10:00,04/04/2023 02:00\n"
    shelf.read(Source(str(shelf.file("log.csv", text)), time_unit="%d/%m/%Y %H:%M"))
    assert shelf.events()[0]["ingested_at"] == datetime(2023, 4, 4, 2, tzinfo=UTC)


def test_clocks_are_a_day_apart_at_most_and_the_rest_is_set_aside(shelf) -> None:
    bad = {
        "x,2023-03-02 10:00:00,2023-03-01 10:00:00": "an arrival a day or more before the event",
        "x,2023-03-02 10:00:00,2024-01-02 00:00:01": "an arrival in the future",
        "x,2023-03-02 10:00:00,later": "an unreadable arrival time",
    }
    skewed = "skewed,2023-03-02 10:00:00,2023-03-01 10:00:01\n"
    text = "item,date,loaded_at\n" + GOOD + skewed + "\n".join(bad) + "\n"
    path = shelf.file("log.csv", text)
    done = shelf.read(path, share=0.05)
    assert [row["reason"] for row in shelf.rejected()] == list(bad.values())
    assert "later" in shelf.rejected()[2]["text"]
    assert done.set_aside == dict.fromkeys(bad.values(), 1)
    (clipped,) = [row for row in shelf.events() if row["item_id"] == "skewed"]
    assert clipped["ingested_at"] == clipped["timestamp"]
    # what is the future changes with time, so it is read again; and too many of them are refused
    assert shelf.read(path, share=0.05).fresh
    with pytest.raises(DataError, match="3 bad rows of 204"):
        shelf.read(path)


def test_a_log_without_arrivals_has_the_column_empty(shelf, connection) -> None:
    done = shelf.read(shelf.file("log.csv", "item,date\na,2023-01-03\nb,2023-01-04\n"))
    table = connection.read_parquet(done.events)
    assert table.schema()["ingested_at"].is_timestamp()
    assert table.filter(ibis._.ingested_at.notnull()).count().execute() == 0
