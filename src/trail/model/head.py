"""The score head: from a hidden state and standardised signals to a correction of the prior.

Shapes: B rows, H width of the backbone, V directions seen of it, S numeric signals.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

#: Levels of the quantiles that the head corrects.
QUANTILES = (0.1, 0.5, 0.9)
#: Directions of a state that a head sees, and networks whose mean it is.
DIRECTIONS, MEMBERS = 32, 4
_WIDTH = 64
_LEAST_GAP = 0.05
_LEAST_SPREAD, _CLIP = 1e-3, 5.0


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


class View(nn.Module):
    """What a head sees of a hidden state: its strongest directions over the training rows, each of spread 1.

    A few dimensions of a language model's state are a hundred times as large as the rest, and there are more
    dimensions than weeks to learn from: whitened principal components keep what tells rows apart, and little of it.
    `fit` sets it; it is never trained.

    Args:
        hidden: Width of the backbone, H.
        size: Directions, V.
    """

    def __init__(self, hidden: int, size: int) -> None:
        super().__init__()
        self.centre = nn.Parameter(torch.zeros(hidden), requires_grad=False)
        self.axes = nn.Parameter(torch.zeros(hidden, size), requires_grad=False)

    @torch.no_grad()
    def fit(self, states: torch.Tensor) -> None:
        """Takes the directions from states of shape (rows, H); a direction without spread stays 0."""
        self.centre.copy_(states.mean(dim=0))
        spread = states.std(dim=0) + _LEAST_SPREAD
        _, singular, directions = torch.linalg.svd((states - self.centre) / spread, full_matrices=False)
        deviations = singular / max(1, len(states) - 1) ** 0.5
        kept = [at for at in range(min(len(singular), self.axes.shape[1])) if deviations[at] > _LEAST_SPREAD]
        self.axes.zero_()
        self.axes[:, : len(kept)] = directions[kept].T / spread[:, None] / deviations[kept]

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Returns the view of states of shape (B, H), shape (B, V); outliers stop at 5."""
        seen: torch.Tensor = (hidden.float() - self.centre) @ self.axes
        return seen.clamp(-_CLIP, _CLIP)


class ScoreHead(nn.Module):
    """Predicts a correction to the log of the prior; starts at no correction at all.

    The mean of several small networks that start apart: what they agree on is less of an accident than what one
    finds.

    Args:
        hidden: Width of the backbone, H; 0 for the head without text, otherwise the same.
        signals: Number of numeric inputs, S.
    """

    def __init__(self, hidden: int, signals: int) -> None:
        super().__init__()
        seen = min(DIRECTIONS, hidden)
        self.inputs = signals + seen
        self.view = View(hidden, seen) if hidden else None
        self.members = nn.ModuleList(_member(self.inputs) for _ in range(MEMBERS))

    def forward(self, hidden: torch.Tensor | None, numbers: torch.Tensor) -> torch.Tensor:
        """Returns corrections of mean, median and the two gaps, shape (B, 4): the mean over the members.

        Args:
            hidden: State at the score position, shape (B, H); null for the head without text.
            numbers: Standardised signals, shape (B, S).
        """
        return self.each(hidden, numbers).mean(dim=0)

    def each(self, hidden: torch.Tensor | None, numbers: torch.Tensor) -> torch.Tensor:
        """Returns every member's corrections, shape (members, B, 4); the arguments are those of `forward`."""
        inputs = numbers
        if self.view is not None:
            if hidden is None:
                raise ValueError("this head was built with text and got no hidden state")
            inputs = torch.cat([numbers, self.view(hidden)], dim=1)
        return torch.stack([member(inputs) for member in self.members])

    def restart(self, seed: int) -> None:
        """Forgets everything: fresh members, as of the seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            for member in self.members:
                member.load_state_dict(_member(self.inputs).state_dict())


def _member(inputs: int) -> nn.Sequential:
    last = nn.Linear(_WIDTH, 4)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(inputs, _WIDTH), nn.GELU(), last)


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
