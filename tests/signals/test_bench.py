"""The three ways of `bench/signals.py` agree on every signal, so its times compare equal work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench" / "signals.py"


@pytest.mark.slow
def test_the_contenders_agree():
    options = ["--events", "20000", "--items", "900", "--repeats", "1"]
    done = subprocess.run([sys.executable, str(BENCH), *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "disagreements beyond 1e-9: none" in done.stdout
