"""Rows of one cutoff as the model sees them, and the order in which training visits them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from trail.model.head import Prior
from trail.model.packing import Segment

#: Two outcomes differ by more than chance where (a - b)^2 > 3.84 (a + b): the 5% test of two Poisson counts.
_DECISIVE = 3.84


@dataclass(frozen=True)
class Slate:
    """Rows of one cutoff.

    Attributes:
        common: Token ids of the start that all rows share.
        prompts: Token ids of each row up to the score position.
        numbers: Standardised signals, shape (rows, inputs), float32.
        prior: Log mean and q10, q50, q90 of log(1 + count), shape (rows, 4), float32.
        target: Outcome of each row, shape (rows,); NaN where not known.
        pairs: Indices of (winner, loser), shape (pairs, 2).
    """

    common: tuple[int, ...]
    prompts: tuple[tuple[int, ...], ...]
    numbers: np.ndarray
    prior: np.ndarray
    target: np.ndarray
    pairs: np.ndarray

    def __len__(self) -> int:
        return len(self.prompts)

    def segments(self, rows: np.ndarray, *, whole: bool = True) -> list[list[Segment]]:
        """Returns each row as one segment, with the common start (whole) or without."""
        start = self.common if whole else ()
        return [[Segment((*start, *self.prompts[row]))] for row in rows]

    def prior_of(self, rows: np.ndarray) -> Prior:
        """Returns the prior of rows as tensors."""
        return Prior(*torch.from_numpy(self.prior[rows]).unbind(dim=1))

    def numbers_of(self, rows: np.ndarray) -> torch.Tensor:
        """Returns the standardised signals of rows, shape (rows, inputs)."""
        return torch.from_numpy(self.numbers[rows])

    def target_of(self, rows: np.ndarray) -> torch.Tensor:
        """Returns the outcomes of rows, shape (rows,)."""
        return torch.from_numpy(self.target[rows].astype(np.float32))


@dataclass(frozen=True)
class Visit:
    """One batch: rows of one slate.

    Attributes:
        slate: Index of the slate.
        rows: Row indices, always as many as the batch size.
    """

    slate: int
    rows: np.ndarray


def plan_visits(slates: Sequence[Slate], *, rows: int, batch: int, seed: int, epoch: int) -> list[Visit]:
    """Cuts an epoch into batches of one slate each; a pure function of its arguments.

    Half of a batch are the two ends of decisive pairs, hard negatives among them, the other half rows at
    random. Every slate gets the same number of rows.

    Args:
        slates: All training slates.
        rows: Rows of the epoch, all slates together.
        batch: Rows a batch.
        seed: Seed of the run.
        epoch: Number of the epoch.
    """
    rng = np.random.default_rng([seed, epoch])
    batches = max(1, rows // batch)
    order = np.concatenate([rng.permutation(len(slates)) for _ in range(-(-batches // len(slates)))])[
        :batches
    ]
    return [Visit(int(index), _draw(slates[index], batch, rng)) for index in order]


def _draw(slate: Slate, batch: int, rng: np.random.Generator) -> np.ndarray:
    """Draws the rows of one batch, without repeats where the slate has enough."""
    chosen: list[int] = []
    if len(slate.pairs):
        for pair in rng.permutation(len(slate.pairs))[: batch // 4]:
            chosen += [int(row) for row in slate.pairs[pair] if int(row) not in chosen]
    taken = set(chosen)
    rest = [int(row) for row in rng.permutation(len(slate)) if int(row) not in taken]
    drawn = np.array((chosen + rest)[:batch])
    return np.resize(drawn, batch)


def decisive_pairs(target: torch.Tensor) -> torch.Tensor:
    """Returns all pairs (winner, loser) of a batch whose outcomes differ by more than chance, shape (N, 2).

    Args:
        target: Outcomes, shape (B,).
    """
    difference = target[:, None] - target[None, :]
    total = target[:, None] + target[None, :]
    return torch.nonzero((difference > 0) & (difference**2 > _DECISIVE * total))
