"""Results of users' lists as flat rows with provenance, their table, and paired differences."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from trail.engine import installed_versions, write_table
from trail.errors import DataError
from trail.evaluate.flat import table_of
from trail.evaluate.list_metrics import LIST_METRICS
from trail.evaluate.rows import versions
from trail.evaluate.significance import bootstrap_interval, signed_rank, t_interval

_VERSIONED = ("implicit", "cornac")


@dataclass(frozen=True)
class ListRow:
    """One metric of one method's lists at one origin.

    Attributes:
        task: Fingerprint of the task, as in the rows of a backtest at the same origins.
        method: Name: a recommender, a forecaster (one list for all), or both joined by " + ".
        settings: What was chosen for it on validation; empty where nothing was.
        origin: Cutoff.
        split: `validation` or `test`.
        scope: Candidates: `active` or `all`.
        relevant: `new` where only items new to the user count, else `all`.
        users: Users measured.
        newcomers: Users of the period without a history, left out.
        unmeasured: Users of the period who touched nothing that counts, left out.
        metric: One of `LIST_METRICS`.
        value: Mean over the users, 0 to 1.
        seconds: Wall time of fit and lists.
        versions: JSON object of package versions.
        seed: Seed stated by the caller.
    """

    task: str
    method: str
    settings: str
    origin: datetime
    split: str
    scope: str
    relevant: str
    users: int
    newcomers: int
    unmeasured: int
    metric: str
    value: float
    seconds: float
    versions: str
    seed: int


def list_versions() -> str:
    """Returns the versions that a list may depend on, as a JSON object; null where a package is absent."""
    return json.dumps(json.loads(versions()) | installed_versions(_VERSIONED), sort_keys=True)


def write_list_rows(rows: Sequence[ListRow], path: Path) -> None:
    """Writes rows as Parquet, whole or not at all."""
    write_table(table_of(rows, ListRow), path)


@dataclass(frozen=True)
class ListLine:
    """One line of the table.

    Attributes:
        method: Name.
        settings: What was chosen for it.
        origins: Origins measured.
        users: Users an origin, mean.
        values: Mean over the origins of each of `LIST_METRICS`.
        seconds: Mean wall time an origin.
    """

    method: str
    settings: str
    origins: int
    users: float
    values: tuple[float, ...]
    seconds: float


def list_table(rows: Sequence[ListRow], split: str = "test", scope: str = "active") -> list[ListLine]:
    """Returns the means of one split and scope, highest NDCG@10 first."""
    mine = [row for row in rows if (row.split, row.scope) == (split, scope)]
    found = []
    for method in dict.fromkeys(row.method for row in mine):
        of_it = [row for row in mine if row.method == method]
        values = tuple(
            float(np.mean(list(_by_origin(of_it, method, name).values()))) for name in LIST_METRICS
        )
        means = (float(np.mean([getattr(row, name) for row in of_it])) for name in ("users", "seconds"))
        users, seconds = means
        origins = len({row.origin for row in of_it})
        found.append(ListLine(method, of_it[0].settings, origins, users, values, seconds))
    return sorted(found, key=lambda line: -line.values[LIST_METRICS.index("ndcg@10")])


def list_markdown(lines: Sequence[ListLine]) -> str:
    """Returns the table as Markdown."""
    head = ("method", "settings", *LIST_METRICS, "users", "s/origin")
    body = [
        (
            line.method,
            line.settings,
            *(f"{value:.4f}" for value in line.values),
            f"{line.users:.0f}",
            f"{line.seconds:.1f}",
        )
        for line in lines
    ]
    rule = ("---", "---", *("---:" for _ in head[2:]))
    return "\n".join("| " + " | ".join(each) + " |" for each in (head, rule, *body)) + "\n"


@dataclass(frozen=True)
class Paired:
    """The mean difference a - b over the origins that both were measured at, with two 95% intervals and a rank test.

    Attributes:
        metric: One of `LIST_METRICS`.
        a: One method.
        b: The other.
        origins: Origins shared.
        difference: Mean of a - b.
        t: Student's t interval.
        bootstrap: Percentile bootstrap over origins.
        wilcoxon: Two-sided p-value of the signed-rank test of the differences; 1 where all are zero.
    """

    metric: str
    a: str
    b: str
    origins: int
    difference: float
    t: tuple[float, float]
    bootstrap: tuple[float, float]
    wilcoxon: float

    @property
    def winner(self) -> str | None:
        """The better method where both intervals exclude zero, else null: level within the interval."""
        low, high = min(self.t[0], self.bootstrap[0]), max(self.t[1], self.bootstrap[1])
        return None if low <= 0 <= high else self.a if low > 0 else self.b

    @property
    def sentence(self) -> str:
        """The difference in words."""
        return (
            f"{self.metric}: {self.a} minus {self.b} {self.difference:+.4f} (t {self.t[0]:+.4f} to {self.t[1]:+.4f}, "
            f"bootstrap {self.bootstrap[0]:+.4f} to {self.bootstrap[1]:+.4f}, Wilcoxon p = {self.wilcoxon:.3f}) "
            f"over {self.origins} origins."
        )


def paired(rows: Sequence[ListRow], a: str, b: str, metric: str, *, scope: str = "active") -> Paired:
    """Compares two methods on test origins; origins, not users, are the unit.

    Raises:
        DataError: If they share no origin.
    """
    test = [row for row in rows if (row.split, row.scope) == ("test", scope)]
    one, other = (_by_origin(test, method, metric) for method in (a, b))
    shared = sorted(one.keys() & other.keys())
    if not shared:
        raise DataError(f"no test origin with {metric} of both {a} and {b}", expected="rows of both")
    steps = np.array([one[origin] - other[origin] for origin in shared])
    return Paired(
        *(metric, a, b, len(shared), float(steps.mean())),
        t=t_interval(steps),
        bootstrap=bootstrap_interval(steps),
        wilcoxon=signed_rank(steps),
    )


def _by_origin(rows: Sequence[ListRow], method: str, metric: str) -> dict[datetime, float]:
    mine = [row for row in rows if (row.method, row.metric) == (method, metric)]
    return {row.origin: row.value for row in mine}
