"""How often a project's test origins were looked at: the best of many looks flatters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from trail.errors import EngineError


def count_look(path: Path, data: str, test: Sequence[datetime], **about: object) -> int:
    """Adds a run to a project's list and returns how many runs, this one included, saw some of its test origins.

    Lines are only added, and one that cannot be read counts for nothing.

    Args:
        path: The list, one JSON object a line; made if absent.
        data: Fingerprint of the events and the catalogue.
        test: Test origins.
        about: What else to keep of the run.

    Raises:
        EngineError: If the list cannot be read or written.
    """
    seen: dict[str, str | int] = {
        "data": data,
        "first": test[0].isoformat(),
        "last": test[-1].isoformat(),
        "origins": len(test),
    }
    line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="seconds"), **seen, **about})
    try:
        earlier = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        path.parent.mkdir(parents=True, exist_ok=True)
        # a line that was cut off by a kill must not swallow this one
        gap = "\n" if earlier and not earlier.endswith("\n") else ""
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{gap}{line}\n")
    except OSError as error:
        raise EngineError(
            f"could not write {path}: {error}", fix="move it away or free disk space"
        ) from error
    return 1 + sum(_saw(each, seen) for each in earlier.splitlines())


def _saw(line: str, seen: Mapping[str, str | int]) -> bool:
    """Tells whether a line is of a run whose test origins overlap: a log that grows holds the same periods."""
    try:
        found = json.loads(line)
        return bool(found["first"] <= seen["last"] and found["last"] >= seen["first"])
    except (ValueError, KeyError, TypeError):
        return False
