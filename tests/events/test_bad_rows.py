"""Bad rows are set aside, numbered and counted; a bad file is one clear error."""

from datetime import UTC, datetime, timedelta

import ibis
import pytest

from trail.errors import ConfigError, DataError
from trail.events import IngestRules, Source, ingest
from trail.events.times import census, micros_of, moment_of, settle

NOW = datetime(2024, 1, 1, tzinfo=UTC)
GOOD = "".join(f"i{k},2023-03-{k % 28 + 1:02d},1\n" for k in range(200))


def test_every_reason_with_row_number_and_text(shelf) -> None:
    bad = {
        ",2023-03-01,1": ("no item id", None),
        "x,,1": ("no time", None),
        "x,yesterday,1": ("an unreadable time", '"yesterday"'),
        "x,2024-01-03,1": ("a time in the future", None),
        "x,2023-03-01,many": ("an unreadable weight", '"many"'),
        "x,2023-03-01,nan": ("an unreadable weight", None),
        "x,2023-03-01,-2": ("a negative weight", None),
        "x,2023-03-01": ("a line that cannot be cut into columns", "x,2023-03-01"),
        "x,2023-03-01,1,1": ("a line that cannot be cut into columns", "x,2023-03-01,1,1"),
    }
    # Good rows between the bad ones, so that a wrong count of rows would show.
    text = "item,date,count\n" + "".join(f"ok,2023-01-01,1\n{line}\n" for line in bad) + GOOD
    done = shelf.read(shelf.file("log.csv", text), share=0.05)
    rejected = shelf.rejected()
    assert [int(row["row"]) for row in rejected] == [3 + 2 * k for k in range(len(bad))]
    lines = text.splitlines()
    for row, (line, (reason, part)) in zip(rejected, bad.items(), strict=True):
        assert row["reason"] == reason
        assert row["role"] == "events"
        assert lines[int(row["row"]) - 1] == line
        assert (part or "") in row["text"]
    assert done.set_aside == {
        "no item id": 1, "no time": 1, "an unreadable time": 1, "a time in the future": 1,
        "an unreadable weight": 2, "a negative weight": 1, "a line that cannot be cut into columns": 2,
    }  # fmt: skip
    assert done.event_rows == 200 + len(bad)
    assert (done.tallies[0].rows, done.tallies[0].kept) == (200 + 2 * len(bad), 200 + len(bad))


def test_tomorrow_is_not_yet_the_future_and_weight_zero_is_kept(shelf) -> None:
    shelf.read(shelf.file("log.csv", "item,date,count\na,2024-01-02,0\nb,2023-01-01,\n"))
    assert [(row["item_id"], row["weight"]) for row in shelf.events()] == [("a", 0.0), ("b", 1.0)]


def test_broken_json_lines_keep_their_number_and_text(shelf) -> None:
    good = '{"item": "a", "ts": 1672531200}\n'
    path = shelf.file("log.jsonl", good + "\n" + '{"item": "b", \n' + good + "[1]\n" + good * 5)
    shelf.read(path, share=0.5)
    assert [(row["row"], row["text"]) for row in shelf.rejected()] == [("3", '{"item": "b", '), ("5", "[1]")]
    assert len(shelf.events()) == 7


def test_above_the_share_it_is_an_error_with_the_commonest_reason_and_an_example(shelf) -> None:
    path = shelf.file("log.csv", "item,date,count\n" + GOOD + ",2023-01-01,1\n" * 3 + "x,2023-01-01,-1\n")
    with pytest.raises(DataError) as caught:
        shelf.read(path)
    for part in ("4 bad rows of 204", "2.0%", "mostly no item id", "row 202 of log.csv", "at most 1.0%"):
        assert part in str(caught.value)
    assert not (shelf.out / "events.parquet").exists()
    assert shelf.read(path, share=0.02).event_rows == 200


@pytest.mark.parametrize(
    ("text", "source", "message"),
    [
        ("", {}, "no usable row: the file is empty"),
        ("item,date\n", {}, "no usable row: only a header"),
        ("item,date\n,2023-01-01\n,2023-01-02\n", {"columns": {"item_id": "item", "timestamp": "date"}},
         "no usable row among 2: mostly no item id, such as row 2"),
        ("item,date\na,soon\n", {"columns": {"item_id": "item", "timestamp": "date"}}, "no time can be read"),
        ("item,colour\na,red\n", {}, "no column for timestamp among item, colour"),
        ("thing,date\na,2023-01-01\n", {}, "no column for item_id among thing, date"),
        ("item,date\r\na,2023-01-01\nb,2023-01-02\r\n", {}, "cannot be read.*expected lines that end alike.*`tr -d"),
        ("item,date\na,2023-01-01\n", {"columns": {"item_id": "itme", "timestamp": "date"}}, "no column 'itme' for item_id.*did you mean item"),
        ("item,ts\na,4000000000\nb,4000000001\n", {}, r"timestamps in the future \(2 of 2 rows, such as row 2.*time_unit"),
        ("item,ts\n" + "a,1672531200\nb,1672531200000\n" * 2, {}, r"mixed time units in one column: s \(2 rows\) and ms \(2 rows\)"),
        ("item,ts\na,1672531200000\n", {"time_unit": "s"}, 'times that are ms, not s.*set time_unit = "ms"'),
        ("item,ts\na,1672531200\n", {"time_unit": "ms"}, 'times that are s, not ms.*set time_unit = "s"'),
        ("item,date\na,03/04/2023\n", {}, 'day and month cannot be told apart.*%m/%d/%Y" or "%d/%m/%Y'),
    ],
)  # fmt: skip
def test_one_clear_error(shelf, text: str, source: dict, message: str) -> None:
    path = shelf.file("log.csv", text)
    with pytest.raises(DataError, match=message) as caught:
        shelf.read(Source(str(path), **source))
    assert "log.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("time", "unit", "expected"),
    [
        ("1672531200", "auto", datetime(2023, 1, 1, tzinfo=UTC)),
        ("1672531200.5", "s", datetime(2023, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        ("1672531200001", "auto", datetime(2023, 1, 1, 0, 0, 0, 1000, tzinfo=UTC)),
        ("1672531200000001", "auto", datetime(2023, 1, 1, 0, 0, 0, 1, tzinfo=UTC)),
        ("1672531200000001000", "auto", datetime(2023, 1, 1, 0, 0, 0, 1, tzinfo=UTC)),
        ("86400", "s", datetime(1970, 1, 2, tzinfo=UTC)),
        ("20230101", "auto", datetime(2023, 1, 1, tzinfo=UTC)),
        ("2023-01-01", "auto", datetime(2023, 1, 1, tzinfo=UTC)),
        ("2023-01-01 02:00:00+02:00", "auto", datetime(2023, 1, 1, tzinfo=UTC)),
        ("2023-01-01T00:00:00.000001Z", "iso", datetime(2023, 1, 1, 0, 0, 0, 1, tzinfo=UTC)),
        ("1/31/2023 8:26", "auto", datetime(2023, 1, 31, 8, 26, tzinfo=UTC)),
        ("31/1/2023 8:26", "auto", datetime(2023, 1, 31, 8, 26, tzinfo=UTC)),
        ("1/31/23", "auto", datetime(2023, 1, 31, tzinfo=UTC)),
        ("03/04/2023", "%d/%m/%Y", datetime(2023, 4, 3, tzinfo=UTC)),
        ("31.01.2023 20:15:59", "auto", datetime(2023, 1, 31, 20, 15, 59, tzinfo=UTC)),
        ("1/31/2023 08:26 PM", "auto", datetime(2023, 1, 31, 20, 26, tzinfo=UTC)),
    ],
)
def test_units_and_formats_of_time(connection, time: str, unit: str, expected: datetime) -> None:
    table = ibis.memtable({"when": [time, None]})
    found = settle(census(table, "when"), unit, where="here", month_first=False, tolerated=0.01)
    read = connection.to_pyarrow(table.select(at=moment_of(micros_of(table["when"], found)))).to_pylist()
    assert [row["at"] for row in read] == [expected, None]


def test_a_few_times_in_another_unit_are_bad_rows(shelf) -> None:
    rows = "".join(f"a,{1_672_531_200_000 + k}\n" for k in range(300))
    shelf.read(shelf.file("log.csv", f"item,ts\n{rows}b,1672531200\n"))
    assert [row["reason"] for row in shelf.rejected()] == ["an unreadable time"]


def test_the_whole_column_tells_day_from_month(shelf) -> None:
    shelf.read(shelf.file("log.csv", "item,date\na,03/04/2023\na,13/04/2023\n"))
    assert [row["timestamp"].date().isoformat() for row in shelf.events()] == ["2023-04-03", "2023-04-13"]


def test_unchanged_inputs_are_not_read_again(shelf) -> None:
    path = shelf.file("log.csv", "item,date\na,2023-01-01\n")
    first = shelf.read(path)
    again = shelf.read(path)
    assert (first.fresh, again.fresh) == (True, False)
    assert (again.fingerprint, again.tallies, again.set_aside) == (first.fingerprint, first.tallies, {})
    # Another name, place or order of rows are not other data; another row is.
    shelf.file("log.csv", "item,date\na,2023-01-02\n")
    other = shelf.read(path)
    assert other.fresh
    assert other.fingerprint != first.fingerprint
    (shelf.out / "items.parquet").unlink()
    assert shelf.read(path).fresh


def test_a_row_of_the_future_is_looked_at_again_when_its_time_has_come(shelf) -> None:
    path = shelf.file("log.csv", "item,date\n" + "a,2023-01-01\n" * 99 + "b,2024-06-01\n")
    assert shelf.read(path).set_aside == {"a time in the future": 1}
    assert shelf.read(path, now=NOW + timedelta(days=365)).event_rows == 100


def test_a_refused_source_leaves_the_earlier_files_and_no_scratch(shelf) -> None:
    shelf.read(shelf.file("log.csv", "item,date\na,2023-01-01\n"))
    before = (shelf.out / "events.parquet").read_bytes()
    (shelf.out / ".ingest-killed").mkdir()
    with pytest.raises(DataError):
        shelf.read(shelf.file("bad.csv", "item,date\na,2023-01-01\n,2023-01-01\n"))
    assert (shelf.out / "events.parquet").read_bytes() == before
    assert sorted(p.name for p in shelf.out.iterdir()) == [
        "events.parquet", "ingest.json", "items.parquet", "rejected.csv",
    ]  # fmt: skip


def test_rules_and_sources_are_checked(tmp_path) -> None:
    with pytest.raises(ConfigError, match="max_bad_share"):
        IngestRules(1.5)
    with pytest.raises(ConfigError, match="no event source"):
        ingest([], [], tmp_path, IngestRules(), now=NOW)
    with pytest.raises(ConfigError, match="did you mean"):
        Source("x.csv", columns={"item": "a"})
    with pytest.raises(ConfigError, match="time unit 'seconds'"):
        Source("x.csv", time_unit="seconds")
    with pytest.raises(ConfigError, match="layout"):
        ingest([Source("x.csv", layout="movielens")], [], tmp_path, IngestRules(), now=NOW)


def test_a_source_is_plain_values_and_back() -> None:
    source = Source("a.csv", columns={"item_id": "sku", "timestamp": "t"}, time_unit="ms", header=True)
    assert source.as_dict() == {
        "location": "a.csv", "columns": {"item_id": "sku", "timestamp": "t"}, "time_unit": "ms", "header": True,
    }  # fmt: skip
    assert Source.from_dict(source.as_dict()) == source
    with pytest.raises(ConfigError, match=r"the key 'colums'.*did you mean columns"):
        Source.from_dict({"location": "a.csv", "colums": {}})
    with pytest.raises(ConfigError, match="without a location"):
        Source.from_dict({"table": "a"})
    with pytest.raises(ConfigError, match="expected a bool"):
        Source.from_dict({"location": "a.csv", "header": "yes"})
    assert "secret" not in Source("postgresql://me:secret@host/shop").shown
    shown = Source("postgresql://host/shop?user=me&password=secret&sslmode=require").shown
    assert shown == "postgresql://host/shop?user=me&password=***&sslmode=require"


@pytest.mark.parametrize("missing", ["1970-01-01", "1900-01-01", "1899-12-30", "0001-01-01"])
def test_a_time_that_stands_for_none_does_not_begin_the_log(shelf, missing: str) -> None:
    rows = "".join(f"a,2023-01-{day:02d}\n" for day in range(1, 29)) * 8
    shelf.read(shelf.file("log.csv", f"item,date\n{rows}b,{missing}\n"))
    assert [row["reason"] for row in shelf.rejected()] == ["a day that stands for an unknown time"]
    assert min(row["timestamp"] for row in shelf.events()) == datetime(2023, 1, 1, tzinfo=UTC)


def test_zeros_among_seconds_are_set_aside_and_days_counted_from_zero_are_a_log(shelf) -> None:
    seconds = "".join(f"a,{1_672_531_200 + 60 * k}\n" for k in range(300))
    shelf.read(shelf.file("log.csv", f"item,ts\n{seconds}b,0\n"))
    assert len(shelf.rejected()) == 1
    old = "".join(f"a,{86_400 * k}\n" for k in range(300))
    shelf.read(
        Source(
            str(shelf.file("old.csv", f"item,ts\n{old}")),
            time_unit="s",
            columns={"item_id": "item", "timestamp": "ts"},
        )
    )
    assert (len(shelf.events()), shelf.rejected()) == (300, [])


def test_old_times_are_times(shelf) -> None:
    rows = "".join(f"a,{year}-05-01\n" for year in range(1950, 2024))
    shelf.read(shelf.file("log.csv", f"item,date\n{rows}"))
    assert (len(shelf.events()), shelf.rejected()) == (74, [])
