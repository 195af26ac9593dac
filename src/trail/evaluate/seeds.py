"""How far runs that differ in the seed alone lie apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from trail.evaluate.methods import HEADLINE, Method, label, methods
from trail.evaluate.metrics import METRICS
from trail.evaluate.rows import Row
from trail.evaluate.significance import Valued, over_seeds


class Seeded(Valued, Protocol):
    """A row of a run with a seed."""

    @property
    def seed(self) -> int:
        """Seed of what was drawn."""
        ...


def spreads(rows: Sequence[Row]) -> dict[Method, dict[str, float]]:
    """Returns method -> headline metric -> standard deviation over seeds of the mean over test origins, active items.

    Of methods with two seeds or more; the others have no spread.
    """
    wanted = [row for row in rows if (row.split, row.scope) == ("test", "active") and row.metric in HEADLINE]
    found = {}
    for method in methods(wanted):
        mine = [row for row in wanted if (row.forecaster, row.refit) == method]
        if len({row.seed for row in mine}) > 1:
            found[method] = {name: spread([row for row in mine if row.metric == name]) for name in HEADLINE}
    return found


def spread(rows: Sequence[Seeded]) -> float:
    """Returns the standard deviation over seeds of the mean over origins of one metric; NaN with one seed."""
    seeds = sorted({row.seed for row in rows})
    runs = [over_seeds([row for row in rows if row.seed == seed]) for seed in seeds]
    means = [float(np.mean(list(each.values()))) for each in runs if each]
    return float(np.std(means, ddof=1)) if len(means) > 1 else float("nan")


def of_seeds(rows: Sequence[Row]) -> tuple[str, ...]:
    """Returns which methods are means over seeds and how far the seeds lie apart; nothing with one seed."""
    found = {label(method): each for method, each in spreads(rows).items()}
    return in_words(found, sorted({row.seed for row in rows}), [METRICS[each].label for each in HEADLINE])


def in_words(
    found: Mapping[str, Mapping[str, float]], seeds: Sequence[int], names: Sequence[str]
) -> tuple[str, ...]:
    """Returns the spreads of methods in words; nothing without one.

    Args:
        found: Name of a method -> metric -> its spread.
        seeds: All seeds.
        names: Of the metrics, in words.
    """
    if not found:
        return ()
    parts = [
        f"{name} {' and '.join(f'{each:.4f}' for each in metrics.values())}"
        for name, metrics in found.items()
    ]
    said = (
        f"What draws is the mean of {len(seeds)} seeds ({', '.join(map(str, seeds))}); the rest was run once. Spread over "
        f"seeds on test, the standard deviation of the mean of {' and '.join(names)}: {'; '.join(parts)}. The intervals are "
        "over origins, after that mean."
    )
    return (said,)
