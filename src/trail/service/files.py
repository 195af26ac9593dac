"""JSON files of a project's reports, read again only where they changed."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

#: A larger file is not read for a page.
_MOST = 64_000_000


def read_json(path: Path) -> dict[str, Any] | None:
    """Returns what a file says; null where it is missing, no JSON object, or larger than a page could use."""
    try:
        known = path.stat()
        return _read(path, known.st_mtime_ns, known.st_size) if known.st_size <= _MOST else None
    except (OSError, ValueError, RecursionError):
        return None


@lru_cache(maxsize=32)
def _read(path: Path, changed: int, size: int) -> dict[str, Any] | None:  # noqa: ARG001 - they tell states of the file apart
    found = json.loads(path.read_text(encoding="utf-8"))
    return found if isinstance(found, dict) else None
