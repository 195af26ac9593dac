"""`trail plan`: every problem at once, and time, memory and disk before anything is spent."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from trail.baselines import priors_of
from trail.errors import TrailError
from trail.events import Horizon
from trail.model.speed import multiplication_speed, slowness
from trail.operations.arriving import of_end, of_log
from trail.operations.backtesting import origins_of
from trail.operations.data import Data, prepare
from trail.operations.estimating import Estimate, estimates_of
from trail.operations.history import cutoffs_before
from trail.operations.workspace import Report, Workspace, quiet


@dataclass(frozen=True)
class Trouble:
    """Something that stops a command.

    Attributes:
        about: config, data, history, backtest, model or disk.
        what: What was found and what to do, in one sentence.
        exit_code: What the command that meets it would exit with.
    """

    about: str
    what: str
    exit_code: int


@dataclass(frozen=True)
class Plan:
    """What stands in the way, and what each command will take.

    Attributes:
        troubles: Every problem found; empty if nothing stands in the way.
        facts: What was found about the log, in words: name -> value.
        estimates: One a command; empty where the data cannot be read.
    """

    troubles: tuple[Trouble, ...]
    facts: dict[str, str]
    estimates: tuple[Estimate, ...]


def plan(folder: Path, *, report: Report = quiet) -> Plan:
    """Checks the config, the sources, the history, the weights and the disk, without stopping at the first.

    Args:
        folder: The project.
        report: Told what goes on.

    Raises:
        ConfigError: If `trail.toml` is missing or says something unknown, for then nothing else can be checked.
    """
    workspace = Workspace.open(folder)
    troubles: list[Trouble] = []

    def tried(about: str, step: Callable[[], object]) -> object | None:
        try:
            return step()
        except TrailError as error:
            troubles.append(Trouble(about, str(error), error.exit_code))
            return None

    data = tried("data", lambda: prepare(workspace, report))
    report("speed", 0, 1)
    settings = workspace.project.model
    tried("config", lambda: priors_of(settings.priors, settings.seed))
    speed = tried("model", lambda: _check_model(workspace))
    report("speed", 1, 1)
    if not isinstance(data, Data):
        return Plan(tuple(troubles), {}, ())
    cutoffs = tried("history", lambda: cutoffs_before(data, data.log.last_cutoff(), workspace))
    tried("backtest", lambda: origins_of(workspace, data))
    learned = len(cutoffs) if isinstance(cutoffs, list) else 0
    slow = slowness(speed) if isinstance(speed, float) else 1.0
    estimates = tuple(estimates_of(workspace, data, learned, slow))
    troubles += _space(workspace, estimates)
    facts = _facts(data, learned, workspace.project.horizon)
    if isinstance(speed, float):
        facts["multiplies"] = (
            f"{speed / 1e12:.2f} TFLOP/s in bfloat16: a model takes {slow:.1f} times as long as with AMX"
        )
    return Plan(tuple(troubles), facts, estimates)


def _check_model(workspace: Workspace) -> float:
    """Checks that the libraries are installed and the weights are there, and returns how fast torch multiplies.

    Raises:
        ModelError: If they are not.
    """
    from trail.errors import ModelError  # noqa: PLC0415 - one use
    from trail.model.settings import PACKAGED  # noqa: PLC0415 - one use
    from trail.model.weights import backbone_folder, packaged_file  # noqa: PLC0415 - one use

    missing = [name for name in ("torch", "transformers", "peft") if importlib.util.find_spec(name) is None]
    if missing:
        raise ModelError(f"no {' and no '.join(missing)}", fix="pip install 'trail-forecast[model]'")
    backbone = workspace.project.model.backbone
    if backbone == PACKAGED:
        packaged_file()
    else:
        backbone_folder(backbone)
    return multiplication_speed()


def _facts(data: Data, learned: int, horizon: Horizon) -> dict[str, str]:
    log = data.log
    return {
        "events": f"{log.rows:,} from {log.start:%Y-%m-%d} to {log.end:%Y-%m-%d}",
        "items": f"{data.items.rows:,} in the catalogue",
        "set aside": _set_aside(data),
        "users": "named" if log.has_users else "not named: breadth is unknown",
        "prices": "in the log" if log.has_prices else "not in the log: price signals are empty",
        "arrivals": of_log(log, horizon),
        "grid": "none" if log.grid is None else f"{log.grid.days} days: cutoffs lie on it",
        "learns from": f"{learned} {horizon.noun}s",
        "cutoff": " ".join((f"{log.last_cutoff():%Y-%m-%d %H:%M}.", *of_end(log, log.last_cutoff()))).rstrip(
            "."
        ),
    }


def _set_aside(data: Data) -> str:
    found = data.ingested.set_aside
    each = ", ".join(f"{rows:,} {reason}" for reason, rows in found.items())
    return f"{each} (listed in {data.ingested.rejected})" if found else "no row"


def _space(workspace: Workspace, estimates: tuple[Estimate, ...]) -> Iterator[Trouble]:
    """Yields what the machine lacks: disk, memory."""
    free = shutil.disk_usage(workspace.folder).free / 1e9
    disk = sum(each.disk_gb for each in estimates if not each.optional)
    if free < disk:
        yield Trouble("disk", f"{free:.1f} GB free, {disk:.1f} GB needed; free some", 4)
    have = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    most = max(each.memory_gb for each in estimates)
    if have < most:
        fix = "lower `history` or the [model] examples"
        yield Trouble("memory", f"{have:.1f} GB of memory, {most:.1f} GB needed; {fix}", 4)
