"""The backtests of a project that named a champion, the latest first."""

from __future__ import annotations

from pathlib import Path

from trail.engine import newest_first
from trail.evaluate.champion import CHAMPION
from trail.service.shelf import Shelf


def champions(shelf: Shelf) -> list[tuple[int, Path]]:
    """Returns when each backtest named its champion, in nanoseconds since 1970, and the file in which it did."""
    return newest_first((shelf.folder / "reports").glob(f"*/{CHAMPION}"))
