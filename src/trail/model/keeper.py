"""What a killed run leaves behind, and how the next one goes on: whole checkpoints, same losses."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from trail.engine import whole_file
from trail.errors import ModelError

#: Told the stage, what is done and what there is to do.
Report = Callable[[str, float, float], None]


def silent(stage: str, done: float, total: float) -> None:
    """Reports nothing."""


def tuned_state(model: nn.Module, wanted: Callable[[str], bool] = bool) -> dict[str, torch.Tensor]:
    """Returns a copy of every wanted parameter that is not as the backbone came, by name."""
    return {
        name: each.detach().clone()
        for name, each in model.named_parameters()
        if wanted(name) and (each.requires_grad or not name.startswith("backbone."))
    }


def state_hash(model: nn.Module) -> str:
    """Returns a hash of every parameter that is not as the backbone came (16 hexadecimal digits)."""
    digest = hashlib.sha256()
    for name, value in sorted(tuned_state(model).items()):
        digest.update(f"{name} {tuple(value.shape)}".encode())
        digest.update(value.flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()[:16]


@torch.no_grad()
def load_tuned(model: nn.Module, state: Mapping[str, torch.Tensor]) -> None:
    """Puts tuned parameters back.

    Raises:
        ModelError: If names or shapes are not those of the model.
    """
    known = dict(model.named_parameters())
    for name, value in state.items():
        if name not in known or known[name].shape != value.shape:
            raise ModelError(
                f"the tuned parameter {name}",
                expected="the parameters of this backbone and tuning",
                fix="train again, or restore the settings that the model was trained with",
            )
        known[name].copy_(value)


@dataclass
class Keeper:
    """Saves the state of a run every so often, whole or not at all, and gives it back.

    Attributes:
        path: The checkpoint.
        task: Fingerprint of data, settings and code that the state belongs to.
        seconds: Least time between two saves; 0 saves at every call.
        state: Saved state by stage.
    """

    path: Path
    task: str
    seconds: float = 60.0
    state: dict[str, Any] = field(default_factory=dict)
    _saved: float = field(default_factory=time.monotonic)

    def resume(self) -> None:
        """Takes up the saved state.

        Raises:
            ModelError: If it belongs to other data or settings.
        """
        if not self.path.is_file():
            return
        saved = torch.load(self.path, weights_only=True)
        if saved["task"] != self.task:
            raise ModelError(
                f"a checkpoint of another run in {self.path.parent}",
                expected="the same data and settings",
                fix="train without --resume to start anew",
            )
        self.state = saved["state"]

    def keep(self, stage: str, values: Callable[[], dict[str, Any]], *, now: bool = False) -> None:
        """Saves the state of a stage if it is time, or now."""
        if not now and time.monotonic() - self._saved < self.seconds:
            return
        self.state[stage] = values()
        with whole_file(self.path) as temporary:
            torch.save({"task": self.task, "state": self.state}, temporary)
        self._saved = time.monotonic()

    def done(self) -> None:
        """Removes the checkpoint of a finished run."""
        self.path.unlink(missing_ok=True)
