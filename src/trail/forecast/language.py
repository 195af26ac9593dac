"""The language stage: training rows are told with their drivers, and the model learns to explain them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from trail.baselines import Forecast, p_top
from trail.baselines.occlusion import GROUPS
from trail.forecast.lessons import Told, held_out, plan_lessons, tell
from trail.forecast.material import Rows
from trail.forecast.run import Losses, Run
from trail.model.language_stage import Lessons, language_terms, longest_lesson
from trail.model.loop import Stage, run_stage
from trail.model.packing import padded_length
from trail.signals import Cards

#: The K of the chance that lessons speak of.
TOP = 50
#: Lessons a cutoff, about: the fewer, the more weeks they speak of.
_SPREAD = 16
#: Rows that fill passes of compiled layers well enough.
_FULL = 64


def language_stage(run: Run, told: Sequence[Sequence[Told]]) -> Losses:
    """Teaches the model to explain what was told.

    Args:
        run: The run of training.
        told: Training rows with their drivers, a group a cutoff, of `tell_rows`.
    """
    settings, model = run.settings, run.model
    lessons = [
        each
        for epoch in range(settings.language_epochs)
        for each in plan_lessons(
            told, run.forecaster.reader, seed=settings.seed, epoch=epoch, batch=settings.lesson_batch
        )
    ]
    if not lessons:
        return []
    length = padded_length(longest_lesson(run.train, lessons))

    def loss(batch: Lessons) -> dict[str, torch.Tensor]:
        slate = run.train[batch.slate]
        return language_terms(model, slate, batch.lessons, settings, scale=run.scale, length=length)

    stage = Stage("language", lessons, loss)
    optimizer = run.optimizer(len(lessons), settings.language_rate, 1)
    model.backbone.recompute(wanted=settings.recompute)
    terms, _ = run_stage(model, stage, optimizer, run.keeper, run.report)
    run.states = None
    model.backbone.recompute(wanted=False)
    return terms


def tell_rows(run: Run) -> list[list[Told]]:
    """Forecasts and occludes the training rows of the language stage, spread over the latest cutoffs; none without it."""
    settings = run.settings
    if not settings.explained or not settings.language_epochs:
        return []
    cutoffs = min(len(run.train), max(1, settings.explained // _SPREAD))
    chosen = sorted(np.random.default_rng([settings.seed, 7]).permutation(len(run.train))[:cutoffs].tolist())
    per_cutoff = -(-settings.explained // cutoffs)
    groups = []
    for done, slate in enumerate(chosen):
        run.report("drivers", done, len(chosen))
        groups.append(_told_of(run, slate, run.material.train[slate], per_cutoff))
    run.report("drivers", len(chosen), len(chosen))
    return [group for group in groups if group]


def forecast_of(run: Run, slate: int) -> tuple[Cards, Forecast, np.ndarray]:
    """Returns the cards of a training cutoff, the model's forecast of them, and their chances of the top."""
    rows, states = run.material.train[slate], None
    if run.forecaster.shrinkage["text"]:
        states = run.states[slate] if run.states else run.states_of_one(run.train[slate])
    cards, prior = rows.cards, rows.prior.take(rows.chosen)
    forecast = run.forecaster.correct_rows(cards, prior, states)
    return cards, forecast, p_top(forecast, min(TOP, len(cards)), seed=run.settings.seed)


def _told_of(run: Run, slate: int, rows: Rows, most: int) -> list[Told]:
    cards, forecast, chance = forecast_of(run, slate)
    # what is shown are the first places: they are half of what is told
    spoken_of = np.array([not held_out(item) for item in cards.item_ids], dtype=bool)
    order = np.argsort(-forecast.score, kind="stable")
    order = order[spoken_of[order]]
    rng = np.random.default_rng([run.settings.seed, slate])
    kept = np.concatenate([order[: most // 2], rng.permutation(order[most // 2 :])])[:most]
    # by the prior as it knew the cutoff: one that was fitted since has seen how it went on
    compiled = run.model.backbone.compiled and most * len(GROUPS) >= _FULL
    then, picked = replace(run.forecaster, prior=rows.forecaster, compiled=compiled), cards.take(kept)
    drivers = then.effects(picked, cards).every(picked)
    return tell(cards, forecast, chance, kept, drivers, k=TOP, slate=slate)
