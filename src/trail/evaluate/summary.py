"""The summary table: one line a method, the mean of every metric over the origins of a split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from trail.evaluate.metrics import METRICS
from trail.evaluate.rows import Row
from trail.evaluate.verdict import Method, label, methods


def summarise(rows: Sequence[Row]) -> pa.Table:
    """Returns one row a split, scope and method.

    Columns: split, scope, forecaster, refit, origins, items (mean), seconds (mean an origin), then one
    column a metric: the mean over the origins where it is defined, null where it never is.
    """
    keys = dict.fromkeys((row.split, row.scope, row.forecaster, row.refit) for row in rows)
    return pa.Table.from_pylist([_line(rows, *key) for key in keys], schema=_SCHEMA)


_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("split", "scope", "forecaster", "refit")]
    + [("origins", pa.int64()), ("items", pa.float64()), ("seconds", pa.float64())]
    + [(name, pa.float64()) for name in METRICS]
)


def _line(rows: Sequence[Row], split: str, scope: str, forecaster: str, refit: str) -> dict[str, object]:
    wanted = (split, scope, forecaster, refit)
    mine = [row for row in rows if (row.split, row.scope, row.forecaster, row.refit) == wanted]
    line: dict[str, object] = dict(
        zip(("split", "scope", "forecaster", "refit"), wanted, strict=True),
        origins=len({row.origin for row in mine}),
        items=float(np.mean([row.items for row in mine])),
        seconds=float(np.mean([row.seconds for row in mine])),
    )
    for name in METRICS:
        values = [row.value for row in mine if row.metric == name and not np.isnan(row.value)]
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
    ordered = [method_of(line) for line in lines_of(summarise(rows), split, scope)]
    return ordered + [method for method in methods(rows) if method not in ordered]
