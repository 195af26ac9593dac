"""The stages before the language stage, run once for all runs that differ in that stage alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from trail.engine import whole_file
from trail.forecast.run import Looked, Losses, Run
from trail.forecast.score_stages import numbers_stage, score_stage, text_stage
from trail.forecast.trail import Head
from trail.forecast.validation import Earned
from trail.model import load_tuned, tuned_state


@dataclass(frozen=True)
class Said:
    """What the stages before the language stage came to, by stage.

    Attributes:
        terms: Terms of every batch.
        judged: What validation said at every look.
    """

    terms: dict[str, Losses]
    judged: dict[str, Looked]

    @property
    def earned(self) -> dict[Head, Earned]:
        """What each head earned, by the looks of the last stage that trained it."""
        text = self.judged["text"]
        if "served" in self.judged:
            text = [{"prior": each["prior"], "text": each["served"]} for each in self.judged["served"]]
        elif (
            "score" in self.judged
        ):  # its first look is at the best of the stage before, chosen on all origins
            text = [*text, *self.judged["score"][1:]]
        return {"text": Earned.of(text, "text"), "numbers": Earned.of(self.judged["numbers"], "numbers")}


def scores(run: Run, task: str, kept: Path | None) -> Said:
    """Trains both heads and tunes the backbone, or takes up the state that another run left; leaves the model there.

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
    done = {"numbers": numbers_stage(run), "text": text_stage(run)}
    if run.settings.epochs:
        done["score"] = score_stage(run)
    said = Said(
        {name: terms for name, (terms, _) in done.items()}, {name: at for name, (_, at) in done.items()}
    )
    if kept and not kept.exists():
        with whole_file(kept) as temporary:
            torch.save({"task": task, "state": tuned_state(run.model), "said": asdict(said)}, temporary)
    return said
