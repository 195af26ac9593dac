"""`trail train`: history -> a model folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trail.engine import value_hash
from trail.errors import ConfigError
from trail.operations.data import Data, prepare
from trail.operations.estimating import announce
from trail.operations.history import check_cutoff, cutoffs_before, labelled
from trail.operations.models import ModelRecord, read_record, write_record
from trail.operations.notes import of_correction
from trail.operations.source import TRAINING, source_hash
from trail.operations.workspace import Report, Workspace, moment_name, quiet
from trail.signals import Labelled, known_at

if TYPE_CHECKING:
    from trail.forecast import TrailForecaster


@dataclass(frozen=True)
class Trained:
    """A finished model.

    Attributes:
        folder: Its folder.
        name: The folder's name.
        until: Outcomes up to here were known to it.
        cutoffs: Cutoffs it learned from.
        fingerprint: Its own fingerprint.
        metrics: Its figures on validation origins.
        already: Whether it was there, trained by the same code on the same with the same settings.
    """

    folder: Path
    name: str
    until: datetime
    cutoffs: int
    fingerprint: str
    metrics: dict[str, Any]
    already: bool

    @property
    def notes(self) -> tuple[str, ...]:
        """Whether its correction is kept, and what it gained, in words."""
        return of_correction(self.metrics)


def train(
    folder: Path,
    *,
    until: datetime | None = None,
    name: str = "",
    resume: bool = False,
    report: Report = quiet,
) -> Trained:
    """Trains the project's model on every outcome known at `until`.

    Args:
        folder: The project.
        until: First instant not known; the end of the log by default.
        name: Name under `models/`; the date of `until` by default.
        resume: Whether to go on where a killed run stopped.
        report: Told what goes on.

    Raises:
        ConfigError: If another model has the name.
        DataError: If the log cannot be read or is too short.
        ModelError: If the weights are missing or training fails.
    """
    workspace = Workspace.open(folder)
    data = prepare(workspace, report)
    moment = until or data.log.last_cutoff()
    check_cutoff(data, moment, workspace.project.horizon.span)
    cutoffs = cutoffs_before(data, moment, workspace)
    model = ModelName(name or moment_name(moment), moment, task_of(data, cutoffs, workspace))
    record = read_record(workspace, model.name)
    if record is not None:
        return _finished(workspace, record, model, len(cutoffs))
    announce(workspace, data, len(cutoffs), ["train"], report)
    history = known_at(labelled(data, cutoffs, workspace, report), moment)
    trained = train_on(workspace, data, history, model, resume=resume, report=report)
    return Trained(
        workspace.models / model.name,
        model.name,
        moment,
        len(cutoffs),
        trained.fingerprint,
        dict(trained.metrics),
        already=False,
    )


@dataclass(frozen=True)
class ModelName:
    """Which model is meant.

    Attributes:
        name: Folder under `models/`.
        until: Outcomes up to here are known to it.
        task: Hash of what decides its training.
    """

    name: str
    until: datetime
    task: str


def train_on(
    workspace: Workspace,
    data: Data,
    history: Sequence[Labelled],
    model: ModelName,
    *,
    resume: bool,
    report: Report,
    scored: Path | None = None,
) -> TrailForecaster:
    """Trains on a history, marks the folder as finished, and returns the forecaster.

    Args:
        workspace: The project, whose `[model]` section is used.
        data: Its log and catalogue.
        history: Labelled cutoffs that the model may know.
        model: What it is called and what it may know.
        resume: Whether to go on where a killed run stopped.
        report: Told what goes on.
        scored: File of the state before the language stage, shared with other runs.
    """
    from trail.forecast import train as train_forecaster  # noqa: PLC0415 - loads torch; only this path needs it

    settings = workspace.project.model
    folder = workspace.models / model.name
    code = source_hash(*TRAINING)
    trained = train_forecaster(
        history, settings, folder, resume=resume, report=report, scored=scored, code=code
    )
    write_record(
        workspace,
        ModelRecord(
            name=model.name,
            until=model.until.isoformat(),
            data=data.fingerprint,
            settings=settings.as_dict(),
            task=model.task,
            fingerprint=trained.fingerprint,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            metrics=dict(trained.metrics),
        ),
    )
    return trained


def task_of(data: Data, cutoffs: Sequence[datetime], workspace: Workspace) -> str:
    """Returns a hash of everything that a training depends on: data, cutoffs, settings and code."""
    project = workspace.project
    settings = [project.horizon_days, project.country, project.noun, project.model.as_dict()]
    return value_hash(
        [data.fingerprint, [each.isoformat() for each in cutoffs], settings, source_hash(*TRAINING)]
    )


def _finished(workspace: Workspace, record: ModelRecord, model: ModelName, cutoffs: int) -> Trained:
    """Returns the model that is there if it is the one asked for; another one is refused."""
    if record.task != model.task:
        raise ConfigError(
            f"a model {record.name!r} that was trained on other data or settings, or by other code",
            expected="a free name",
            where=str(workspace.models),
            fix="give a --name, or move that folder and its .json away",
        )
    folder = workspace.models / record.name
    return Trained(
        folder, record.name, model.until, cutoffs, record.fingerprint, record.metrics, already=True
    )
