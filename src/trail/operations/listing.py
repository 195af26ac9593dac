"""`trail lists`: lists for single users tried on the past, beside the lists that a forecast makes for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from trail.baselines import LINE_UP, seeded
from trail.baselines.interactions import interactions
from trail.baselines.recommenders import RECOMMENDERS, Recommender, drawing, lacking
from trail.engine import whole_file
from trail.errors import ConfigError, DataError, ModelError
from trail.evaluate import Origins
from trail.evaluate.list_backtest import Late, backtest_lists
from trail.evaluate.list_rows import ListLine, ListRow, list_markdown, list_table, paired, write_list_rows
from trail.operations.arriving import at_origins
from trail.operations.backtesting import RUNS, origins_of
from trail.operations.data import Data, prepare
from trail.operations.history import cutoffs_before, labelled
from trail.operations.looks import count_look
from trail.operations.models import records
from trail.operations.notes import of_catalogue, of_late
from trail.operations.training import task_of
from trail.operations.workspace import Report, Workspace, moment_name, quiet
from trail.project import BacktestSettings

#: What is measured unless it is named: every recommender, and two forecasters that are also blended. PARE, whose two
#: trainings at every origin take longer than all of these forecasts, is left to be asked for.
DEFAULT = (*RECOMMENDERS, "decayed", "lightgbm")
_COMPARED = ("hr@10", "ndcg@10")
#: Recommenders that give everybody the same list.
_SHARED = tuple(name for name, options in RECOMMENDERS.items() if not options[0].personal)


@dataclass(frozen=True)
class Listed:
    """Lists that were measured and written down.

    Attributes:
        folder: Rows, table and words.
        origins: What was tested on what.
        rows: Every number, one row a method, origin, scope and metric.
        notes: What must be said of the users, of what was left out, and of the best method of each kind.
        model: Name of the model that was tried; empty without one.
    """

    folder: Path
    origins: Origins
    rows: tuple[ListRow, ...]
    notes: tuple[str, ...]
    model: str

    @property
    def table(self) -> list[ListLine]:
        """Means over the test origins, active items, the best first."""
        return list_table(self.rows)


def lists(
    folder: Path,
    *,
    origins: int | None = None,
    until: str = "",
    names: Sequence[str] = DEFAULT,
    use_model: bool = True,
    report: Report = quiet,
) -> Listed:
    """Measures the lists of recommenders, of forecasters, and of blends of both, at past cutoffs.

    Recommenders whose package is not installed are left out, and the notes say so. The run is added to the
    list of looks at the test origins.

    Args:
        folder: The project.
        origins: Test origins; the project's by default.
        until: Day on which the last test period ends; the project's by default.
        names: Recommenders to measure, and forecasters without a language model to measure and to blend.
        use_model: Whether the model of `trail backtest` at the same origins takes part, and its prior.
        report: Told what goes on.

    Raises:
        ConfigError: If a name is neither.
        DataError: If the log names no users, or is too short.
        ModelError: If a model is asked for and there is none.
    """
    unknown = [name for name in names if name not in {*LINE_UP, *RECOMMENDERS}]
    if unknown:
        known = ", ".join((*RECOMMENDERS, *LINE_UP))
        raise ConfigError(f"the names {', '.join(unknown)}", expected=f"some of {known}", where="--with")
    workspace = _overridden(Workspace.open(folder), origins, until)
    data = prepare(workspace, report)
    if not data.log.has_users:
        raise DataError("a log without users", expected="a user_id on its events", fix="use `trail backtest`")
    found = origins_of(workspace, data)
    ours = _ours(workspace, data, found) if use_model else None
    history = labelled(data, found.all, workspace, report)
    events = interactions(data.log, history[0].cards.item_ids, workspace.project.horizon)
    seed = workspace.project.model.seed
    recommenders, absent = installed([name for name in names if name in RECOMMENDERS], seed)
    asked = [*(name for name in names if name in LINE_UP), *([ours.prior] if ours else [])]

    def progress(name: str, cutoff: datetime, seconds: float) -> None:
        del name, seconds
        every = (*found.validation, *found.test)
        report("lists", every.index(cutoff) + 1, len(every))

    rows = backtest_lists(
        events,
        history,
        recommenders,
        [seeded(LINE_UP[name](), seed) for name in dict.fromkeys(asked)],
        found,
        late=[ours.late] if ours else [],
        seed=seed,
        progress=progress,
    )
    target = workspace.reports / f"lists-{moment_name(found.test[0])}-{len(found.test)}"
    tried = list(dict.fromkeys(row.method for row in rows))
    looks = count_look(
        workspace.reports / RUNS,
        data.fingerprint,
        found.test,
        forecasters=tried,
        model=ours.name if ours else "",
        report=target.name,
    )
    late = [ours.late.forecaster.name] if ours else []
    notes = (
        *_about(rows),
        *absent,
        *(of_late(late[0], len(ours.late.held_out), len(found.validation)) if ours else ()),
        *of_catalogue(workspace.project),
        at_origins(data.log, workspace.project.horizon, found.test),
        *against(rows, late),
        f"Run {looks} on these test origins in this project.",
    )
    done = Listed(target, found, tuple(rows), notes, ours.name if ours else "")
    _write(done)
    return done


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


def _overridden(workspace: Workspace, origins: int | None, until: str) -> Workspace:
    settings = workspace.project.backtest
    asked = BacktestSettings(origins or settings.origins, settings.validation, until or settings.until)
    return replace(workspace, project=replace(workspace.project, backtest=asked))


@dataclass(frozen=True)
class _Ours:
    """The model that takes part.

    Attributes:
        name: Its folder under `models/`.
        prior: Name of the forecaster that it corrects.
        late: It, with the validation origins that it did not learn from.
    """

    name: str
    prior: str
    late: Late


def _ours(workspace: Workspace, data: Data, origins: Origins) -> _Ours:
    """Returns the model that a backtest at the same origins trained."""
    learned = cutoffs_before(data, origins.test[0], workspace)
    task = task_of(data, learned, workspace)
    same = next((each for each in records(workspace) if each.task == task), None)
    if same is None:
        raise ModelError(
            "no model of these test origins",
            expected=f"one that knows nothing after {origins.test[0]:%Y-%m-%d}",
            where=str(workspace.models),
            fix="run `trail backtest` with the same --origins and --until first, or give --no-model",
        )
    from trail.forecast import load  # noqa: PLC0415 - loads torch; only this path needs it

    model = load(workspace.models / same.name)
    held = learned[-workspace.project.model.validation_origins :]
    late = Late(model, tuple(each for each in origins.validation if each in held))
    return _Ours(same.name, str(model.metrics["prior"]), late)


def _about(rows: Sequence[ListRow]) -> tuple[str, ...]:
    """Returns who was measured and what counted."""
    by_origin = {row.origin: row for row in rows if row.split == "test"}.values()
    if not by_origin:
        return ("No user with a history touched anything that counts in a test period.",)
    users, newcomers, unmeasured = (
        sum(getattr(row, name) for row in by_origin) for name in ("users", "newcomers", "unmeasured")
    )
    counted = "any item" if rows[0].relevant == "all" else "only items new to the user"
    asked = (
        f"{users:,} users over {len(by_origin)} test origins; left out: {newcomers:,} without a history and "
        f"{unmeasured:,} who touched nothing that counts."
    )
    return (
        asked,
        f"Relevant is {counted}, by the share of repeats on validation; items that are no candidate count as missed.",
    )


def against(rows: Sequence[ListRow], late: Sequence[str] = ()) -> tuple[str, ...]:
    """Returns differences on test, of methods chosen on validation.

    The best blend is set beside the best personal recommender alone and the best list for all. Late forecasters, which
    their own validation flatters, are never chosen among the others: the list of each is set beside every other list
    for all, and their best blend beside the best recommender alone, personal or not, and the best blend without them.

    Args:
        rows: Of both splits.
        late: Names of late forecasters.
    """
    chosen = [line.method for line in list_table(rows, "validation")]
    theirs = [name for name in chosen if name.split(" + ")[-1] in late]
    others = [name for name in chosen if name not in theirs]
    blends, blended = ([name for name in each if " + " in name] for each in (others, theirs))
    shared = [name for name in others if name in LINE_UP or name in _SHARED]
    alone = [name for name in others if name not in (*blends, *LINE_UP)]
    personal = [name for name in alone if name not in _SHARED]
    pairs = [(a, b) for a in blends[:1] for b in (*personal[:1], *shared[:1])]
    pairs += [(a, b) for a in late for b in shared]
    pairs += [(a, b) for a in blended[:1] for b in (*alone[:1], *blends[:1])]
    tested = {row.method for row in rows if row.split == "test"}
    return tuple(
        paired(rows, a, b, metric).sentence for a, b in pairs for metric in _COMPARED if {a, b} <= tested
    )


def _write(done: Listed) -> None:
    write_list_rows(done.rows, done.folder / "rows.parquet")
    lines = [
        f"# Lists of {done.folder.parent.parent.resolve().name}",
        "",
        *(f"- {note}" for note in done.notes),
    ]
    for split, scope in dict.fromkeys((row.split, row.scope) for row in done.rows):
        lines += ["", f"## {split}, {scope} items", "", list_markdown(list_table(done.rows, split, scope))]
    with whole_file(done.folder / "summary.md") as path:
        path.write_text("\n".join(lines), encoding="utf-8")
