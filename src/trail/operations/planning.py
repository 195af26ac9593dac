"""`trail plan`: every problem at once, and time, memory and disk before anything is spent."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from trail.errors import TrailError
from trail.evaluate.ablations import VARIANTS
from trail.model.settings import ModelSettings
from trail.model.speed import multiplication_speed, slowness
from trail.operations.backtesting import origins_of
from trail.operations.candidates import varied
from trail.operations.data import Data, prepare
from trail.operations.history import cutoffs_before
from trail.operations.workspace import Report, Workspace, quiet

# Rates of a two-core machine with 24 GiB and no GPU, on the grocery log of the demo (1.47 million events,
# 92,000 items) and, for the model, batches of 16 rows of 160 tokens; what the model takes is scaled by how fast this
# machine multiplies.
_CARD_SECONDS_AN_EVENT = 0.6e-6
_CARD_SECONDS_AN_ITEM = 9e-6
_CARD_BYTES_AN_ITEM = 540
_CACHE_BYTES_AN_ITEM = 35
_FIT_SECONDS = 25.0  # one refit and forecast of all baselines on 100,000 rows, the most they take
_FIT_ROWS = 100_000
_ROWS_A_SECOND = {"top": 15.0, "lora": 9.0, "full": 7.5}
_LESSONS_A_SECOND = {"top": 3.5, "lora": 2.1, "full": 1.8}
_SCORES_A_SECOND = 40.0
_OCCLUSIONS = 9  # a row and what is left of it without each group of signals
_TEXTS_A_SECOND = 5.0
# not timed: a prompt is read as a score is, and ten tokens take a sixth of a text's time
_NUMBERS_A_SECOND = 17.0
_SPREAD_ROWS = 400  # asked at every fit for the spread
_BASE_BYTES = 1.4e9  # Python, DuckDB, LightGBM
# `top` with a language stage as measured on a log of 4,707 items; the others on score batches only
_MODEL_BYTES = {"top": 5.2e9, "lora": 3.4e9, "full": 4.8e9}
_MODEL_DISK = 0.6e9  # a model folder and the converted backbone
_VARIANT_DISK = 0.1e9  # a further model folder: ten layers and the heads


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
class Estimate:
    """What a command will take.

    Attributes:
        command: train, backtest or forecast, and what ablations and the untuned backbone add to a backtest.
        minutes: Wall time on two cores.
        memory_gb: Highest resident memory.
        disk_gb: Disk that it fills.
        optional: Whether it comes on top of a command, where it is asked for.
    """

    command: str
    minutes: float
    memory_gb: float
    disk_gb: float
    optional: bool = False


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
    speed = tried("model", lambda: _check_model(workspace))
    report("speed", 1, 1)
    if not isinstance(data, Data):
        return Plan(tuple(troubles), {}, ())
    cutoffs = tried("history", lambda: cutoffs_before(data, data.log.last_cutoff(), workspace))
    horizon = workspace.project.horizon
    tried("backtest", lambda: origins_of(workspace, data))
    learned = len(cutoffs) if isinstance(cutoffs, list) else 0
    slow = slowness(speed) if isinstance(speed, float) else 1.0
    estimates = tuple(_estimates(workspace, data, learned, slow))
    troubles += _space(workspace, estimates)
    facts = _facts(data, learned, horizon.noun)
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


def _facts(data: Data, learned: int, noun: str) -> dict[str, str]:
    log = data.log
    return {
        "events": f"{log.rows:,} from {log.start:%Y-%m-%d} to {log.end:%Y-%m-%d}",
        "items": f"{data.items.rows:,} in the catalogue",
        "set aside": _set_aside(data),
        "users": "named" if log.has_users else "not named: breadth is unknown",
        "prices": "in the log" if log.has_prices else "not in the log: price signals are empty",
        "grid": "none" if log.grid is None else f"{log.grid.days} days: cutoffs lie on it",
        "learns from": f"{learned} {noun}s",
        "cutoff": f"{log.last_cutoff():%Y-%m-%d %H:%M}",
    }


def _set_aside(data: Data) -> str:
    found = data.ingested.set_aside
    each = ", ".join(f"{rows:,} {reason}" for reason, rows in found.items())
    return f"{each} (listed in {data.ingested.rejected})" if found else "no row"


def _estimates(workspace: Workspace, data: Data, learned: int, slow: float) -> Iterator[Estimate]:
    """Yields what each command takes; `slow` is how many times as long a model takes here as where it was timed."""
    project, items = workspace.project, data.items.rows
    settings, tests = project.model, project.backtest.origins
    fits = tests + project.backtest.validation
    card = data.log.rows * _CARD_SECONDS_AN_EVENT + items * _CARD_SECONDS_AN_ITEM
    asked = min(settings.shortlist or items, items)
    shortlist = slow * asked / _SCORES_A_SECOND
    refit = _FIT_SECONDS * min(1.0, learned * items / _FIT_ROWS)
    fit = _training(settings, items, refit, slow)
    held = learned * items * _CARD_BYTES_AN_ITEM + _BASE_BYTES
    memory = (held + _MODEL_BYTES[settings.tuning]) / 1e9
    disk = learned * items * _CACHE_BYTES_AN_ITEM / 1e9
    yield Estimate("train", (learned * card + fit) / 60, memory, disk + _MODEL_DISK / 1e9)
    tried = fits * (card + refit) + tests * shortlist
    yield Estimate("backtest", (learned * card + fit + tried) / 60, memory, disk + _MODEL_DISK / 1e9)
    others = [varied(settings, name) for name in VARIANTS]
    extra = [_training(each, items, refit, slow, ours=settings) for each in others if each != settings]
    ablations = sum(extra) + len(extra) * tests * (refit + shortlist)
    yield Estimate(
        "backtest, ablations add", ablations / 60, memory, len(extra) * _VARIANT_DISK / 1e9, optional=True
    )
    answers = tests * slow * (asked + _SPREAD_ROWS) / _NUMBERS_A_SECOND
    yield Estimate("backtest, untuned adds", answers / 60, memory, 0.0, optional=True)
    shown = slow * project.forecast.explained / _TEXTS_A_SECOND
    yield Estimate("forecast", (card + refit + shortlist + shown) / 60, memory, disk)


def _training(
    settings: ModelSettings, items: int, refit: float, slow: float, *, ours: ModelSettings | None = None
) -> float:
    """Returns the seconds of one training.

    Args:
        settings: Of the model.
        items: Items of the catalogue.
        refit: Seconds of one refit of the baselines.
        slow: How many times as long a model takes here as where it was timed.
        ours: Settings whose state before the language stage is taken up where it is the same; null for none.
    """
    scored = ours is not None and ours.of_scores() == settings.of_scores()
    lessons = settings.explained * settings.language_epochs
    rows = 0 if scored else settings.examples * settings.epochs
    looks = 0 if scored else settings.validation_rows * settings.evaluations
    validated = (looks + min(settings.shortlist or items, items)) * settings.validation_origins
    occluded = _OCCLUSIONS * settings.explained if lessons else 0
    tuned = (
        rows / _ROWS_A_SECOND[settings.tuning]
        + lessons / _LESSONS_A_SECOND[settings.tuning]
        + (validated + occluded) / _SCORES_A_SECOND
    )
    return slow * tuned + 2 * settings.validation_origins * refit


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
