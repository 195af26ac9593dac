"""What each command will take, in time, memory and disk, from rates that were measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from trail.baselines import BASELINES
from trail.evaluate.ablations import VARIANTS, varied
from trail.model.settings import LEAST_ROWS, MOST_CUTOFFS, PAIRS, ModelSettings, past_blocks
from trail.model.speed import multiplication_speed, slowness
from trail.operations.data import Data
from trail.operations.history import SHORT, between
from trail.operations.workspace import IN_ALL, Report, Workspace

# Rates of a two-core machine with 24 GiB and no GPU, on the grocery log of the demo (1.47 million events,
# 92,000 items) and, for the model, batches of 16 rows of 160 tokens; what the model takes is scaled by how fast this
# machine multiplies.
_CARD_SECONDS_AN_EVENT = 0.6e-6
_CARD_SECONDS_AN_ITEM = 9e-6
_CARD_BYTES_AN_ITEM = 540
_CACHE_BYTES_AN_ITEM = 35
# Processor seconds of one refit and forecast, each alone, on a log of 4,707 items at 89 cutoffs; they grow with the rows
# up to where the trees stop taking more. Those who share trees grow them once: together they take as long as the longest.
_FIT_SECONDS = {"lightgbm": 9.3, "blend": 13.7, "stack": 26.4, "stack_text": 46.8}
_FIT_SECONDS_OF_FORMULA = 0.2
_FIT_ROWS = 85_000
_ACTIVE = 0.5  # of the items: what makes a log short is known after its cards only
_ROWS_A_SECOND = {"top": 15.0, "lora": 9.0, "full": 7.5}
_LESSONS_A_SECOND = {"top": 3.5, "lora": 2.1, "full": 1.8}
_SCORES_A_SECOND = 40.0
_OCCLUSIONS = 10  # a row and what is left of it without each group of signals
_PAIRS_A_SECOND = 15.0  # of a card and a text: read once, and met in all passes
_TEXTS_A_SECOND = 5.0
# not timed: a prompt is read as a score is, and ten tokens take a sixth of a text's time
_NUMBERS_A_SECOND = 17.0
_SPREAD_ROWS = 400  # asked at every fit for the spread
_BASE_BYTES = 1.4e9  # Python, DuckDB, LightGBM
# `top` with a language stage as measured on a log of 4,707 items; the others on score batches only
_MODEL_BYTES = {"top": 5.2e9, "lora": 3.4e9, "full": 4.8e9}
_MODEL_DISK = 0.6e9  # a model folder and the converted backbone
# what is tuned, in two bytes a weight (`top` as measured, the others by their weights): a further model folder, and the
# state before the language stage, which the model of a backtest keeps for its ablations
_TUNED_DISK = {"top": 0.072e9, "lora": 0.02e9, "full": 0.27e9}


#: Estimates of what a backtest takes besides.
SEED_ADDS = "backtest, a further seed adds"
ABLATIONS_ADD = "backtest, ablations add"
UNTUNED_ADDS = "backtest, untuned adds"
#: The estimate of a night without the language model.
WITHOUT_MODEL = "forecast --no-model"


@dataclass(frozen=True)
class Estimate:
    """What a command will take.

    Attributes:
        command: train, backtest or forecast, with and without the model, and what ablations and the untuned backbone
            add to a backtest.
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


def estimates_of(workspace: Workspace, data: Data, learned: int, slow: float) -> Iterator[Estimate]:
    """Yields what each command takes; `slow` is how many times as long a model takes here as where it was timed."""
    project, items = workspace.project, data.items.rows
    settings, tests = project.model, project.backtest.origins
    fits = tests + project.backtest.validation
    card = data.log.rows * _CARD_SECONDS_AN_EVENT + items * _CARD_SECONDS_AN_ITEM
    asked = min(settings.shortlist or items, items)
    shortlist = slow * asked / _SCORES_A_SECOND
    short = learned * items * _ACTIVE < SHORT
    computed = learned * (1 + len(between(data.log, [data.log.last_cutoff()], project.horizon)) * short)
    size = _size(learned * items, computed * items)
    refit = _refit(BASELINES, size)
    # trail and trail_full share a reading, which trail alone may not need; once more with titles hidden
    once = tests * (_refit(settings.priors, size) + shortlist)
    corrected = once + (0 if settings.mask_titles else tests * shortlist)
    fit = _training(settings, items, learned, slow, size)
    memory = (computed * items * _CARD_BYTES_AN_ITEM + _BASE_BYTES + _MODEL_BYTES[settings.tuning]) / 1e9
    cache, tuned = computed * items * _CACHE_BYTES_AN_ITEM / 1e9, _TUNED_DISK[settings.tuning] / 1e9
    disk = cache + _MODEL_DISK / 1e9
    yield Estimate("train", (computed * card + fit) / 60, memory, disk)
    drawn = fit + fits * refit + corrected
    yield Estimate("backtest", (computed * card + fits * card + drawn) / 60, memory, disk + tuned)
    yield Estimate(SEED_ADDS, drawn / 60, memory, 2 * tuned, optional=True)
    others = [each for each in (varied(settings, name) for name in VARIANTS) if each != settings]
    extra = sum(_training(each, items, learned, slow, size, ours=settings) for each in others)
    ablations = extra + len(others) * once
    yield Estimate(ABLATIONS_ADD, ablations / 60, memory, len(others) * tuned, optional=True)
    answers = tests * slow * (asked + _SPREAD_ROWS) / _NUMBERS_A_SECOND
    yield Estimate(UNTUNED_ADDS, answers / 60, memory, 0.0, optional=True)
    shown = slow * project.forecast.explained / _TEXTS_A_SECOND
    yield Estimate("forecast", (card + refit + shortlist + shown) / 60, memory, cache)
    chosen = (settings.validation_origins + 1) * _refit(settings.priors, size)
    yield Estimate(
        WITHOUT_MODEL, (computed * card + chosen) / 60, memory - _MODEL_BYTES[settings.tuning] / 1e9, cache
    )


def announce(workspace: Workspace, data: Data, learned: int, commands: Sequence[str], report: Report) -> None:
    """Reports how many seconds a command will take in all on this machine, about, and at most: less where part of it is done.

    Args:
        workspace: The project.
        data: Its log and catalogue.
        learned: Cutoffs that the model learns from.
        commands: Names of the estimates that add up to it, one as often as it counts.
        report: Told so.

    Raises:
        ModelError: If torch is not installed.
    """
    every = estimates_of(workspace, data, learned, slowness(multiplication_speed()))
    minutes = {each.command: each.minutes for each in every}
    report(IN_ALL, 0, 60 * sum(minutes[each] for each in commands))


def _size(apart: int, computed: int) -> float:
    """Returns the rows that trees learn from, over those of the refit that was timed.

    Args:
        apart: Items of all cutoffs a horizon apart.
        computed: The same with those between.
    """
    return min(2.0 if computed > apart else 1.0, computed / _FIT_ROWS)


def _refit(names: Iterable[str], size: float) -> float:
    """Returns the seconds of one refit and forecast of some baselines.

    Args:
        names: Their names.
        size: As `_size` says.
    """
    longest = max((_FIT_SECONDS.get(each, _FIT_SECONDS_OF_FORMULA) for each in names), default=0.0)
    return longest * size


def _training(
    settings: ModelSettings,
    items: int,
    learned: int,
    slow: float,
    size: float,
    *,
    ours: ModelSettings | None = None,
) -> float:
    """Returns the seconds of one training.

    Args:
        settings: Of the model.
        items: Items of the catalogue.
        learned: Cutoffs that it learns from.
        slow: How many times as long a model takes here as where it was timed.
        size: Of a refit of its prior, as `_size` says.
        ours: Settings whose state before the language stage is taken up where it is the same; null for none.
    """
    scored = ours is not None and ours.of_scores() == settings.of_scores()
    cutoffs = min(learned, MOST_CUTOFFS)
    there = cutoffs * min(settings.shortlist or items, items)  # whatever the settings ask for
    explained = min(settings.explained, there)
    lessons = explained * settings.language_epochs
    rows = 0 if scored else min(settings.examples, there) * settings.epochs
    # all rows and looks are read for the heads before the language stage and after it, the looks while tuning too
    readings = (0 if scored else 1) + bool(lessons)
    read = min(max(settings.examples, LEAST_ROWS * cutoffs), there)
    looks = readings + (0 if scored else bool(settings.epochs) * (settings.evaluations + 1))
    looked = min(settings.validation_rows, items) * looks + min(settings.shortlist or items, items)
    validated = read * readings + settings.validation_origins * looked
    occluded = _OCCLUSIONS * explained if lessons else 0
    pairs = PAIRS * explained if lessons and settings.contrast else 0
    tuned = (
        rows / _ROWS_A_SECOND[settings.tuning]
        + lessons / _LESSONS_A_SECOND[settings.tuning]
        + (validated + occluded) / _SCORES_A_SECOND
        + pairs / _PAIRS_A_SECOND
    )
    # at every validation origin to choose the prior, then the chosen one for each block of the past
    refits = settings.validation_origins + 1 + past_blocks(cutoffs)
    return slow * tuned + refits * _refit(settings.priors, size)
