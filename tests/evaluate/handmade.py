"""Rows made by hand: what a method's errors are, relative to the last window's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from trail.evaluate import METRICS, Row

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
                    rows.append(
                        Row(
                            "task",
                            name,
                            "every",
                            origin,
                            split,
                            "active",
                            50,
                            metric.name,
                            value,
                            0.5,
                            "{}",
                            0,
                        )
                    )
    return rows
