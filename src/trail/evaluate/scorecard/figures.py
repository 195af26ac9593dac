"""The figures of a sealed forecast once its period is over, beside its prior's and the last window's."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from trail.evaluate.metrics import METRICS, recall
from trail.evaluate.outcome import Outcome, chosen
from trail.evaluate.scorecard.happened import Happened

#: What is measured: the forecast as it was sealed, the prior alone, and the last window taken as the forecast.
SERVED, PRIOR, LAST = FORECASTERS = ("served", "prior", "last_window")
ACTIVE = "active"
SCOPES = (ACTIVE, "all")
_SHARED = ("ndcg@50", "ndcg@10", "wape", "rmsle", "spearman", "risers@50")
#: What judges the range; the second should be 0.
OF_RANGE = ("coverage", "coverage_gap")
#: What judges the chance of the top K.
OF_CHANCE = ("brier", "log_score")
#: Metric -> words, in the order of the tables; K is that of the snapshot.
LABELS = {
    "ndcg@50": METRICS["ndcg@50"].label,
    "ndcg@10": METRICS["ndcg@10"].label,
    "recall": "recall of the true top K",
    "wape": METRICS["wape"].label,
    "rmsle": METRICS["rmsle"].label,
    "spearman": METRICS["spearman"].label,
    "risers@50": METRICS["risers@50"].label,
    **{name: METRICS[name].label for name in OF_RANGE},
    "brier": "Brier score of the top K",
    "log_score": "logarithmic score of the top K",
}
#: Metric -> 1 where higher is better, -1 where lower is, 0 where neither is.
BETTER = {
    **{name: METRICS[name].better for name in (*_SHARED, *OF_RANGE)},
    "recall": 1,
    **dict.fromkeys(OF_CHANCE, -1),
}


@dataclass(frozen=True)
class Figure:
    """One number of one snapshot.

    Attributes:
        seal: The snapshot's seal.
        cutoff: Its cutoff.
        scope: `active` (an event in the last eight windows) or `all` items of the forecast.
        forecaster: `served`, `prior` or `last_window`.
        items: Items in the scope.
        k: The K of `recall`, `brier` and `log_score`.
        metric: Name in `LABELS`.
        value: Null where undefined, or where the forecaster says nothing of it (a range, a chance).
    """

    seal: str
    cutoff: datetime
    scope: str
    forecaster: str
    items: int
    k: int
    metric: str
    value: float | None


def figures(
    forecast: pa.Table, happened: Happened, *, seal: str, cutoff: datetime, k: int
) -> tuple[Figure, ...]:
    """Measures a sealed forecast, its prior and the last window.

    The latter two state no range and no chance, hence have no coverage and no score of a chance. Chances, and who entered, are of
    the whole forecast whatever the scope, as in a backtest.

    Args:
        forecast: Columns of `forecast.parquet`.
        happened: What happened to its items, in its row order.
        seal: The snapshot's seal.
        cutoff: Its cutoff.
        k: Its K.
    """
    columns = {
        name: forecast[name].to_numpy()
        for name in ("score", "expected", "q10", "q50", "q90", "p_top", "prior")
    }
    entered, found = chosen(happened.target, k), []
    for scope in SCOPES:
        rows = np.flatnonzero(happened.active) if scope == "active" else np.arange(len(happened.target))
        target, last = happened.target[rows], happened.last[rows]
        mine = {name: column[rows] for name, column in columns.items()}
        served = _outcome(target, last, mine["expected"], mine["score"], entered=entered[rows], stated=mine)
        values = {SERVED: _values(served, k)}
        for name, said in ((PRIOR, mine["prior"]), (LAST, last)):
            values[name] = _values(_outcome(target, last, said, said, entered=entered[rows]), k)
        found += [
            Figure(seal, cutoff, scope, forecaster, len(rows), k, metric, value)
            for forecaster, each in values.items()
            for metric, value in each.items()
        ]
    return tuple(found)


def _outcome(
    target: np.ndarray,
    last: np.ndarray,
    expected: np.ndarray,
    score: np.ndarray,
    *,
    entered: np.ndarray,
    stated: Mapping[str, np.ndarray] = MappingProxyType({}),
) -> Outcome:
    """Returns what is measured; what a forecaster does not state of range and chance is NaN."""
    nothing = np.full(len(target), np.nan)
    return Outcome(
        target=target,
        last=last,
        history=last[:, None],
        expected=expected,
        score=score,
        **{name: stated.get(name, nothing) for name in ("q10", "q50", "q90")},
        chance=stated.get("p_top", nothing),
        entered=entered,
    )


def _values(outcome: Outcome, k: int) -> dict[str, float | None]:
    measures: dict[str, Callable[[Outcome], float]] = {
        **{name: METRICS[name].measure for name in _SHARED},
        "recall": recall(k),
    }
    if not np.isnan(outcome.q10).any():
        measures |= {name: METRICS[name].measure for name in (*OF_RANGE, *OF_CHANCE)}
    if not len(outcome.target):
        return dict.fromkeys(LABELS)
    found = {name: measures[name](outcome) if name in measures else math.nan for name in LABELS}
    return {name: None if math.isnan(value) else value for name, value in found.items()}


def values_of(found: Sequence[Figure], scope: str, forecaster: str, metric: str) -> list[float | None]:
    """Returns one metric's value at every snapshot, in the figures' order."""
    wanted = (scope, forecaster, metric)
    return [each.value for each in found if (each.scope, each.forecaster, each.metric) == wanted]
