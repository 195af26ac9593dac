"""One run of training: its settings, rows and model, and how validation judges it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from trail.forecast.material import Material, Rows
from trail.forecast.trail import TrailForecaster
from trail.forecast.validation import halved, uncorrected
from trail.model import JointModel, Keeper, ModelSettings, Report, Slate, score_states
from trail.model.optimizer import MasterAdamW
from trail.model.score_stage import count_scale

#: Terms of every batch, in order.
Losses = list[dict[str, float]]
#: What validation said at every look, in order: losses by origin of the prior and of what was judged.
Looked = list[dict[str, list[float]]]
#: The head that reads learns at so many times the backbone's rate where both are tuned.
_HEAD_RATE = 10.0


@dataclass(frozen=True)
class Look:
    """Rows of a validation origin that are looked at during training.

    Attributes:
        rows: The rows with their outcomes.
        slate: The same as the model sees them.
    """

    rows: Rows
    slate: Slate

    @property
    def numbers(self) -> torch.Tensor:
        """Standardised signals, shape (rows, S)."""
        return self.slate.numbers_of(np.arange(len(self.slate)))


@dataclass
class Run:
    """One run of training.

    Attributes:
        settings: Of the model.
        material: Rows and prior.
        forecaster: The forecaster in the making.
        train: Training slates.
        looks: What is looked at during training, an origin each.
        keeper: Of the checkpoints.
        report: Told what goes on.
        states: States of the training rows, a tensor of shape (rows, H) a slate, as the backbone reads them now; null
            where they were not read since it changed.
    """

    settings: ModelSettings
    material: Material
    forecaster: TrailForecaster
    train: list[Slate]
    looks: list[Look]
    keeper: Keeper
    report: Report
    states: list[torch.Tensor] | None = None

    @property
    def model(self) -> JointModel:
        """The model in the making."""
        return self.forecaster.model

    @cached_property
    def scale(self) -> float:
        """What divides the count term."""
        return count_scale(self.train, self.settings.tweedie_power)

    @cached_property
    def prior_losses(self) -> list[float]:
        """Relative loss of the prior at each of the looks."""
        return [uncorrected(look.rows) for look in self.looks]

    def read(self) -> list[torch.Tensor]:
        """Returns the states of the training rows, read once for as long as the backbone stays as it is."""
        if self.states is None:
            self.states = self.states_of(self.train)
        return self.states

    def states_of(self, slates: Sequence[Slate]) -> list[torch.Tensor]:
        """Returns the states at the score position of slates, each of shape (rows, H)."""
        found = []
        for done, slate in enumerate(slates):
            self.report("reading", done, len(slates))
            found.append(self.states_of_one(slate))
        self.report("reading", len(slates), len(slates))
        return found

    def states_of_one(self, slate: Slate) -> torch.Tensor:
        """Returns the states at the score position of one slate, shape (rows, H)."""
        return score_states(self.model.backbone, slate, compiled=self.model.backbone.compiled)

    def optimizer(self, batches: int, rate: float, accumulation: int) -> MasterAdamW:
        """Returns an optimizer over what is tuned, the head without text apart, for so many batches."""
        tuned = [(name, each) for name, each in self.model.named_parameters() if each.requires_grad]
        backbone = [each for name, each in tuned if name.startswith("backbone.")]
        heads = [each for name, each in tuned if not name.startswith(("backbone.", "numbers_head."))]
        groups = [
            (backbone, rate, 0.0),
            (heads, _HEAD_RATE * self.settings.learning_rate, self.settings.weight_decay),
        ]
        return MasterAdamW(groups, -(-batches // accumulation))

    @torch.inference_mode()
    def judged(self, head: str, correction: Callable[[int], torch.Tensor]) -> dict[str, list[float]]:
        """Returns the relative loss of prior and head at each of the looks, half of the correction applied.

        Args:
            head: Name of the head.
            correction: Maps the place of a look to the corrections of its rows, shape (rows, 4).
        """
        found = [halved(self.forecaster, look.rows, correction(at)) for at, look in enumerate(self.looks)]
        return {"prior": self.prior_losses, head: found}
