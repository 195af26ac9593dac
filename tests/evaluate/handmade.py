"""Outcomes and rows made by hand: a row says what a method's errors are, relative to the last window's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import nan

import numpy as np

from trail.evaluate import METRICS, Outcome, Row
from trail.evaluate.outcome import TOP, chosen

_START = datetime(2024, 1, 1, tzinfo=UTC)


def rows_for(validation: dict[str, float], test: dict[str, float]) -> list[Row]:
    """Returns rows of 3 validation and 6 test origins whose every error is about the stated factor."""
    rng, rows = np.random.default_rng(0), []
    for split, first, weeks, factors in (("validation", 0, 3, validation), ("test", 3, 6, test)):
        for name, factor in factors.items():
            for week in range(first, first + weeks):
                error = 0.4 * factor * (1 + 0.02 * rng.standard_normal())
                for metric in METRICS.values():
                    value = (
                        error / 0.4 if metric.name == "loss" else 1 - error if metric.better >= 0 else error
                    )
                    origin = _START + timedelta(weeks=week)
                    about = ("task", name, "every", origin, split, 0, "active", 50, metric.name, value)
                    rows.append(Row(*about, seconds=0.5, versions="{}"))
    return rows


def outcome_of(
    target, expected, last=None, *, score=None, q10=None, q50=None, q90=None, history=None, chance=None
) -> Outcome:
    target, expected = np.asarray(target, dtype=float), np.asarray(expected, dtype=float)
    zeros = np.zeros(len(target))
    last = zeros if last is None else np.asarray(last, dtype=float)
    history = np.column_stack([last] * 12) if history is None else np.asarray(history, dtype=float)
    score = expected if score is None else np.asarray(score, dtype=float)
    q10, q50, q90 = (zeros if each is None else np.asarray(each, dtype=float) for each in (q10, q50, q90))
    chance = zeros if chance is None else np.asarray(chance, dtype=float)
    return Outcome(target, last, history, expected, score, q10, q50, q90, chance, entered=chosen(target, TOP))


def random_outcome(seed=0, items=200) -> Outcome:
    rng = np.random.default_rng(seed)
    target = rng.poisson(rng.lognormal(0.5, 1.2, items)).astype(float)
    expected = target * rng.uniform(0.4, 1.8, items) + rng.random(items)  # no ties
    history = rng.poisson(2.0, (items, 12)).astype(float)
    history[:, 9:] = nan
    q10, q50, q90 = expected * 0.6, expected * 0.9, expected * 1.5
    stated = {"q10": q10, "q50": q50, "q90": q90, "chance": rng.random(items)}
    return outcome_of(target, expected, history[:, 0], history=history, **stated)
