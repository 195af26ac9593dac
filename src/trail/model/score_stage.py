"""The score and rank terms of a batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from trail.model.head import QUANTILES, Corrected
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
