"""What a log file is told while a stage runs."""

from __future__ import annotations

import io
import re

from rich.console import Console

from trail.cli import progress
from trail.cli.progress import _lines, reporting


def test_a_stage_is_told_when_it_begins_every_minute_and_when_it_ends():
    now = [0.0]
    out = io.StringIO()
    report = _lines(Console(file=out), "in all", lambda: now[0])
    for second, done in ((0, 0), (10, 5), (59, 30), (60, 40), (61, 41), (90, 100), (100, 0)):
        now[0] = second
        report("score", done, 100)
    report("in all", 0, 754)
    report("data", 0, 1)
    report("data", 1, 1)
    assert out.getvalue().splitlines() == [
        "score: 0 of 100, 0 s",
        "score: 40 of 100, 60 s, about 90 s left",
        "score: 100 of 100, 90 s",
        "score: 0 of 100, 0 s",
        "in all: about 13 minutes",
        "data: begun, 0 s",
        "data: ended, 0 s",
    ]


def test_without_a_terminal_lines_go_to_stderr(capsys):
    with reporting() as report:
        report("data", 1, 1)
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err == "data: ended, 0 s\n"


def test_on_a_terminal_the_whole_has_a_bar_of_its_own(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(progress, "Console", lambda **_: Console(file=screen, force_terminal=True, width=100))
    with reporting() as report:
        report("in all", 0, 754)
        report("score", 40, 100)
    last = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in screen.getvalue().splitlines()]
    whole, stage = (
        next(line for line in reversed(last) if line.startswith(name)) for name in ("in all", "score")
    )
    assert "about 13 min" in whole
    assert "left 13 min" in whole
    assert "40/100" in stage
