"""Results of users' lists as flat rows with provenance, their table, differences and spread."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from trail.engine import installed_versions, write_table
from trail.evaluate.flat import rows_of, table_of
from trail.evaluate.list_metrics import LIST_METRICS
from trail.evaluate.rows import versions
from trail.evaluate.seeds import in_words, spread
from trail.evaluate.significance import Comparison, beside, over_seeds

_VERSIONED = ("implicit", "cornac")
#: What methods are compared by, with intervals; the last one is what all choices are made by.
COMPARED = ("hr@10", "ndcg@10")


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


def read_list_rows(path: Path) -> list[ListRow]:
    """Reads rows written by `write_list_rows`."""
    return rows_of(pq.read_table(path), ListRow)


@dataclass(frozen=True)
class ListLine:
    """One line of the table.

    Attributes:
        method: Name.
        settings: What was chosen for it; with several seeds, for the first of them.
        origins: Origins measured.
        seeds: Seeds it was run with.
        users: Users an origin, mean.
        values: Mean over the origins of each of `LIST_METRICS`, of the mean over seeds at each.
        seconds: Mean wall time an origin.
    """

    method: str
    settings: str
    origins: int
    seeds: int
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
        origins, seeds = (len({getattr(row, name) for row in of_it}) for name in ("origin", "seed"))
        found.append(ListLine(method, of_it[0].settings, origins, seeds, users, values, seconds))
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


def paired(rows: Sequence[ListRow], a: str, b: str, metric: str, *, scope: str = "active") -> Comparison:
    """Compares two methods on test origins; origins, not users, are the unit, and seeds are averaged at each first.

    Raises:
        DataError: If they share no origin.
    """
    test = [row for row in rows if (row.split, row.scope) == ("test", scope)]
    one, other = (_by_origin(test, method, metric) for method in (a, b))
    return beside(metric, a, b, one, other, split="test", scope=scope, direction=1)


def sentence(found: Comparison) -> str:
    """Returns a difference between two methods in words."""
    return (
        f"{found.metric}: {found.a} minus {found.b} {found.difference:+.4f} (t {found.t_low:+.4f} to {found.t_high:+.4f}, "
        f"bootstrap {found.bootstrap_low:+.4f} to {found.bootstrap_high:+.4f}, Wilcoxon p = {found.wilcoxon:.3f}) "
        f"over {found.origins} origins."
    )


def list_spreads(rows: Sequence[ListRow]) -> dict[str, dict[str, float]]:
    """Returns method -> `COMPARED` metric -> standard deviation over seeds of the mean over test origins, active items.

    Of methods with two seeds or more; the others have no spread.
    """
    found = {}
    test = [row for row in rows if (row.split, row.scope) == ("test", "active")]
    for method in dict.fromkeys(row.method for row in test):
        mine = [row for row in test if row.method == method]
        if len({row.seed for row in mine}) > 1:
            found[method] = {name: spread([row for row in mine if row.metric == name]) for name in COMPARED}
    return found


def of_list_seeds(rows: Sequence[ListRow]) -> tuple[str, ...]:
    """Returns which methods are means over seeds and how far the seeds lie apart; nothing with one seed."""
    return in_words(list_spreads(rows), sorted({row.seed for row in rows}), COMPARED)


def _by_origin(rows: Sequence[ListRow], method: str, metric: str) -> dict[datetime, float]:
    return over_seeds([row for row in rows if (row.method, row.metric) == (method, metric)])
