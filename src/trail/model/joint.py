"""The joint model: one backbone, one score head, one place where texts and cards meet.

Shapes: B rows, S numeric signals.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from trail.model.backbone import COMPILE_FROM, Backbone
from trail.model.head import Corrected, ScoreHead, correct
from trail.model.meeting import Meeting
from trail.model.packing import pack
from trail.model.reading import read_rows
from trail.model.slates import Slate, Visit


class JointModel(nn.Module):
    """Scores, explains and embeds.

    Args:
        backbone: The language model.
        inputs: Number of numeric inputs, S.
    """

    def __init__(self, backbone: Backbone, inputs: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = ScoreHead(backbone.width, inputs)
        self.numbers_head = ScoreHead(0, inputs)  # the ablation without text, trained beside
        self.meeting = Meeting(backbone.width)

    def heads(self) -> Iterator[tuple[str, nn.Parameter]]:
        """Yields the parameters that are the model's own, named as in the state dictionary."""
        return ((name, each) for name, each in self.named_parameters() if not name.startswith("backbone."))

    def score_visit(self, slate: Slate, visit: Visit, length: int | None = None) -> Corrected:
        """Returns the corrected forecast of a batch read with its text; rows are padded to the length."""
        packed = pack(slate.segments(visit.rows), pad=self.backbone.pad, length=length)
        hidden = self.backbone(packed)  # (B, L, H)
        state = hidden[torch.arange(len(visit.rows)), packed.last(0)]  # (B, H)
        return self.with_text(slate, visit.rows, state)

    def with_text(self, slate: Slate, rows: np.ndarray, state: torch.Tensor) -> Corrected:
        """Returns the corrected forecast of rows whose score state is known."""
        return correct(slate.prior_of(rows), self.head(state, slate.numbers_of(rows)))


def score_states(
    backbone: Backbone, slate: Slate, *, batch: int = 64, share_start: bool = True, compiled: bool = False
) -> torch.Tensor:
    """Returns the hidden state at the score position of every row, shape (rows, H), float32.

    Rows are sorted by length and cut into batches of one size, so that shapes are few; the keys and values
    of the start that all rows share are computed once.

    Args:
        backbone: The language model.
        slate: Rows of one cutoff.
        batch: Rows a forward pass; fewer where that fills all passes equally.
        share_start: Whether to compute the common start once; without, every row repeats it.
        compiled: Whether to compile the layers even for few rows, since more slates follow.
    """
    compiled = (compiled or len(slate) >= COMPILE_FROM) and backbone.compile_layers()
    found = read_rows(
        backbone,
        slate.prompts,
        slate.common,
        lambda states: states[-1].float(),
        batch=batch,
        share_start=share_start,
        compiled=compiled,
    )
    return torch.stack(found) if found else torch.empty((0, backbone.width))
