"""`trail backtest`: forecasts tried on the past, beside the baselines, in one report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trail.baselines import Forecaster
from trail.engine import write_json
from trail.errors import ConfigError
from trail.evaluate import Origins, OwnValidation, Results, Task, Verdict, summarise, write_report
from trail.evaluate import backtest as measure
from trail.evaluate import origins as find_origins
from trail.evaluate.methods import label, methods
from trail.evaluate.summary import lines_of
from trail.evaluate.task import SPLITS
from trail.operations.data import Data, prepare
from trail.operations.history import cutoffs_before, labelled
from trail.operations.lineup import forecasters
from trail.operations.looks import count_look
from trail.operations.models import BACKTEST, records
from trail.operations.training import ModelName, task_of, train_on
from trail.operations.workspace import Report, Workspace, moment_name, quiet
from trail.project import BacktestSettings
from trail.signals import Labelled

if TYPE_CHECKING:
    from trail.forecast import TrailForecaster

#: The longest span that `--horizon` asks for: a quarter.
LONGEST = 92
#: In the folder of reports: a line for every run on test origins.
RUNS = "runs.jsonl"
_REMEMBERS = (
    "The model was pre-trained on text that may have been written after this log; nothing here measures what "
    "it remembers of the titles."
)
_MASKED = (
    "Titles were hidden from the model, so it could not remember them from the text it was pre-trained on."
)


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
    use_model: bool = True,
    report: Report = quiet,
) -> Backtested:
    """Tries the model and other forecasters at past cutoffs and writes the report.

    Baselines are refitted at every origin and, for parity with the model, also fitted once. The model is
    trained once, on what was known at the first test origin (a finished model of the same data, cutoffs,
    settings and code is taken); its prior is refitted at each. The run is added to the list of looks.

    Args:
        folder: The project.
        origins: Test origins; the project's by default.
        horizon: Days predicted in this run, 1 to 92; the project's by default.
        until: Day on which the last test period ends; the project's by default.
        names: Forecasters to try beside the model, `all` or `none`; the baselines by default.
        use_model: Whether the language model is tried.
        report: Told what goes on.

    Raises:
        ConfigError: If a name or the horizon is none that can be tried.
        DataError: If the log cannot be read or is too short.
        ModelError: If the weights are missing or training fails.
    """
    workspace = _overridden(Workspace.open(folder), origins, until, horizon)
    every, once = (forecasters(names) for _ in range(2))
    if not every and not use_model:
        raise ConfigError("nothing to try", expected="the model or a forecaster", fix="leave --no-model out")
    data = prepare(workspace, report)
    found = origins_of(workspace, data)
    history = labelled(data, found.all, workspace, report)
    task = Task.of(history, found, seed=workspace.project.model.seed)
    results = _measured(task, history, every, report, once=once) if every else Results()
    name, notes, own = "", tuple[str, ...](), None
    if use_model:
        name, model = _model(workspace, data, history, found, report)
        results += _measured(task, history, [model, model.without_text()], report, splits=("test",))
        notes, own = _of_model(model.metrics, masked=workspace.project.model.mask_titles), _own(model.metrics)
    target = workspace.reports / _folder_name(found, horizon)
    looks = count_look(
        workspace.reports / RUNS,
        data.fingerprint,
        found.test,
        forecasters=[label(method) for method in methods(results.rows)],
        model=name,
        report=target.name,
        task=task.fingerprint,
    )
    days = f"{task.horizon_days} day{'s' if task.horizon_days > 1 else ''}"
    title = f"Backtest of {workspace.folder.resolve().name}, {days} ahead"
    notes = (*notes, f"Run {looks} on these test origins in this project.")
    write_json(task.as_dict(), target / "task.json")
    verdict = write_report(results, target, title=title, own=own, model=name, notes=notes)
    return Backtested(target, title, verdict, found, notes, results, own, name, data.fingerprint)


def _folder_name(found: Origins, horizon: int | None) -> str:
    span = f"-{horizon}d" if horizon else ""
    return f"backtest-{moment_name(found.test[0])}-{len(found.test)}{span}"


def _own(metrics: Mapping[str, Any]) -> OwnValidation:
    """Returns what a model measured on its own validation origins, the text head beside its prior."""
    loss, (_, error) = metrics["relative_loss"], metrics["gain"]["text"]
    return OwnValidation(loss["text"], metrics["prior"], loss["prior"], error, metrics.get("origins", 0))


def _of_model(metrics: Mapping[str, Any], *, masked: bool) -> tuple[str, ...]:
    """Returns how a model was trained and chosen, and what its figures cannot show."""
    number = f" ({metrics['origins']})" if "origins" in metrics else ""
    chosen = (
        f"These validation origins{number} also chose the prior, when training stopped and this share, so the "
        "gain cannot be negative and flatters; the evidence is the test rows alone."
    )
    return (
        "The network of trail was trained once, before the first test origin; its prior was refitted at every one.",
        *_on_validation(metrics),
        chosen,
        _MASKED if masked else _REMEMBERS,
    )


def _on_validation(metrics: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns what a model's own validation origins said of its correction, with and without the text."""
    prior, loss = metrics["prior"], metrics["relative_loss"]
    lines = []
    for head, words in (("text", "trail"), ("numbers", "no_llm_head")):
        kept, (gain, error) = metrics["shrinkage"][head], metrics["gain"][head]
        if not kept:
            lines.append(f"Validation switched the correction of {words} off: it is its prior, {prior}.")
            continue
        lines.append(
            f"On its validation origins {words} kept {kept:.0%} of its correction of {prior}: joint loss "
            f"{loss['prior']:.4f} before, {loss[head]:.4f} after; gain {gain:+.4f}, standard error {error:.4f}."
        )
    return tuple(lines)


def _overridden(workspace: Workspace, origins: int | None, until: str, horizon: int | None) -> Workspace:
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


def _measured(
    task: Task,
    history: Sequence[Labelled],
    tried: Sequence[Forecaster],
    report: Report,
    *,
    once: Sequence[Forecaster] = (),
    splits: Sequence[str] = SPLITS,
) -> Results:
    total = (len(tried) + len(once)) * sum(len(task.cutoffs(split)) for split in splits)
    done = count(1)
    report("backtest", 0, total)

    def progress(forecaster: str, cutoff: datetime, seconds: float) -> None:
        del forecaster, cutoff, seconds
        report("backtest", next(done), total)

    return measure(task, history, tried, once=once, splits=splits, progress=progress)


def _model(
    workspace: Workspace, data: Data, history: Sequence[Labelled], origins: Origins, report: Report
) -> tuple[str, TrailForecaster]:
    """Returns the model that knows nothing after the first test origin, trained now if there is none."""
    from trail.forecast import load  # noqa: PLC0415 - loads torch; only this path needs it

    first = origins.test[0]
    cutoffs = cutoffs_before(data, first, workspace)
    task = task_of(data, cutoffs, workspace)
    same = next((each for each in records(workspace) if each.task == task), None)
    if same is not None:
        return same.name, load(workspace.models / same.name)
    model = ModelName(f"{BACKTEST}{task[:8]}", first, task)
    known = [each for each in history if each.cards.cutoff in cutoffs]
    return model.name, train_on(workspace, data, known, model, resume=True, report=report)
