"""Who makes the numbers of a forecast, and why: the last backtest's champion, unless somebody is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from trail.baselines import LINE_UP, Forecaster, choose_prior, priors_of, seeded
from trail.engine import newest_first
from trail.errors import ConfigError
from trail.evaluate.champion import CHAMPION
from trail.events import parse_moment
from trail.operations.data import Data
from trail.operations.models import BACKTEST, ModelRecord, model_for, read_record, records
from trail.operations.notes import of_other_data, of_other_settings
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
        model: Name of the model that the backtest tried; empty without one.
        untrained: Whether it would be the model's turn if there were one.
    """

    by: str
    why: str
    model: str = ""
    untrained: bool = False


def served(workspace: Workspace, data: Data, asked: str = CROWNED, *, at: datetime | None = None) -> Served:
    """Returns who makes the numbers of a forecast.

    A forecast as of a past cutoff is made by nobody who was chosen on what happened after it: where the only backtests
    are such ones, by a model of then, or the best baseline of then.

    Args:
        workspace: The project.
        data: Its log and catalogue as they are now; a backtest that reaches beyond the log is none of theirs.
        asked: `champion`, `trail`, `best`, or the name of a forecaster without a language model.
        at: The cutoff; by default a forecast of tonight is meant.

    Raises:
        ConfigError: If nobody has the name.
    """
    if asked == BEST:
        return Served(BEST, "Made by whoever did best on validation origins without the language model.")
    if asked not in (CROWNED, TRAIL) and asked not in LINE_UP:
        known = (CROWNED, TRAIL, BEST, *LINE_UP)
        close = get_close_matches(asked, known, n=1)
        expected = f"{close[0]!r}?" if close else f"one of {', '.join(known)}"
        raise ConfigError(f"the forecaster {asked!r}", expected=expected, where="--by")
    later = False
    found: Served | None = None
    for each, begun in _champions(workspace, data):
        if at is None or begun <= at:
            found = each
            break
        later = True
    if asked == CROWNED:
        return found or _uncrowned(workspace, at, later=later)
    said = f"Made by {asked}, which was asked for."
    return Served(asked, f"{said} {found.why}", found.model) if found else Served(asked, said)


def _uncrowned(workspace: Workspace, at: datetime | None, *, later: bool) -> Served:
    """Returns who makes the numbers where nobody is crowned.

    Args:
        workspace: The project.
        at: The cutoff; null for tonight.
        later: Whether somebody is, by periods after the cutoff.
    """
    fitting = [
        each
        for each in records(workspace)
        if not each.name.startswith(BACKTEST) and (at is None or each.moment <= at)
    ]
    best = "Made by whoever did best on validation origins"
    if later:
        why = "all champions were chosen on periods after this cutoff."
        return Served(TRAIL, f"Made by trail: {why}") if fitting else Served(BEST, f"{best} before it: {why}")
    nobody = "no backtest of this horizon on this log has crowned a champion yet"
    if fitting:
        return Served(TRAIL, f"Made by trail, which was not shown to beat anybody here: {nobody}.")
    return Served(BEST, f"{best}: no model is trained yet, and {nobody}.", untrained=True)


def measured_beside(workspace: Workspace, maker: Served, record: ModelRecord) -> Served:
    """Returns who makes the numbers; the reason says too where the model is not as the one that was measured.

    Args:
        workspace: The project.
        maker: Who makes the numbers: the model.
        record: The model's.
    """
    tried = read_record(workspace, maker.model) if maker.model else None
    said = of_other_settings(tried.settings, record.settings) if tried else ()
    return replace(maker, why=" ".join((maker.why, *said)))


def writer_for(workspace: Workspace, cutoff: datetime, name: str = "") -> ModelRecord | None:
    """Returns the model that writes about a baseline's forecast: the one named, else the newest that knows nothing after the cutoff.

    How to write does not age as numbers do: where there are only models of backtests, the newest of these writes. Null
    where there is none, or nothing here to run one.

    Args:
        workspace: The project.
        cutoff: First instant not known.
        name: Name of a model.

    Raises:
        ConfigError: If the one named is unfinished or knows outcomes after the cutoff.
    """
    if name:
        return model_for(workspace, cutoff, name)
    if find_spec("torch") is None:
        return None
    known = [each for each in records(workspace) if each.moment <= cutoff]
    order = {each.name: (not each.name.startswith(BACKTEST), each.moment, each.created) for each in known}
    return max(known, key=lambda each: order[each.name], default=None)


def fitted_baseline(workspace: Workspace, name: str, history: Sequence[Labelled]) -> Forecaster:
    """Returns a forecaster without a language model fitted on a history: `best` is chosen on its latest cutoffs.

    Args:
        workspace: The project, which says among whom (its priors) and on how many cutoffs is chosen, half of the
            history at most, and with which seed is drawn, as in a backtest.
        name: `best`, or the name of a forecaster.
        history: What is known.
    """
    return told_baseline(workspace, name, history)[0]


def told_baseline(
    workspace: Workspace, name: str, history: Sequence[Labelled]
) -> tuple[Forecaster, tuple[str, ...]]:
    """Returns what `fitted_baseline` does, and in words how `best` was chosen: who, on what, and before whom."""
    settings = workspace.project.model
    if name != BEST:
        return seeded(LINE_UP[name](), settings.seed).fit(history), ()
    candidates = priors_of(settings.priors, settings.seed)
    origins = min(settings.validation_origins, len(history) // 2)
    found = choose_prior(candidates, history, origins=origins)
    chosen = found.forecaster.name
    losses = sorted((loss, each) for each, loss in found.losses.items() if each != chosen)
    others = f"; next {losses[0][1]} ({losses[0][0]:.3f})" if losses else ""
    said = (
        f"That is {chosen}, of {len(candidates)} tried on the latest {origins} cutoffs: "
        f"relative loss {found.losses[chosen]:.3f}{others}; the last window is 1, lower is better."
    )
    return found.forecaster, (said,)


def reigning(workspace: Workspace, data: Data) -> str:
    """Returns the champion of the latest backtest that crowned one; empty without one."""
    return next((each.by for each, _ in _champions(workspace, data)), "")


def _champions(workspace: Workspace, data: Data) -> Iterator[tuple[Served, datetime]]:
    """Yields the champions of backtests of the project's horizon that the log covers, the latest first.

    Beside each stands its first test origin: everything that it was chosen on had happened by then.
    """
    for _, path in newest_first(workspace.reports.glob(f"*/{CHAMPION}")):
        found, task = _read(path), _read(path.with_name("task.json"))
        horizon = task.get("horizon_days") == workspace.project.horizon_days
        if found.get("forecaster") and horizon and _covers(data, task):
            other = of_other_data(found.get("data", ""), data.fingerprint)
            made = Served(found["forecaster"], " ".join((*found["words"], *other)), found.get("model", ""))
            yield made, min(_tested(task))


def _covers(data: Data, task: Mapping[str, Any]) -> bool:
    """Returns whether a log, grown since or not, holds every test period of a task."""
    cutoffs = _tested(task)
    span = timedelta(days=task["horizon_days"])
    return data.log.start < min(cutoffs) and max(cutoffs) + span <= data.log.last_cutoff()


def _tested(task: Mapping[str, Any]) -> list[datetime]:
    return [parse_moment(each) for each in task["origins"]["test"]]


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"a report that cannot be read: {error}", where=str(path), fix="move its folder away"
        ) from error
    return dict(found)
