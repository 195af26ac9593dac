"""How far runs that differ in the seed alone lie apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trail.evaluate.methods import HEADLINE, Method, label, methods
from trail.evaluate.metrics import METRICS
from trail.evaluate.rows import Row
from trail.evaluate.significance import by_origin


def spreads(rows: Sequence[Row]) -> dict[Method, dict[str, float]]:
    """Returns method -> headline metric -> standard deviation over seeds of the mean over test origins, active items.

    Of methods with two seeds or more; the others have no spread.
    """
    wanted = [row for row in rows if (row.split, row.scope) == ("test", "active") and row.metric in HEADLINE]
    found = {}
    for method in methods(wanted):
        mine = [row for row in wanted if (row.forecaster, row.refit) == method]
        runs = [[row for row in mine if row.seed == seed] for seed in sorted({row.seed for row in mine})]
        if len(runs) > 1:
            found[method] = {metric: _deviation(runs, method, metric) for metric in HEADLINE}
    return found


def _deviation(runs: Sequence[Sequence[Row]], method: Method, metric: str) -> float:
    values = [list(by_origin(run, method[0], metric, refit=method[1]).values()) for run in runs]
    means = [float(np.mean(each)) for each in values if each]
    return float(np.std(means, ddof=1)) if len(means) > 1 else float("nan")


def of_seeds(rows: Sequence[Row]) -> tuple[str, ...]:
    """Returns which methods are means over seeds and how far the seeds lie apart; nothing with one seed."""
    found = spreads(rows)
    if not found:
        return ()
    seeds = sorted({row.seed for row in rows})
    parts = [
        f"{label(method)} {' and '.join(f'{each:.4f}' for each in found[method].values())}"
        for method in found
    ]
    names = " and ".join(METRICS[each].label for each in HEADLINE)
    said = (
        f"What draws is the mean of {len(seeds)} seeds ({', '.join(map(str, seeds))}); the rest was run once. Spread over "
        f"seeds on test, the standard deviation of the mean of {names}: {'; '.join(parts)}. The intervals are over "
        "origins, after that mean."
    )
    return (said,)
