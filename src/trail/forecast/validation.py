"""What the validation origins say of a correction, over the whole catalogue, and how much of it to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import torch

from trail.baselines import Conformal, Forecast, active, ndcg, relative_loss, wape
from trail.forecast.material import Rows
from trail.forecast.trail import Head, TrailForecaster

#: Shares of a correction to choose from: half of it, or nothing. Validation origins are few and noisy; a share chosen from
#: many, as a state chosen for the whole correction, is chosen by luck (docs/log.md).
HALF = 0.5
SHARES = (0.0, HALF)


@dataclass(frozen=True)
class Earned:
    """What half of a correction gained where it was judged, the state chosen without the origin it is judged on.

    A state that is the best of many looks on four origins flatters itself on these four. So each origin is judged by
    the look that is the best on the others: nested cross-validation, Varma and Simon, Bias in error estimation when
    using cross-validation for model selection, 2006.

    Attributes:
        gain: Relative loss of the prior less that of the corrected forecast, mean over the origins.
        error: Standard error of the mean; NaN of one origin, which can say nothing.
    """

    gain: float
    error: float

    @classmethod
    def of(cls, looks: Sequence[Mapping[str, Sequence[float]]], head: str) -> Self:
        """Measures it from the losses by origin of prior and head at every look; origins without a loss are left out."""
        losses = np.array([look[head] for look in looks])  # (looks, origins)
        prior = np.array(looks[0]["prior"])
        known = np.isfinite(prior)
        losses, prior = losses[:, known], prior[known]
        others = losses.sum(axis=1, keepdims=True) - (losses if losses.shape[1] > 1 else 0)
        best = others.argmin(axis=0)
        return cls(*_mean_and_error(prior - losses[best, np.arange(len(prior))]))

    @property
    def enough(self) -> bool:
        """Whether the gain is above its standard error: the simpler forecast, the prior, is kept where it is not."""
        return bool(self.gain > self.error)


@dataclass(frozen=True)
class Validation:
    """Means over the validation origins, by head, at the chosen shrinkage.

    Attributes:
        shrinkage: Share of each correction: half of one that earned enough and does not lose over the whole shortlist;
            0 switches it off.
        conformal: What each corrected range has to be moved by; nothing where the correction is off.
        relative_loss: Of the prior and of both corrected forecasts; 1 is the last window, lower is better.
        ndcg: NDCG@50 of counts over active items.
        wape: Weighted absolute percentage error over active items.
        gain: What half of each correction earned, kept or not, mean and standard error (see `Earned`).
    """

    shrinkage: dict[str, float]
    conformal: dict[str, Conformal]
    relative_loss: dict[str, float]
    ndcg: dict[str, float]
    wape: dict[str, float]
    gain: dict[str, tuple[float, float]]

    def as_dict(self) -> dict[str, Any]:
        """Returns the figures as plain values."""
        return {name: value for name, value in asdict(self).items() if name != "conformal"}


def validate(
    forecaster: TrailForecaster, origins: Sequence[Rows], earned: Mapping[Head, Earned]
) -> Validation:
    """Corrects the validation origins once, chooses each head's shrinkage, and measures its ranges.

    Args:
        forecaster: Model and reader; its own shrinkage is not used.
        origins: Validation origins with out-of-fold priors.
        earned: What each head earned on them while it was trained.
    """
    heads: tuple[Head, ...] = ("text", "numbers")
    found = {head: [_corrected(forecaster, head, rows) for rows in origins] for head in heads}
    tried = {
        head: np.array(
            [[_losses(rows, each) for each in made] for rows, made in zip(origins, of, strict=True)]
        )
        for head, of in found.items()
    }  # (origins, shrinkages, measures)
    # where nothing happened no loss is a number
    counted = np.isfinite(tried["text"][:, 0, 0]) | ~np.isfinite(tried["text"][:, 0, 0]).any()
    tried = {head: values[counted] for head, values in tried.items()}
    best = {
        head: int(np.argmin(tried[head][:, :, 0].mean(axis=0))) if earned[head].enough else 0
        for head in heads
    }
    chosen = {head: tried[head][:, best[head]] for head in heads} | {"prior": tried["text"][:, 0]}
    means = {name: values.mean(axis=0) for name, values in chosen.items()}
    targets = [rows.example.target[rows.chosen] for rows in origins]
    return Validation(
        shrinkage={head: SHARES[best[head]] for head in heads},
        conformal={
            head: Conformal.measure([made[best[head]] for made in found[head]], targets)
            for head in heads
            if SHARES[best[head]]
        },
        relative_loss={name: float(value[0]) for name, value in means.items()},
        ndcg={name: float(value[1]) for name, value in means.items()},
        wape={name: float(value[2]) for name, value in means.items()},
        gain={head: (earned[head].gain, earned[head].error) for head in heads},
    )


def uncorrected(rows: Rows) -> float:
    """Returns the relative loss of an origin by its prior."""
    return _losses(rows, rows.prior.take(rows.chosen))[0]


def halved(forecaster: TrailForecaster, rows: Rows, correction: torch.Tensor) -> float:
    """Returns the relative loss of an origin with half of a correction of its chosen rows.

    Args:
        forecaster: Whose correction it is.
        rows: An origin with outcomes.
        correction: Of the chosen rows, shape (rows, 4).
    """
    return _losses(rows, forecaster.applied(rows.prior.take(rows.chosen), correction, HALF))[0]


def _corrected(forecaster: TrailForecaster, head: Head, rows: Rows) -> list[Forecast]:
    """Returns the forecast of an origin's chosen rows at every shrinkage."""
    prior = rows.prior.take(rows.chosen)
    correction = forecaster.correction(rows.cards, prior, head)
    return [forecaster.applied(prior, correction, share) if share else prior for share in SHARES]


def _losses(rows: Rows, made: Forecast) -> tuple[float, float, float]:
    """Returns relative loss, NDCG and WAPE of one origin, its chosen rows forecast as given."""
    expected, score = np.array(rows.prior.expected), np.array(rows.prior.score)
    expected[rows.chosen], score[rows.chosen] = made.expected, made.score
    target, kept = rows.example.target, active(rows.example.cards)
    return (
        relative_loss(rows.example, expected, score),
        ndcg(target[kept], score[kept]),
        wape(target[kept], expected[kept]),
    )


def _mean_and_error(values: np.ndarray) -> tuple[float, float]:
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
    return float(values.mean()) if len(values) else float("nan"), error
