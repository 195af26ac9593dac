"""The log and the catalogue of a project, read once into the product's own columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from trail.engine import connect, kept_open
from trail.errors import DataError
from trail.events import EventLog, Horizon, Ingested, Items, ingest, open_items, open_log
from trail.operations.locking import in_turn
from trail.operations.workspace import Report, Workspace, quiet

_LOCK = ".lock"


@dataclass(frozen=True)
class Data:
    """A project's log and catalogue, opened: they stay as they are, whatever another process reads meanwhile.

    Attributes:
        log: The events.
        items: The catalogue.
        ingested: What was read, and what was set aside and why; its files are the opened ones.
    """

    log: EventLog
    items: Items
    ingested: Ingested

    @property
    def fingerprint(self) -> str:
        """Hash of both."""
        return self.ingested.fingerprint


def prepare(workspace: Workspace, report: Report = quiet) -> Data:
    """Reads the project's sources into `data/` and opens them; waits while another command does.

    A reading clears away what others left half-read there, so none may begin before the one that goes on has ended.

    Raises:
        DataError: If a source is missing, or says what the contract does not allow, or its events usually arrive when the
            period that they could tell of is over.
    """
    project, folder = workspace.project, workspace.folder
    with in_turn(workspace.data / _LOCK, partial(report, "wait for another reading")):
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
        events, items = (kept_open(connection, path) for path in (found.events, found.items))
    log = open_log(connection, events, name=project.noun)
    _check_arrivals(log, project.horizon)
    return Data(log, open_items(connection, items), replace(found, events=events, items=items))


def _check_arrivals(log: EventLog, horizon: Horizon) -> None:
    if log.arrivals and log.arrivals.wait > horizon.span:
        raise DataError(
            f"events of which most arrive {log.arrivals.wait.days:,} days after their day, by ingested_at",
            expected=f"at most {horizon.days} days, the horizon: a forecast that waits longer is made when its period is over",
            fix="where ingested_at is the time of a later copy of the log, leave it out of the columns in trail.toml",
        )
