"""The score and rank terms of a batch, and what validation slates say of a forecast."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from trail.model.head import QUANTILES, Corrected, correct
from trail.model.joint import JointModel, score_states
from trail.model.losses import pairwise_rank, pinball, tweedie
from trail.model.settings import ModelSettings
from trail.model.slates import Slate, decisive_pairs


def count_scale(slates: Sequence[Slate], power: float) -> float:
    """Returns the mean of target ** (2 - power) over all rows: divides the count term to order one."""
    targets = np.concatenate([slate.target for slate in slates])
    return float(np.maximum(np.mean(targets ** (2 - power)), 1e-6))


def popularity_loss(forecast: Corrected, target: torch.Tensor, power: float, scale: float) -> torch.Tensor:
    """Returns the count term plus the quantile term of each row, shape (B,)."""
    levels = torch.tensor(QUANTILES)
    return tweedie(forecast.log_mean, target, power) / scale + pinball(
        forecast.quantiles, torch.log1p(target), levels
    )


def rank_loss(forecast: Corrected, target: torch.Tensor, temperature: float) -> torch.Tensor:
    """Returns the mean pairwise term over the decisive pairs of a batch, 0 if there are none."""
    pairs = decisive_pairs(target)
    if not len(pairs):
        return forecast.log_mean.sum() * 0
    winner, loser = pairs.unbind(dim=1)
    return pairwise_rank(forecast.log_mean[winner], forecast.log_mean[loser], temperature).mean()


def score_loss(
    forecast: Corrected, target: torch.Tensor, settings: ModelSettings, scale: float
) -> torch.Tensor:
    """Returns the score terms of a batch: popularity and rank, with their weights."""
    popularity = popularity_loss(forecast, target, settings.tweedie_power, scale).mean()
    return settings.popularity * popularity + settings.rank * rank_loss(
        forecast, target, settings.rank_temperature
    )


@torch.inference_mode()
def judge(
    forecast_of: Callable[[Slate], Corrected],
    slates: Sequence[Slate],
    settings: ModelSettings,
    scale: float,
) -> float:
    """Returns the mean score loss over validation slates; lower is better.

    Args:
        forecast_of: Forecasts all rows of a slate.
        slates: Slates with targets.
        settings: Weights of the terms.
        scale: What divides the count term.
    """
    losses = [
        score_loss(forecast_of(slate), slate.target_of(np.arange(len(slate))), settings, scale)
        for slate in slates
    ]
    return float(torch.stack(losses).mean())


def untouched(slate: Slate) -> Corrected:
    """Returns the prior's own forecast of all rows of a slate."""
    return correct(slate.prior_of(np.arange(len(slate))), torch.zeros((len(slate), 4)))


def read(model: JointModel, slate: Slate) -> Corrected:
    """Returns the model's forecast of all rows of a slate, read with their text."""
    return model.with_text(slate, np.arange(len(slate)), score_states(model.backbone, slate))


def reckoned(model: JointModel, slate: Slate) -> Corrected:
    """Returns the forecast of all rows of a slate by the head without text."""
    return model.without_text(slate, np.arange(len(slate)))
