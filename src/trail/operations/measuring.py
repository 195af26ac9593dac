"""What a backtest tries, measured: forecasters, ours with its ablations, the backbone as it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count, product

from trail.baselines import Forecaster
from trail.evaluate import OwnValidation, Results, Task
from trail.evaluate import backtest as measure
from trail.evaluate.task import SPLITS
from trail.operations import notes as say
from trail.operations.candidates import Candidate
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
    workspace: Workspace, task: Task, history: Sequence[Labelled], report: Report
) -> tuple[Results, tuple[str, ...]]:
    """Returns the untuned backbone measured on test, and how often it named a number."""
    from trail.forecast import Untuned  # noqa: PLC0415 - loads torch; only this path needs it

    answers: list[tuple[int, int]] = []
    model = Untuned.of(workspace.project.model, told=lambda *each: answers.append(each))
    found = measured(task, history, [model], report, splits=("test",))
    asked, named = (sum(each) for each in zip(*answers, strict=True))
    return found, (say.of_untuned(asked, named),)


def measured(
    task: Task,
    history: Sequence[Labelled],
    tried: Sequence[Forecaster],
    report: Report,
    *,
    once: Sequence[Forecaster] = (),
    splits: Sequence[str] = SPLITS,
    kept: Tried | None = None,
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

    keep = kept.add if kept else None
    return measure(task, history, tried, once=once, splits=splits, progress=progress, had=had, keep=keep)
