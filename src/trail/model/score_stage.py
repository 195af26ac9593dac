"""The first stage of training: score and rank terms, with and without text, stopped on validation origins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Judged:
    """Losses on the validation origins, mean over rows; lower is better.

    Attributes:
        prior: Without any correction.
        text: With the whole correction.
        numbers: The head without text.
    """

    prior: float
    text: float
    numbers: float


@torch.inference_mode()
def judge(model: JointModel, slates: Sequence[Slate], settings: ModelSettings, scale: float) -> Judged:
    """Scores the validation slates with the prior, the model and the head without text."""
    model.eval()
    losses: dict[str, list[torch.Tensor]] = {"prior": [], "text": [], "numbers": []}
    for slate in slates:
        rows = np.arange(len(slate))
        text, numbers = model.forecasts(slate, rows, score_states(model.backbone, slate))
        nothing = correct(slate.prior_of(rows), torch.zeros((len(rows), 4)))
        for name, forecast in (("prior", nothing), ("text", text), ("numbers", numbers)):
            target = slate.target_of(rows)
            value = popularity_loss(forecast, target, settings.tweedie_power, scale)
            ranked = rank_loss(forecast, target, settings.rank_temperature)
            losses[name].append(settings.popularity * value.mean() + settings.rank * ranked)
    return Judged(**{name: float(torch.stack(values).mean()) for name, values in losses.items()})
