"""What a backtest keeps of itself: parts that are whole, and what becomes of one that is not."""

from __future__ import annotations

from handmade import rows_for

from trail.evaluate import Results
from trail.operations.tried import Tried


def test_a_damaged_part_is_removed_and_the_rest_is_kept(tmp_path):
    rows = tuple(rows_for({"decayed": 0.8}, {"decayed": 0.9}))
    early = Results(tuple(row for row in rows if row.split == "validation"))
    late = Results(tuple(row for row in rows if row.split == "test"))
    tried = Tried(tmp_path / "tried")
    assert tried.read() == Results()
    tried.add(early)
    tried.add(late)
    assert set(tried.read().rows) == set(rows)
    (tmp_path / "tried" / "00000" / "rows.parquet").write_bytes(b"half of a")
    assert set(tried.read().rows) == set(late.rows)
    tried.add(early)
    assert set(tried.read().rows) == set(rows)
    assert [part.name for part in sorted((tmp_path / "tried").iterdir())] == ["00001", "00002"]
