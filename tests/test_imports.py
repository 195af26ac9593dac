"""Nothing happens at import: no torch, no files, no connection."""

import subprocess
import sys

import pytest

_LISTED = """
import sys, importlib
importlib.import_module({name!r})
print("\\n".join(sorted({{each.split(".")[0] for each in sys.modules}})))
"""


def loaded_by(name, folder):
    done = subprocess.run(
        [sys.executable, "-c", _LISTED.format(name=name)],
        capture_output=True,
        text=True,
        cwd=folder,
        check=True,
    )
    assert done.stderr == ""
    return set(done.stdout.split())


def test_import_trail_loads_nothing_heavy(tmp_path):
    assert not {"torch", "transformers", "ibis", "duckdb", "lightgbm", "numpy"} & loaded_by("trail", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "absent"),
    [
        ("trail.cli", {"torch", "transformers", "ibis", "duckdb", "lightgbm"}),
        ("trail.baselines", {"torch", "transformers", "peft"}),
        ("trail.operations", {"torch", "transformers", "peft"}),
        ("trail.service.guard", {"torch", "transformers", "peft"}),
    ],
)
def test_the_command_line_answers_before_heavy_libraries_load(name, absent, tmp_path):
    assert not absent & loaded_by(name, tmp_path)
    assert list(tmp_path.iterdir()) == []
