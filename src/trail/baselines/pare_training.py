"""Trains PARE's embeddings and layers. The one module of this stage that imports torch."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from trail.baselines.pare_modules import SLOTS, Inputs, Numbers


@dataclass(frozen=True)
class Rates:
    """How PARE is trained, as published.

    Attributes:
        width: Numbers of an embedding.
        epochs: Passes over the rows.
        batch: Rows of a step.
        rate: Learning rate of Adam.
        decay: Weight decay; an embedding decays in the steps that use it.
        seed: Seed of the first weights and of the order of rows.
    """

    width: int = 512
    epochs: int = 20
    batch: int = 128
    rate: float = 1e-3
    decay: float = 1e-3
    seed: int = 0


def trained(
    inputs: Inputs, target: np.ndarray, size: int, rates: Rates, heard: Callable[[float], None] | None = None
) -> Numbers:
    """Returns what 20 epochs of Adam make of random embeddings; torch's own random state is left alone.

    The loss is the sum of five mean squared errors with equal weights: of each module and of their fusion.
    Embeddings are stepped by lazy Adam, which leaves those alone that a batch does not use: 512 numbers of
    every item at every step would take ten times as long.

    Args:
        inputs: Slots and histories of the rows.
        target: ln(1 + count), shape (rows,).
        size: Number of embeddings.
        rates: Settings.
        heard: Told the mean loss of every epoch.
    """
    network = _Network(size, rates)
    slots, history, wanted = (
        torch.from_numpy(np.ascontiguousarray(each))
        for each in (inputs.slots, inputs.history.astype(np.float32), target.astype(np.float32))
    )
    for _ in range(rates.epochs):
        order = torch.randperm(len(wanted), generator=network.chance)
        total = 0.0
        for rows in torch.split(order, rates.batch):
            total += network.step(slots[rows], history[rows], wanted[rows]) * len(rows)
        if heard is not None:
            heard(total / len(wanted))
    return network.numbers()


class _Network:
    """The parameters, their two optimizers, and one step. B rows, U embeddings used, d their width."""

    def __init__(self, size: int, rates: Rates) -> None:
        self.decay = rates.decay
        self.chance = torch.Generator().manual_seed(rates.seed)
        self.table = torch.randn(size, rates.width, generator=self.chance).requires_grad_()  # (V, d)
        # temporal: gap, item, time, release; side: category path, brand; periodic: season
        self.layers = [self._uniform(parts, rates.width, parts * rates.width) for parts in (4, 2, 1)]
        self.offsets = torch.zeros(3, requires_grad=True)
        self.fusion = torch.ones(4, requires_grad=True)
        dense = [*self.layers, self.offsets, self.fusion]
        self.optimizers: tuple[torch.optim.Optimizer, ...] = (
            torch.optim.SparseAdam([self.table], lr=rates.rate),
            torch.optim.Adam(dense, lr=rates.rate, weight_decay=rates.decay),
        )

    def _uniform(self, rows: int, columns: int, inputs: int) -> torch.Tensor:
        drawn = torch.rand(rows, columns, generator=self.chance)
        return ((2 * drawn - 1) / math.sqrt(inputs)).requires_grad_()

    def projected(self, embeddings: torch.Tensor) -> torch.Tensor:
        """Returns embeddings (U, d) times the weights they meet, (U, 6): release, time, item, brand, season, category."""
        (gap, item, time, release), (category, brand), (season,) = self.layers
        weights = torch.stack([gap + release, time - gap, item, brand, season, category])  # (6, d)
        return embeddings @ weights.T

    def step(self, slots: torch.Tensor, history: torch.Tensor, target: torch.Tensor) -> float:
        """Makes one step on a batch, slots (B, 13), history (B,), target (B,), and returns its loss."""
        fixed, path = slots[:, : len(SLOTS)], slots[:, len(SLOTS) :]  # (B, 5), (B, 8)
        share = (path >= 0).float()
        path = path.where(path >= 0, path[:, :1])  # past its end: a slot in use, times a share of 0
        used, place = torch.unique(torch.cat([fixed, path], dim=1), return_inverse=True)  # (U,), (B, 13)
        embeddings = functional.embedding(used, self.table, sparse=True)
        numbers = self.projected(embeddings)  # (U, 6)
        parts = numbers[place[:, : len(SLOTS)], torch.arange(len(SLOTS))]  # (B, 5)
        mean = (numbers[place[:, len(SLOTS) :], len(SLOTS)] * share).sum(1) / share.sum(1)  # (B,)
        linear = torch.stack([parts[:, :3].sum(1), parts[:, 3] + mean, parts[:, 4]], dim=1)  # (B, 3)
        modules = torch.cat([history[:, None], torch.relu(linear + self.offsets)], dim=1)  # (B, 4)
        loss = five_errors(modules, self.fusion, target)
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        # SparseAdam has no weight decay of its own; its gradient is that of this penalty
        (loss + self.decay / 2 * embeddings.square().sum()).backward()  # type: ignore[no-untyped-call]
        for optimizer in self.optimizers:
            optimizer.step()
        return float(loss.detach())

    @torch.no_grad()
    def numbers(self) -> Numbers:
        """Returns the folded embeddings, the offsets and the fusion."""
        release, time, item, brand, season, category = self.projected(self.table).double().T.numpy().copy()
        offsets, fusion = (each.double().numpy().copy() for each in (self.offsets, self.fusion))
        return Numbers(release, time, item, brand, season, category, offsets, fusion)


def five_errors(modules: torch.Tensor, fusion: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Returns the sum of the mean squared errors of the four modules and of their weighted mean.

    Args:
        modules: Outputs, shape (B, 4).
        fusion: Weights of the modules, shape (4,).
        target: ln(1 + count), shape (B,).
    """
    fused = modules @ fusion / fusion.sum()
    five = torch.cat([modules, fused[:, None]], dim=1)  # (B, 5)
    return (five - target[:, None]).square().mean(0).sum()
