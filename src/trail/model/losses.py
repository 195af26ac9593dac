"""The four terms of the joint loss, each a pure function of tensors.

Shapes: B rows of a batch, N pairs of rows, Q quantiles, T tokens that carry a label, V vocabulary, E embedding.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F  # noqa: N812 - the name every reader of torch code knows
from torch.utils.checkpoint import checkpoint


def tweedie(log_mean: torch.Tensor, target: torch.Tensor, power: float) -> torch.Tensor:
    """Returns each row's negative Tweedie quasi-likelihood, shape (B,), least where the mean is the target.

    Args:
        log_mean: Log of the expected count, shape (B,).
        target: Count, 0 or more, shape (B,).
        power: Variance grows as mean ** power; 1 < power < 2.

    Reference: Jorgensen, The Theory of Dispersion Models, 1997; log link.
    """
    # the two terms' own minimum over the mean is taken off, so that a perfect forecast costs 0
    value = torch.exp((2 - power) * log_mean) / (2 - power) - target * torch.exp((1 - power) * log_mean) / (
        1 - power
    )
    best = target ** (2 - power) / ((2 - power) * (1 - power))
    return value + best


def pinball(forecast: torch.Tensor, target: torch.Tensor, quantiles: torch.Tensor) -> torch.Tensor:
    """Returns each row's mean quantile loss, shape (B,).

    Args:
        forecast: Quantile forecasts, shape (B, Q).
        target: Outcome on the same scale, shape (B,).
        quantiles: Levels in (0, 1), shape (Q,).

    Reference: Koenker and Bassett, Regression Quantiles, 1978.
    """
    error = target[:, None] - forecast  # (B, Q)
    return torch.maximum(quantiles * error, (quantiles - 1) * error).mean(dim=1)


def pairwise_rank(winner: torch.Tensor, loser: torch.Tensor, temperature: float) -> torch.Tensor:
    """Returns each pair's logistic loss that the winner does not outscore the loser, shape (N,).

    Args:
        winner: Log score of the item that became more popular, shape (N,).
        loser: Log score of the other, shape (N,).
        temperature: Divides the difference; above 0.

    Reference: Burges et al., Learning to Rank using Gradient Descent (RankNet), 2005.
    """
    return F.softplus((loser - winner) / temperature)


def text_likelihood(
    states: torch.Tensor,
    labels: torch.Tensor,
    logits: Callable[[torch.Tensor], torch.Tensor],
    chunk: int = 128,
) -> torch.Tensor:
    """Returns the log likelihood of every labelled token, shape (T,).

    Logits are made for the labelled tokens only, a chunk at a time, and made again in the backward pass:
    a vocabulary of 50,000 would otherwise need gigabytes for one batch. The last chunk is filled up with zeros: blocks of
    ever new sizes, freed and kept, had let the process grow by 3 GB in 80 batches.

    Args:
        states: Hidden states that predict the labels, shape (T, H).
        labels: Token ids, shape (T,).
        logits: Maps states to unnormalised scores, (N, H) -> (N, V).
        chunk: Tokens at once.
    """

    def part(some: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        return -F.cross_entropy(logits(some).float(), ids, reduction="none")

    filled = -len(labels) % chunk
    parts = zip(
        torch.split(F.pad(states, (0, 0, 0, filled)), chunk),
        torch.split(F.pad(labels, (0, filled)), chunk),
        strict=True,
    )
    found = [checkpoint(part, some, ids, use_reentrant=False) for some, ids in parts]
    return torch.cat(found)[: len(labels)]


def preference(true: torch.Tensor, corrupted: torch.Tensor, strength: float = 0.5) -> torch.Tensor:
    """Returns each row's logistic loss that the corrupted text is as likely as the true one, shape (B,).

    Args:
        true: Log likelihood of the true text given the card, summed over its tokens, shape (B,).
        corrupted: The same of a corrupted text, shape (B,).
        strength: Multiplies the difference.

    Reference: Rafailov et al., Direct Preference Optimization, 2023, without a reference model; the likelihood
    of the true text is a term of its own, so the difference cannot grow by making both unlikely.
    """
    return F.softplus(strength * (corrupted - true))


def info_nce(
    text: torch.Tensor, card: torch.Tensor, temperature: float, of: torch.Tensor | None = None
) -> torch.Tensor:
    """Returns each row's loss of finding its card among the batch's by its text, and back, shape (B,).

    Args:
        text: Embedding of a text encoded without sight of its card, shape (B, E).
        card: Embedding of the card with what is told of it, shape (B, E).
        temperature: Divides the cosine; above 0.
        of: Which card each row is of, shape (B,): one that comes twice is no stranger to itself. All differ by default.

    Reference: van den Oord et al., Representation Learning with Contrastive Predictive Coding, 2018; symmetric
    as in Radford et al., 2021.
    """
    cosine = F.normalize(text, dim=1) @ F.normalize(card, dim=1).T / temperature  # (B, B)
    own = torch.arange(len(text), device=text.device)
    if of is not None:
        again = (of[:, None] == of) & (own[:, None] != own)
        cosine = cosine.masked_fill(again, -torch.inf)
    return (
        F.cross_entropy(cosine, own, reduction="none") + F.cross_entropy(cosine.T, own, reduction="none")
    ) / 2
