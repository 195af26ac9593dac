"""What a server is told when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trail.errors import ConfigError
from trail.project import CONFIG


@dataclass(frozen=True)
class ServiceSettings:
    """A server.

    Attributes:
        projects: Name in addresses -> folder of the project.
        look_seconds: Seconds between two looks for a newly published snapshot.
        past: Older snapshots kept open at most, a project.
        cached_bytes: Answers of lists kept in memory, bytes in all.
        queue: Explanations that may wait to be written at most.
        explain_seconds: Seconds that the writing of one may take.
        source: Database of which the published snapshots are pulled; empty where they are made in the folders.
        pull_seconds: Seconds between two looks there.
        traces: Whether requests are traced by OpenTelemetry, configured by its own environment variables.
    """

    projects: Mapping[str, Path] = field(default_factory=dict)
    look_seconds: float = 1.0
    past: int = 8
    cached_bytes: int = 64_000_000
    queue: int = 20
    explain_seconds: float = 120.0
    source: str = ""
    pull_seconds: float = 15.0
    traces: bool = False

    def __post_init__(self) -> None:
        if not self.projects:
            raise ConfigError("no project", expected="at least one folder", where="trail serve")
        for name in ("look_seconds", "explain_seconds", "pull_seconds"):
            if (value := getattr(self, name)) <= 0:
                raise ConfigError(f"{name} = {value}", expected="more than 0", where="trail serve")


def named(folders: list[Path], *, pulled: bool = False) -> dict[str, Path]:
    """Returns projects by the names of their folders.

    Args:
        folders: The projects.
        pulled: Whether they come out of a database, so that a folder may still be absent.

    Raises:
        ConfigError: If a folder is no project, or two have the same name.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        name = folder.resolve().name
        if not pulled and not (folder / CONFIG).is_file():
            raise ConfigError(
                f"no {CONFIG} in {folder}",
                expected="the folder of a project",
                fix=f"make one with `trail init {folder} --events FILE`",
            )
        if name in found:
            raise ConfigError(f"two projects named {name}", expected="folders of different names")
        found[name] = folder
    return found
