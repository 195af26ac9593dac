"""Trained models in a project: which there are, and what each was allowed to know."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from trail.engine import write_json
from trail.errors import ConfigError, ModelError
from trail.operations.workspace import Workspace

#: Models of backtests know less than the log; they are never taken for a forecast.
BACKTEST = "backtest-"


@dataclass(frozen=True)
class ModelRecord:
    """What a finished model was made from; kept beside its folder, written last.

    Attributes:
        name: Folder under `models/`.
        until: Outcomes up to here were known to it, ISO.
        data: Fingerprint of the events and the catalogue.
        settings: Its `[model]` section.
        task: Hash of what decides the training: data, cutoffs, settings, code.
        fingerprint: The model's own fingerprint.
        created: When it was finished, ISO.
        metrics: Its figures on validation origins.
    """

    name: str
    until: str
    data: str
    settings: dict[str, Any]
    task: str
    fingerprint: str
    created: str
    metrics: dict[str, Any]

    @property
    def moment(self) -> datetime:
        """Until when it knows outcomes."""
        return datetime.fromisoformat(self.until)


def record_path(workspace: Workspace, name: str) -> Path:
    """Returns the file that says a model is finished."""
    return workspace.models / f"{name}.json"


def write_record(workspace: Workspace, record: ModelRecord) -> None:
    """Marks a model as finished."""
    write_json(asdict(record), record_path(workspace, record.name))


def read_record(workspace: Workspace, name: str) -> ModelRecord | None:
    """Returns a finished model's record, null if there is no such model or it is unfinished."""
    path = record_path(workspace, name)
    if not path.is_file() or not (workspace.models / name).is_dir():
        return None
    try:
        return ModelRecord(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:  # removed just now
        return None
    except (ValueError, TypeError) as error:
        raise ModelError(
            f"a damaged record {path.name}", where=str(path.parent), fix="train the model again"
        ) from error


def model_for(workspace: Workspace, cutoff: datetime, name: str = "") -> ModelRecord:
    """Returns the model to forecast with: the one named, else the newest that knows nothing after the cutoff.

    Raises:
        ModelError: If there is none.
        ConfigError: If the one named is unfinished or knows outcomes after the cutoff.
    """
    if name:
        record = read_record(workspace, name)
        if record is None:
            raise ConfigError(
                f"no finished model {name!r}", expected=_names(workspace), where=str(workspace.models)
            )
        if record.moment > cutoff:
            raise ConfigError(
                f"the model {name!r} knows outcomes until {record.moment:%Y-%m-%d}",
                expected=f"one that knows nothing after the cutoff {cutoff:%Y-%m-%d}",
                fix=f"run `trail train {workspace.folder} --until {cutoff:%Y-%m-%d}`",
            )
        return record
    known = [
        each for each in records(workspace) if each.moment <= cutoff and not each.name.startswith(BACKTEST)
    ]
    if not known:
        raise ModelError(
            f"no model that knows nothing after {cutoff:%Y-%m-%d}",
            expected=_names(workspace),
            where=str(workspace.models),
            fix=f"run `trail train {workspace.folder}` first, or forecast with --no-model",
        )
    return max(known, key=lambda each: (each.moment, each.created))


def record_of(workspace: Workspace, fingerprint: str) -> ModelRecord:
    """Returns the record of the model that made a snapshot.

    Raises:
        ModelError: If it is gone.
    """
    for each in records(workspace):
        if each.fingerprint == fingerprint:
            return each
    raise ModelError(
        f"the model {fingerprint} is gone",
        expected="the model that made the forecast",
        where=str(workspace.models),
        fix="forecast again, or explain an item that the snapshot shows",
    )


def records(workspace: Workspace) -> list[ModelRecord]:
    """Returns every finished model, by name."""
    names = sorted(path.stem for path in workspace.models.glob("*.json")) if workspace.models.is_dir() else []
    return [record for name in names if (record := read_record(workspace, name))]


def _names(workspace: Workspace) -> str:
    return ", ".join(each.name for each in records(workspace)) or "a trained model"
