"""Trains TRAIL in the order of the design: scores, then drivers, then language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from trail.baselines import p_top
from trail.engine import value_hash
from trail.forecast.lessons import Told, plan_lessons, tell
from trail.forecast.material import Material, Rows, gather, slates
from trail.forecast.storage import save
from trail.forecast.trail import TrailForecaster
from trail.forecast.validation import validate
from trail.model import (
    INPUTS,
    JointModel,
    Keeper,
    ModelSettings,
    Report,
    Slate,
    backbone_folder,
    load_backbone,
    plan_visits,
    prepare_tuning,
    silent,
)
from trail.model.language_stage import Lessons, language_terms, longest_lesson
from trail.model.loop import Stage, run_stage
from trail.model.optimizer import MasterAdamW
from trail.model.packing import padded_length
from trail.model.score_stage import count_scale, judge, score_loss
from trail.model.slates import Visit
from trail.signals import Labelled

_HEAD_RATE = 10.0
_TOP = 50
#: Lengths are rounded up to multiples of it.
_STEP = 32
#: From so many rows on, compiling the layers pays for itself on a CPU: half a minute for a third of the time.
_COMPILE_FROM = 1000


@dataclass
class Run:
    """One run of training.

    Attributes:
        settings: Of the model.
        material: Rows and prior.
        forecaster: The forecaster in the making.
        train: Training slates.
        validation: Validation slates.
        keeper: Of the checkpoints.
        report: Told what goes on.
    """

    settings: ModelSettings
    material: Material
    forecaster: TrailForecaster
    train: list[Slate]
    validation: list[Slate]
    keeper: Keeper
    report: Report

    @property
    def model(self) -> JointModel:
        """The model in the making."""
        return self.forecaster.model

    @property
    def scale(self) -> float:
        """What divides the count term."""
        return count_scale(self.train, self.settings.tweedie_power)

    def optimizer(self, batches: int, rate: float, accumulation: int) -> MasterAdamW:
        """Returns an optimizer over what is tuned, for so many batches."""
        backbone = [each for each in self.model.backbone.parameters() if each.requires_grad]
        heads = [each for _, each in self.model.heads()]
        steps = -(-batches // accumulation)
        return MasterAdamW(
            [
                (backbone, rate, 0.0),
                (heads, _HEAD_RATE * self.settings.learning_rate, self.settings.weight_decay),
            ],
            steps,
        )


def train(
    history: Sequence[Labelled],
    settings: ModelSettings,
    folder: Path,
    *,
    resume: bool = False,
    report: Report | None = None,
    checkpoint_seconds: float = 60.0,
) -> TrailForecaster:
    """Trains a model on everything known and writes it to a folder.

    Args:
        history: Labelled cutoffs; the last `validation_origins` of them are held out for every choice.
        settings: Of the model.
        folder: Where the model and, until it is done, its checkpoint are written.
        resume: Go on from the checkpoint of a killed run of the same data and settings, with the same losses.
        report: Told the stage, what is done and what there is to do.
        checkpoint_seconds: Least time between two checkpoints.

    Raises:
        DataError: If the log is too short.
        ModelError: If the backbone is missing, a checkpoint is another run's, or a loss is not finite.
    """
    tell = report or silent
    torch.manual_seed(settings.seed)
    keeper = Keeper(folder / "checkpoint.pt", fingerprint(history, settings), checkpoint_seconds)
    if resume:
        keeper.resume()
    run = _prepare(history, settings, keeper, tell)
    score_terms, judged = _score_stage(run)
    run.forecaster = replace(
        run.forecaster, shrinkage=validate(run.forecaster, run.material.validation).shrinkage
    )
    lesson_terms = _language_stage(run)
    found = validate(run.forecaster, run.material.validation)
    metrics = {
        "prior": run.material.choice.forecaster.name,
        "prior_losses": run.material.choice.losses,
        "score_stage": judged,
        **found.as_dict(),
    }
    done = replace(run.forecaster, shrinkage=found.shrinkage, metrics=metrics, fingerprint=keeper.task)
    done.model.eval()
    save(done, folder, {"score": score_terms, "language": lesson_terms})
    keeper.done()
    return done


def fingerprint(history: Sequence[Labelled], settings: ModelSettings) -> str:
    """Returns a hash of what a run depends on: cutoffs, cards, targets and settings."""
    cutoffs = [(each.cards.cutoff.isoformat(), len(each.cards), float(each.target.sum())) for each in history]
    return value_hash({"cutoffs": sorted(cutoffs), "settings": settings.as_dict(), "inputs": INPUTS})


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
    wanted = (
        settings.examples * settings.epochs >= _COMPILE_FROM if settings.compile is None else settings.compile
    )
    if wanted:
        backbone.compile_layers()
    none = {"text": 1.0, "numbers": 1.0}
    forecaster = TrailForecaster(model, material.choice.forecaster, reader, settings, none)
    built = slates(material.train, reader, seed=settings.seed)
    held = slates(material.validation, reader, seed=settings.seed)
    return Run(settings, material, forecaster, built, held, keeper, report)


def _score_stage(run: Run) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """Trains scores with and without text, each left at its best validation state."""
    settings, model = run.settings, run.model
    visits = [
        visit
        for epoch in range(settings.epochs)
        for visit in plan_visits(
            run.train, rows=settings.examples, batch=settings.batch, seed=settings.seed, epoch=epoch
        )
    ]

    longest = max(len(slate.common) + len(prompt) for slate in run.train for prompt in slate.prompts)
    length = padded_length(longest, _STEP)

    def loss(visit: Visit) -> dict[str, torch.Tensor]:
        slate = run.train[visit.slate]
        text, numbers = model.score_visit(slate, visit, length)
        target = slate.target_of(visit.rows)
        return {
            "score": score_loss(text, target, settings, run.scale),
            "numbers": score_loss(numbers, target, settings, run.scale),
        }

    stage = Stage(
        "score",
        visits,
        loss,
        evaluate=lambda: vars(judge(model, run.validation, settings, run.scale)),
        parts={
            "text": lambda name: not name.startswith("numbers_head"),
            "numbers": lambda name: name.startswith("numbers_head"),
        },
        evaluations=settings.evaluations,
        accumulation=settings.accumulation,
    )
    optimizer = run.optimizer(len(visits), settings.learning_rate, settings.accumulation)
    terms, best = run_stage(model, stage, optimizer, run.keeper, run.report)
    return terms, best.losses


def _language_stage(run: Run) -> list[dict[str, float]]:
    """Tells training rows with their drivers and teaches the model to explain them."""
    settings, model = run.settings, run.model
    if not settings.explained or not settings.language_epochs:
        return []
    told = _tell(run)
    lessons = [
        each
        for epoch in range(settings.language_epochs)
        for each in plan_lessons(
            told, run.forecaster.reader, seed=settings.seed, epoch=epoch, batch=settings.lesson_batch
        )
    ]
    length = padded_length(longest_lesson(run.train, lessons), _STEP)

    def loss(batch: Lessons) -> dict[str, torch.Tensor]:
        slate = run.train[batch.slate]
        return language_terms(model, slate, batch.lessons, settings, scale=run.scale, length=length)

    stage = Stage("language", lessons, loss)
    optimizer = run.optimizer(len(lessons), settings.language_rate, 1)
    model.backbone.recompute(wanted=settings.recompute)
    terms, _ = run_stage(model, stage, optimizer, run.keeper, run.report)
    model.backbone.recompute(wanted=False)
    return terms


def _tell(run: Run) -> list[list[Told]]:
    """Forecasts and occludes the training rows of the language stage, spread over the latest cutoffs."""
    settings = run.settings
    cutoffs = min(len(run.train), max(1, settings.explained // settings.batch))
    chosen = sorted(np.random.default_rng([settings.seed, 7]).permutation(len(run.train))[:cutoffs].tolist())
    per_cutoff = -(-settings.explained // cutoffs)
    groups = []
    for done, slate in enumerate(chosen):
        run.report("drivers", done, len(chosen))
        groups.append(_told_of(run, slate, run.material.train[slate], per_cutoff))
    run.report("drivers", len(chosen), len(chosen))
    return groups


def _told_of(run: Run, slate: int, rows: Rows, most: int) -> list[Told]:
    cards, prior = rows.cards, rows.prior.take(rows.chosen)
    forecast = run.forecaster.correct_rows(cards, prior)
    chance = p_top(forecast, min(_TOP, len(cards)), seed=run.settings.seed)
    # what is shown are the first places: they are half of what is told
    order = np.argsort(-forecast.score, kind="stable")
    rng = np.random.default_rng([run.settings.seed, slate])
    kept = np.concatenate([order[: most // 2], rng.permutation(order[most // 2 :])])[:most]
    found = run.forecaster.effects(cards.take(kept), cards)
    return tell(cards, forecast, chance, kept, found, k=_TOP, slate=slate)
