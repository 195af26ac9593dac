"""The snapshots of one project that a server has open: the published one, swapped at once, and a few older ones."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from pathlib import Path

from trail.errors import DataError, TrailError
from trail.operations.mapping import mapped_files
from trail.operations.publishing import published_snapshot
from trail.operations.workspace import Workspace
from trail.snapshots import snapshots_in
from trail.snapshots.mapped import Mapped, open_mapped

_LOG = logging.getLogger("trail.service")


class Shelf:
    """The open snapshots of a project; reading `current` needs no lock and never waits.

    Args:
        name: The project's name in addresses.
        folder: The project.
        past: Older snapshots kept open at most.
    """

    def __init__(self, name: str, folder: Path, past: int) -> None:
        self.name, self.folder = name, folder
        self._workspace = Workspace.open(folder)
        self._past: OrderedDict[str, Mapped] = OrderedDict()
        self._most = past
        self._lock = threading.Lock()
        self._current: Mapped | None = None
        self._refused = ""

    @property
    def current(self) -> Mapped:
        """The published snapshot.

        Raises:
            DataError: If nothing is forecast yet.
        """
        found = self._current
        if found is None:
            raise DataError(
                f"no snapshot to serve in {self.name}",
                expected="a sealed forecast",
                fix=f"run `trail forecast {self.name}`",
            )
        return found

    @property
    def workspace(self) -> Workspace:
        """The project."""
        return self._workspace

    @property
    def ready(self) -> bool:
        """Whether there is something to serve."""
        return self._current is not None

    @property
    def refused(self) -> str:
        """Why a newer snapshot is not served; empty if none was refused."""
        return self._refused

    def look(self) -> bool:
        """Looks for a newly published snapshot and serves it; the last good one stays where it is damaged.

        Returns:
            Whether another one is served now.
        """
        try:
            found, passed = published_snapshot(self._workspace)
            self._note(passed)
            if found is None or self._serves(found):
                return False
            opened = self._opened(found)
        except (TrailError, OSError) as error:
            self._note(str(error))
            return False
        self._current = opened
        _LOG.info(
            "%s: snapshot %s (%s) is served", self.name, opened.name, opened.snapshot.manifest.seal[:16]
        )
        return True

    def names(self) -> list[str]:
        """Returns the names of the snapshots that there are, the latest first."""
        return [each.name for each in reversed(snapshots_in(self._workspace.snapshots))]

    def at(self, name: str) -> Mapped:
        """Returns a snapshot by its name; the published one for an empty name.

        Raises:
            DataError: If there is none of that name, or it is damaged.
        """
        if not name or (self._current is not None and self._current.name == name):
            return self.current
        with self._lock:
            if name not in self._past:
                self._past[name] = self._opened(self._named(name))
            self._past.move_to_end(name)
            while len(self._past) > self._most:
                self._past.popitem(last=False)
            return self._past[name]

    def _named(self, name: str) -> Path:
        found = {each.name: each for each in snapshots_in(self._workspace.snapshots)}
        if name not in found:
            raise DataError(f"the snapshot {name!r}", expected="one of the snapshots listed", where=self.name)
        return found[name]

    def _serves(self, folder: Path) -> bool:
        """Whether a snapshot is the one that is served, by name and seal."""
        from trail.snapshots import read_manifest  # noqa: PLC0415

        now = self._current
        return (
            now is not None
            and now.name == folder.name
            and now.snapshot.manifest.seal == read_manifest(folder).seal
        )

    def _opened(self, folder: Path) -> Mapped:
        return open_mapped(mapped_files(self._workspace, folder), folder)

    def _note(self, why: str) -> None:
        """Logs why a snapshot is not served, once."""
        if why and why != self._refused:
            _LOG.error("%s: not served: %s", self.name, why)
        self._refused = why
