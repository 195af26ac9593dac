"""`trail backtest`: forecasts tried on the past, beside the baselines, in one report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trail.engine import write_json
from trail.errors import ConfigError
from trail.evaluate import Origins, OwnValidation, Results, Task, Verdict, summarise, write_report
from trail.evaluate import origins as find_origins
from trail.evaluate.methods import label, methods
from trail.evaluate.summary import lines_of
from trail.operations.arriving import at_origins
from trail.operations.candidates import Candidate
from trail.operations.data import Data, prepare
from trail.operations.estimating import ABLATIONS_ADD, SEED_ADDS, UNTUNED_ADDS, announce
from trail.operations.history import cutoffs_before, labelled
from trail.operations.lineup import LineUp, line_up
from trail.operations.looks import count_look
from trail.operations.measuring import measured, of_model, of_untuned
from trail.operations.notes import of_catalogue, of_horizon, of_seeds
from trail.operations.serving import reigning
from trail.operations.tried import Tried
from trail.operations.workspace import Report, Workspace, moment_name, quiet
from trail.project import BacktestSettings

#: The longest span that `--horizon` asks for: a quarter.
LONGEST = 92
#: The highest seed that every library takes.
HIGHEST_SEED = 2**31 - 1
#: In the folder of reports: a line for every run on test origins.
RUNS = "runs.jsonl"


@dataclass(frozen=True)
class Backtested:
    """A backtest that is written down.

    Attributes:
        folder: Its folder: task, rows, tables, champion, plots and one HTML file.
        title: Heading of its page.
        verdict: What the rows say, in words.
        origins: What was tested on what.
        notes: What must be said of the model and of the run, in words.
        results: Every number, one row a forecaster, origin, scope and metric, and the side tables.
        own: What the model measured itself on validation origins; null without one.
        model: Name of the model that was tried; empty without one.
        data: Fingerprint of the events and the catalogue.
        top: The K of the chance of the top K.
    """

    folder: Path
    title: str
    verdict: Verdict
    origins: Origins
    notes: tuple[str, ...]
    results: Results
    own: OwnValidation | None
    model: str
    data: str
    top: int

    @property
    def page(self) -> Path:
        """The self-contained HTML file."""
        return self.folder / "report.html"

    @property
    def table(self) -> list[dict[str, Any]]:
        """The means over the test origins, active items, one line a method, the best first."""
        return lines_of(summarise(self.results.rows), "test", "active")


def backtest(
    folder: Path,
    *,
    origins: int | None = None,
    horizon: int | None = None,
    until: str = "",
    names: Sequence[str] = (),
    seeds: Sequence[int] = (),
    use_model: bool = True,
    report: Report = quiet,
) -> Backtested:
    """Tries the model and other forecasters at past cutoffs and writes the report.

    Baselines are refitted at every origin and, for parity with the model, also fitted once. The model is
    trained once, on what was known at the first test origin (a finished model of the same data, cutoffs,
    settings and code is taken); its prior is refitted at each. What an earlier run of the same task, data and code
    measured is not measured again. Chances are of the K of `[forecast] top`. The run is added to the list of looks.

    Args:
        folder: The project.
        origins: Test origins; the project's by default.
        horizon: Days predicted in this run, 1 to 92; the project's by default.
        until: Day on which the last test period ends; the project's by default.
        names: What to try beside the model (see `line_up`); the baselines by default. Ablations of the model are
            trained as it is, under `models/`.
        seeds: What draws is run once with each, the rest with the first alone; the project's seed by default.
        use_model: Whether the language model is tried.
        report: Told what goes on.

    Raises:
        ConfigError: If a name, a seed or the horizon is none that can be tried, or ablations are without their model.
        DataError: If the log cannot be read or is too short.
        ModelError: If the weights are missing or training fails.
    """
    project = Workspace.open(folder)
    workspace = overridden(project, origins, until, horizon)
    asked = line_up(names)
    if not use_model:
        _check_without_model(asked)
    seeds = checked_seeds(seeds) or (workspace.project.model.seed,)
    data = prepare(workspace, report)
    found = origins_of(workspace, data)
    if use_model:
        learned = len(cutoffs_before(data, found.test[0], workspace))
        adding = [SEED_ADDS] * (len(seeds) - 1) + [ABLATIONS_ADD] * bool(asked.ablations)
        adding += [UNTUNED_ADDS] * asked.untuned
        announce(workspace, data, learned, ["backtest", *adding], report)
    history = labelled(data, found.all, workspace, report)
    task = Task.of(history, found, top=workspace.project.forecast.top, seed=seeds[0])
    kept = Tried.of(workspace, data, task)
    results = Results()
    for seed in seeds:
        drawn = asked.forecasters(seed, drawing=seed != seeds[0])
        if drawn:
            results += measured(replace(task, seed=seed), history, drawn, report, once=drawn, kept=kept)
    name, notes, own = "", tuple[str, ...](), None
    if asked.untuned:
        tried, notes = of_untuned(workspace, data, task, history, report)
        results += tried
    if use_model:
        candidates = [Candidate(with_seed(workspace, seed), data, history, found.test[0]) for seed in seeds]
        found_each = [of_model(each, asked.ablations, task, report) for each in candidates]
        results = sum((each for each, _, _ in found_each), results)
        said = of_seeds({seed: each for seed, (_, each, _) in zip(seeds, found_each, strict=True)})
        own = OwnValidation.mean([each for _, _, each in found_each])
        name, notes = candidates[0].model.name, (*said, *notes)
    target = workspace.reports / _folder_name(found, horizon)
    looks = count_look(
        workspace.reports / RUNS,
        data.fingerprint,
        found.test,
        forecasters=[label(method) for method in methods(results.rows)],
        model=name,
        report=target.name,
        task=task.fingerprint,
        seeds=list(seeds),
    )
    days = f"{task.horizon_days} day{'s' if task.horizon_days > 1 else ''}"
    title = f"Backtest of {workspace.folder.resolve().name}, {days} ahead"
    arrivals = at_origins(data.log, workspace.project.horizon, found.test)
    notes = (
        *of_horizon(task.horizon_days, project.project.horizon_days),
        *notes,
        *of_catalogue(workspace.project),
        arrivals,
        f"Run {looks} on these test origins in this project.",
    )
    crowned = reigning(workspace, data)
    write_json(task.as_dict(), target / "task.json")
    verdict = write_report(
        *(results, target),
        title=title,
        own=own,
        reigning=crowned,
        model=name,
        data=data.fingerprint,
        top=task.top,
        notes=notes,
    )
    return Backtested(target, title, verdict, found, notes, results, own, name, data.fingerprint, task.top)


def checked_seeds(seeds: Sequence[int]) -> tuple[int, ...]:
    """Returns seeds, refusing those that two libraries would take differently, and one that is named twice.

    Raises:
        ConfigError: If there is one.
    """
    if len(set(seeds)) < len(seeds) or any(not 0 <= each <= HIGHEST_SEED for each in seeds):
        found = ", ".join(map(str, seeds))
        raise ConfigError(
            f"the seeds {found}", expected=f"different whole numbers, 0 to {HIGHEST_SEED}", where="--seeds"
        )
    return tuple(seeds)


def with_seed(workspace: Workspace, seed: int) -> Workspace:
    """Returns the project with another seed of its model."""
    project = workspace.project
    return replace(workspace, project=replace(project, model=replace(project.model, seed=seed)))


def _check_without_model(asked: LineUp) -> None:
    """Refuses a run in which nothing is left to try, or only parts of the model are."""
    if asked.ablations:
        found = f"{', '.join(asked.ablations)} without the model"
        raise ConfigError(found, expected="the model beside its ablations", fix="leave --no-model out")
    if not asked.baselines and not asked.untuned:
        raise ConfigError("nothing to try", expected="the model or a forecaster", fix="leave --no-model out")


def _folder_name(found: Origins, horizon: int | None) -> str:
    span = f"-{horizon}d" if horizon else ""
    return f"backtest-{moment_name(found.test[0])}-{len(found.test)}{span}"


def overridden(workspace: Workspace, origins: int | None, until: str, horizon: int | None) -> Workspace:
    """Returns the project with the origins and the horizon that one run asks for.

    Raises:
        ConfigError: If the horizon is none that can be tried.
    """
    if horizon is not None and not 1 <= horizon <= LONGEST:
        raise ConfigError(
            f"a horizon of {horizon} days",
            expected=f"1 to {LONGEST} days: a day to a quarter",
            where="--horizon",
        )
    project = workspace.project
    settings = project.backtest
    asked = BacktestSettings(origins or settings.origins, settings.validation, until or settings.until)
    days = horizon or project.horizon_days
    return replace(workspace, project=replace(project, backtest=asked, horizon_days=days))


def origins_of(workspace: Workspace, data: Data) -> Origins:
    """Returns the origins of a backtest, their history cut to what the project learns from."""
    project = workspace.project
    settings = project.backtest
    found = find_origins(
        data.log, project.horizon, test=settings.origins, validation=settings.validation, last=settings.end
    )
    learned = cutoffs_before(data, found.test[0], workspace)
    return replace(found, history=tuple(each for each in learned if each not in found.validation))
