"""What a backtest measured, kept so that a run that was killed, or asks for more, measures the rest alone."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from trail.engine import value_hash, whole_folder
from trail.evaluate import Bin, Results, Riser, Row, Task, write_rows
from trail.evaluate.flat import rows_of
from trail.evaluate.rows import versions
from trail.operations.data import Data
from trail.operations.source import MEASURING, source_hash
from trail.operations.workspace import Workspace

_ROWS, _BINS, _RISERS = "rows.parquet", "reliability.parquet", "risers.parquet"
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
        project = workspace.project
        made = [data.fingerprint, project.country, project.noun, versions(), source_hash(*MEASURING)]
        parent = workspace.cache / f"{_PREFIX}{value_hash(made)}"
        for other in workspace.cache.glob(f"{_PREFIX}*"):
            if other != parent:
                shutil.rmtree(other, ignore_errors=True)
        return cls(parent / value_hash([task.fingerprint, model]))

    def read(self) -> Results:
        """Returns all that was measured; a part that cannot be read is removed and measured again."""
        return sum((_read(part) for part in self._parts()), Results())

    def add(self, found: Results) -> None:
        """Writes a further part."""
        number = max((int(part.name) for part in self._parts()), default=-1) + 1
        with whole_folder(self.folder / f"{number:05}") as part:
            write_rows(found.rows, part / _ROWS, Row)
            write_rows(found.bins, part / _BINS, Bin)
            write_rows(found.risers, part / _RISERS, Riser)

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
