"""`trail forecast`: the whole catalogue at a cutoff, the top explained, sealed in a snapshot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from trail.engine import installed_versions, value_hash
from trail.errors import ConfigError
from trail.operations.arriving import of_end
from trail.operations.data import Data, prepare
from trail.operations.history import cards_of, check_cutoff, cutoffs_before, labelled
from trail.operations.making import by_baseline, by_model
from trail.operations.models import ModelRecord, model_for
from trail.operations.notes import of_abstained, of_correction
from trail.operations.serving import (
    BEST,
    CROWNED,
    TRAIL,
    Served,
    measured_beside,
    served,
    writer_for,
)
from trail.operations.workspace import Report, Workspace, moment_name, quiet
from trail.project import ForecastSettings, Project
from trail.signals import known_at
from trail.snapshots import (
    Manifest,
    Snapshot,
    open_snapshot,
    read_manifest,
    refuse_other,
    seal,
)

_VERSIONED = ("trail-forecast", "numpy", "pyarrow", "duckdb", "lightgbm", "torch", "transformers", "peft")


@dataclass(frozen=True)
class Forecasted:
    """A sealed forecast.

    Attributes:
        snapshot: The snapshot, as it was read back.
        model: Name of the model that ranks, or that writes about what a baseline ranks; empty without one.
        already: Whether it was sealed before.
        tries: Of each text that the model wrote now, how many it took; none of a snapshot that was there.
        explaining: Seconds that drivers and texts took.
    """

    snapshot: Snapshot
    model: str
    already: bool
    tries: tuple[int, ...] = ()
    explaining: float = 0.0

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be said of the numbers, in words."""
        return of_abstained(self.snapshot.forecast["forecaster"].to_pylist())


def forecast(
    folder: Path,
    *,
    at: datetime | None = None,
    top: int | None = None,
    explained: int | None = None,
    model: str = "",
    by: str = CROWNED,
    plainly: bool = False,
    data: Data | None = None,
    report: Report = quiet,
) -> Forecasted:
    """Forecasts every item of the catalogue, explains the first ranks, and seals the result.

    Args:
        folder: The project.
        at: Cutoff; the end of the log by default.
        top: K of the chance of the top K; the project's by default.
        explained: Items to explain; the project's by default.
        model: Name of a model; the newest that knows nothing after the cutoff by default.
        by: Who makes the numbers: `champion` (of the latest backtest; the model without one, the best baseline
            without that), `trail`, `best` (on validation origins, without the model), or a forecaster's name. Whoever
            makes them, texts are written by the model where there is one (`writer_for`), but for `best`.
        plainly: Whether texts are plain renderings all the same.
        data: The project's log and catalogue, where they are open already; else its sources are read.
        report: Told what goes on.

    Raises:
        ConfigError: If another forecast is sealed at the cutoff, or nobody has the name.
        DataError: If the log cannot be read or is too short.
        ModelError: If there is no model.
    """
    workspace = _overridden(Workspace.open(folder), top, explained)
    data = data or prepare(workspace, report)
    cutoff = at or data.log.last_cutoff()
    check_cutoff(data, cutoff, workspace.project.horizon.span)
    manifest, record = intended(workspace, data, cutoff, model=model, by=by, plainly=plainly)
    target = workspace.snapshots / moment_name(cutoff)
    name = record.name if record else ""
    if target.exists() and read_manifest(target).same_origin(manifest):
        return Forecasted(open_snapshot(target), name, already=True)
    refuse_other(target, manifest)
    history = known_at(labelled(data, cutoffs_before(data, cutoff, workspace), workspace, report), cutoff)
    cards = cards_of(data, cutoff, workspace)
    report("fitting", 0, 1)
    model_folder = workspace.models / record.name if record else None
    if model_folder and manifest.corrected:
        made = by_model(model_folder, history, cards, manifest, report, plainly=plainly)
    else:
        made = by_baseline(workspace, history, cards, manifest, report, writer=model_folder)
    manifest = replace(manifest, why=" ".join((manifest.why, *made.why, *of_end(data.log, cutoff))))
    snapshot = seal(target, manifest, made.table, made.cards, made.texts)
    report("explaining", 1, 1)
    return Forecasted(snapshot, name, already=False, tries=made.tries, explaining=made.explaining)


def intended(
    workspace: Workspace,
    data: Data,
    cutoff: datetime,
    *,
    model: str = "",
    by: str = CROWNED,
    plainly: bool = False,
) -> tuple[Manifest, ModelRecord | None]:
    """Returns the manifest that a forecast would be sealed with, and the model that makes or explains it; null without one.

    Args:
        workspace: The project.
        data: Its log and catalogue.
        cutoff: First instant not known.
        model: Name of a model; the newest that fits by default.
        by: Who makes the numbers.
        plainly: Whether no model writes.

    Raises:
        ConfigError: If nobody has the name, or a model is named that would do nothing.
        ModelError: If there is no model.
    """
    maker = served(workspace, data, by, at=cutoff)
    if maker.by == TRAIL:
        record: ModelRecord | None = model_for(workspace, cutoff, model)
    elif model and (plainly or by == BEST):
        raise ConfigError(
            f"the model {model!r}, which would neither forecast nor write",
            expected=f"no model where {maker.by} forecasts and texts are plain",
            where="--model",
        )
    else:
        record = None if plainly or by == BEST else writer_for(workspace, cutoff, model)
    if record and maker.by == TRAIL:
        maker = measured_beside(workspace, maker, record)
    made = _manifest(workspace.project, data, cutoff, record, maker)
    own = _configuration(workspace.project, maker.by, plainly=plainly and record is not None)
    return replace(made, configuration=own), record


def _overridden(workspace: Workspace, top: int | None, explained: int | None) -> Workspace:
    settings = workspace.project.forecast
    asked = ForecastSettings(
        settings.top if top is None else top,
        settings.explained if explained is None else explained,
        settings.seed,
    )
    return replace(workspace, project=replace(workspace.project, forecast=asked))


def _manifest(
    project: Project, data: Data, cutoff: datetime, record: ModelRecord | None, maker: Served
) -> Manifest:
    settings = project.forecast
    corrected = of_correction(record.metrics) if record and maker.by == TRAIL else ()
    return Manifest(
        cutoff=cutoff.isoformat(),
        horizon_days=project.horizon_days,
        k=settings.top,
        seed=settings.seed,
        events=project.noun,
        explained=settings.explained,
        data=data.fingerprint,
        model=record.fingerprint if record else "",
        by=maker.by,
        why=" ".join((maker.why, *corrected)),
        versions={name: found for name, found in installed_versions(_VERSIONED).items() if found},
    )


def _configuration(project: Project, by: str, *, plainly: bool) -> str:
    """Returns the hash of what decides a forecast and is in no other key of its manifest.

    The settings of a model stand for nothing here, because its fingerprint holds those that it was trained with. Nor does
    the version of the program: a night that runs again after an update must find its forecast done, not
    refused; `versions` tells what made it.

    Args:
        project: The settings.
        by: Who makes the numbers.
        plainly: Whether the model that makes them does not write.
    """
    model = project.model
    drawn = [] if by == TRAIL else [model.seed]
    chosen = [list(model.priors), model.validation_origins] if by == BEST else []
    return value_hash([project.country, project.history, drawn, chosen, plainly])
