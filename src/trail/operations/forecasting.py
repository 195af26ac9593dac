"""`trail forecast`: the whole catalogue at a cutoff, the top explained, sealed in a snapshot."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from trail.baselines import p_top
from trail.engine import installed_versions
from trail.evaluate.faithfulness import Subject
from trail.facts import Driver, Style, plain, verify
from trail.facts.claims import Outlook
from trail.operations.data import Data, prepare
from trail.operations.history import cards_of, check_cutoff, cutoffs_before, labelled
from trail.operations.lookalikes import look_alikes
from trail.operations.models import ModelRecord, model_for
from trail.operations.notes import of_abstained, of_correction
from trail.operations.serving import CROWNED, TRAIL, Served, fitted_baseline, measured_beside, served
from trail.operations.workspace import Report, Workspace, moment_name, quiet
from trail.project import ForecastSettings, Project
from trail.signals import Card, Cards, Labelled, known_at
from trail.snapshots import (
    Explained,
    Explanation,
    Manifest,
    Snapshot,
    forecast_table,
    open_snapshot,
    outlook_of,
    read_manifest,
    refuse_other,
    seal,
)
from trail.snapshots.tables import ranking

_VERSIONED = ("trail-forecast", "numpy", "pyarrow", "duckdb", "lightgbm", "torch", "transformers", "peft")


@dataclass(frozen=True)
class Forecasted:
    """A sealed forecast.

    Attributes:
        snapshot: The snapshot, as it was read back.
        model: Name of the model; empty if a baseline ranks.
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
        by: Who makes the numbers: `champion` (of the latest backtest; the model without one), `trail`, `best`
            (on validation origins, without the model), or a forecaster's name. Only the model writes its texts.
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
    manifest, record = intended(workspace, data, cutoff, model=model, by=by)
    target = workspace.snapshots / moment_name(cutoff)
    name = record.name if record else ""
    if target.exists() and read_manifest(target).same_origin(manifest):
        return Forecasted(open_snapshot(target), name, already=True)
    refuse_other(target, manifest)
    history = known_at(labelled(data, cutoffs_before(data, cutoff, workspace), workspace, report), cutoff)
    cards = cards_of(data, cutoff, workspace)
    report("fitting", 0, 1)
    if record is None:
        made = _by_baseline(workspace, history, cards, manifest, report)
    else:
        made = _by_model(workspace.models / record.name, history, cards, manifest, report)
    snapshot = seal(target, manifest, made.table, made.cards, made.texts)
    report("explaining", 1, 1)
    return Forecasted(snapshot, name, already=False, tries=made.tries, explaining=made.explaining)


def intended(
    workspace: Workspace, data: Data, cutoff: datetime, *, model: str = "", by: str = CROWNED
) -> tuple[Manifest, ModelRecord | None]:
    """Returns the manifest that a forecast would be sealed with, and the model that makes it; null without one.

    Args:
        workspace: The project.
        data: Its log and catalogue.
        cutoff: First instant not known.
        model: Name of a model; the newest that fits by default.
        by: Who makes the numbers.

    Raises:
        ConfigError: If nobody has the name.
        ModelError: If there is no model.
    """
    maker = served(workspace, data, by, at=cutoff)
    record = model_for(workspace, cutoff, model) if maker.by == TRAIL else None
    if record:
        maker = measured_beside(workspace, maker, record)
    return _manifest(workspace.project, data, cutoff, record, maker), record


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
        why=" ".join((maker.why, *(of_correction(record.metrics) if record else ()))),
        versions={name: found for name, found in installed_versions(_VERSIONED).items() if found},
    )


@dataclass(frozen=True)
class _Made:
    """What is sealed, and how its texts came about."""

    table: pa.Table
    cards: Cards
    texts: Sequence[Explanation]
    explaining: float
    tries: tuple[int, ...] = ()


def _by_model(
    folder: Path, history: Sequence[Labelled], cards: Cards, manifest: Manifest, report: Report
) -> _Made:
    """Forecasts and explains with a trained model whose prior is refitted on the history."""
    from trail.explain import explain  # noqa: PLC0415 - loads torch; only this path needs it
    from trail.forecast import load  # noqa: PLC0415 - as above

    model = load(folder).fit(history)
    report("fitting", 1, 1)
    report("forecasting", 0, 1)
    forecast = model.predict(cards)
    chances = p_top(forecast, manifest.k, seed=manifest.seed)
    report("forecasting", 1, 1)
    report("explaining", 0, 1)
    order = ranking(forecast.score, cards.item_ids)
    rows = [int(row) for row in order[: manifest.explained]]
    start = time.perf_counter()
    texts = explain(model, cards, forecast, chances, rows, k=manifest.k, seed=manifest.seed) if rows else []
    tries = tuple(each.tries for each in texts if each.source == "model")
    took, prior = time.perf_counter() - start, model.prior_forecast(cards).expected
    table = forecast_table(cards, forecast, chances, prior, look_alikes(history, cards, order))
    return _Made(table, cards.take(order), texts, took, tries)


def _by_baseline(
    workspace: Workspace, history: Sequence[Labelled], cards: Cards, manifest: Manifest, report: Report
) -> _Made:
    """Forecasts with a baseline, named or the best on validation origins; explains in plain words, with its drivers."""
    fitted = fitted_baseline(workspace, manifest.by, history)
    report("fitting", 1, 1)
    report("forecasting", 0, 1)
    forecast = fitted.predict(cards)
    chances = p_top(forecast, manifest.k, seed=manifest.seed)
    report("forecasting", 1, 1)
    report("explaining", 0, 1)
    order = ranking(forecast.score, cards.item_ids)
    rows = [int(row) for row in order[: manifest.explained]]
    table = forecast_table(cards, forecast, chances, forecast.expected, look_alikes(history, cards, order))
    start, picked = time.perf_counter(), cards.take(np.array(rows, dtype=np.int64))
    found = Subject.of_forecaster(fitted, cards, forecast).effects(picked) if rows else None
    texts = []
    for at in range(len(picked)):
        card, drivers = picked.card(at), found.drivers(picked, at) if found else ()
        texts.append(plain_explanation(card, outlook_of(table, card.item_id, manifest.k), drivers))
    return _Made(table, cards.take(order), texts, time.perf_counter() - start)


def plain_explanation(
    card: Card, outlook: Outlook, drivers: Sequence[Driver] = (), style: Style | None = None
) -> Explained:
    """Returns the plain rendering of a card's facts, with what moved its forecast where that is known."""
    text = plain(card, outlook, drivers, style)
    return Explained(card.item_id, text, verify(text, card, outlook), tuple(drivers), "plain")
