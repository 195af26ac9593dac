"""`trail doctor reasons`: are the drivers that explanations name the reasons why a forecast is what it is?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from trail.baselines import Forecast, p_top
from trail.errors import ConfigError
from trail.evaluate.faithfulness import (
    Faithfulness,
    Setting,
    Subject,
    Write,
    faithfulness,
    plain_writer,
    write_faithfulness,
)
from trail.events import EventLog, Items
from trail.operations.data import prepare
from trail.operations.history import cards_of, check_cutoff, cutoffs_before, labelled
from trail.operations.models import ModelRecord, model_for
from trail.operations.serving import CROWNED, TRAIL, fitted_baseline, served, writer_for
from trail.operations.workspace import Report, Workspace, moment_name, quiet
from trail.signals import Cards, Labelled, cards_at, known_at
from trail.snapshots.tables import Explanation, ranking

#: Items whose reasons are tested by default: the first ranks.
ITEMS = 50


@dataclass(frozen=True)
class Reasoned:
    """Reasons put to the test.

    Attributes:
        folder: Rows and summary.
        model: Name of the model; empty if a baseline ranks.
        cutoff: First instant not known.
        writer: Who wrote the texts, `model` or `plain`.
        found: What was measured.
    """

    folder: Path
    model: str
    cutoff: datetime
    writer: str
    found: Faithfulness


def reasons(
    folder: Path,
    *,
    at: datetime | None = None,
    by: str = CROWNED,
    model: str = "",
    items: int = ITEMS,
    rewrite: bool = False,
    report: Report = quiet,
) -> Reasoned:
    """Edits away what explanations say moved each forecast, in copies of the log, and sees whether it moves back.

    Args:
        folder: The project; its log and snapshots stay as they are.
        at: Cutoff; the end of the log by default.
        by: Whose reasons: `champion`, `trail`, `best`, or a forecaster's name, as of `trail forecast`.
        model: Name of a model; the newest that knows nothing after the cutoff by default.
        items: Items that are explained, from the first rank on.
        rewrite: Whether the model writes the texts; else they are plain renderings, with the same drivers.
        report: Told what goes on.

    Raises:
        ConfigError: If nobody has the name, or a model is named that would do nothing.
        DataError: If the log cannot be read or is too short.
        ModelError: If there is no model.
    """
    workspace = Workspace.open(folder)
    data, project = prepare(workspace, report), workspace.project
    cutoff = at or data.log.last_cutoff()
    check_cutoff(data, cutoff, project.horizon.span)
    maker = served(workspace, data, by, at=cutoff)
    if model and maker.by != TRAIL and not rewrite:
        raise ConfigError(
            f"the model {model!r}, which would neither forecast nor write",
            expected=f"no model where {maker.by} forecasts and texts are plain",
            where="--model",
            fix="add --rewrite, or leave it out",
        )
    record = model_for(workspace, cutoff, model) if maker.by == TRAIL else None
    history = known_at(labelled(data, cutoffs_before(data, cutoff, workspace), workspace, report), cutoff)
    cards = cards_of(data, cutoff, workspace)
    report("forecast", 0, 1)
    k, seed = project.forecast.top, project.forecast.seed
    if record is None:
        fitted = fitted_baseline(workspace, maker.by, history)
        forecast = fitted.predict(cards)
        subject = Subject.of_forecaster(fitted, cards, forecast)
        writes = writer_for(workspace, cutoff, model) if rewrite else None
        write = _of_another(workspace, writes, subject) if writes else plain_writer(subject, k, seed)
    else:
        writes = record if rewrite else None
        forecast, subject, write = _of_model(workspace, record, history, cards, rewrite=rewrite)
    report("forecast", 1, 1)

    def rebuild(log: EventLog, catalogue: Items) -> Cards:
        return cards_at(log, catalogue, cutoff, project.horizon, country=project.country)

    rows = ranking(forecast.score, cards.item_ids)[:items]
    found = faithfulness(
        Setting(data.log, data.items, cards, forecast, rows, rebuild),
        subject,
        write,
        seed=seed,
        progress=lambda done, total: report("edits of the log", done, total),
    )
    writer = "model" if writes else "plain"
    target = workspace.reports / "reasons" / f"{moment_name(cutoff)}-{found.forecaster}"
    name = record.name if record else ""
    write_faithfulness(
        found, target, cutoff=cutoff.isoformat(), data=data.fingerprint, model=name, writer=writer
    )
    return Reasoned(target, name, cutoff, writer, found)


def _of_another(workspace: Workspace, record: ModelRecord, subject: Subject) -> Write:
    """Returns a model as the writer about a forecast that it did not make."""
    from trail.explain import put_in_words  # noqa: PLC0415 - loads torch; only this path needs it
    from trail.forecast import load, tell  # noqa: PLC0415 - as above

    model = load(workspace.models / record.name)
    k, seed = workspace.project.forecast.top, workspace.project.forecast.seed

    def written(some: Cards, made: Forecast, rows: Sequence[int]) -> Sequence[Explanation]:
        chosen = np.asarray(rows, dtype=np.int64)
        picked = some.take(chosen)
        drivers = subject.effects(picked).every(picked)
        return put_in_words(
            model, tell(some, made, p_top(made, k, seed=seed), chosen, drivers, k=k), seed=seed
        )

    return written


def _of_model(
    workspace: Workspace, record: ModelRecord, history: Sequence[Labelled], cards: Cards, *, rewrite: bool
) -> tuple[Forecast, Subject, Write]:
    """Returns a model's forecast, its reasons as its explanations name them, and who writes the texts."""
    from trail.explain import explain  # noqa: PLC0415 - loads torch; only this path needs it
    from trail.forecast import load  # noqa: PLC0415 - as above

    model = load(workspace.models / record.name).fit(history)
    prior = model.prior_forecast(cards)
    shortlisted = model.shortlisted(cards, prior)

    def corrected(changed: Cards) -> Forecast:
        # an item stays corrected whatever its log says: what is tested is its number, not who makes it
        return model.correct_rows(changed, model.prior_forecast(changed))

    forecast = model.corrected(cards, prior, shortlisted)
    subject = Subject.of(model.name, corrected, cards.take(np.asarray(shortlisted)))
    k, seed = workspace.project.forecast.top, workspace.project.forecast.seed

    def written(some: Cards, made: Forecast, rows: Sequence[int]) -> Sequence[Explanation]:
        return explain(model, some, made, p_top(made, k, seed=seed), rows, k=k, seed=seed)

    return forecast, subject, written if rewrite else plain_writer(subject, k, seed)
