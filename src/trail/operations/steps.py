"""The steps of a nightly run, and the run, as values."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from trail.errors import TrailError
from trail.operations.changes import Change
from trail.operations.failures import as_engine, interrupted, rightly

STEPS = ("ingest", "train", "forecast", "scorecard", "publish", "export", "alerts", "moves", "retention")
Status = Literal["done", "nothing to do", "failed", "left out"]


@dataclass(frozen=True)
class Did:
    """What a step says of itself.

    Attributes:
        words: What was done, or why nothing was.
        figures: The same in numbers and names.
        changed: Whether anything was done.
        error: What went wrong all the same; null if nothing did.
    """

    words: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    changed: bool = True
    error: TrailError | None = None


@dataclass(frozen=True)
class Step:
    """One step of a run, tried.

    Attributes:
        name: One of `STEPS`; journal where that could not be written.
        status: What became of it.
        seconds: How long it took.
        words: What was done, or why nothing was, or what went wrong.
        figures: The same in numbers and names.
        exit_code: What a command that fails like this exits with; 0 where nothing failed.
    """

    name: str
    status: Status
    seconds: float
    words: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    exit_code: int = 0


@dataclass(frozen=True)
class Run:
    """One night.

    Attributes:
        folder: The project.
        cutoff: Cutoff of the night's forecast; null where the sources could not be read.
        steps: All steps in their order, tried or left out.
        change: What the reading changed; null where it failed.
        before: The snapshot that was published when the run began; null without one.
        published: The one that is published now; null without one.
        resumed: Whether it went on with a run that did not end.
    """

    folder: Path
    cutoff: datetime | None
    steps: tuple[Step, ...]
    change: Change | None
    before: Path | None
    published: Path | None
    resumed: bool

    @property
    def exit_code(self) -> int:
        """What the command exits with: 0, or the code of the first failure."""
        return next((each.exit_code for each in self.steps if each.exit_code), 0)

    @property
    def moved(self) -> bool:
        """Whether another snapshot is published than before."""
        return self.published is not None and self.published != self.before


def tried(name: str, call: Callable[[], Did]) -> tuple[Step, Exception | None]:
    """Runs a step to its end, whatever that is; a mistake of ours is given back, to be raised when all steps were tried.

    Raises:
        KeyboardInterrupt: If the user stopped it, inside the database too.
    """
    start = time.perf_counter()
    try:
        did = call()
    except Exception as error:
        if interrupted(error):
            raise KeyboardInterrupt from error
        known = rightly(error) if isinstance(error, TrailError) else as_engine(error)
        if known is not None:
            return _failed(name, start, known, known.exit_code), None
        return _failed(name, start, error, TrailError.exit_code), error
    seconds = time.perf_counter() - start
    if did.error is not None:
        return Step(name, "failed", seconds, did.words, did.figures, did.error.exit_code), None
    status: Status = "done" if did.changed else "nothing to do"
    return Step(name, status, seconds, did.words, did.figures), None


def left_out(name: str, why: str) -> Step:
    """Returns a step that was not tried."""
    return Step(name, "left out", 0.0, why)


def _failed(name: str, start: float, error: Exception, exit_code: int) -> Step:
    words = str(error) or type(error).__name__
    figures = error.as_dict() if isinstance(error, TrailError) else {"error": type(error).__name__}
    return Step(name, "failed", time.perf_counter() - start, words, figures, exit_code)
