"""`trail lists`: lists for single users tried on the past, beside the lists that a forecast makes for everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from trail.baselines import LINE_UP, Forecaster, draws, seeded
from trail.baselines.interactions import interactions
from trail.baselines.recommenders import RECOMMENDERS, Recommender, drawing, lacking
from trail.errors import DataError, ModelError
from trail.evaluate import Origins, Task
from trail.evaluate.list_backtest import Late, Progress, backtest_lists, steps_of
from trail.evaluate.list_report import write_list_report
from trail.evaluate.list_rows import ListLine, ListRow, list_table, of_list_seeds
from trail.operations.arriving import at_origins
from trail.operations.backtesting import RUNS, checked_seeds, origins_of, overridden, with_seed
from trail.operations.data import Data, prepare
from trail.operations.history import cutoffs_before, labelled
from trail.operations.lineup import apart, unknown
from trail.operations.list_notes import about, against
from trail.operations.looks import count_look
from trail.operations.models import records
from trail.operations.notes import of_catalogue, of_late
from trail.operations.training import task_of
from trail.operations.tried import TriedLists
from trail.operations.workspace import Report, Workspace, moment_name, quiet

#: What is measured unless it is named: every recommender, and two forecasters that are also blended. PARE, whose two
#: trainings at every origin take longer than all of these forecasts, is left to be asked for.
DEFAULT = (*RECOMMENDERS, "decayed", "lightgbm")


@dataclass(frozen=True)
class Listed:
    """Lists that were measured and written down.

    Attributes:
        folder: Rows, tables, words, plots and one HTML file.
        origins: What was tested on what.
        rows: Every number, one row a method, origin, scope and metric.
        notes: What must be said of the users, of what was left out, and of the best method of each kind.
        model: Name of the model that was tried, of the first seed's; empty without one.
    """

    folder: Path
    origins: Origins
    rows: tuple[ListRow, ...]
    notes: tuple[str, ...]
    model: str

    @property
    def page(self) -> Path:
        """The self-contained HTML file."""
        return self.folder / "report.html"

    @property
    def table(self) -> list[ListLine]:
        """Means over the test origins, active items, the best first."""
        return list_table(self.rows)


def lists(
    folder: Path,
    *,
    origins: int | None = None,
    horizon: int | None = None,
    until: str = "",
    names: Sequence[str] = DEFAULT,
    seeds: Sequence[int] = (),
    use_model: bool = True,
    report: Report = quiet,
) -> Listed:
    """Measures the lists of recommenders, of forecasters, and of blends of both, at past cutoffs.

    Recommenders whose package is not installed are left out, and the notes say so. The run is added to the
    list of looks at the test origins. Origins that an earlier run of the same task, data and code measured are not measured
    again.

    Args:
        folder: The project.
        origins: Test origins; the project's by default.
        horizon: Days predicted in this run, 1 to 92; the project's by default.
        until: Day on which the last test period ends; the project's by default.
        names: Recommenders to measure, and forecasters without a language model to measure and to blend; one a text, or
            several apart by commas.
        seeds: What draws, and its blends, is run once with each; the rest counts with the first alone; the project's seed
            by default.
        use_model: Whether the model of `trail backtest` at the same origins (one a seed) takes part, and its prior.
        report: Told what goes on.

    Raises:
        ConfigError: If a name is neither, or a seed or the horizon is none.
        DataError: If the log names no users, or is too short.
        ModelError: If a model is asked for and there is none.
    """
    names = apart(names)
    for name in names:
        if name not in (known := (*RECOMMENDERS, *LINE_UP)):
            raise unknown(name, known)
    project = Workspace.open(folder)
    workspace = overridden(project, origins, until, horizon)
    seeds = checked_seeds(seeds) or (workspace.project.model.seed,)
    data = prepare(workspace, report)
    if not data.log.has_users:
        raise DataError("a log without users", expected="a user_id on its events", fix="use `trail backtest`")
    found = origins_of(workspace, data)
    ours = {seed: _ours(with_seed(workspace, seed), data, found) if use_model else None for seed in seeds}
    rows, absent, late = _measured(workspace, data, found, names, ours=ours, report=report)
    other = workspace.project.horizon_days != project.project.horizon_days
    span = f"-{workspace.project.horizon_days}d" if other else ""
    target = workspace.reports / f"lists-{moment_name(found.test[0])}-{len(found.test)}{span}"
    models = [each for each in ours.values() if each]
    name = models[0].name if models else ""
    looks = count_look(
        workspace.reports / RUNS,
        data.fingerprint,
        found.test,
        forecasters=list(dict.fromkeys(row.method for row in rows)),
        model=name,
        report=target.name,
        seeds=list(seeds),
    )
    said = (of_late(late[0], len(each.held_out), len(found.validation)) for each in models)
    notes = (
        *about(rows),
        *absent,
        *of_list_seeds(rows),
        *dict.fromkeys(line for lines in said for line in lines),
        *of_catalogue(workspace.project),
        at_origins(data.log, workspace.project.horizon, found.test),
        *against(rows, late),
        f"Run {looks} on these test origins in this project.",
    )
    title = f"Lists of {workspace.folder.resolve().name}"
    write_list_report(rows, target, title=title, notes=notes, late=late)
    return Listed(target, found, tuple(rows), notes, name)


def _measured(
    workspace: Workspace,
    data: Data,
    origins: Origins,
    names: Sequence[str],
    *,
    ours: Mapping[int, _Ours | None],
    report: Report,
) -> tuple[list[ListRow], tuple[str, ...], list[str]]:
    """Returns the rows of every seed, what must be said of recommenders that are left out, and the names of late forecasters.

    Args:
        workspace: The project.
        data: Its log and catalogue.
        origins: Validation and test origins.
        names: What is measured.
        ours: Seed -> the model that takes part, null without one; what draws nothing is measured with the first alone.
        report: Told what goes on.
    """
    history = labelled(data, origins.all, workspace, report)
    events = interactions(data.log, history[0].cards.item_ids, workspace.project.horizon)
    priors = [each.prior for each in ours.values() if each]
    asked = list(dict.fromkeys([*(name for name in names if name in LINE_UP), *priors]))
    rows, absent, late = list[ListRow](), tuple[str, ...](), list[str]()
    for at, (seed, model) in enumerate(ours.items()):
        recommenders, absent = installed([name for name in names if name in RECOMMENDERS], seed)
        forecasters: list[Forecaster] = [seeded(LINE_UP[name](), seed) for name in asked]
        trained = [model.late()] if model else []
        late = [each.forecaster.name for each in trained]
        drawn = {*late, *drawing_of(recommenders, asked)}
        if at:
            if not drawn:
                break
            recommenders, forecasters = _partners(recommenders, forecasters, drawn)
        options = {name: [str(each) for each in settings] for name, settings in recommenders.items()}
        known = [model.task, [each.isoformat() for each in model.held_out]] if model else []
        task = Task.of(history, origins, top=workspace.project.forecast.top, seed=seed)
        kept = TriedLists.of(workspace, data, task, [options, [each.name for each in forecasters], known])
        found = backtest_lists(
            *(events, history, recommenders, forecasters, origins),
            late=trained,
            top=task.top,
            seed=seed,
            progress=_telling(report, origins, at, len(ours)),
            had=kept.read(),
            keep=kept.add,
        )
        rows += [row for row in found if not at or drawn & set(row.method.split(" + "))]
    return rows, absent, late


def drawing_of(recommenders: Mapping[str, Sequence[Recommender]], forecasters: Sequence[str]) -> set[str]:
    """Returns the names of those for which another seed makes another method.

    Args:
        recommenders: Name -> settings.
        forecasters: Names.
    """
    return {
        *(name for name, options in recommenders.items() if drawing(options[0], 0) != drawing(options[0], 1)),
        *(name for name in forecasters if draws(LINE_UP[name]())),
    }


def _partners(
    recommenders: Mapping[str, Sequence[Recommender]], forecasters: Sequence[Forecaster], drawn: set[str]
) -> tuple[dict[str, Sequence[Recommender]], list[Forecaster]]:
    """Returns what a further seed needs: what draws, and what it is blended with."""
    personal, shared = drawn & set(recommenders), drawn - set(recommenders)
    return (
        {name: options for name, options in recommenders.items() if shared or name in personal},
        [each for each in forecasters if personal or each.name in shared],
    )


def installed(names: Sequence[str], seed: int) -> tuple[dict[str, Sequence[Recommender]], tuple[str, ...]]:
    """Returns the named recommenders whose packages are installed, and a sentence on each of the others.

    Args:
        names: Of recommenders.
        seed: Seed of all that they draw.
    """
    missing = {name: lacking(RECOMMENDERS[name][0]) for name in names}
    known: dict[str, Sequence[Recommender]] = {
        name: [drawing(each, seed) for each in RECOMMENDERS[name]] for name in names if not missing[name]
    }
    words = (
        f"{name} is left out: {', '.join(packages)} not installed (pip install 'trail-forecast[lists]')."
        for name, packages in missing.items()
        if packages
    )
    return known, tuple(words)


def _telling(report: Report, origins: Origins, at: int, seeds: int) -> Progress:
    """Returns what tells how far the run with one of several seeds has come."""
    every = steps_of(origins)

    def progress(stage: str, cutoff: datetime) -> None:
        report("lists", at * len(every) + every.index((stage, cutoff)) + 1, seeds * len(every))

    return progress


@dataclass(frozen=True)
class _Ours:
    """The model that takes part.

    Attributes:
        folder: Its folder under `models/`.
        task: Hash of what decided its training.
        prior: Name of the forecaster that it corrects.
        held_out: Validation origins that it did not learn from.
    """

    folder: Path
    task: str
    prior: str
    held_out: tuple[datetime, ...]

    @property
    def name(self) -> str:
        """Its name under `models/`."""
        return self.folder.name

    def late(self) -> Late:
        """Returns it, loaded."""
        from trail.forecast import load  # noqa: PLC0415 - loads torch; only this path needs it

        return Late(load(self.folder), self.held_out)


def _ours(workspace: Workspace, data: Data, origins: Origins) -> _Ours:
    """Returns the model that a backtest at the same origins trained."""
    learned = cutoffs_before(data, origins.test[0], workspace)
    task = task_of(data, learned, workspace)
    same = next((each for each in records(workspace) if each.task == task), None)
    if same is None:
        raise ModelError(
            f"no model of these test origins and the seed {workspace.project.model.seed}",
            expected=f"one that knows nothing after {origins.test[0]:%Y-%m-%d}",
            where=str(workspace.models),
            fix="run `trail backtest` with the same --origins, --horizon, --until and --seeds first, or give --no-model",
        )
    held = learned[-workspace.project.model.validation_origins :]
    late = tuple(each for each in origins.validation if each in held)
    return _Ours(workspace.models / same.name, task, str(same.metrics["prior"]), late)
