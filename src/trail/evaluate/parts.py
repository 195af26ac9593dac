"""The parts of a report beside its tables of means: segments, risers found and missed, cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from trail.errors import DataError
from trail.evaluate.methods import Method, against, label
from trail.evaluate.rows import Riser, Row
from trail.evaluate.scopes import ordered
from trail.evaluate.significance import Comparison, by_origin
from trail.evaluate.summary import cell, lines_of, method_of

#: Metrics of the table of segments, each compared; the coverage gap is beside them.
SEGMENT_METRICS = ("ndcg@50", "wape")
#: Risers that the page lists as found, and as missed.
LISTED = 12
Table = Mapping[str, Sequence[object]]


def segments(rows: Sequence[Row], one: Method, other: Method | None) -> Table:
    """Returns one line a scope on test: how two methods did there and whether they differ.

    Args:
        rows: Rows of `backtest`.
        one: The method that the report is about.
        other: Its rival; null where there is none.
    """
    by_scope: dict[str, list[Row]] = {}
    for row in rows:
        if row.split == "test":
            by_scope.setdefault(row.scope, []).append(row)
    lines = [_segment(name, by_scope[name], one, other) for name in ordered(by_scope)]
    return {name: [line[name] for line in lines] for name in (lines[0] if lines else {})}


def _segment(scope: str, rows: Sequence[Row], one: Method, other: Method | None) -> dict[str, object]:
    items = [row.items for row in rows if (row.forecaster, row.refit) == one]
    line: dict[str, object] = {"items": scope, "number": f"{np.mean(items) if items else 0:,.0f}"}
    shown = [one, other] if other else [one]
    for metric in SEGMENT_METRICS:
        for method in shown:
            line[f"{metric}, {label(method)}"] = _mean(rows, scope, method, metric)
        if other:
            line[f"{metric}, who wins"] = _winner(rows, scope, one, other, metric)
    for method in shown:
        line[f"coverage gap, {label(method)}"] = _mean(rows, scope, method, "coverage_gap")
    return line


def _mean(rows: Sequence[Row], scope: str, method: Method, metric: str) -> str:
    found = list(by_origin(rows, method[0], metric, scope=scope, refit=method[1]).values())
    return cell(float(np.mean(found)) if found else None)


def _winner(rows: Sequence[Row], scope: str, one: Method, other: Method, metric: str) -> str:
    try:
        found: Comparison = against(rows, one, other, metric, scope)
    except DataError:  # no origin of this scope has a value of both
        return cell(None)
    return found.winner or "level"


def found_and_missed(risers: Sequence[Riser], method: Method) -> tuple[list[Riser], list[Riser]]:
    """Returns the strongest rises on test that a method found, and those it missed, one line a rise.

    Seeds of one method are counted each.
    """
    mine = [each for each in risers if (each.split, each.forecaster, each.refit) == ("test", *method)]
    strongest = sorted(mine, key=lambda each: (each.last - each.target, each.origin, each.item_id))
    return [each for each in strongest if each.found], [each for each in strongest if not each.found]


def riser_words(risers: Sequence[Riser], shown: Sequence[Method]) -> tuple[str, ...]:
    """Returns how many of the strongest rises each method found, one sentence a method."""
    lines = []
    for method in shown:
        found, missed = found_and_missed(risers, method)
        total = len(found) + len(missed)
        if total:
            lines.append(
                f"{label(method)} found {len(found)} of {total} ({len(found) / total:.0%}): they were among its "
                "first 50 by forecast rise."
            )
    return tuple(lines)


def riser_table(risers: Sequence[Riser]) -> Table:
    """Returns the first few of some rises as a table."""
    first = risers[:LISTED]
    return {
        "item": [each.title for each in first],
        "period from": [f"{each.origin:%Y-%m-%d}" for each in first],
        "window before": [f"{each.last:,.0f}" for each in first],
        "happened": [f"{each.target:,.0f}" for each in first],
        "expected": [f"{each.expected:,.0f}" for each in first],
        "place": [f"{each.place:,}" for each in first],
    }


def costs(table: pa.Table) -> list[dict[str, Any]]:
    """Returns what a forecast of the whole catalogue costs on test, one line a method, the cheapest first.

    Keys: `method`, `fit` and `forecast` (seconds an origin), `items`, and `per_thousand` (seconds a thousand
    items, without the fit). Empty where the scope `all` was not measured.
    """
    found = []
    for line in lines_of(table, "test", "all"):
        items, total, fit = (float(str(line[name])) for name in ("items", "seconds", "fit_seconds"))
        found.append(
            {
                "method": label(method_of(line)),
                "fit": fit,
                "forecast": total - fit,
                "items": items,
                "per_thousand": 1000 * (total - fit) / items if items else None,
            }
        )
    return sorted(found, key=lambda line: line["fit"] + line["forecast"])


def cost_table(found: Sequence[Mapping[str, Any]]) -> Table:
    """Returns `costs` as a table."""
    return {
        "method": [each["method"] for each in found],
        "fit, s": [cell(each["fit"]) for each in found],
        "forecast, s": [cell(each["forecast"]) for each in found],
        "items": [f"{each['items']:,.0f}" for each in found],
        "forecast, s per 1,000 items": [cell(each["per_thousand"]) for each in found],
    }
