"""Rolling-origin backtests: each forecaster sees what was known, forecasts, and is measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trail.baselines import Forecast, Forecaster
from trail.baselines.checks import problems
from trail.errors import ConfigError, ModelError
from trail.evaluate.rows import Bin, Results, Riser, Row, Run, versions
from trail.evaluate.task import SPLITS, Task, Window
from trail.signals import Cards, Labelled

Progress = Callable[[str, datetime, float], None]
Keep = Callable[[Results], None]


@dataclass(frozen=True)
class _Run:
    """One forecaster's forecast at one origin."""

    forecaster: str
    refit: str
    window: Window
    forecast: Forecast
    seconds: float
    fit_seconds: float


def backtest(
    task: Task,
    history: Sequence[Labelled],
    forecasters: Sequence[Forecaster],
    *,
    once: Sequence[Forecaster] = (),
    splits: Sequence[str] = SPLITS,
    progress: Progress | None = None,
    had: Results = Results(),  # noqa: B008 - frozen and empty
    keep: Keep | None = None,
) -> Results:
    """Measures forecasters at the origins of a task, on what was known there.

    Args:
        task: What is tried on what.
        history: The labelled history that the task was made of.
        forecasters: Refitted before every origin; names differ.
        once: Fitted before the first origin of each split only, for what is slow, or for parity with it.
        splits: Of `validation` and `test`, those that the forecasters may be tried on.
        progress: Called after each forecast with forecaster, origin and seconds.
        had: What an earlier run of the same forecasters measured: not measured again.
        keep: Called after each origin with what was measured there.

    Returns:
        What there was already, then rows of each forecaster, origin, scope and metric, oldest origins first, and
        their side tables.

    Raises:
        ConfigError: If there is no forecaster or two share a name.
        DataError: If the history is not the task's.
        ModelError: If a forecast is not one finite, ordered number a card.
    """
    _check(forecasters, once)
    found = had
    for split in (each for each in SPLITS if each in splits):
        for at_origin in _runs(task, history, split, forecasters, once, had=had.runs):
            new = Results()
            for run in at_origin:
                if progress:
                    progress(run.forecaster, run.window.cutoff, run.seconds)
                new += _measured(task, run)
            found += new
            if keep and new.rows:
                keep(new)
    return found


def _check(*groups: Sequence[Forecaster]) -> None:
    for group in groups:
        names = [each.name for each in group]
        if len(set(names)) < len(names):
            raise ConfigError(f"the forecasters {names}", expected="different names")
    if not any(groups):
        raise ConfigError("no forecaster", expected="at least one")


def _runs(
    task: Task,
    history: Sequence[Labelled],
    split: str,
    every: Sequence[Forecaster],
    once: Sequence[Forecaster],
    *,
    had: Container[Run],
) -> Iterator[Iterator[_Run]]:
    """Yields an iterator an origin of one split: over its forecasts that are not there yet, refitting as asked."""
    kept: dict[str, Forecaster] = {}
    first: Window | None = None

    def at(window: Window, known: Sequence[Labelled]) -> Iterator[_Run]:
        for forecaster, refit in [(each, "every") for each in every] + [(each, "once") for each in once]:
            if (forecaster.name, refit, window.cutoff, task.seed) in had:
                continue
            fitted, fit_seconds = kept.get(forecaster.name) if refit == "once" else None, 0.0
            start = time.perf_counter()
            if fitted is None:
                fitted = forecaster.fit(known if refit == "once" else window.known)
                fit_seconds = time.perf_counter() - start
            if refit == "once":
                kept[forecaster.name] = fitted
            forecast = fitted.predict(window.cards)
            seconds = time.perf_counter() - start
            _verify(forecaster.name, forecast, window.cards)
            yield _Run(forecaster.name, refit, window, forecast, seconds, fit_seconds)

    for window in task.windows(history, split):
        first = first or window
        yield at(window, first.known)


def _verify(name: str, forecast: Forecast, cards: Cards) -> None:
    wrong = problems(forecast, cards)
    if wrong:
        raise ModelError(
            "; ".join(wrong),
            expected="one finite, ordered forecast a card",
            where=f"the forecaster {name!r} at {cards.cutoff:%Y-%m-%d}",
            fix="run trail.baselines.conformance on it",
        )


def _measured(task: Task, run: _Run) -> Results:
    found = run.window.measure(run.forecast)
    shared: dict[str, Any] = {
        "task": task.fingerprint,
        "forecaster": run.forecaster,
        "refit": run.refit,
        "origin": run.window.cutoff,
        "split": run.window.split,
        "seed": task.seed,
    }
    spent: dict[str, Any] = {"seconds": run.seconds, "fit_seconds": run.fit_seconds, "versions": versions()}
    return Results(
        tuple(Row(**shared, **spent, **each) for each in found.values),
        tuple(Bin(**shared, **each) for each in found.bins),
        tuple(Riser(**shared, **each) for each in found.risers),
    )
