"""`trail run`: the job of every night, step by step; what is done already is seen and not done again."""

from __future__ import annotations

from pathlib import Path

from trail.operations.journal import Journal
from trail.operations.locking import alone
from trail.operations.night import Night
from trail.operations.serving import BEST, CROWNED
from trail.operations.steps import Run
from trail.operations.workspace import Report, Workspace, quiet


def run(
    folder: Path,
    *,
    retrain: int | None = None,
    keep: int | None = None,
    use_model: bool = True,
    report: Report = quiet,
) -> Run:
    """Reads new events, trains where it is time, forecasts, explains, seals, scores what is due, publishes, exports, tidies up.

    Every step sees by what is there whether it is done, so that a run after a crash does only what is missing, and a
    second run of the same night does nothing. A failed step is told; those that do not need it go on.

    Args:
        folder: The project.
        retrain: Days of the log after which the model is trained again; the project's by default.
        keep: Snapshots kept; the project's by default.
        use_model: Whether the language model may be used; without it the best baseline forecasts.
        report: Told what goes on.

    Raises:
        ConfigError: If the project cannot be opened, or another run holds its lock.
        EngineError: If the lock cannot be written.
    """
    workspace = Workspace.open(folder)
    settings = workspace.project.run
    with alone(folder):
        night = Night(
            workspace,
            settings.retrain_days if retrain is None else retrain,
            settings.keep if keep is None else keep,
            CROWNED if use_model else BEST,
            report,
            Journal.of(folder),
        )
        return night.passed()
