"""Rolling-origin backtests: each forecaster sees what was known, forecasts, and is measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from trail.baselines import Forecast, Forecaster, active
from trail.baselines.checks import problems
from trail.errors import ConfigError, DataError, ModelError
from trail.evaluate.metrics import METRICS
from trail.evaluate.origins import Origins
from trail.evaluate.outcome import Outcome
from trail.evaluate.rows import Row, fingerprint, versions
from trail.signals import Cards, Labelled, known_at

#: Candidate scopes: name -> rows of the cards that are compared.
SCOPES: Mapping[str, Callable[[Cards], np.ndarray]] = {
    "active": active,
    "all": lambda cards: np.ones(len(cards), dtype=bool),
}
Progress = Callable[[str, datetime, float], None]


@dataclass(frozen=True)
class _Run:
    """One forecaster's forecast at one origin."""

    forecaster: str
    refit: str
    split: str
    example: Labelled
    forecast: Forecast
    seconds: float


def backtest(
    history: Sequence[Labelled],
    forecasters: Sequence[Forecaster],
    origins: Origins,
    *,
    once: Sequence[Forecaster] = (),
    seed: int = 0,
    progress: Progress | None = None,
) -> list[Row]:
    """Measures forecasters at every validation and test origin, on what was known there.

    Args:
        history: Labelled cards of every cutoff in `origins.all`.
        forecasters: Refitted before every origin; names differ.
        origins: Validation and test origins.
        once: Fitted before the first origin of each split only, for what is slow, or for parity with it.
        seed: Seed that the caller made the forecasters with; recorded.
        progress: Called after each forecast with forecaster, origin and seconds.

    Returns:
        One row a forecaster, origin, scope and metric; oldest origins first.

    Raises:
        ConfigError: If there is no forecaster or two share a name.
        DataError: If an origin has no labelled cards.
        ModelError: If a forecast is not one finite, ordered number a card.
    """
    _check(history, (forecasters, once), origins)
    shared: dict[str, Any] = {"task": fingerprint(history), "versions": versions(), "seed": seed}
    rows = []
    for split, cutoffs in (("validation", origins.validation), ("test", origins.test)):
        for run in _runs(history, forecasters, once, split, cutoffs):
            if progress:
                progress(run.forecaster, run.example.cards.cutoff, run.seconds)
            rows += [Row(**shared, **values) for values in _measured(run)]
    return rows


def _check(history: Sequence[Labelled], groups: Sequence[Sequence[Forecaster]], origins: Origins) -> None:
    for group in groups:
        names = [each.name for each in group]
        if len(set(names)) < len(names):
            raise ConfigError(f"the forecasters {names}", expected="different names")
    if not any(groups):
        raise ConfigError("no forecaster", expected="at least one")
    have = {example.cards.cutoff for example in history}
    lacking = [cutoff for cutoff in (*origins.validation, *origins.test) if cutoff not in have]
    if lacking:
        raise DataError(
            f"{len(lacking)} origins without labelled cards, first {lacking[0]:%Y-%m-%d}",
            expected="labelled cards of every cutoff in origins.all",
        )


def _runs(
    history: Sequence[Labelled],
    every: Sequence[Forecaster],
    once: Sequence[Forecaster],
    split: str,
    cutoffs: Sequence[datetime],
) -> Iterator[_Run]:
    """Yields the forecasts of one split, refitting as asked."""
    examples = {example.cards.cutoff: example for example in history}
    kept: dict[str, Forecaster] = {}
    for cutoff in cutoffs:
        known, example = known_at(history, cutoff), examples[cutoff]
        for forecaster, refit in [(each, "every") for each in every] + [(each, "once") for each in once]:
            start = time.perf_counter()
            fitted = kept.get(forecaster.name) if refit == "once" else None
            fitted = fitted or forecaster.fit(known)
            if refit == "once":
                kept[forecaster.name] = fitted
            forecast = fitted.predict(example.cards)
            seconds = time.perf_counter() - start
            _verify(forecaster.name, forecast, example.cards)
            yield _Run(forecaster.name, refit, split, example, forecast, seconds)


def _verify(name: str, forecast: Forecast, cards: Cards) -> None:
    wrong = problems(forecast, cards)
    if wrong:
        raise ModelError(
            "; ".join(wrong),
            expected="one finite, ordered forecast a card",
            where=f"the forecaster {name!r} at {cards.cutoff:%Y-%m-%d}",
            fix="run trail.baselines.conformance on it",
        )


def _measured(run: _Run) -> Iterator[dict[str, Any]]:
    outcome = Outcome.of(run.example, run.forecast)
    for scope, rows_of in SCOPES.items():
        inside = outcome.take(rows_of(run.example.cards))
        for metric in METRICS.values():
            yield {
                "forecaster": run.forecaster,
                "refit": run.refit,
                "origin": run.example.cards.cutoff,
                "split": run.split,
                "scope": scope,
                "items": len(inside.target),
                "metric": metric.name,
                "value": metric.measure(inside),
                "seconds": run.seconds,
            }
