"""What changed between two states of a log, beside a count of rows in Python."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trail.events import EVENT_SCHEMA, Horizon
from trail.operations.difference import NONE, difference

CUTOFF = datetime(2024, 3, 1, tzinfo=UTC)
ROW = st.tuples(
    st.sampled_from(["a", "b"]),
    st.sampled_from([-169, -168, -167, -48, -25, -24, -23, 0, 1]).map(
        lambda hours: CUTOFF + timedelta(hours=hours)
    ),
    st.sampled_from([None, "u"]),
    st.sampled_from([1.0, 2.0]),
    st.none(),
    st.sampled_from([None, 3.5]),
    st.none(),
)


def write(rows, path):
    columns = [
        pa.array(column, field.type)
        for column, field in zip(zip(*rows, strict=True), EVENT_SCHEMA, strict=True)
    ]
    pq.write_table(pa.table(columns, schema=EVENT_SCHEMA), path)


def by_hand(before, after, days):
    """Counts rows as a multiset."""
    new, gone = Counter(after) - Counter(before), Counter(before) - Counter(after)
    late = Counter({row: times for row, times in new.items() if row[1] < CUTOFF})
    told = Counter()
    for row, times in late.items():
        told[f"{row[1]:%Y-%m-%d}"] += times
    windows = {(CUTOFF - row[1] - timedelta(microseconds=1)) // timedelta(days=days) for row in late}
    return new.total(), gone.total(), late.total(), dict(told), len(windows)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(ROW, min_size=1, max_size=12),
    st.lists(ROW, max_size=4),
    st.integers(0, 4),
    st.sampled_from([1, 2, 7]),
)
def test_it_counts_as_a_multiset_does(tmp_path, before, added, dropped, days):
    after = (before[dropped:] + added) or before
    write(before, tmp_path / "before.parquet")
    write(after, tmp_path / "after.parquet")
    found = difference(
        tmp_path / "before.parquet", tmp_path / "after.parquet", CUTOFF, Horizon(days), spill=tmp_path
    )
    told = (found.new, found.vanished, found.late, dict(found.late_days), found.late_windows)
    assert told == by_hand(before, after, days)


@pytest.mark.parametrize("order", [1, -1])
def test_the_same_rows_in_another_order_differ_in_nothing(tmp_path, order):
    rows = [(item, CUTOFF, None, 1.0, None, None, None) for item in ("a", "b", "b")]
    write(rows, tmp_path / "before.parquet")
    write(rows[::order], tmp_path / "after.parquet")
    assert (
        difference(
            tmp_path / "before.parquet", tmp_path / "after.parquet", CUTOFF, Horizon(7), spill=tmp_path
        )
        == NONE
    )


@pytest.mark.parametrize(
    ("hours", "windows"), [((1, 24), 1), ((24, 25), 2), ((24,), 1), ((0,), 0), ((25, 48, 49), 2)]
)
def test_windows_end_at_the_cutoff_and_begin_a_day_before(tmp_path, hours, windows):
    old = ("a", CUTOFF - timedelta(days=90), None, 1.0, None, None, None)
    rows = [("a", CUTOFF - timedelta(hours=back), None, 1.0, None, None, None) for back in hours]
    write([old], tmp_path / "before.parquet")
    write([old, *rows], tmp_path / "after.parquet")
    found = difference(
        tmp_path / "before.parquet", tmp_path / "after.parquet", CUTOFF, Horizon(1), spill=tmp_path
    )
    assert (found.new, found.late, found.late_windows) == (len(rows), len(rows) if windows else 0, windows)
