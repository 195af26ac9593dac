"""The score head: from a hidden state and standardised signals to a correction of the prior.

Shapes: B rows, H width of the backbone, S numeric signals.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

#: Levels of the quantiles that the head corrects.
QUANTILES = (0.1, 0.5, 0.9)
_LEAST_GAP = 0.05


@dataclass(frozen=True)
class Prior:
    """The prior's forecast as tensors of shape (B,), all log(1 + count) except `log_mean`.

    Attributes:
        log_mean: Log of the expected count, floored above zero counts.
        q10: Tenth percentile.
        q50: Median.
        q90: Ninetieth percentile.
    """

    log_mean: torch.Tensor
    q10: torch.Tensor
    q50: torch.Tensor
    q90: torch.Tensor


@dataclass(frozen=True)
class Corrected:
    """The corrected forecast.

    Attributes:
        log_mean: Log of the expected count, shape (B,).
        quantiles: q10, q50, q90 of log(1 + count), rising, shape (B, 3).
    """

    log_mean: torch.Tensor
    quantiles: torch.Tensor


class ScoreHead(nn.Module):
    """Predicts a correction to the log of the prior; starts at no correction at all.

    Args:
        hidden: Width of the backbone, H; 0 for the head without text, otherwise the same.
        signals: Number of numeric inputs, S.
        width: Width of the hidden layer.
    """

    def __init__(self, hidden: int, signals: int, width: int = 64) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden) if hidden else None
        self.text = nn.Linear(hidden, width, bias=False) if hidden else None
        self.numbers = nn.Linear(signals, width)
        self.out = nn.Linear(width, 4)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, hidden: torch.Tensor | None, numbers: torch.Tensor) -> torch.Tensor:
        """Returns corrections of mean, median and the two gaps, shape (B, 4).

        Args:
            hidden: State at the score position, shape (B, H); null for the head without text.
            numbers: Standardised signals, shape (B, S).
        """
        inner = self.numbers(numbers)  # (B, width)
        if self.norm is not None and self.text is not None:
            if hidden is None:
                raise ValueError("this head was built with text and got no hidden state")
            inner = inner + self.text(self.norm(hidden.float()))
        out: torch.Tensor = self.out(torch.nn.functional.gelu(inner))
        return out


def correct(prior: Prior, correction: torch.Tensor, shrinkage: float = 1.0) -> Corrected:
    """Applies a correction, multiplied by the shrinkage, to the prior.

    Args:
        prior: The prior's forecast.
        correction: Output of the head, shape (B, 4), bounded softly to a factor of e**2 either way.
        shrinkage: 0 gives the prior itself, 1 the whole correction.
    """
    bounded = 2 * torch.tanh(shrinkage * correction / 2)
    median = prior.q50 + bounded[:, 1]
    low = (prior.q50 - prior.q10).clamp_min(_LEAST_GAP) * torch.exp(bounded[:, 2])
    high = (prior.q90 - prior.q50).clamp_min(_LEAST_GAP) * torch.exp(bounded[:, 3])
    quantiles = torch.stack([median - low, median, median + high], dim=1).clamp_min(0)
    return Corrected(prior.log_mean + bounded[:, 0], quantiles)
