"""Expressions shared by several signals: ratios that know their empty case, levels, slopes, streaks."""

from __future__ import annotations

from itertools import combinations, pairwise

import ibis
import ibis.expr.types as ir

from trail.signals.core import WINDOWS, Context


def missing() -> ir.FloatingScalar:
    """The null of every signal."""
    return ibis.null("float64")


def ratio(top: ir.NumericValue, bottom: ir.NumericValue) -> ir.FloatingValue:
    """Returns top / bottom, null where the bottom is zero."""
    return top.cast("float64") / bottom.cast("float64").nullif(0.0)


def relative_change(now: ir.NumericValue, then: ir.NumericValue) -> ir.FloatingValue:
    """Returns now / then - 1, null where then is zero."""
    return ratio(now, then) - 1.0


def window_count(table: ir.Table, context: Context, ago: int) -> ir.FloatingValue:
    """Returns the count `ago` windows back, null where the log does not cover the window."""
    return table[f"w{ago}"] if ago <= context.counted else missing()


def covered(table: ir.Table, context: Context, most: int = WINDOWS) -> list[ir.FloatingValue]:
    """Returns the counts of the covered windows, newest first, at most `most`."""
    return [table[f"w{k}"] for k in range(1, min(context.counted, most) + 1)]


def mean_of(values: list[ir.FloatingValue]) -> ir.FloatingValue:
    """Returns the mean of columns, null of none."""
    return sum(values[1:], values[0]) / float(len(values)) if values else missing()


def decayed(values: list[ir.FloatingValue], half_life: float) -> ir.FloatingValue:
    """Returns the weighted mean of columns whose weights halve every `half_life` windows."""
    if not values:
        return missing()
    weights = [2.0 ** (-k / half_life) for k in range(len(values))]
    terms = [value * weight for value, weight in zip(values, weights, strict=True)]
    return sum(terms[1:], terms[0]) / sum(weights)


def theil_sen(values: list[ir.FloatingValue]) -> ir.FloatingValue:
    """Returns the median of all pairwise slopes (Theil 1950, Sen 1968), in units a window."""
    slopes = [(values[i] - values[j]) / float(j - i) for i, j in combinations(range(len(values)), 2)]
    if not slopes:
        return missing()
    ordered, middle = ibis.array(slopes).sort(), len(slopes) // 2
    return ordered[middle] if len(slopes) % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0


def streak(values: list[ir.FloatingValue]) -> ir.FloatingValue:
    """Returns the number of consecutive rises that end in the first value, negative for falls."""
    if len(values) < 2:  # noqa: PLR2004 - a change needs two
        return missing()
    total: ir.FloatingValue = ibis.literal(0.0)
    rising: ir.FloatingValue = ibis.literal(1.0)
    falling: ir.FloatingValue = ibis.literal(1.0)
    for newer, older in pairwise(values):
        rising = rising * (newer > older).cast("float64")
        falling = falling * (newer < older).cast("float64")
        total = total + rising - falling
    return total


def windows_since_peak(values: list[ir.FloatingValue]) -> ir.FloatingValue:
    """Returns how many windows ago the highest count was (1 is the last window), null if all are zero."""
    if not values:
        return missing()
    highest = ibis.greatest(*values)
    branches = [(value == highest, float(k)) for k, value in enumerate(values, start=1)]
    return (highest > 0).ifelse(ibis.cases(*branches, else_=float(len(values))), missing())
