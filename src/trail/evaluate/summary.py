"""The summary table: one line a method, the mean of every metric over the origins of a split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from trail.evaluate.methods import Method, label, methods
from trail.evaluate.metrics import METRICS
from trail.evaluate.rows import Row
from trail.evaluate.significance import over_seeds


def summarise(rows: Sequence[Row]) -> pa.Table:
    """Returns one row a split, scope and method.

    Columns: split, scope, forecaster, refit, origins, seeds, items, seconds and fit_seconds (means), then one
    column a metric: the mean over the origins where it is defined, of the mean over seeds at each; null where
    it never is.
    """
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.split, row.scope, row.forecaster, row.refit), []).append(row)
    return pa.Table.from_pylist([_line(key, mine) for key, mine in groups.items()], schema=_SCHEMA)


_KEY, _SHARED = ("split", "scope", "forecaster", "refit"), ("items", "seconds", "fit_seconds")
_SCHEMA = pa.schema(
    [(name, pa.string()) for name in _KEY]
    + [(name, pa.int64()) for name in ("origins", "seeds")]
    + [(name, pa.float64()) for name in (*_SHARED, *METRICS)]
)


def _line(key: tuple[str, ...], mine: Sequence[Row]) -> dict[str, object]:
    line: dict[str, object] = dict(
        zip(_KEY, key, strict=True),
        origins=len({row.origin for row in mine}),
        seeds=len({row.seed for row in mine}),
        **{name: float(np.mean([getattr(row, name) for row in mine])) for name in _SHARED},
    )
    by_metric: dict[str, list[Row]] = {name: [] for name in METRICS}
    for row in mine:
        by_metric[row.metric].append(row)
    for name, found in by_metric.items():
        values = list(over_seeds(found).values())
        line[name] = float(np.mean(values)) if values else None
    return line


def lines_of(table: pa.Table, split: str, scope: str) -> list[dict[str, object]]:
    """Returns the lines of one split and scope, lowest joint loss first."""
    lines = [line for line in table.to_pylist() if (line["split"], line["scope"]) == (split, scope)]
    return sorted(lines, key=lambda line: (line["loss"] is None, line["loss"]))


def markdown(table: pa.Table, split: str, scope: str) -> str:
    """Returns one split and scope as a Markdown table, the best value of each metric in bold."""
    lines = lines_of(table, split, scope)
    best = best_of(lines)
    head = ["method", *METRICS, "s/origin"]
    body = [
        [
            label(method_of(line)),
            *(_bold(cell(line[name]), (label(method_of(line)), name) in best) for name in METRICS),
            cell(line["seconds"]),
        ]
        for line in lines
    ]
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(each) + " |" for each in (head, rule, *body)) + "\n"


def method_of(line: dict[str, object]) -> Method:
    """Returns the method that a summary line is about."""
    return str(line["forecaster"]), str(line["refit"])


def best_of(lines: Sequence[dict[str, object]]) -> set[tuple[str, str]]:
    """Returns the (method label, metric) pairs whose value, as shown, no other line betters.

    A metric of which neither direction is better, and that has no right value, has no best.
    """
    found = set()
    for metric in (each for each in METRICS.values() if each.better or each.aim is not None):
        shown = {
            label(method_of(line)): float(cell(line[metric.name]))
            for line in lines
            if line[metric.name] is not None
        }
        cost = {
            name: abs(value - metric.aim) if metric.aim is not None else -metric.better * value
            for name, value in shown.items()
        }
        found |= {(name, metric.name) for name, value in cost.items() if value == min(cost.values())}
    return found


def cell(value: object) -> str:
    """Returns a number with three decimals, a small one with two digits, an en dash for null."""
    if value is None:
        return "–"  # noqa: RUF001 - typography
    small = isinstance(value, float) and 0 < abs(value) < 0.01  # noqa: PLR2004 - one digit would be left
    return f"{value:.2g}" if small else f"{value:.3f}"


def _bold(text: str, strong: bool) -> str:
    return f"**{text}**" if strong else text


def in_order(rows: Sequence[Row], split: str = "test", scope: str = "active") -> list[Method]:
    """Returns the methods of the rows, lowest joint loss on a split first."""
    wanted = [row for row in rows if (row.split, row.scope) == (split, scope)]
    ordered = [method_of(line) for line in lines_of(summarise(wanted), split, scope)]
    return ordered + [method for method in methods(rows) if method not in ordered]
