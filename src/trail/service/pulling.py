"""Published snapshots pulled out of a database while a server runs; what is served stays where that fails."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from trail.errors import DataError, EngineError
from trail.operations.exporting import pull, pull_older
from trail.project import CONFIG
from trail.service.lines import one_line
from trail.service.settings import ServiceSettings

_LOG = logging.getLogger("trail.service")


def pull_all(settings: ServiceSettings) -> None:
    """Brings what is published of every project into its folder, before a server begins.

    Whatever is wrong there is logged, and what was pulled before is served.

    Raises:
        ConfigError: If another project lies in a folder, or the driver is not installed.
        DataError: If a project is not in the database, or what arrived is damaged, and there is nothing to serve yet.
        EngineError: If the database does not answer and there is nothing to serve yet.
    """
    for name, folder in settings.projects.items():
        try:
            pull(settings.source, name, folder)
        except (DataError, EngineError) as error:
            if not (folder / CONFIG).is_file():
                raise
            _LOG.error("%s: not pulled: %s", name, one_line(str(error)))


def _pull_more(source: str, name: str, folder: Path) -> None:
    pull(source, name, folder)
    pull_older(source, name, folder)


async def keep_pulling(settings: ServiceSettings) -> None:
    """Brings what is newly published, and an older snapshot, again and again; a failure is logged once until it changes."""
    said: dict[str, str] = {}
    while True:
        await asyncio.sleep(settings.pull_seconds)
        for name, folder in settings.projects.items():
            try:
                await asyncio.to_thread(_pull_more, settings.source, name, folder)
                why = ""
            except Exception as error:  # noqa: BLE001 - whatever fails, what is served stays and the next look comes
                why = f"{type(error).__name__}: {error}"
            if why and why != said.get(name):
                _LOG.error("%s: not pulled: %s", name, one_line(why))
            said[name] = why
