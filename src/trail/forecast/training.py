"""Trains TRAIL in the order of the design: scores, drivers, language; then the heads anew, to the backbone that is served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from trail.baselines.occlusion import GROUPS
from trail.engine import value_hash
from trail.forecast.language import language_stage, tell_rows
from trail.forecast.material import gather, slates
from trail.forecast.meeting import begin, meeting_stage
from trail.forecast.run import Look, Run
from trail.forecast.score_stages import text_stage
from trail.forecast.scored import scores
from trail.forecast.storage import save
from trail.forecast.trail import TrailForecaster
from trail.forecast.validation import validate
from trail.model import (
    INPUTS,
    JointModel,
    Keeper,
    ModelSettings,
    Report,
    backbone_folder,
    load_backbone,
    prepare_tuning,
    silent,
    state_hash,
)
from trail.model.backbone import COMPILE_FROM
from trail.signals import Labelled, fingerprint


def train(
    history: Sequence[Labelled],
    settings: ModelSettings,
    folder: Path,
    *,
    resume: bool = False,
    report: Report | None = None,
    checkpoint_seconds: float = 60.0,
    scored: Path | None = None,
    code: str = "",
) -> TrailForecaster:
    """Trains a model on everything known and writes it to a folder.

    Args:
        history: Labelled cutoffs; the last `validation_origins` of them are held out for every choice.
        settings: Of the model.
        folder: Where the model and, until it is done, its checkpoint are written.
        resume: Go on from the checkpoint of a killed run of the same data and settings, with the same losses.
        report: Told the stage, what is done and what there is to do.
        checkpoint_seconds: Least time between two checkpoints.
        scored: File of the state before the language stage, for runs that differ in that stage alone: taken up
            where it is of the same data and settings of the scores, written where there is none.
        code: Hash of the code that trains: what other code left behind is not taken up.

    Raises:
        DataError: If the log is too short.
        ModelError: If the backbone is missing, a checkpoint is another run's, or a loss is not finite.
    """
    tell = report or silent
    torch.manual_seed(settings.seed)
    known = fingerprint(history)
    keeper = Keeper(folder / "checkpoint.pt", _task(known, settings.as_dict(), code), checkpoint_seconds)
    if resume:
        keeper.resume()
    run = _prepare(history, settings, keeper, tell)
    said = scores(run, _task(known, settings.of_scores(), code), scored)
    looks = run.material.looks(settings.validation_rows)
    run.forecaster = replace(run.forecaster, shrinkage=validate(run.forecaster, looks, said.earned).shrinkage)
    if told := tell_rows(run):
        begin(run, told)
        said.terms["language"] = language_stage(run, told)
        said.terms["served"], said.judged["served"] = text_stage(run, "served")
        said.terms["meeting"] = meeting_stage(run, told)
    found = validate(run.forecaster, run.material.validation, said.earned)
    metrics = {
        "prior": run.material.choice.forecaster.name,
        "prior_losses": run.material.choice.losses,
        "origins": len(run.material.validation),
        "judged": said.judged,
        "shortlist": run.material.reach(),
        **found.as_dict(),
    }
    done = replace(
        run.forecaster,
        shrinkage=found.shrinkage,
        conformal=found.conformal,
        metrics=metrics,
        fingerprint=value_hash([keeper.task, state_hash(run.model)]),
    )
    done.model.eval()
    save(done, folder, said.terms, known)
    keeper.done()
    return done


def _task(known: str, settings: Mapping[str, Any], code: str) -> str:
    """Returns a hash of what a run, or some of its stages, depend on: cards, targets, settings and code."""
    return value_hash({"known": known, "settings": dict(settings), "inputs": INPUTS, "code": code})


def _prepare(history: Sequence[Labelled], settings: ModelSettings, keeper: Keeper, report: Report) -> Run:
    """Chooses the prior, loads the backbone and builds every slate.

    The backbone is found first, since it may be missing, and loaded last: from then on freed memory stays in
    the process, and the trees of the prior need much of it for a moment.
    """
    folder = backbone_folder(settings.backbone, lambda words: report(words, 0, 1))
    material = gather(history, settings, report)
    backbone = load_backbone(folder)
    reader = material.reader(backbone, settings)
    model = JointModel(backbone, len(INPUTS))
    prepare_tuning(backbone, settings)
    none = {"text": 1.0, "numbers": 1.0}
    forecaster = TrailForecaster(model, material.choice.forecaster, reader, settings, none)
    built = slates(material.train, reader, seed=settings.seed)
    rows = material.looks(settings.validation_rows)
    held = [Look(*each) for each in zip(rows, slates(rows, reader, seed=settings.seed), strict=True)]
    # decided once, so that a resumed run reads as this one; what is told is read again without each group of signals
    slated = sum(len(slate) for slate in (*built, *(look.slate for look in held)))
    if settings.compile or slated + settings.explained * len(GROUPS) >= COMPILE_FROM:
        backbone.compile_layers()
    return Run(settings, material, forecaster, built, held, keeper, report)
