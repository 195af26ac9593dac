"""The stages before the language stage, run once for all runs that differ in that stage alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from trail.engine import whole_file
from trail.forecast.stages import Run, numbers_stage, score_stage
from trail.model import load_tuned, tuned_state

_Losses = list[dict[str, float]]


@dataclass(frozen=True)
class Said:
    """What the stages before the language stage came to.

    Attributes:
        numbers: Terms of every batch of the head without text.
        numbers_judged: What validation said of it.
        score: Terms of every batch of the score stage.
        judged: What validation said of it.
    """

    numbers: _Losses
    numbers_judged: _Losses
    score: _Losses
    judged: _Losses


def scores(run: Run, task: str, kept: Path | None) -> Said:
    """Trains both heads, or takes up the state that another run left, and leaves the model there.

    The language stage begins from the tuned parameters alone, so a run that takes them up ends as one that
    trained them itself.

    Args:
        run: The run of training.
        task: Fingerprint of what these stages depend on.
        kept: File of the state; written where there is none, left alone where it is another task's.
    """
    if kept and kept.is_file():
        found = torch.load(kept, weights_only=True)
        if found["task"] == task:
            load_tuned(run.model, found["state"])
            return Said(**found["said"])
    said = Said(*numbers_stage(run), *score_stage(run))
    if kept and not kept.exists():
        with whole_file(kept) as temporary:
            torch.save({"task": task, "state": tuned_state(run.model), "said": asdict(said)}, temporary)
    return said
