"""The snapshots of one project that a server has open: the published one, swapped at once, and a few older ones."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trail.errors import DataError, EngineError, MissingError, TrailError
from trail.operations.mapping import opened_mapped, readable
from trail.operations.publishing import POINTER, standing
from trail.operations.workspace import Workspace
from trail.service.lines import one_line
from trail.service.marks import Marks, mark_of, marks_of
from trail.service.problems import FullError, NotReadyError, without_folders
from trail.snapshots import MANIFEST, may_name, read_manifest
from trail.snapshots.mapped import Mapped

_LOG = logging.getLogger("trail.service")
#: Seconds until what was refused is looked at again though no mark changed.
_AGAIN = 30.0
#: Seconds that a request waits while another older snapshot is opened, and requests that open or wait at once: each of
#: them holds one of the threads that answer all else.
_PATIENCE, _WAITING = 1.0, 4


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
        self._past: OrderedDict[str, tuple[Marks, Mapped]] = OrderedDict()
        self._most = past
        self._told: dict[str, Marks] = {}
        self._opening, self._order = threading.Lock(), threading.Lock()
        self._room = threading.BoundedSemaphore(_WAITING)
        self._current: Mapped | None = None
        self._refused = ""
        self._names: tuple[str, ...] = ()
        self._seen: Marks | None = None
        self._until = 0.0

    @property
    def current(self) -> Mapped:
        """The published snapshot.

        Raises:
            NotReadyError: If nothing is forecast yet.
        """
        found = self._current
        if found is None:
            raise NotReadyError(
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
        """Why a newer snapshot is not served, without saying where files lie; empty if none was refused."""
        return without_folders(self._refused.replace(str(self._workspace.folder), self.name))

    def look(self) -> bool:
        """Looks for a newly published snapshot and serves it; the last good one stays where it is damaged.

        Where no file changed since the last look, none is read.

        Returns:
            Whether another one is served now.
        """
        marks = marks_of(self._workspace.snapshots, self._workspace.folder / POINTER)
        if marks == self._seen and time.monotonic() < self._until:
            return False
        self._seen = None
        try:
            swapped = self._looked()
            self._seen = marks
        except DataError as error:
            swapped, self._seen = False, marks
            self._note(str(error))
        except (
            TrailError,
            OSError,
        ) as error:  # may go by itself, as a full disk does: looked at again at once
            swapped = False
            self._note(str(error))
        self._until = time.monotonic() + _AGAIN if self._refused else float("inf")
        return swapped

    def _looked(self) -> bool:
        self._names = tuple(folder.name for folder, _ in readable(self._workspace))
        found, passed = self._standing()
        if found is None or self._serves(found):
            self._note(passed)
            return False
        opened = opened_mapped(self._workspace, found)
        self._current = opened
        seal = opened.snapshot.manifest.seal[:16]
        _LOG.info("%s: snapshot %s (%s) is served", self.name, one_line(opened.name), seal)
        self._note(passed)
        return True

    def _standing(self) -> tuple[Path | None, str]:
        """Returns the snapshot to serve, null where the one that is served stays, and why another one is not."""
        pointed = (self._workspace.folder / POINTER).exists()
        found = standing(self._workspace)
        # without a pointer the first sentence says that, and the newest whole one is what is meant
        passed = "; ".join(found.why if pointed else found.why[1:])
        stays = pointed and passed and self._current is not None
        return None if stays else found.folder, passed

    def names(self) -> list[str]:
        """Returns the names of the snapshots that there were at the last look, the latest first."""
        return list(self._names)

    def at(self, name: str) -> Mapped:
        """Returns a snapshot by its name; the published one for an empty name.

        One that is not open yet is opened, which takes a while: not to be called in the event loop.

        Raises:
            MissingError: If there is none of that name.
            DataError: If it is damaged.
            EngineError: If it cannot be read.
            FullError: If others are being opened.
        """
        if not name:
            return self.current
        now = self._current
        if now is not None and now.name == name:
            return now  # and not `current`, which may be another one by now
        marks = self._marks(name)
        try:
            return self._kept(name, marks) or self._opened(name, marks)
        except DataError as error:
            self._marks(name)  # it may have been removed meanwhile
            self._tell(name, marks, str(error))
            raise
        except OSError as error:
            raise EngineError(f"the snapshot {name} cannot be read: {error}") from error

    def _tell(self, name: str, marks: Marks, why: str) -> None:
        """Logs what is wrong with an older snapshot, once while no file of it changes."""
        if self._told.get(name) != marks:
            _LOG.error("%s: snapshot %s: %s", self.name, name, one_line(why))
        self._told[name] = marks

    def _marks(self, name: str) -> Marks:
        """Returns the marks of a snapshot's manifest; raises MissingError if it is not there."""
        marks = mark_of(self._workspace.snapshots / name / MANIFEST) if may_name(name) else ()
        if not marks:
            raise MissingError(
                f"the snapshot {name!r}", expected="one of the snapshots listed", where=self.name
            )
        return marks

    def _kept(self, name: str, marks: Marks) -> Mapped | None:
        """Returns an older snapshot that is open, unless another one lies there under its name by now."""
        with self._order:
            was, found = self._past.get(name, ((), None))
            if found is None or was != marks:
                return None
            self._past.move_to_end(name)
            return found

    def _opened(self, name: str, marks: Marks) -> Mapped:
        with self._turn():
            found = self._kept(name, marks) or opened_mapped(
                self._workspace, self._workspace.snapshots / name
            )
        with self._order:
            self._past[name] = (marks, found)
            while len(self._past) > self._most:
                self._past.popitem(last=False)
        return found

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Lets one open an older snapshot, and a few wait a little until they may.

        Raises:
            FullError: If it takes too long, or too many wait.
        """
        busy = FullError("older snapshots are being opened", fix="ask again in a few seconds")
        if not self._room.acquire(blocking=False):
            raise busy
        try:
            if not self._opening.acquire(timeout=_PATIENCE):
                raise busy
            try:
                yield
            finally:
                self._opening.release()
        finally:
            self._room.release()

    def _serves(self, folder: Path) -> bool:
        """Whether a snapshot is the one that is served, by name and seal."""
        now = self._current
        return (
            now is not None
            and now.name == folder.name
            and now.snapshot.manifest.seal == read_manifest(folder).seal
        )

    def _note(self, why: str) -> None:
        """Logs why a snapshot is not served, once."""
        if why and why != self._refused:
            _LOG.error("%s: not served: %s", self.name, one_line(why))
        self._refused = why
