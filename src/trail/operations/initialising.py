"""`trail init`: looks at the files, guesses the columns, writes `trail.toml`, and shows what it guessed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trail.errors import ConfigError
from trail.events import CONTRACT, TOLD, Guess, Role, Source, guess, near
from trail.project import CONFIG, Project, save_project


@dataclass(frozen=True)
class Initialised:
    """A new project.

    Attributes:
        path: Its `trail.toml`.
        project: What it says.
        guesses: What was guessed of each source, events first.
    """

    path: Path
    project: Project
    guesses: tuple[Guess, ...]


def init(
    folder: Path,
    events: Sequence[str],
    items: Sequence[str] = (),
    *,
    horizon_days: int = 7,
    country: str = "US",
    noun: str = "",
    columns: Mapping[str, str] | None = None,
) -> Initialised:
    """Makes a project from a look at its sources.

    Args:
        folder: The project; made if it is not there.
        events: Files, globs, folders or database URLs of the log.
        items: The same of the catalogue; where none is given and the log names its items too, the log.
        horizon_days: Days predicted.
        country: ISO code of the country whose holidays move the log.
        noun: What one event is called in the plural; guessed by default.
        columns: Contract column -> source column, where guessing would find none or another.

    Raises:
        ConfigError: If the folder holds a project, no log is named, or no source has a column that is told.
        DataError: If a source is not there, or no column can be the item or the time.
    """
    if (folder / CONFIG).exists():
        raise ConfigError(
            f"a {CONFIG} in {folder}", expected="a folder without a project", fix="edit it, or choose another"
        )
    if not events:
        raise ConfigError("no log", expected="at least one --events FILE")
    told = columns or {}
    logs = [guess(location, "events", told=told) for location in events]
    named = items or [each.source.location for each in logs if each.catalogue]
    catalogues = [guess(location, "items", told=told) for location in named]
    _taken(told, [*logs, *catalogues])
    project = Project(
        events=tuple(_beside(each, folder) for each in logs),
        items=tuple(_beside(each, folder) for each in catalogues),
        horizon_days=horizon_days,
        country=country,
        noun=noun or logs[0].name,
    )
    return Initialised(save_project(project, folder), project, (*logs, *catalogues))


def _taken(told: Mapping[str, str], found: Sequence[Guess]) -> None:
    """Refuses a told column that was not taken: no column of the contract, of no source, or of a public layout."""
    for name, column in told.items():
        able = [each for each in found if name in CONTRACT[each.role]]
        if any(each.reasons.get(name) == TOLD for each in able):
            continue
        there = {column for each in able for column in each.available}
        known = {name for each in found for name in CONTRACT[each.role]}
        if name not in known | set(CONTRACT["items"]):
            expected, fix = "a column of the contract", near(name, known)
        elif not able:
            expected, fix = "a catalogue to read it from", "add --items FILE"
        elif column not in there:
            expected, fix = (
                f"a column of {', '.join(each.source.shown for each in able)}",
                near(column, there),
            )
        else:
            layout = ", ".join(each.layout for each in able)
            expected, fix = f"no other columns than those of the public layout {layout}", "leave it out"
        raise ConfigError(f"the column {name}={column}", expected=expected, fix=fix)


def _beside(found: Guess, folder: Path) -> Source:
    """Returns the guessed source with its location as seen from the project's folder, which a link may lead to."""
    if found.source.is_database:
        return found.source
    named = Path(found.source.location)
    location = os.path.relpath(named.parent.resolve() / named.name, folder.resolve())
    return replace(found.source, location=location)


def guessed(done: Initialised) -> list[tuple[Role, str, str, str]]:
    """Returns one row a guessed column: role, column, source column, why."""
    return [
        (each.role, column, each.columns.get(column, ""), reason)
        for each in done.guesses
        for column, reason in each.reasons.items()
    ]
