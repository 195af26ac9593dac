"""What a backtest tries, measured: forecasters, ours with its ablations, the backbone as it came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count, product

from trail.baselines import Forecaster
from trail.engine import value_hash
from trail.evaluate import OwnValidation, Results, Task
from trail.evaluate import backtest as measure
from trail.evaluate.task import SPLITS
from trail.operations import notes as say
from trail.operations.candidates import Candidate
from trail.operations.data import Data
from trail.operations.source import TRAINING, source_hash
from trail.operations.tried import Tried
from trail.operations.workspace import Report, Workspace
from trail.signals import Labelled


def of_model(
    candidate: Candidate, ablations: Sequence[str], task: Task, report: Report
) -> tuple[Results, tuple[str, ...], OwnValidation]:
    """Returns ours and its ablations measured on test, what must be said of them, and ours on validation."""
    settings = candidate.workspace.project.model
    ours, task = candidate.trained(report).reading_once(), replace(task, seed=settings.seed)
    whole, masked = ours.whole(), settings.mask_titles
    numbers = ours.without_text()
    parts = [ours, numbers, whole, numbers.whole(), *([] if masked else [whole.without_titles()])]
    found = _of_candidate(candidate, parts, task, report)
    notes: list[str] = []
    for name in ablations:
        variant = candidate.without(name)
        if variant is None:
            notes.append(say.not_apart(name))
            continue
        model = variant.trained(report)
        found += _of_candidate(variant, [model.whole()], task, report)
        notes.append(say.of_variant(model.metrics, name))
    said = say.of_model(ours.metrics, masked=masked, measured=say.MASKED in ablations)
    return found, (*said, *notes), say.own_validation(ours.metrics)


def _of_candidate(candidate: Candidate, tried: Sequence[Forecaster], task: Task, report: Report) -> Results:
    """Returns a trained model's forecasters measured on test."""
    kept = Tried.of(candidate.workspace, candidate.data, task, model=candidate.model.task)
    return measured(task, candidate.history, tried, report, splits=("test",), kept=kept)


def of_untuned(
    workspace: Workspace, data: Data, task: Task, history: Sequence[Labelled], report: Report
) -> tuple[Results, tuple[str, ...]]:
    """Returns the untuned backbone measured on test, and how often it named a number."""
    from trail.forecast import Untuned  # noqa: PLC0415 - loads torch; only this path needs it

    settings = workspace.project.model
    answers: list[tuple[int, int]] = []
    model = Untuned.of(settings, told=lambda *each: answers.append(each))
    read = [settings.backbone, settings.shortlist, settings.mask_titles, source_hash(*TRAINING), task.seed]
    kept = Tried.of(workspace, data, task, model=value_hash([model.name, *read]))

    def said() -> dict[str, int]:
        asked, named = answers.pop()
        return {"asked": asked, "named": named}

    found = measured(task, history, [model], report, splits=("test",), kept=kept, said=said)
    counted = kept.said()
    return found, (say.of_untuned(counted["asked"], counted["named"]),)


def measured(
    task: Task,
    history: Sequence[Labelled],
    tried: Sequence[Forecaster],
    report: Report,
    *,
    once: Sequence[Forecaster] = (),
    splits: Sequence[str] = SPLITS,
    kept: Tried | None = None,
    said: Callable[[], Mapping[str, int]] = dict,
) -> Results:
    """Returns forecasters measured with a task's seed; what is kept of them already is taken, the rest is added to it.

    Args:
        task: What is tried on what.
        history: Labelled cutoffs.
        tried: Refitted at every origin.
        report: Told how many forecasts there are, of all that are asked for.
        once: Fitted before the first origin of a split.
        splits: Which they may be tried on.
        kept: What earlier runs measured; null where nothing is kept.
        said: What must be counted beside the rows of the origin that was just measured.
    """
    asked = {
        (each.name, refit, cutoff, task.seed)
        for refit, group in (("every", tried), ("once", once))
        for each, split in product(group, splits)
        for cutoff in task.cutoffs(split)
    }
    had = kept.read().of(asked) if kept else Results()
    total = len(asked)
    done = count(len(had.runs) + 1)
    report("backtest", len(had.runs), total)

    def progress(forecaster: str, cutoff: datetime, seconds: float) -> None:
        del forecaster, cutoff, seconds
        report("backtest", next(done), total)

    def keep(new: Results) -> None:
        if kept:
            kept.add(new, said())

    return measure(task, history, tried, once=once, splits=splits, progress=progress, had=had, keep=keep)
