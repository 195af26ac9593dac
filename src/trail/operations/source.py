"""What the code says, as a hash: other definitions make other cards, and other models."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import trail
from trail.engine import file_hash, value_hash

#: Packages whose code decides a card; what a training makes of its data; what a baseline's number is.
CARDS = ("events", "signals")
TRAINING = (*CARDS, "facts", "baselines", "pairs", "model", "forecast")
MEASURING = (*CARDS, "baselines", "pairs", "evaluate")


@cache
def source_hash(*packages: str) -> str:
    """Returns a hash of Python files of `trail`, found by path: nothing is imported.

    Args:
        packages: Names of packages, such as `signals`, or of single modules, such as `operations/history`.
    """
    root = Path(trail.__file__).parent
    paths = [path for package in packages for path in _files(root / package)]
    return value_hash([(path.relative_to(root).as_posix(), file_hash(path)) for path in paths])


def _files(place: Path) -> list[Path]:
    """Returns the files of a package in order, or of a module its one."""
    return sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
