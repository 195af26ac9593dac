"""The wheel holds all that the package has beside its code: templates, styles, scripts, the vendored chart."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def held(root: Path, folder: Path) -> set[str]:
    wheel = pytest.importorskip(
        "hatchling.builders.wheel", reason="the project's build backend, an extra of dev"
    )
    made = next(wheel.WheelBuilder(str(root)).build(directory=str(folder), versions=["standard"]))
    return {name for name in zipfile.ZipFile(made).namelist() if name.startswith("trail/")}


@pytest.mark.parametrize("copied", [False, True], ids=["checkout", "what the container copies"])
def test_a_wheel_holds_every_file_of_the_package(tmp_path, copied):
    source = ROOT
    if copied:
        source = tmp_path / "build"
        shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, source)
    there = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src" / "trail").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"trail/service/pages/templates/base.html.j2", "trail/service/pages/static/trail.css"} <= there
    assert held(source, tmp_path / "dist") == there
