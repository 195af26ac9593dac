"""The page of a backtest: styles, plots and tables inline, no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
from matplotlib.figure import Figure

from trail.evaluate.methods import Method, label
from trail.evaluate.metrics import METRICS, Metric
from trail.evaluate.parts import cost_table, costs, found_and_missed, riser_table, riser_words, segments
from trail.evaluate.plots import to_svg
from trail.evaluate.rows import Results
from trail.evaluate.scopes import BY_OUTCOME, ordered
from trail.evaluate.summary import best_of, cell, lines_of, markdown, method_of
from trail.evaluate.template import filled
from trail.evaluate.verdict import Verdict

#: Said once, at the first table of the whole catalogue.
_WHOLE_CATALOGUE = (
    "All items of the catalogue, also those that never sold before; a catalogue that lists only items that "
    "sold at some time flatters every method on them."
)
_SEGMENTS = (
    "Means over the test origins. A winner needs both 95% intervals; one of twenty comparisons is won by chance. "
    "Levels are terciles of the active items by their decayed count; ages are in windows since the first event "
    "(under 4, 4 to 12, more); categories are the largest at the first origin."
)
_COSTS = (
    "Seconds an origin on test, on the machine that ran this; the fit is 0 where an earlier one was used. Trees that "
    "several methods share are grown once, in the seconds of the first of them."
)
#: Said at the table of paired differences.
PAIRED = (
    "Mean of the first method less the second over the same origins, with 95% intervals; a winner needs both."
)
_RISERS = (
    "The strongest rises of each test period, at most fifty, all by more than chance over the window before."
)


@dataclass(frozen=True)
class Section:
    """An extra part of the page: explanations with receipts, facts about a model, a note on the data.

    Attributes:
        title: Heading.
        paragraphs: Plain text; never read as HTML.
        table: Column name -> cells, all of one length; cells are shown as text.
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    table: Mapping[str, Sequence[object]] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """One method in a table of means.

    Attributes:
        method: Its name.
        cells: The text of each metric, and whether no other line betters it.
        seconds: Wall time an origin.
    """

    method: str
    cells: Sequence[tuple[str, bool]]
    seconds: float


@dataclass(frozen=True)
class Grid:
    """A table of means; the first one of a page is open, the others are folded.

    Attributes:
        heading: What it is of.
        note: What must be said of it; may be empty.
        caption: Of how much it is the mean, and in what order.
        lines: The methods.
    """

    heading: str
    note: str
    caption: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Content:
    """What Markdown, page and JSON say alike.

    Attributes:
        title: Heading.
        results: What was measured.
        table: Its summary.
        verdict: What it says.
        shown: The methods that plots and lists are about: ours or the champion, then its rival.
        top: The K of the chance of the top K.
        sections: Extra parts.
    """

    title: str
    results: Results
    table: pa.Table
    verdict: Verdict
    shown: tuple[Method, ...]
    top: int
    sections: Sequence[Section] = ()


def tables(content: Content) -> list[tuple[str, str, str]]:
    """Returns (split, scope, note) of the tables of means: test first, active first, segments left out."""
    pairs = {(line["split"], line["scope"]) for line in content.table.to_pylist() if ":" not in line["scope"]}
    splits = [split for split in ("test", "validation") if any(pair[0] == split for pair in pairs)]
    seen: set[str] = set()
    found = []
    for split, scope in (
        (split, scope) for split in splits for scope in ordered(p[1] for p in pairs if p[0] == split)
    ):
        note = _WHOLE_CATALOGUE if scope == "all" else BY_OUTCOME.get(scope, "")
        found.append((split, scope, "" if scope in seen else note))
        seen.add(scope)
    return found


def words_of(scope: str) -> str:
    """Returns a scope as a heading names it."""
    return scope if scope == "risers" else f"{scope} items"


def as_markdown(content: Content) -> str:
    """Returns title, verdict and the tables of means."""
    parts = [f"# {content.title}", *content.verdict.sentences]
    for split, scope, note in tables(content):
        parts += [f"## {split}, {words_of(scope)}", *([note] if note else [])]
        parts.append(markdown(content.table, split, scope))
    return "\n\n".join(parts)


def as_page(content: Content, figures: Mapping[str, tuple[Figure, str]]) -> str:
    """Returns the page as HTML."""
    return filled(
        "trail.evaluate",
        "report.html.j2",
        title=content.title,
        sentences=content.verdict.sentences,
        grids=[_grid(content.table, *each) for each in tables(content)],
        heads=[(each.name, each.label, _arrow(each)) for each in METRICS.values()],
        plots=[(to_svg(figure, name), caption) for name, (figure, caption) in figures.items()],
        compared=PAIRED,
        comparisons=[(each, METRICS[each.metric].label) for each in content.verdict.comparisons],
        parts=_parts(content),
        sections=content.sections,
        row=content.results.rows[0],
        about=f"{seeds_of({row.seed for row in content.results.rows})}. Chances are of the top {content.top}",
        cell=cell,
    )


def seeds_of(found: Collection[int]) -> str:
    """Returns the seeds of runs in words."""
    return f"seed{'s' if len(found) > 1 else ''} {', '.join(map(str, sorted(found)))}"


def caption_of(origins: int, seeds: int, number: float, noun: str, order: str) -> str:
    """Returns of how much a table is the mean, and in what order it stands."""
    several = f" and, of what draws, {seeds} seeds" if seeds > 1 else ""
    return f"Mean over {origins} origins{several} of about {number:,.0f} {noun}; {order} first."


def _arrow(metric: Metric) -> str:
    """Returns where better is."""
    if metric.better:
        return "↑" if metric.better > 0 else "↓"
    return "" if metric.aim is None else f"→ {metric.aim}"


def _grid(table: pa.Table, split: str, scope: str, note: str) -> Grid:
    found = lines_of(table, split, scope)
    best = best_of(found)
    origins, items = (found[0][name] for name in ("origins", "items"))
    seeds = max(int(str(line["seeds"])) for line in found)
    lines = []
    for each in found:
        name = label(method_of(each))
        cells = [(cell(each[metric]), (name, metric) in best) for metric in METRICS]
        lines.append(Line(name, cells, float(str(each["seconds"]))))
    caption = caption_of(int(str(origins)), seeds, float(str(items)), "items", "lowest joint loss")
    return Grid(f"{split.capitalize()}, {words_of(scope)}", note, caption, lines)


def _parts(content: Content) -> list[Section]:
    """Returns what folds open: segments, then risers found and missed by the first method shown, and cost."""
    one, *others = content.shown
    rival = others[0] if others else None
    parts = [Section("By segment", (_SEGMENTS,), segments(content.results.rows, one, rival))]
    found, missed = found_and_missed(content.results.risers, one)
    if found or missed:
        words = (_RISERS, *riser_words(content.results.risers, content.shown))
        name = label(one)
        parts.append(Section(f"Risers found by {name}", words, riser_table(found)))
        parts.append(Section(f"Risers missed by {name}", (), riser_table(missed)))
    if spent := costs(content.table):
        parts.append(Section("Cost of a forecast", (_COSTS,), cost_table(spent)))
    return parts
