"""Whether one forecaster beats another: paired differences by origin, with intervals that respect few origins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from scipy.stats import t as student
from scipy.stats import wilcoxon

from trail.errors import DataError
from trail.evaluate.metrics import METRICS
from trail.evaluate.rows import Row

#: Differences up to this share of the larger value are of rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Comparison:
    """The mean paired difference a - b over origins, with two 95% intervals and a rank test.

    Attributes:
        metric: Its name.
        a: One method.
        b: The other.
        split: `validation` or `test`.
        scope: As in `Row`.
        direction: 1 where a higher value is better, -1 where a lower one is, 0 where neither is.
        origins: Origins at which both have a value.
        mean_a: Mean of a.
        mean_b: Mean of b.
        difference: Mean of a - b.
        t_low: Student's t interval, lower end; minus infinity with one origin.
        t_high: Upper end; infinity with one origin.
        bootstrap_low: Percentile bootstrap over origins, lower end.
        bootstrap_high: Upper end.
        better: Origins at which a is better than b; a tie counts half.
        wilcoxon: Two-sided p-value of the signed-rank test of the differences; 1 where all are zero.
        gain: How much better a is than b, in percent of b's mean; negative is worse, NaN at a mean of zero or
            for a metric without a direction.
    """

    metric: str
    a: str
    b: str
    split: str
    scope: str
    direction: int
    origins: int
    mean_a: float
    mean_b: float
    difference: float
    t_low: float
    t_high: float
    bootstrap_low: float
    bootstrap_high: float
    better: float
    wilcoxon: float
    gain: float

    @property
    def same(self) -> bool:
        """Whether the two have the same value at every one of several origins."""
        return self.origins > 1 and self.difference == self.t_low == self.t_high == 0

    @property
    def winner(self) -> str | None:
        """The better method where both intervals exclude zero, else null: level within the interval."""
        low, high = min(self.t_low, self.bootstrap_low), max(self.t_high, self.bootstrap_high)
        if low <= 0 <= high or not self.direction:
            return None
        return self.a if (low > 0) == (self.direction > 0) else self.b


def compare(
    rows: Sequence[Row],
    a: str,
    b: str,
    metric: str,
    *,
    split: str = "test",
    scope: str = "active",
    refit: tuple[str, str] = ("every", "every"),
    seed: int = 0,
    draws: int = 10_000,
) -> Comparison:
    """Compares two forecasters by one metric over the origins that both were measured at.

    Origins, not items, are the unit, since the items of one week share its fate; runs with several seeds are
    averaged within each origin first, for they are no further evidence of other weeks. The t interval assumes
    independent, roughly normal differences; the bootstrap does not, but is too narrow for few origins: a
    difference counts only where both agree. The signed-rank test is shown beside them.

    Args:
        rows: Rows of one task.
        a: One forecaster.
        b: The other.
        metric: Name in `METRICS`.
        split: `validation` or `test`.
        scope: As in `Row`.
        refit: How a and b were refitted.
        seed: Seed of the bootstrap.
        draws: Bootstrap samples.

    Raises:
        DataError: If the two share no origin with a value, or the rows are of several tasks.
    """
    if len({row.task for row in rows}) > 1:
        raise DataError("rows of several tasks", expected="one task", fix="compare within one backtest")
    one, other = (
        by_origin(rows, name, metric, split=split, scope=scope, refit=how)
        for name, how in zip((a, b), refit, strict=True)
    )
    return beside(
        *(metric, a, b, one, other),
        split=split,
        scope=scope,
        direction=METRICS[metric].better,
        seed=seed,
        draws=draws,
    )


def beside(
    metric: str,
    a: str,
    b: str,
    one: Mapping[datetime, float],
    other: Mapping[datetime, float],
    *,
    split: str,
    scope: str,
    direction: int,
    seed: int = 0,
    draws: int = 10_000,
) -> Comparison:
    """Compares the values of two methods over the origins that both have; `compare` says what the intervals are.

    Args:
        metric: Name of what the values are.
        a: One method.
        b: The other.
        one: Origin -> value of a.
        other: The same of b.
        split: `validation` or `test`.
        scope: As in `Row`.
        direction: As in `Comparison`.
        seed: Seed of the bootstrap.
        draws: Bootstrap samples.

    Raises:
        DataError: If they share no origin.
    """
    shared = sorted(one.keys() & other.keys())
    if not shared:
        raise DataError(
            f"no {split} origin with {metric} of both {a} and {b}", expected="rows of both, scope " + scope
        )
    values = np.array([[one[origin], other[origin]] for origin in shared])  # (origins, 2)
    difference = values[:, 0] - values[:, 1]
    # a mean over seeds that are all the same differs from the one value in its last bit, which is no difference
    difference[np.abs(difference) <= _ROUNDING * np.abs(values).max(axis=1)] = 0.0
    mean_a, mean_b = (float(each) for each in values.mean(axis=0))
    wins = np.sign(difference) * (direction or np.nan)
    return Comparison(
        *(metric, a, b, split, scope, direction, len(shared), mean_a, mean_b, float(difference.mean())),
        *t_interval(difference),
        *bootstrap_interval(difference, seed=seed, draws=draws),
        better=float(((wins + 1) / 2).sum()),
        wilcoxon=signed_rank(difference),
        gain=_gain(mean_a, mean_b, direction),
    )


def _gain(mean_a: float, mean_b: float, direction: int) -> float:
    return 100.0 * direction * (mean_a - mean_b) / abs(mean_b) if mean_b and direction else float("nan")


def by_origin(
    rows: Sequence[Row],
    forecaster: str,
    metric: str,
    *,
    split: str = "test",
    scope: str = "active",
    refit: str = "every",
) -> dict[datetime, float]:
    """Returns origin -> value of one forecaster's metric, the mean over seeds; undefined values are left out."""
    wanted = (forecaster, metric, split, scope, refit)
    found = [row for row in rows if (row.forecaster, row.metric, row.split, row.scope, row.refit) == wanted]
    return over_seeds(found)


class Valued(Protocol):
    """A row that holds one value of an origin."""

    @property
    def origin(self) -> datetime:
        """Cutoff."""
        ...

    @property
    def value(self) -> float:
        """NaN where undefined."""
        ...


def over_seeds(rows: Sequence[Valued]) -> dict[datetime, float]:
    """Returns origin -> mean over seeds of the values of one metric; undefined values are left out."""
    found: dict[datetime, list[float]] = {}
    for row in rows:
        if not np.isnan(row.value):
            found.setdefault(row.origin, []).append(row.value)
    return {origin: float(np.mean(values)) for origin, values in found.items()}


def t_interval(values: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Returns Student's interval of the mean of values of shape (origins,); unbounded for a single one."""
    if len(values) < 2:  # noqa: PLR2004 - a spread needs two
        return float("-inf"), float("inf")
    half = student.ppf((1 + level) / 2, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() - half), float(values.mean() + half)


def bootstrap_interval(
    values: np.ndarray, *, seed: int = 0, draws: int = 10_000, level: float = 0.95
) -> tuple[float, float]:
    """Returns the percentile bootstrap interval of the mean of values of shape (origins,) (Efron 1979)."""
    picks = np.random.default_rng(seed).integers(0, len(values), (draws, len(values)))
    low, high = np.quantile(values[picks].mean(axis=1), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def signed_rank(values: np.ndarray) -> float:
    """Returns the two-sided p-value of Wilcoxon's signed-rank test of values of shape (origins,).

    Zeros are left out; exact where no two differences are of one size and for 13 or fewer, else the normal
    approximation. With n origins it cannot fall below 2^(1 - n). Reference: Wilcoxon 1945.
    """
    moved = values[values != 0]
    return float(wilcoxon(moved).pvalue) if len(moved) else 1.0
