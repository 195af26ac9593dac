"""Published snapshots pulled out of a database while a server runs; what is served stays where that fails."""

from __future__ import annotations

import asyncio
import logging

from trail.errors import TrailError
from trail.operations.exporting import pull
from trail.service.lines import one_line
from trail.service.settings import ServiceSettings

_LOG = logging.getLogger("trail.service")


def pull_all(settings: ServiceSettings) -> None:
    """Brings what is published of every project into its folder, before a server begins.

    Raises:
        DataError: If a project is not in the database, or what arrived is damaged.
        EngineError: If the database refuses.
    """
    for name, folder in settings.projects.items():
        pull(settings.source, name, folder)


async def keep_pulling(settings: ServiceSettings) -> None:
    """Brings what is newly published, again and again; a failure is logged once until it changes."""
    said: dict[str, str] = {}
    while True:
        await asyncio.sleep(settings.pull_seconds)
        for name, folder in settings.projects.items():
            try:
                await asyncio.to_thread(pull, settings.source, name, folder)
                why = ""
            except TrailError as error:
                why = str(error)
            if why and why != said.get(name):
                _LOG.error("%s: not pulled: %s", name, one_line(why))
            said[name] = why
