"""Cards as the model reads them: prompts in tokens, signals in one scale, the prior in logs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from trail.baselines import Forecast
from trail.facts import prompt
from trail.model import Backbone, Scale, Slate, raw_inputs
from trail.pairs import score_pairs
from trail.signals import Cards

#: The least count a prior may expect: the correction works on its log.
FLOOR = 0.02


def prior_logs(prior: Forecast) -> np.ndarray:
    """Returns log mean and q10, q50, q90 of log(1 + count), shape (items, 4), float32."""
    logs = [
        np.log(np.maximum(prior.expected, FLOOR)),
        *(np.log1p(each) for each in (prior.q10, prior.q50, prior.q90)),
    ]
    return np.column_stack(logs).astype(np.float32)


@dataclass(frozen=True)
class Reader:
    """Turns cards into slates.

    Attributes:
        backbone: Whose tokenizer reads the prompts.
        scale: Of the numeric inputs.
        mask_titles: Whether the prompt hides what the item is.
    """

    backbone: Backbone
    scale: Scale
    mask_titles: bool = False

    @property
    def mask(self) -> tuple[str, ...]:
        """Pieces that prompts and texts leave out."""
        return ("metadata",) if self.mask_titles else ()

    def slate(
        self, cards: Cards, prior: Forecast, target: np.ndarray | None = None, *, seed: int = 0
    ) -> Slate:
        """Returns the slate of cards; with targets, also their decisive pairs.

        Args:
            cards: Rows of one cutoff.
            prior: The prior's forecast of them.
            target: Outcomes, shape (items,); null where not known yet.
            seed: Seed of the drawn pairs.
        """
        prompts = [prompt(cards.card(row), mask=self.mask) for row in range(len(cards))]
        common = prompts[0].common if prompts else ""
        pairs = np.zeros((0, 2), dtype=np.int64)
        if target is not None:
            level = np.log1p(prior.expected)
            category = np.array(cards.table["category"].to_pylist(), dtype=object)
            pairs = score_pairs(target, level, category, np.random.default_rng(seed), most=4 * len(cards))
        return Slate(
            common=tuple(self.backbone.encode(common)),
            prompts=tuple(tuple(self.backbone.encode(each.scoring[len(common) :])) for each in prompts),
            numbers=self.scale(raw_inputs(cards, prior)),
            prior=prior_logs(prior),
            target=np.full(len(cards), np.nan) if target is None else target,
            pairs=pairs,
        )


class LastReading:
    """The states that a backbone made of the latest slate, for forecasters of one network that no longer changes."""

    def __init__(self) -> None:
        self._read: tuple[object, torch.Tensor] | None = None

    def of(self, slate: Slate, read: Callable[[Slate], torch.Tensor]) -> torch.Tensor:
        """Returns the states of a slate, shape (rows, H); reads it unless the latest had the same prompts."""
        prompts = (slate.common, slate.prompts)
        if self._read is None or self._read[0] != prompts:
            self._read = (prompts, read(slate))
        return self._read[1]
