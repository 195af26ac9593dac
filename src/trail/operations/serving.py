"""Who makes the numbers of a forecast, and why: the last backtest's champion, unless somebody is asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from trail.baselines import BASELINES, LINE_UP, Forecaster, choose_prior
from trail.errors import ConfigError
from trail.evaluate.champion import CHAMPION
from trail.operations.workspace import Workspace
from trail.signals import Labelled

#: The language model; whoever did best on validation origins without it; the champion of the last backtest.
TRAIL, BEST, CROWNED = "trail", "best", "champion"


@dataclass(frozen=True)
class Served:
    """Who makes the numbers.

    Attributes:
        by: `trail`, `best`, or the name of a forecaster without a language model.
        why: The reason, with the margin that a backtest showed, in words.
    """

    by: str
    why: str


def served(workspace: Workspace, asked: str = CROWNED) -> Served:
    """Returns who makes the numbers of a forecast.

    Args:
        workspace: The project.
        asked: `champion`, `trail`, `best`, or the name of a forecaster without a language model.

    Raises:
        ConfigError: If nobody has the name.
    """
    if asked == CROWNED:
        return _champion(workspace) or Served(
            TRAIL, "Made by trail: no backtest of this horizon has crowned a champion yet."
        )
    if asked == BEST:
        return Served(BEST, "Made by whoever did best on validation origins without the language model.")
    if asked != TRAIL and asked not in LINE_UP:
        known = (CROWNED, TRAIL, BEST, *LINE_UP)
        close = get_close_matches(asked, known, n=1)
        expected = f"{close[0]!r}?" if close else f"one of {', '.join(known)}"
        raise ConfigError(f"the forecaster {asked!r}", expected=expected, where="--by")
    found = _champion(workspace)
    return Served(asked, f"Made by {asked}, which was asked for.{f' {found.why}' if found else ''}")


def fitted_baseline(workspace: Workspace, name: str, history: Sequence[Labelled]) -> Forecaster:
    """Returns a forecaster without a language model fitted on a history: `best` is chosen on its latest cutoffs.

    Args:
        workspace: The project, which says on how many cutoffs is chosen: half of the history at most.
        name: `best`, or the name of a forecaster.
        history: What is known.
    """
    if name != BEST:
        return LINE_UP[name]().fit(history)
    origins = min(workspace.project.model.validation_origins, len(history) // 2)
    return choose_prior([make() for make in BASELINES.values()], history, origins=origins).forecaster


def _champion(workspace: Workspace) -> Served | None:
    """Returns the champion of the latest backtest of the project's horizon; null without one."""
    paths = sorted(workspace.reports.glob(f"*/{CHAMPION}"), key=lambda path: path.stat().st_mtime)
    for path in reversed(paths):
        found, task = _read(path), _read(path.with_name("task.json"))
        if found.get("forecaster") and task.get("horizon_days") == workspace.project.horizon_days:
            return Served(found["forecaster"], " ".join(found["words"]))
    return None


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"a report that cannot be read: {error}", where=str(path), fix="move its folder away"
        ) from error
    return dict(found)
