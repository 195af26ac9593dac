"""Calls side by side: results in order, and the first failure ends it."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest

from trail.engine import side_by_side


def test_results_are_in_the_order_of_the_calls():
    def late(at: int) -> int:
        time.sleep(0.02 / (1 + at))
        return at

    assert side_by_side([partial(late, at) for at in range(6)]) == list(range(6))
    assert side_by_side([]) == []


def test_a_failure_is_raised_and_what_has_not_begun_is_left(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    begun, failed = [], threading.Event()

    def fail() -> None:
        failed.set()
        raise ValueError("no")

    def work(at: int) -> None:
        begun.append(at)
        time.sleep(0.05)

    with pytest.raises(ValueError, match="no"):
        side_by_side([fail, *(partial(work, at) for at in range(20))])
    assert failed.is_set()
    assert len(begun) < 5
