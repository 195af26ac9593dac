"""Plots of a backtest, each a function of its rows."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

import matplotlib as mpl
import numpy as np
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from trail.evaluate.list_rows import ListRow
from trail.evaluate.methods import Method, label, refitted
from trail.evaluate.metrics import METRICS
from trail.evaluate.rows import Bin, Row
from trail.evaluate.scopes import BY_OUTCOME, ordered
from trail.evaluate.significance import Comparison, by_origin
from trail.evaluate.summary import in_order

#: Colours that hold on white and on black, told apart by the colour-blind (Okabe and Ito 2008).
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#8a8a8a")
#: Ink that the page replaces by its own text colour, in light and dark.
_INK = "#123456"
_STYLE = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a category's name may hold two dollar signs
    "font.size": 9,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",
    "axes.facecolor": "none",
    "legend.frameon": False,
}


def testing_from(rows: Sequence[Row] | Sequence[ListRow]) -> datetime | None:
    """Returns the first test origin, where a line parts it from validation origins; null where only one of the two is there."""
    tests = [row.origin for row in rows if row.split == "test"]
    return min(tests) if tests and any(row.split == "validation" for row in rows) else None


def plot_by_origin(
    rows: Sequence[Row], metric: str, *, scope: str = "active", ours: str | None = None
) -> Figure:
    """Draws a metric of the best methods at every origin, validation then test.

    A method fitted once is left out where it was refitted too.

    Args:
        rows: Rows of `backtest`.
        metric: Name in `METRICS`.
        scope: As in `Row`.
        ours: Drawn first, whatever its place; then those with the lowest joint loss on test.
    """
    drawn = sorted(refitted(in_order(rows, scope=scope)), key=lambda method: method[0] != ours)
    lines = {
        label(each): {
            origin: value
            for split in ("validation", "test")
            for origin, value in by_origin(
                rows, each[0], metric, split=split, scope=scope, refit=each[1]
            ).items()
        }
        for each in drawn
    }
    return plot_lines(lines, METRICS[metric].label, testing_from(rows))


def plot_lines(lines: Mapping[str, Mapping[datetime, float]], words: str, begins: datetime | None) -> Figure:
    """Draws values by origin, the first seven lines.

    Args:
        lines: Name -> origin -> value, the most important first.
        words: What the values are.
        begins: Where a dotted line parts validation from test; null for none.
    """
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(7.6, 3.0), layout="constrained")
        axes = figure.add_subplot()
        for colour, (name, points) in zip(_COLOURS, lines.items(), strict=False):
            moments = np.array([np.datetime64(each.replace(tzinfo=None)) for each in sorted(points)])
            values = [points[each] for each in sorted(points)]
            axes.plot(moments, values, marker="o", markersize=3, color=colour, label=name)
        if begins:
            axes.axvline(float(date2num(begins)), color=_INK, linestyle=":", linewidth=1)
        axes.set_ylabel(words)
        axes.tick_params(axis="x", rotation=30)
        axes.legend(ncols=1, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def plot_comparisons(comparisons: Sequence[Comparison], metric: str, words: str) -> Figure:
    """Draws the paired differences of one method to all others: bootstrap interval thick, t interval thin.

    Args:
        comparisons: Comparisons, those of other metrics are left out; where `a` is not the first one's, it is named too.
        metric: Name of the metric.
        words: Its label.
    """
    shown = [each for each in comparisons if each.metric == metric]
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(7.6, 0.9 + 0.3 * max(len(shown), 1)), layout="constrained")
        axes = figure.add_subplot()
        for line, each in enumerate(reversed(shown)):
            colour = "#8a8a8a" if each.winner is None else "#009e73" if each.winner == each.a else "#d55e00"
            axes.plot(
                [each.bootstrap_low, each.bootstrap_high], [line, line], color=colour, linewidth=5, alpha=0.35
            )
            if np.isfinite(each.t_low):
                axes.plot([each.t_low, each.t_high], [line, line], color=colour, linewidth=1.5)
            axes.plot(each.difference, line, "o", color=colour, markersize=5)
        axes.axvline(0.0, color=_INK, linewidth=0.8)
        name = shown[0].a if shown else ""
        names = [each.b if each.a == name else f"{each.a} less {each.b}" for each in reversed(shown)]
        axes.set_yticks(range(len(shown)), names)
        direction = "right" if shown and shown[0].direction > 0 else "left"
        axes.set_xlabel(f"{words}: {name} less the other ({direction} of zero: {name} is better)")
    return figure


def plot_coverage_gap(rows: Sequence[Row], shown: Sequence[Method]) -> Figure:
    """Draws the coverage less what the ranges promise, by scope on test, with the band of four points around 0.

    Args:
        rows: Rows of `backtest`.
        shown: Methods to draw.
    """
    wanted = [row for row in rows if (row.split, row.metric) == ("test", "coverage_gap")]
    names = ordered(row.scope for row in wanted if row.scope not in BY_OUTCOME)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(7.6, 0.9 + 0.24 * len(names)), layout="constrained")
        axes = figure.add_subplot()
        axes.axvspan(-0.04, 0.04, color="#8a8a8a", alpha=0.2, linewidth=0)
        axes.axvline(0.0, color=_INK, linewidth=0.8)
        for place, (colour, (name, refit)) in enumerate(zip(_COLOURS, shown, strict=False)):
            found = [by_origin(wanted, name, "coverage_gap", scope=each, refit=refit) for each in names]
            values = [float(np.mean(list(each.values()))) if each else np.nan for each in found]
            shift = 0.12 * (place - (len(shown) - 1) / 2)
            lines = np.arange(len(names))[::-1] + shift
            axes.plot(values, lines, "o", markersize=4, color=colour, label=label((name, refit)))
        axes.set_yticks(range(len(names)), names[::-1])
        axes.set_xlabel("share of outcomes inside the range, less the share it promises")
        axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def plot_reliability(bins: Sequence[Bin], shown: Sequence[Method], top: int) -> Figure:
    """Draws how often items entered the top K against the chance stated, on test; on the diagonal is right.

    Args:
        bins: Bins of `backtest`.
        shown: Methods to draw.
        top: The K.
    """
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(5.2, 3.6), layout="constrained")
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], color=_INK, linewidth=0.8)
        for colour, method in zip(_COLOURS, shown, strict=False):
            points = reliability_of(bins, method)
            stated, entered, items = np.array(points).reshape(-1, 3).T
            axes.plot(stated, entered, color=colour, linewidth=1, label=label(method))
            axes.scatter(stated, entered, s=4 + 8 * np.log10(items + 1.0), color=colour)
        axes.set_xlabel(f"stated chance of the top {top}")
        axes.set_ylabel("share that entered it")
        axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def reliability_of(bins: Sequence[Bin], method: Method) -> list[tuple[float, float, int]]:
    """Returns (mean stated chance, share that entered, items) of each bin, over all test origins and seeds."""
    sums: dict[float, list[float]] = {}
    for each in bins:
        if (each.split, each.forecaster, each.refit) == ("test", *method):
            total = sums.setdefault(each.low, [0.0, 0.0, 0.0])
            sums[each.low] = [total[0] + each.chance, total[1] + each.entered, total[2] + each.items]
    return [(chance / n, entered / n, int(n)) for _, (chance, entered, n) in sorted(sums.items())]


def to_png(figure: Figure) -> bytes:
    """Returns a figure as PNG on white."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150, metadata={"Software": None})
    return buffer.getvalue()


def to_svg(figure: Figure, salt: str) -> str:
    """Returns a figure as an SVG element that takes its ink from the page around it.

    Args:
        figure: The figure.
        salt: Makes the element's internal names differ from those of others in one page.
    """
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": salt, "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    # groups are numbered alike in every figure, and nothing refers to them
    element = re.sub(r'<g id="[^"]*"', "<g", text[text.index("<svg") :])
    return element.replace(_INK, "currentColor")
