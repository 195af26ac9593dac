"""`trail doctor`: a project's own forecaster put to tests that need no new data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from trail.baselines import LINE_UP, Forecaster, seeded
from trail.errors import ConfigError, DataError, ModelError
from trail.evaluate.ground import Ground, Plant, Planted
from trail.evaluate.leaks import LIMITS, Finding, Method, find_leaks
from trail.evaluate.plants import PLANTS
from trail.evaluate.settled import TOLERANCE
from trail.events import EventLog, Items, ingest, open_items, open_log
from trail.operations.data import Data, prepare
from trail.operations.history import between, check_cutoff, cutoffs_before
from trail.operations.lineup import unknown
from trail.operations.models import model_for, read_record, records
from trail.operations.serving import BEST, fitted_baseline, served
from trail.operations.workspace import Report, Workspace, quiet
from trail.signals import Cards, Labelled, cards_at, gathered, known_at

#: Latest cutoffs a horizon apart that are learned from, and those between the last two: every plant computes the cards of
#: each again.
LEARNED = 8
#: A network's sums run in single precision and in another order where a batch holds other rows.
_NETWORK = 1e-4


@dataclass(frozen=True)
class Diagnosis:
    """What the leak alarm found in a project.

    Attributes:
        forecaster: Name of the forecaster that was tried.
        model: Name of its model; empty if it has none.
        cutoff: First instant that was not to be known.
        items: Cards that were compared, each with every signal and every number of the forecast.
        tried: Plants that were tried.
        skipped: Plant -> what the log lacks for it.
        findings: Every number that moved.
        limits: What the alarm cannot see, in words.
    """

    forecaster: str
    model: str
    cutoff: datetime
    items: int
    tried: tuple[str, ...]
    skipped: dict[str, str]
    findings: tuple[Finding, ...]
    limits: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 for no leak; that of data where a card moved, else that of models."""
        if not self.findings:
            return 0
        on_cards = any(each.of == "card" for each in self.findings)
        return DataError.exit_code if on_cards else ModelError.exit_code


def leaks(
    folder: Path,
    *,
    at: datetime | None = None,
    name: str = "",
    use_model: bool = True,
    report: Report = quiet,
) -> Diagnosis:
    """Plants changes that must not matter into copies of a project's data, and lists what they move.

    Args:
        folder: The project; its files stay as they are.
        at: Cutoff; one horizon before the log's end by default, so that there is a future to leak.
        name: A forecaster without a language model, or a finished model; by default who would be served: the
            champion of the latest backtest, or the newest model, a backtest's too, that knows nothing after the cutoff, and where
            there is none the baseline that does best on validation cutoffs.
        use_model: Whether a model is taken by default.
        report: Told what goes on.

    Raises:
        ConfigError: If nothing has the name, the model of that name knows outcomes after the cutoff, or none may be used.
        DataError: If the log cannot be read or is too short.
    """
    workspace = Workspace.open(folder)
    data = prepare(workspace, report)
    horizon, country = workspace.project.horizon, workspace.project.country
    cutoff = at or data.log.last_cutoff() - horizon.span
    check_cutoff(data, cutoff, horizon.span)
    model, forecaster = _forecaster(workspace, data, cutoff, name, use_model=use_model)

    def cards(log: EventLog, items: Items, moment: datetime) -> Cards:
        return cards_at(log, items, moment, horizon, country=country)

    def fit(log: EventLog, items: Items, history: Sequence[Labelled]) -> Forecaster:
        del log, items
        return forecaster.fit(history) if forecaster else fitted_baseline(workspace, BEST, history)

    apart = cutoffs_before(data, cutoff, workspace)[-LEARNED:]
    learned = sorted([*apart, *between(data.log, apart[-1:], horizon)])

    def known(history: Sequence[Labelled], moment: datetime) -> Sequence[Labelled]:
        return known_at(gathered(history, apart), moment)

    rounding = _NETWORK if model else TOLERANCE
    method = Method(
        cutoff, horizon, tuple(learned), cards, fit, known, rounding, workspace.project.forecast.top
    )
    found = find_leaks(
        data.log,
        data.items,
        method,
        plants=(*PLANTS, _file_order(workspace)),
        progress=lambda done, total: report("plants", done, total),
    )
    return Diagnosis(
        found.forecaster,
        model,
        cutoff,
        found.items,
        found.tried,
        dict(found.skipped),
        found.findings,
        LIMITS,
    )


def _forecaster(
    workspace: Workspace, data: Data, cutoff: datetime, name: str, *, use_model: bool
) -> tuple[str, Forecaster | None]:
    """Returns the model's name, empty for none, and what to fit; null for the best baseline."""
    asked = name or served(workspace, data, at=cutoff).by
    if asked in LINE_UP:
        return "", seeded(LINE_UP[asked](), workspace.project.model.seed)
    if name and read_record(workspace, name) is None:
        raise unknown(name, [*LINE_UP, *(each.name for each in records(workspace))])
    if name and not use_model:
        raise ConfigError(
            f"the model {name!r} and no model",
            expected="one of the two",
            where="--with",
            fix="leave --no-model out, or name a forecaster",
        )
    usable = [each for each in records(workspace) if each.moment <= cutoff] if use_model else []
    if not name and not usable:
        return "", None
    from trail.forecast import load  # noqa: PLC0415 - loads torch; only this path needs it

    # a backtest's model will do: it is to be tried, not served
    newest = max(usable, key=lambda each: (each.moment, each.created), default=None)
    record = model_for(workspace, cutoff, name or (newest.name if newest else ""))
    return record.name, load(workspace.models / record.name)


def _file_order(workspace: Workspace) -> Plant:
    """Returns the plant that reads the project's event sources again, the last one first."""
    project = workspace.project

    def make(ground: Ground) -> Planted | None:
        if len(project.events) < 2:  # noqa: PLR2004 - an order needs two
            return None
        events, items = (
            [each.within(workspace.folder) for each in sources] for sources in (project.events, project.items)
        )
        found = ingest(events[::-1], items, ground.folder / "data", project.rules, now=datetime.now(UTC))
        connection = ground.connection
        log = open_log(connection, found.events, name=project.noun)
        return Planted(log, open_items(connection, found.items))

    return Plant("file_order", "event sources read in reverse order", make, "two event sources or more")
