"""`trail backtest`: forecasts tried on the past, beside the baselines, in one report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trail.baselines import BASELINES, Forecaster
from trail.evaluate import Origins, Row, Verdict, summarise, write_report
from trail.evaluate import backtest as measure
from trail.evaluate import origins as find_origins
from trail.evaluate.summary import lines_of
from trail.evaluate.verdict import label, methods
from trail.operations.data import Data, prepare
from trail.operations.history import cutoffs_before, labelled
from trail.operations.looks import count_look
from trail.operations.models import BACKTEST, records
from trail.operations.training import ModelName, task_of, train_on
from trail.operations.workspace import Report, Workspace, moment_name, quiet
from trail.project import BacktestSettings
from trail.signals import Labelled

if TYPE_CHECKING:
    from trail.forecast import TrailForecaster

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
        folder: Its folder: rows, table, plots and one HTML file.
        title: Heading of its page.
        verdict: What the rows say, in words.
        origins: What was tested on what.
        notes: What must be said of the model and of the run, in words.
        rows: Every number, one row a forecaster, origin, scope and metric.
        model: Name of the model that was tried; empty without one.
        data: Fingerprint of the events and the catalogue.
    """

    folder: Path
    title: str
    verdict: Verdict
    origins: Origins
    notes: tuple[str, ...]
    rows: tuple[Row, ...]
    model: str
    data: str

    @property
    def page(self) -> Path:
        """The self-contained HTML file."""
        return self.folder / "report.html"

    @property
    def table(self) -> list[dict[str, Any]]:
        """The means over the test origins, active items, one line a method, the best first."""
        return lines_of(summarise(self.rows), "test", "active")


def backtest(
    folder: Path,
    *,
    origins: int | None = None,
    until: str = "",
    use_model: bool = True,
    report: Report = quiet,
) -> Backtested:
    """Tries the model and every baseline at past cutoffs and writes the report.

    Baselines are refitted at every origin and, for parity with the model, also fitted once. The model is
    trained once, on what was known at the first test origin (a finished model of the same data, cutoffs,
    settings and code is taken); its prior is refitted at each. The run is added to the list of looks.

    Args:
        folder: The project.
        origins: Test origins; the project's by default.
        until: Day on which the last test period ends; the project's by default.
        use_model: Whether the language model is tried.
        report: Told what goes on.

    Raises:
        DataError: If the log cannot be read or is too short.
        ModelError: If the weights are missing or training fails.
    """
    workspace = _overridden(Workspace.open(folder), origins, until)
    data = prepare(workspace, report)
    found = origins_of(workspace, data)
    history = labelled(data, found.all, workspace, report)
    every, once = ([make() for make in BASELINES.values()] for _ in range(2))
    rows = _measured(history, every, found, workspace, report, once=once)
    name, notes = "", tuple[str, ...]()
    if use_model:
        name, model = _model(workspace, data, history, found, report)
        apart = replace(found, history=(*found.history, *found.validation), validation=())
        rows += _measured(history, [model, model.without_text()], apart, workspace, report)
        notes = _of_model(model.metrics, masked=workspace.project.model.mask_titles)
    target = workspace.reports / f"backtest-{moment_name(found.test[0])}-{len(found.test)}"
    title = f"Backtest of {workspace.folder.resolve().name}"
    tried = [label(method) for method in methods(rows)]
    looks = count_look(
        workspace.reports / RUNS,
        data.fingerprint,
        found.test,
        forecasters=tried,
        model=name,
        report=target.name,
    )
    notes = (*notes, f"Run {looks} on these test origins in this project.")
    verdict = write_report(rows, target, title=title, notes=notes)
    return Backtested(target, title, verdict, found, notes, tuple(rows), name, data.fingerprint)


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


def _overridden(workspace: Workspace, origins: int | None, until: str) -> Workspace:
    settings = workspace.project.backtest
    asked = BacktestSettings(origins or settings.origins, settings.validation, until or settings.until)
    return replace(workspace, project=replace(workspace.project, backtest=asked))


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
    history: Sequence[Labelled],
    forecasters: Sequence[Forecaster],
    origins: Origins,
    workspace: Workspace,
    report: Report,
    *,
    once: Sequence[Forecaster] = (),
) -> list[Row]:
    total = (len(forecasters) + len(once)) * (len(origins.validation) + len(origins.test))
    done = count(1)
    report("backtest", 0, total)

    def progress(forecaster: str, cutoff: datetime, seconds: float) -> None:
        del forecaster, cutoff, seconds
        report("backtest", next(done), total)

    seed = workspace.project.model.seed
    return measure(history, forecasters, origins, once=once, seed=seed, progress=progress)


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
