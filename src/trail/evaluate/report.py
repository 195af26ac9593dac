"""The report of a backtest: rows, tables, plots, and one page that needs nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
from matplotlib.figure import Figure

from trail.engine import whole_file, write_json, write_table
from trail.evaluate.metrics import METRICS
from trail.evaluate.plots import plot_by_origin, plot_comparisons, to_png, to_svg
from trail.evaluate.rows import Row, write_rows
from trail.evaluate.summary import best_of, cell, lines_of, markdown, method_of, summarise
from trail.evaluate.verdict import HEADLINE, Verdict, judge, label

_CAPTIONS = {
    "origin": "{metric} at every origin; test begins at the dotted line.",
    "compare": "Paired differences over the test origins: thick the bootstrap interval, thin the t interval.",
}
#: Said once, at the first table of the whole catalogue.
_WHOLE_CATALOGUE = (
    "All items of the catalogue, also those that never sold before; a catalogue that lists only items that "
    "sold at some time flatters every method on them."
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


def write_report(
    rows: Sequence[Row],
    folder: Path,
    *,
    title: str = "Backtest",
    ours: str | None = "trail",
    notes: Sequence[str] = (),
    sections: Sequence[Section] = (),
) -> Verdict:
    """Writes `rows.parquet`, `summary.parquet`, `summary.md`, `report.json`, PNG plots and `report.html`.

    Args:
        rows: Rows of `backtest`.
        folder: Where to; made if absent, files of earlier reports are replaced.
        title: Heading of the page.
        ours: The forecaster that has to justify itself against the best baseline.
        notes: Sentences that end the verdict, such as what a model said of itself on validation.
        sections: Extra parts, after the results.

    Returns:
        What the report says.

    Raises:
        DataError: If there is no test row.
        EngineError: If the folder cannot be written.
    """
    verdict = judge(rows, ours=ours)
    verdict = replace(verdict, sentences=(*verdict.sentences, *notes))
    found = _Report(title, rows, summarise(rows), verdict, sections)
    figures = _figures(rows, found.verdict, ours)
    write_rows(rows, folder / "rows.parquet")
    write_table(found.table, folder / "summary.parquet")
    for name, (figure, _) in figures.items():
        with whole_file(folder / f"{name}.png") as path:
            path.write_bytes(to_png(figure))
    for name, text in {"summary.md": _markdown(found), "report.html": _page(found, figures)}.items():
        with whole_file(folder / name) as path:
            path.write_text(text, encoding="utf-8")
    write_json(_twin(found), folder / "report.json")
    return found.verdict


@dataclass(frozen=True)
class _Report:
    """What Markdown, page and JSON say alike."""

    title: str
    rows: Sequence[Row]
    table: pa.Table
    verdict: Verdict
    sections: Sequence[Section]


def _figures(rows: Sequence[Row], verdict: Verdict, ours: str | None) -> dict[str, tuple[Figure, str]]:
    """Returns file stem -> (figure, caption)."""
    found = {}
    for metric in HEADLINE:
        stem, words = metric.replace("@", "-"), METRICS[metric].label
        found[f"origins-{stem}"] = (
            plot_by_origin(rows, metric, ours=ours),
            _CAPTIONS["origin"].format(metric=words),
        )
        if verdict.comparisons:
            found[f"compare-{stem}"] = (plot_comparisons(verdict.comparisons, metric), _CAPTIONS["compare"])
    return found


def _tables(table: pa.Table) -> list[tuple[str, str, str]]:
    """Returns (split, scope, note) of a summary's tables, test before validation, active before all."""
    pairs = {(line["split"], line["scope"]) for line in table.to_pylist()}
    ordered = sorted(pairs, key=lambda pair: (pair[0] != "test", pair[1] != "active"))
    whole = next((pair for pair in ordered if pair[1] == "all"), None)
    return [(*pair, _WHOLE_CATALOGUE if pair == whole else "") for pair in ordered]


def _markdown(found: _Report) -> str:
    parts = [f"# {found.title}", *found.verdict.sentences]
    for split, scope, note in _tables(found.table):
        parts += [
            f"## {split}, {scope} items",
            *([note] if note else []),
            markdown(found.table, split, scope),
        ]
    return "\n\n".join(parts)


def _twin(found: _Report) -> dict[str, object]:
    """Returns what the page says as data."""
    return {
        "title": found.title,
        "task": found.rows[0].task,
        "versions": found.rows[0].versions,
        "seed": found.rows[0].seed,
        "chosen": found.verdict.chosen and label(found.verdict.chosen),
        "rival": found.verdict.rival and label(found.verdict.rival),
        "verdict": list(found.verdict.sentences),
        "losses": {label(method): loss for method, loss in found.verdict.losses.items()},
        "comparisons": [_plain(asdict(each)) | {"winner": each.winner} for each in found.verdict.comparisons],
        "summary": found.table.to_pylist(),
        "sections": [asdict(section) for section in found.sections],
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Returns values with null where a number is not finite, which JSON cannot say."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in values.items()
    }


def _page(found: _Report, figures: Mapping[str, tuple[Figure, str]]) -> str:
    """Returns the page: styles, plots and tables inline, no script, nothing fetched."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("trail.evaluate", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    grids = []
    for split, scope, note in _tables(found.table):
        lines = lines_of(found.table, split, scope)
        best = best_of(lines)
        body = [
            (
                label(method_of(line)),
                [(cell(line[m]), (label(method_of(line)), m) in best) for m in METRICS],
                line,
            )
            for line in lines
        ]
        grids.append((split, scope, note, body))
    return environment.get_template("report.html.j2").render(
        title=found.title,
        verdict=found.verdict,
        grids=grids,
        metrics=list(METRICS.values()),
        plots=[(to_svg(figure, name), caption) for name, (figure, caption) in figures.items()],
        comparisons=[(each, METRICS[each.metric].label) for each in found.verdict.comparisons],
        sections=found.sections,
        row=found.rows[0],
        cell=cell,
        zip=zip,
    )
