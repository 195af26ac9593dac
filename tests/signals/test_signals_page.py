"""The page of signals is the one that the signals make."""

from __future__ import annotations

from pathlib import Path

from trail.signals import SIGNALS
from trail.signals.docs import signals_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "signals.md"


def test_the_committed_page_is_the_generated_one():
    page = PAGE.read_text(encoding="utf-8")
    assert page == signals_page(), "run: python -m trail.signals.docs > docs/signals.md"


def test_every_signal_has_one_row_with_its_meaning():
    rows = [line for line in signals_page().splitlines() if line.startswith("| `")]
    assert len(rows) == len(SIGNALS)
    for signal in SIGNALS:
        (row,) = (row for row in rows if row.startswith(f"| `{signal.name}` |"))
        assert row.count(" | ") == 5
        assert signal.doc in row
