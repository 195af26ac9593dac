"""A project's folder: where each thing that is made from `trail.toml` lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from trail.events import parse_moment
from trail.project import Project, load_project

#: Told what goes on: a stage's name, how much of it is done, and how much there is.
Report = Callable[[str, float, float], None]
#: The stage as which a command says at its start how many seconds all of its stages will take, about.
IN_ALL = "in all"


def quiet(stage: str, done: float, total: float) -> None:
    """Reports nothing."""


@dataclass(frozen=True)
class Workspace:
    """A project with its folder.

    Attributes:
        folder: The folder with `trail.toml`.
        project: What it says.
    """

    folder: Path
    project: Project

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Opens the project in a folder.

        Raises:
            ConfigError: If there is none, or it says something unknown.
        """
        return cls(folder, load_project(folder))

    @property
    def data(self) -> Path:
        """Events and catalogue in the product's own columns, and the rows set aside."""
        return self.folder / "data"

    @property
    def cache(self) -> Path:
        """Cards with their targets; may be deleted at any time."""
        return self.folder / "cache"

    @property
    def models(self) -> Path:
        """Trained models, a folder each."""
        return self.folder / "models"

    @property
    def snapshots(self) -> Path:
        """Sealed forecasts, a folder each."""
        return self.folder / "snapshots"

    @property
    def serving(self) -> Path:
        """Snapshots as memory-mapped files; may be deleted at any time."""
        return self.folder / "serving"

    @property
    def judging(self) -> Path:
        """Blind comparisons of explanations and their answers, a folder a snapshot."""
        return self.folder / "judging"

    @property
    def reports(self) -> Path:
        """Backtests, a folder each."""
        return self.folder / "reports"


def moment_name(moment: datetime) -> str:
    """Returns a moment as a folder's name: `2011-12-09`, or `2011-12-09T06-00` off midnight."""
    midnight = moment.hour == moment.minute == moment.second == moment.microsecond == 0
    return f"{moment:%Y-%m-%d}" if midnight else f"{moment:%Y-%m-%dT%H-%M-%S}"


def moment_of(name: str) -> datetime:
    """Returns the moment that `moment_name` named.

    Raises:
        ConfigError: If it is no such name.
    """
    day, _, time = name.partition("T")
    return parse_moment(f"{day}T{time.replace('-', ':')}" if time else day)
