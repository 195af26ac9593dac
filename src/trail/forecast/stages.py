"""The stages of training, each from one state of the model to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import nn

from trail.baselines import p_top
from trail.forecast.lessons import Told, plan_lessons, tell
from trail.forecast.material import Material, Rows
from trail.forecast.trail import TrailForecaster
from trail.model import JointModel, Keeper, ModelSettings, Report, Slate, plan_visits
from trail.model.head import Corrected
from trail.model.language_stage import Lessons, language_terms, longest_lesson
from trail.model.loop import Stage, run_stage
from trail.model.optimizer import MasterAdamW
from trail.model.packing import padded_length
from trail.model.score_stage import count_scale, judge, read, reckoned, score_loss, untouched
from trail.model.slates import Visit

#: The heads learn at so many times the backbone's rate.
_HEAD_RATE = 10.0
#: Epochs of the head without text for one of the model.
_NUMBERS_EPOCHS = 5
_TOP = 50
#: Lengths are rounded up to multiples of it.
_STEP = 32


@dataclass
class Run:
    """One run of training.

    Attributes:
        settings: Of the model.
        material: Rows and prior.
        forecaster: The forecaster in the making.
        train: Training slates.
        looks: Slates of the validation origins, cut to the rows that are looked at during training.
        keeper: Of the checkpoints.
        report: Told what goes on.
    """

    settings: ModelSettings
    material: Material
    forecaster: TrailForecaster
    train: list[Slate]
    looks: list[Slate]
    keeper: Keeper
    report: Report

    @property
    def model(self) -> JointModel:
        """The model in the making."""
        return self.forecaster.model

    @cached_property
    def scale(self) -> float:
        """What divides the count term."""
        return count_scale(self.train, self.settings.tweedie_power)

    def optimizer(self, batches: int, rate: float, accumulation: int) -> MasterAdamW:
        """Returns an optimizer over what is tuned, the head without text apart, for so many batches."""
        backbone = [each for each in self.model.backbone.parameters() if each.requires_grad]
        heads = [each for name, each in self.model.heads() if not _of_numbers(name)]
        return MasterAdamW([(backbone, rate, 0.0), self._heads(heads)], -(-batches // accumulation))

    def numbers_optimizer(self, batches: int, accumulation: int) -> MasterAdamW:
        """Returns an optimizer over the head without text, with the rate and decay of the other head."""
        heads = [each for name, each in self.model.heads() if _of_numbers(name)]
        return MasterAdamW([self._heads(heads)], -(-batches // accumulation))

    def _heads(self, heads: list[nn.Parameter]) -> tuple[list[nn.Parameter], float, float]:
        return heads, _HEAD_RATE * self.settings.learning_rate, self.settings.weight_decay

    def judged(self, forecast_of: Callable[[JointModel, Slate], Corrected]) -> float:
        """Returns the score loss of one head on the looks."""
        return judge(lambda slate: forecast_of(self.model, slate), self.looks, self.settings, self.scale)

    def score_terms(self, forecast: Corrected, slate: Slate, rows: np.ndarray) -> dict[str, torch.Tensor]:
        """Returns the loss of a batch of the score and the numbers stage."""
        return {"score": score_loss(forecast, slate.target_of(rows), self.settings, self.scale)}


def _of_numbers(name: str) -> bool:
    """Whether a parameter belongs to the head without text."""
    return name.startswith("numbers_head")


def _visits(run: Run, epochs: int) -> list[Visit]:
    """Returns the batches of so many epochs over the training slates."""
    settings = run.settings
    return [
        visit
        for epoch in range(epochs)
        for visit in plan_visits(
            run.train, rows=settings.examples, batch=settings.batch, seed=settings.seed, epoch=epoch
        )
    ]


def numbers_stage(run: Run) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """Trains the head without text and leaves it at its best validation state.

    Its steps cost next to nothing, so it gets several times as many, and as many more looks at the
    validation origins: what is compared is what a text adds, not who was stopped first.
    """
    settings, model = run.settings, run.model
    visits = _visits(run, settings.epochs * _NUMBERS_EPOCHS)
    stage = Stage(
        "numbers",
        visits,
        lambda visit: run.score_terms(
            model.without_text(run.train[visit.slate], visit.rows), run.train[visit.slate], visit.rows
        ),
        evaluate=lambda: {"numbers": run.judged(reckoned)},
        parts={"numbers": _of_numbers},
        evaluations=settings.evaluations * _NUMBERS_EPOCHS,
        accumulation=settings.accumulation,
    )
    optimizer = run.numbers_optimizer(len(visits), settings.accumulation)
    terms, best = run_stage(model, stage, optimizer, run.keeper, run.report)
    return terms, best.losses


def score_stage(run: Run) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """Trains the scores that are read from text and leaves them at their best validation state."""
    settings, model = run.settings, run.model
    visits = _visits(run, settings.epochs)
    longest = max(len(slate.common) + len(prompt) for slate in run.train for prompt in slate.prompts)
    length = padded_length(longest, _STEP)

    def loss(visit: Visit) -> dict[str, torch.Tensor]:
        slate = run.train[visit.slate]
        return run.score_terms(model.score_visit(slate, visit, length), slate, visit.rows)

    stage = Stage(
        "score",
        visits,
        loss,
        evaluate=lambda: {"prior": run.judged(lambda _, slate: untouched(slate)), "text": run.judged(read)},
        parts={"text": lambda name: not _of_numbers(name)},
        evaluations=settings.evaluations,
        accumulation=settings.accumulation,
    )
    optimizer = run.optimizer(len(visits), settings.learning_rate, settings.accumulation)
    terms, best = run_stage(model, stage, optimizer, run.keeper, run.report)
    return terms, best.losses


def language_stage(run: Run) -> list[dict[str, float]]:
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
