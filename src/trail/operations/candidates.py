"""The language models that a backtest tries: ours, its ablations, and the backbone as it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Self

from trail.evaluate.ablations import varied
from trail.operations.data import Data
from trail.operations.history import cutoffs_before
from trail.operations.models import BACKTEST, records
from trail.operations.training import ModelName, task_of, train_on
from trail.operations.workspace import Report, Workspace
from trail.signals import Labelled, known_at

if TYPE_CHECKING:
    from trail.forecast import TrailForecaster

#: In the folder of our model: its state before the language stage, for ablations that differ in that stage alone.
SCORED = "scored.pt"


@dataclass(frozen=True)
class Candidate:
    """A model that knows nothing after the first test origin, trained when it is asked for.

    Attributes:
        workspace: The project, with this model's settings.
        data: Its log and catalogue.
        history: Labelled cutoffs, those of the tests too.
        first: The first test origin.
        label: Name of the ablation; empty for ours.
        scores: Folder under `models/` whose state before the language stage is shared; empty for its own.
    """

    workspace: Workspace
    data: Data
    history: Sequence[Labelled]
    first: datetime
    label: str = ""
    scores: str = ""

    @cached_property
    def cutoffs(self) -> list[datetime]:
        """What the model learns from."""
        return cutoffs_before(self.data, self.first, self.workspace)

    @cached_property
    def model(self) -> ModelName:
        """The finished model of the same data, cutoffs, settings and code, else the name of the one to train."""
        task = task_of(self.data, self.cutoffs, self.workspace)
        found = next((each.name for each in records(self.workspace) if each.task == task), "")
        label = f"{self.label}-" if self.label else ""
        return ModelName(found or f"{BACKTEST}{label}{task[:8]}", self.first, task)

    def without(self, name: str) -> Self | None:
        """Returns ours with one part taken away; null where the project's own settings are without it already."""
        settings = self.workspace.project.model
        changed = varied(settings, name)
        if changed == settings:
            return None
        project = replace(self.workspace.project, model=changed)
        shared = self.model.name if changed.of_scores() == settings.of_scores() else ""
        return replace(self, workspace=replace(self.workspace, project=project), label=name, scores=shared)

    def trained(self, report: Report) -> TrailForecaster:
        """Returns the model, trained now, or from where a killed run stopped, if it is not there.

        Args:
            report: Told what goes on; of an ablation with its name.
        """
        from trail.forecast import load  # noqa: PLC0415 - loads torch; only this path needs it

        workspace, model = self.workspace, self.model
        if any(each.name == model.name for each in records(workspace)):
            found = load(workspace.models / model.name)
        else:
            learned = [each for each in self.history if each.cards.cutoff in self.cutoffs]
            known = known_at(learned, self.first)
            scored = workspace.models / (self.scores or model.name) / SCORED
            keep = None if self.label and not self.scores else scored
            told = _told(self.label, report)
            found = train_on(workspace, self.data, known, model, resume=True, report=told, scored=keep)
        return found.named(self.label)


def _told(label: str, report: Report) -> Report:
    def told(stage: str, done: float, total: float) -> None:
        report(f"{label}: {stage}" if label else stage, done, total)

    return told
