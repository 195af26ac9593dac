"""The page of the command line is the one that the commands make."""

import subprocess
import sys
from pathlib import Path

from trail.evaluate.ablations import VARIANTS
from trail.operations.lineup import GROUPS, NONE, UNTUNED

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"


def test_the_committed_page_is_the_generated_one():
    words = ["trail.cli", "utils", "docs", "--name", "trail", "--title", "The command line"]
    made = subprocess.run([sys.executable, "-m", "typer", *words], capture_output=True, text=True, check=True)
    assert PAGE.read_text(encoding="utf-8") == made.stdout, "run: make docs"


def test_the_page_lists_every_name_beside_the_baselines():
    (line,) = [
        each
        for each in PAGE.read_text(encoding="utf-8").splitlines()
        if each.startswith("* `--with NAMES`: What to try")
    ]
    for name in (*VARIANTS, *GROUPS, UNTUNED, NONE):
        assert name in line
