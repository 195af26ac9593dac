"""The methods of a backtest, how they did on a split, and two of them beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import product

import numpy as np

from trail.evaluate.rows import Row
from trail.evaluate.significance import Comparison, by_origin, compare

#: The metrics that the product is judged by.
HEADLINE = ("ndcg@50", "wape")
#: What methods are compared by, with intervals.
COMPARED = (*HEADLINE, "rmsle", "risers@50")
Method = tuple[str, str]  # forecaster, refit


def label(method: Method) -> str:
    """Returns a method's name in tables: refitting once, which is rarer, is said."""
    return method[0] if method[1] == "every" else f"{method[0]} (fitted once)"


def methods(rows: Iterable[Row]) -> list[Method]:
    """Returns the methods of the rows in order of appearance."""
    return list(dict.fromkeys((row.forecaster, row.refit) for row in rows))


def refitted(found: Iterable[Method]) -> list[Method]:
    """Returns methods without those fitted once that were also refitted at every origin."""
    listed = list(found)
    return [method for method in listed if method[1] == "every" or (method[0], "every") not in listed]


def losses(rows: Sequence[Row], split: str, scope: str = "active") -> dict[Method, float]:
    """Returns each method's mean joint loss over a split, 1 is the last window; lower is better.

    Methods without a value are left out.
    """
    wanted = [row for row in rows if (row.metric, row.split, row.scope) == ("loss", split, scope)]
    found = {
        method: list(by_origin(wanted, method[0], "loss", split=split, scope=scope, refit=method[1]).values())
        for method in methods(wanted)
    }
    return {method: float(np.mean(values)) for method, values in found.items() if values}


def all_against(rows: Sequence[Row], one: Method, others: Iterable[Method]) -> tuple[Comparison, ...]:
    """Returns a method compared on test with others by `COMPARED`, active items; pairs without a shared value are left out."""
    return tuple(
        against(rows, one, other, metric)
        for other, metric in product(others, COMPARED)
        if _origins(rows, one, metric) & _origins(rows, other, metric)
    )


def _origins(rows: Sequence[Row], method: Method, metric: str) -> set[datetime]:
    """Returns the test origins at which a method has a value, active items."""
    return set(by_origin(rows, method[0], metric, split="test", scope="active", refit=method[1]))


def against(
    rows: Sequence[Row], one: Method, other: Method, metric: str, scope: str = "active"
) -> Comparison:
    """Returns two methods compared on test, by their names in tables."""
    found = compare(rows, one[0], other[0], metric, refit=(one[1], other[1]), scope=scope)
    return replace(found, a=label(one), b=label(other))
