"""What all requests share: the shelves of the projects, kept answers, the desk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi import Path as InPath

from trail.errors import MissingError, TrailError
from trail.operations import ItemExplained
from trail.operations.workspace import moment_of
from trail.service.answers import Answers
from trail.service.audit import Act, Audit
from trail.service.desk import Desk
from trail.service.gauges import CUTOFF, REFUSED, SWAPS, WAITING
from trail.service.lines import one_line, trace_line
from trail.service.pulling import keep_pulling
from trail.service.settings import ServiceSettings
from trail.service.shelf import Shelf

_LOG = logging.getLogger("trail.service")
_CHECKS = 2


@dataclass(frozen=True)
class State:
    """What all requests share.

    Attributes:
        settings: What the server was told.
        shelves: Project's name -> its open snapshots.
        answers: Lists as bytes.
        desk: Where texts are ordered.
        checks: Passes for reading a text that was sent in, which may take half a second: few at a time, so that threads
            are left for all else.
        audit: Where it is noted which snapshot became the served one; null for nowhere.
    """

    settings: ServiceSettings
    shelves: Mapping[str, Shelf]
    answers: Answers
    desk: Desk
    checks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_CHECKS))
    audit: Audit | None = None

    @classmethod
    def of(cls, settings: ServiceSettings, audit: Audit | None = None) -> State:
        """Returns the state of a server that has looked at nothing yet."""
        shelves = {name: Shelf(name, folder, settings.past) for name, folder in settings.projects.items()}
        desk = Desk(write_explanation, settings.queue, settings.explain_seconds)
        return cls(settings, shelves, Answers(settings.cached_bytes), desk, audit=audit)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serves what is published, and looks for newer snapshots until the block ends."""
        await self.look()
        tasks = [asyncio.create_task(self._watch())]
        if self.settings.source:
            tasks.append(asyncio.create_task(keep_pulling(self.settings)))
        try:
            yield
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.desk.close()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self.settings.look_seconds)
            await self.look()

    async def look(self) -> None:
        """Serves what is published now, and forgets the answers of what was served before."""
        for shelf in self.shelves.values():
            try:
                swapped = await asyncio.to_thread(self._looked, shelf)
            except Exception as error:  # noqa: BLE001 - what is served stays, whatever a look stumbles over
                _LOG.error("%s: looking for a newer snapshot failed: %s", shelf.name, trace_line(error))
                continue
            if swapped:
                self.answers.forget(shelf.name)
                SWAPS.labels(shelf.name).inc()
                CUTOFF.labels(shelf.name).set(shelf.current.snapshot.manifest.moment.timestamp())
            REFUSED.labels(shelf.name).set(bool(shelf.refused))
        WAITING.set(self.desk.waiting)

    def _looked(self, shelf: Shelf) -> bool:
        """Looks for a newer snapshot and notes it; a disk that takes no note is told, and hinders nothing."""
        swapped = shelf.look()
        if swapped and self.audit is not None:
            found = shelf.current
            seal = found.snapshot.manifest.seal
            try:
                self.audit.note(
                    Act.SNAPSHOT_PUBLISHED, "server", project=shelf.name, snapshot=found.name, seal=seal
                )
            except TrailError as error:
                _LOG.error("%s: what is served now was not noted: %s", shelf.name, one_line(str(error)))
        return swapped


def write_explanation(folder: Path, snapshot: str, item_id: str) -> ItemExplained:
    """Writes the text of an item of a snapshot, in the process that writes."""
    from trail.operations import explain  # noqa: PLC0415 - only the writing process needs it

    return explain(folder, item_id, at=moment_of(snapshot))


async def state_of(request: Request) -> State:
    """Returns what all requests share; asynchronous, as a function would be run in a thread."""
    found: State = request.app.state.trail
    return found


async def shelf_of(
    request: Request,
    project: Annotated[str, InPath(max_length=100, description="Name of the project: its folder's.")],
) -> Shelf:
    """Returns the shelf of the project that an address names.

    Raises:
        MissingError: If there is none.
    """
    state: State = request.app.state.trail
    shelves = state.shelves
    if project not in shelves:
        raise MissingError(f"the project {project!r}", expected=f"one of {', '.join(shelves)}")
    return shelves[project]


Shared = Annotated[State, Depends(state_of)]
Named = Annotated[Shelf, Depends(shelf_of)]


def keep_state(app: FastAPI, state: State) -> None:
    """Gives an application what its requests share."""
    app.state.trail = state
