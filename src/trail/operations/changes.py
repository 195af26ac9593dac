"""What a night's reading of the sources changed: rows that are new, that came late, that vanished, and whose files."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from trail.engine import file_hash, whole_folder, write_json
from trail.events import Role
from trail.events.job import EVENTS_FILE
from trail.events.locate import files_of
from trail.operations.data import Data
from trail.operations.difference import NONE, Difference, difference
from trail.operations.workspace import Workspace

_SEEN, _EVENTS, _STATE = "seen", "events.parquet", "state.json"


@dataclass(frozen=True)
class Change:
    """What changed since the last run of the night.

    Attributes:
        first: Whether there was no earlier run to compare with.
        rows: Events now.
        refused: Rows of all sources that were set aside.
        new: Events that were not there.
        vanished: Events that were there and are not any more: a file was removed or edited.
        late: New events from before the last run's cutoff.
        late_days: Day -> its late events.
        late_windows: Windows of the horizon's length, counted back from that cutoff, that late events lie in.
        files: File -> `new`, `edited` or `gone`.
        doubled: Pairs of files of the log with the same bytes, which count once.
        since: Fingerprint of the data of that earlier run; empty without one.
    """

    first: bool
    rows: int
    refused: int
    new: int
    vanished: int
    late: int
    late_days: Mapping[str, int] = field(default_factory=dict)
    late_windows: int = 0
    files: Mapping[str, str] = field(default_factory=dict)
    doubled: tuple[tuple[str, str], ...] = ()
    since: str = ""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What somebody should look at, one sentence each."""
        lines = []
        if self.vanished:
            lost = [name for name, how in self.files.items() if how != "new"]
            by = (
                f": {', '.join(lost)} {'was' if len(lost) == 1 else 'were'} removed or edited" if lost else ""
            )
            lines.append(f"{self.vanished:,} events of the last run are not there any more{by}")
        lines += [
            f"{one} and {two} hold the same bytes: their events count once" for one, two in self.doubled
        ]
        return tuple(lines)

    @property
    def words(self) -> str:
        """What changed, in one line."""
        if self.first:
            said = f"{self.rows:,} events, nothing to compare with"
        elif not (self.new or self.vanished):
            said = f"{self.rows:,} events, none new"
        else:
            said = f"{self.rows:,} events, {self.new:,} new"
        if self.late:
            said += f", {self.late:,} of them late on {_many(len(self.late_days), 'day')} in {_many(self.late_windows, 'window')}"
        if self.refused:
            said += f"; {_many(self.refused, 'row')} refused"
        return said


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def changed(workspace: Workspace, data: Data) -> Change:
    """Compares a project's log with the one of the last run (`remember`)."""
    before = _state(workspace)
    files = _files(workspace)
    found = _rows(workspace, data, before) if before else NONE
    return Change(
        first=before is None,
        rows=data.log.rows,
        refused=sum(data.ingested.set_aside.values()),
        new=found.new if before else data.log.rows,
        vanished=found.vanished,
        late=found.late,
        late_days=found.late_days,
        late_windows=found.late_windows,
        files=_moved(before["files"], files["all"]) if before else dict.fromkeys(files["all"], "new"),
        doubled=files["doubled"],
        since=before["fingerprint"] if before else "",
    )


def together(changes: Sequence[Change]) -> Change:
    """Returns the changes of readings that followed one another, as one: of those before the last, what is to be told still.

    Args:
        changes: The earliest first; each since the one before it.
    """
    told = [each for each in changes if not each.first] or [*changes[-1:]]
    late_days: Counter[str] = Counter()
    for each in told:
        late_days.update(each.late_days)
    return replace(
        changes[-1],
        first=told[-1].first,
        new=sum(each.new for each in told),
        vanished=sum(each.vanished for each in told),
        late=sum(each.late for each in told),
        late_days=dict(late_days),
        late_windows=max(
            each.late_windows for each in told
        ),  # each counts them back from a cutoff of its own
        files={name: how for each in told for name, how in each.files.items()},
        since=told[0].since,
    )


def _rows(workspace: Workspace, data: Data, before: Mapping[str, Any]) -> Difference:
    earlier, now = _seen(workspace) / _EVENTS, data.ingested.events
    if earlier.samefile(now):
        return NONE
    cutoff = datetime.fromisoformat(before["cutoff"])
    return difference(earlier, now, cutoff, workspace.project.horizon, spill=workspace.data)


def remember(workspace: Workspace, data: Data) -> None:
    """Keeps the log as it is now, for the next run to compare with: a second name of the same file, which takes no room.

    Raises:
        EngineError: If it cannot be written.
    """
    state = {
        "fingerprint": data.fingerprint,
        "cutoff": data.log.last_cutoff().isoformat(),
        "files": _files(workspace)["all"],
    }
    there, seen = _state(workspace), _seen(workspace)
    if there == state and (seen / _EVENTS).samefile(data.ingested.events):
        return
    with whole_folder(seen) as temporary:
        _keep(workspace.data / EVENTS_FILE, data.ingested.events, temporary / _EVENTS)
        write_json(state, temporary / _STATE)


def _keep(name: Path, opened: Path, kept: Path) -> None:
    """Gives an opened file a second name, or copies it where another has taken its first one."""
    with suppress(OSError):  # a file system without second names
        os.link(name, kept)
        if kept.samefile(opened):
            return
        kept.unlink()
    shutil.copyfile(opened, kept)


def _seen(workspace: Workspace) -> Path:
    return workspace.data / _SEEN


def _state(workspace: Workspace) -> dict[str, Any] | None:
    """Returns what the last run saw; null where there was none, or it cannot be read."""
    folder = _seen(workspace)
    try:
        found = json.loads((folder / _STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return dict(found) if (folder / _EVENTS).is_file() else None


def _moved(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    gone = {name: "gone" for name in before if name not in now}
    others = {
        name: "edited" if name in before else "new"
        for name, found in now.items()
        if before.get(name) != found
    }
    return gone | others


def _files(workspace: Workspace) -> dict[str, Any]:
    """Returns the hash of every file that is read, and the pairs of the log's files that are the same."""
    hashed: dict[Path, str] = {}
    of_log = []
    for role, path in _paths(workspace):
        if path not in hashed:
            hashed[path] = file_hash(path)
        if role == "events":
            of_log.append((hashed[path], path))
    names = {path: os.path.relpath(path, workspace.folder) for path in hashed}
    counted = Counter(found for found, _ in of_log)
    same = sorted((found, names[path]) for found, path in of_log if counted[found] > 1)
    doubled = tuple((one[1], two[1]) for one, two in pairwise(same) if one[0] == two[0])
    return {"all": {names[path]: found for path, found in hashed.items()}, "doubled": doubled}


def _paths(workspace: Workspace) -> Iterator[tuple[Role, Path]]:
    roles: tuple[Role, ...] = ("events", "items")
    for role in roles:
        for source in workspace.project.events if role == "events" else workspace.project.items:
            if not source.is_database:
                yield from ((role, path) for path in files_of(source.within(workspace.folder), role))
