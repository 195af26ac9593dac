"""A process of its own, killed outright at a moment of which it tells."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def kill_when_it_says(word: str, script: str, *arguments: object) -> None:
    """Runs a script until it prints a line with the word, then sends it SIGKILL and waits for its end."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline().strip() == word
        running.send_signal(signal.SIGKILL)
