"""What a backtest measured, kept so that a run that was killed, or asks for more, measures the rest alone."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from trail.engine import value_hash, whole_folder, write_json
from trail.evaluate import Bin, Origins, Results, Riser, Row, Task, write_rows
from trail.evaluate.flat import rows_of
from trail.evaluate.list_backtest import steps_of
from trail.evaluate.list_rows import ListRow, list_versions, read_list_rows, write_list_rows
from trail.evaluate.rows import versions
from trail.operations.data import Data
from trail.operations.source import MEASURING, source_hash
from trail.operations.workspace import Workspace, moment_name

_ROWS, _BINS, _RISERS, _SAID = "rows.parquet", "reliability.parquet", "risers.parquet", "said.json"
_PREFIX = "tried-"


@dataclass(frozen=True)
class Tried:
    """A folder of parts, one an origin, each whole or absent.

    Attributes:
        folder: The folder; may be deleted at any time.
    """

    folder: Path

    @classmethod
    def of(cls, workspace: Workspace, data: Data, task: Task, *, model: str = "") -> Self:
        """Returns the folder of a task; those of other data or code are removed.

        Args:
            workspace: The project.
            data: Its log and catalogue.
            task: What is tried on what; its seed is in the rows.
            model: Hash of what decides the training of the model that is tried; empty for baselines.
        """
        return cls(_folder(workspace, data, [task.fingerprint, model]))

    def read(self) -> Results:
        """Returns all that was measured; a part that cannot be read is removed and measured again."""
        return sum((_read(part) for part in self._parts()), Results())

    def add(self, found: Results, said: Mapping[str, int] | None = None) -> None:
        """Writes a further part, and what must be counted beside its rows."""
        number = max((int(part.name) for part in self._parts()), default=-1) + 1
        with whole_folder(self.folder / f"{number:05}") as part:
            write_rows(found.rows, part / _ROWS, Row)
            write_rows(found.bins, part / _BINS, Bin)
            write_rows(found.risers, part / _RISERS, Riser)
            write_json(said or {}, part / _SAID)

    def said(self) -> Counter[str]:
        """Returns what was counted beside the rows of all parts, summed."""
        found = Counter[str]()
        for part in self._parts():
            found.update(json.loads((part / _SAID).read_text(encoding="utf-8")))
        return found

    def _parts(self) -> list[Path]:
        return sorted(self.folder.glob("[0-9]*")) if self.folder.is_dir() else []


def _read(part: Path) -> Results:
    try:
        return Results(
            tuple(rows_of(pq.read_table(part / _ROWS), Row)),
            tuple(rows_of(pq.read_table(part / _BINS), Bin)),
            tuple(rows_of(pq.read_table(part / _RISERS), Riser)),
        )
    except (pa.ArrowException, OSError):
        shutil.rmtree(part)
        return Results()


@dataclass(frozen=True)
class TriedLists:
    """A folder of parts of `trail lists`, one file a stage and origin, each whole or absent.

    Attributes:
        folder: The folder; may be deleted at any time.
        origins: What is tried where.
    """

    folder: Path
    origins: Origins

    @classmethod
    def of(cls, workspace: Workspace, data: Data, task: Task, asked: object) -> Self:
        """Returns the folder of a task; those of other data or code are removed.

        Args:
            workspace: The project.
            data: Its log and catalogue.
            task: What is tried on what, with the seed.
            asked: Who is tried: all that decides the rows beside the task.
        """
        return cls(
            _folder(workspace, data, [task.fingerprint, task.seed, list_versions(), asked]), task.origins
        )

    def read(self) -> dict[tuple[str, datetime], list[ListRow]]:
        """Returns stage and origin -> rows of all that was measured; a part that cannot be read is measured again."""
        found = {}
        for stage, cutoff in steps_of(self.origins):
            with suppress(pa.ArrowException, OSError, TypeError):
                found[stage, cutoff] = read_list_rows(self._path(stage, cutoff))
        return found

    def add(self, stage: str, cutoff: datetime, rows: Sequence[ListRow]) -> None:
        """Writes a further part."""
        write_list_rows(rows, self._path(stage, cutoff))

    def _path(self, stage: str, cutoff: datetime) -> Path:
        return self.folder / f"{stage}-{moment_name(cutoff)}.parquet"


def _folder(workspace: Workspace, data: Data, task: list[object]) -> Path:
    """Returns the folder of one task, removing those of other data or code."""
    project = workspace.project
    made = [data.fingerprint, project.country, project.noun, versions(), source_hash(*MEASURING)]
    parent = workspace.cache / f"{_PREFIX}{value_hash(made)}"
    for other in workspace.cache.glob(f"{_PREFIX}*"):
        if other != parent:
            shutil.rmtree(other, ignore_errors=True)
    return parent / value_hash(task)
