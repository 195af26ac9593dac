"""The log and the catalogue of a project, read once into the product's own columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from trail.engine import connect
from trail.events import EventLog, Ingested, Items, ingest, open_items, open_log
from trail.operations.workspace import Report, Workspace, quiet


@dataclass(frozen=True)
class Data:
    """A project's log and catalogue, opened.

    Attributes:
        log: The events.
        items: The catalogue.
        ingested: What was read, and what was set aside and why.
    """

    log: EventLog
    items: Items
    ingested: Ingested

    @property
    def fingerprint(self) -> str:
        """Hash of both."""
        return self.ingested.fingerprint


def prepare(workspace: Workspace, report: Report = quiet) -> Data:
    """Reads the project's sources into `data/` and opens them.

    Raises:
        DataError: If a source is missing, or says what the contract does not allow.
    """
    project, folder = workspace.project, workspace.folder
    report("data", 0, 1)
    found = ingest(
        [source.within(folder) for source in project.events],
        [source.within(folder) for source in project.items],
        workspace.data,
        project.rules,
        now=datetime.now(UTC),
    )
    report("data", 1, 1)
    connection = connect()
    log = open_log(connection, found.events, name=project.noun)
    return Data(log, open_items(connection, found.items), found)
