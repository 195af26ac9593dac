"""A random log comes back the same from every format; the shared real logs are read without a mapping."""

import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trail.engine import connect
from trail.events import IngestRules, guess, ingest, open_items, open_log

NOW = datetime(2030, 1, 1, tzinfo=UTC)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=6)
ROW = st.tuples(
    WORDS.map(lambda text: "i" + text),
    st.integers(0, 20 * 365 * 86_400).map(lambda second: datetime(2005, 1, 1, tzinfo=UTC) + timedelta(seconds=second)),
    WORDS.map(lambda text: "u" + text),
    st.sampled_from([0.0, 0.5, 1.0, 3.0]),
    st.integers(0, 10_000).map(lambda cents: cents / 100),
)  # fmt: skip
NAMES = ("item_id", "timestamp", "user_id", "weight", "price")


def quoted(cell: object) -> str:
    return '"' + str(cell).replace('"', '""') + '"'


def save(rows: list[tuple], form: str, folder: Path) -> Path:
    path = folder / f"log.{form}"
    if form == "csv":
        lines = [",".join(NAMES), *(",".join(map(quoted, (r[0], r[1].isoformat(), *r[2:]))) for r in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    elif form == "jsonl":
        named = [dict(zip(NAMES, (r[0], int(r[1].timestamp() * 1000), *r[2:]), strict=True)) for r in rows]
        path.write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in named), encoding="utf-8"
        )
    else:
        pq.write_table(pa.table({name: [row[k] for row in rows] for k, name in enumerate(NAMES)}), path)
    return path


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROW, min_size=1, max_size=20), st.sampled_from(["csv", "jsonl", "parquet"]))
def test_guess_and_ingest_give_the_log_back(rows: list[tuple], form: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = guess(save(rows, form, folder))
        assert found.columns == {name: name for name in NAMES}
        done = ingest([found.source], [], folder / "out", IngestRules(0.0), now=NOW)
        read = [tuple(row[name] for name in NAMES) for row in pq.read_table(done.events).to_pylist()]
        assert sorted(read) == sorted(rows)
        assert [row[:2] for row in read] == sorted(
            (row[:2] for row in read), key=lambda r: (r[0].encode(), r[1])
        )
        catalogue = pq.read_table(done.items)["item_id"].to_pylist()
        assert sorted(catalogue) == sorted({row[0] for row in rows})


def test_row_numbers_hold_over_many_rows_and_threads(shelf) -> None:
    bad = {1_000, 1_001, 30_000, 60_001, 99_999}
    lines = ["item,date,user"]
    lines += [
        "broken" if number in bad else f"i{number},{'never' if number % 20_000 == 0 else '2023-01-01'},u"
        for number in range(2, 120_002)
    ]
    done = shelf.read(shelf.file("log.csv", "\n".join(lines) + "\n"))
    found = {int(row["row"]): row["reason"] for row in shelf.rejected()}
    assert {row for row, reason in found.items() if "cut" in reason} == bad
    assert {row for row, reason in found.items() if "time" in reason} == {20_000 * k for k in range(1, 7)}
    assert done.event_rows == 120_000 - 11


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sizes", "known"),
    [
        ("online_retail_ii", (1_014_944, 4_707), ("orders", None)),
        ("movietweetings", (141_695, 12_611), ("ratings", None)),
        ("ml_1m", (999_611, 3_416), ("ratings", None)),
        ("amazon_beauty_2014", (198_215, 12_086), ("reviews", 1)),
        ("github_stars", (799_252, 7_438), ("stars", 7)),
    ],
)
def test_the_shared_logs_need_no_mapping(shared_data, tmp_path, name, sizes, known) -> None:
    what, days = known
    folder = shared_data / name
    log, catalogue = guess(folder), guess(folder, "items")
    assert log.source.time_unit == "s"
    assert log.name == what
    assert log.columns["weight"] == "count"
    done = ingest([log.source], [catalogue.source], tmp_path, IngestRules(), now=NOW)
    connection = connect(threads=2)
    opened = open_log(connection, done.events, name=log.name)
    assert (opened.rows, open_items(connection, done.items).rows) == sizes
    assert done.set_aside == {}
    assert opened.grid == (timedelta(days=days) if days else None)
    assert opened.has_prices == (name == "online_retail_ii")
    assert opened.has_users == (name != "github_stars")
