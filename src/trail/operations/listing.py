"""`trail lists`: lists for single users tried on the past, beside the lists that a forecast makes for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from trail.baselines import BASELINES
from trail.baselines.interactions import interactions
from trail.baselines.recommenders import RECOMMENDERS, Recommender, lacking
from trail.engine import whole_file
from trail.errors import ConfigError, DataError, ModelError
from trail.evaluate import Origins
from trail.evaluate.list_backtest import Late, backtest_lists
from trail.evaluate.list_rows import ListLine, ListRow, list_markdown, list_table, paired, write_list_rows
from trail.operations.backtesting import RUNS, origins_of
from trail.operations.data import Data, prepare
from trail.operations.history import cutoffs_before, labelled
from trail.operations.looks import count_look
from trail.operations.models import records
from trail.operations.training import task_of
from trail.operations.workspace import Report, Workspace, moment_name, quiet
from trail.project import BacktestSettings

#: What is measured unless it is named: every recommender, and two forecasters that are also blended.
DEFAULT = (*RECOMMENDERS, "decayed", "lightgbm")
_COMPARED = ("hr@10", "ndcg@10")


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
        names: Recommenders to measure, and forecasters to measure and to blend.
        use_model: Whether the model of `trail backtest` at the same origins takes part.
        report: Told what goes on.

    Raises:
        ConfigError: If a name is neither.
        DataError: If the log names no users, or is too short.
        ModelError: If a model is asked for and there is none.
    """
    unknown = [name for name in names if name not in {*BASELINES, *RECOMMENDERS}]
    if unknown:
        known = ", ".join((*RECOMMENDERS, *BASELINES))
        raise ConfigError(f"the names {', '.join(unknown)}", expected=f"some of {known}", where="--with")
    workspace = _overridden(Workspace.open(folder), origins, until)
    data = prepare(workspace, report)
    if not data.log.has_users:
        raise DataError("a log without users", expected="a user_id on its events", fix="use `trail backtest`")
    found = origins_of(workspace, data)
    model, late = _model(workspace, data, found) if use_model else ("", ())
    history = labelled(data, found.all, workspace, report)
    events = interactions(data.log, history[0].cards.item_ids, workspace.project.horizon)
    recommenders, absent = installed([name for name in names if name in RECOMMENDERS])
    baselines = [name for name in names if name in BASELINES]

    def progress(name: str, cutoff: datetime, seconds: float) -> None:
        del name, seconds
        every = (*found.validation, *found.test)
        report("lists", every.index(cutoff) + 1, len(every))

    rows = backtest_lists(
        events,
        history,
        recommenders,
        [BASELINES[name]() for name in dict.fromkeys([*baselines, *(each.prior for each in late)])],
        found,
        late=late,
        seed=workspace.project.model.seed,
        progress=progress,
    )
    target = workspace.reports / f"lists-{moment_name(found.test[0])}-{len(found.test)}"
    tried = list(dict.fromkeys(row.method for row in rows))
    looks = count_look(
        workspace.reports / RUNS,
        data.fingerprint,
        found.test,
        forecasters=tried,
        model=model,
        report=target.name,
    )
    notes = (*_about(rows), *absent, *against(rows), f"Run {looks} on these test origins in this project.")
    done = Listed(target, found, tuple(rows), notes, model)
    _write(done)
    return done


def installed(names: Sequence[str]) -> tuple[dict[str, Sequence[Recommender]], tuple[str, ...]]:
    """Returns the named recommenders whose packages are installed, and a sentence on each of the others."""
    missing = {name: lacking(RECOMMENDERS[name][0]) for name in names}
    known = {name: RECOMMENDERS[name] for name in missing if not missing[name]}
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


def _model(workspace: Workspace, data: Data, origins: Origins) -> tuple[str, tuple[Late, ...]]:
    """Returns the model that a backtest at the same origins trained."""
    task = task_of(data, cutoffs_before(data, origins.test[0], workspace), workspace)
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
    return same.name, (Late(model, str(model.metrics["prior"])),)


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


def against(rows: Sequence[ListRow]) -> tuple[str, ...]:
    """Returns the best blend beside the best recommender alone and the best list for all, as chosen on validation."""
    chosen = [line.method for line in list_table(rows, "validation")]
    blends = [name for name in chosen if " + " in name]
    shared = [name for name in chosen if name in (*BASELINES, "most_pop")]
    alone = [name for name in chosen if name not in (*blends, *shared)]
    tested = {row.method for row in rows if row.split == "test"}
    pairs = [(blends[0], other[0]) for other in (alone, shared) if blends and other]
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
