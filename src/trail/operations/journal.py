"""The journal of a project's nightly runs: which steps of the latest are done, and what they said."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trail.engine import write_json
from trail.errors import TrailError
from trail.operations.steps import Step

JOURNAL = "run.json"


@dataclass
class Journal:
    """What `run.json` says: it tells, and decides nothing that a snapshot, a model or the pointer says itself.

    Attributes:
        path: The file.
        values: What stands in it.
        error: Why it could not be written; null if it could.
    """

    path: Path
    values: dict[str, Any]
    error: TrailError | None = None

    @classmethod
    def of(cls, folder: Path) -> Journal:
        """Reads the journal of a project's last run; empty where there is none, or it cannot be read."""
        path = folder / JOURNAL
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = {}
        return cls(path, dict(found) if isinstance(found, dict) else {})

    def open_at(self, key: str, **told: Any) -> bool:
        """Begins a run, or goes on with one of the same key that did not end; returns whether it is the latter.

        Args:
            key: Hash of what decides the run.
            told: What the journal says of a run that begins; of one that goes on it says what it did.
        """
        self.values.pop("unread", None)
        if self.values.get("key") == key and self.values.get("ended") is None:
            return True
        kept = {"published": self.values.get("published", ""), "last_key": self.values.get("key", "")}
        self.values = {**kept, "key": key, "begun": _now(), "ended": None, "steps": [], **told}
        self.write()
        return False

    def unread(self, step: Step) -> None:
        """Says that a later run could not read the sources; of the run that goes on or is over the rest still tells."""
        self.values["unread"] = {"at": _now(), "words": step.words}
        self.write()

    def note(self, step: Step) -> None:
        """Enters a step."""
        others = [each for each in self.values.get("steps", []) if each["name"] != step.name]
        self.values["steps"] = [*others, asdict(step)]
        self.write()

    def end(self) -> None:
        """Says that the run came to its end."""
        self.values["ended"] = _now()
        self.write()

    def write(self) -> None:
        """Writes the file, whole or not at all; a failure is kept and stops nothing."""
        try:
            write_json(self.values, self.path)
        except TrailError as error:
            self.error = self.error or error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
