"""The report of a backtest: rows, tables, plots, the champion, and one page that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from matplotlib.figure import Figure

from trail.engine import whole_file, write_json, write_table
from trail.evaluate.champion import CHAMPION, OwnValidation, finite
from trail.evaluate.methods import HEADLINE, Method, label, refitted
from trail.evaluate.metrics import METRICS
from trail.evaluate.outcome import TOP
from trail.evaluate.page import Content, Section, as_markdown, as_page
from trail.evaluate.parts import costs
from trail.evaluate.plots import (
    plot_by_origin,
    plot_comparisons,
    plot_coverage_gap,
    plot_reliability,
    testing_from,
    to_png,
)
from trail.evaluate.rows import Bin, Results, Riser, Row, write_rows
from trail.evaluate.seeds import spreads
from trail.evaluate.summary import in_order, summarise
from trail.evaluate.verdict import Verdict, judge

#: What is said below each kind of plot.
CAPTIONS = {
    "origin": "{metric} at every origin{split}.",
    "compare": "Paired differences over the test origins: thick the bootstrap interval, thin the t interval.",
    "coverage": "How many outcomes fell inside the range, less the share it promises (80%; 90% where it begins at 0, since "
    "nothing can lie below), by group of items; the band is four points wide on either side.",
    "reliability": "Of the items whose chance of the top {top} was stated so, how many entered; larger dots are more "
    "items, and on the line is right.",
}


def write_report(
    results: Results,
    folder: Path,
    *,
    title: str = "Backtest",
    ours: str | None = "trail",
    own: OwnValidation | None = None,
    reigning: str = "",
    model: str = "",
    data: str = "",
    top: int = TOP,
    notes: Sequence[str] = (),
    sections: Sequence[Section] = (),
) -> Verdict:
    """Writes rows, summary, reliability and risers as Parquet, `champion.json`, plots, `report.json` and the page.

    A champion that stays leaves the `champion.json` that is there, an earlier run's in the same folder, as it is.

    Args:
        results: Of `backtest`.
        folder: Where to; made if absent, files of earlier reports are replaced.
        title: Heading of the page.
        ours: The forecaster that has to justify itself against the best baseline.
        own: What it measured itself on validation origins, for the champion.
        reigning: The champion until now, as `crown` takes it.
        model: Name of the model that was tried; empty without one.
        data: Fingerprint of the events and the catalogue, by which `champion.json` is known to be of them.
        top: The K of the chance of the top K, as the task has it.
        notes: Sentences that end the verdict, such as what a model said of itself on validation.
        sections: Extra parts, after the results.

    Returns:
        What the report says.

    Raises:
        DataError: If there is no test row.
        EngineError: If the folder cannot be written.
    """
    verdict = judge(results.rows, ours=ours, own=own, reigning=reigning)
    verdict = replace(verdict, sentences=(*verdict.sentences, *notes))
    shown = _shown(results.rows, verdict, ours)
    content = Content(title, results, summarise(results.rows), verdict, shown, top, sections)
    _write_tables(content, folder)  # first: what was measured is not lost with a figure that cannot be drawn
    figures = _figures(content, ours)
    for name, (figure, _) in figures.items():
        with whole_file(folder / f"{name}.png") as path:
            path.write_bytes(to_png(figure))
    for name, text in {"summary.md": as_markdown(content), "report.html": as_page(content, figures)}.items():
        with whole_file(folder / name) as path:
            path.write_text(text, encoding="utf-8")
    crowned = verdict.champion.as_dict(results.rows[0].task, model, data)
    if verdict.champion.method or not reigning:
        write_json(crowned, folder / CHAMPION)
    write_json(_twin(content) | {"champion": crowned}, folder / "report.json")
    return verdict


def _write_tables(content: Content, folder: Path) -> None:
    results = content.results
    write_rows(results.rows, folder / "rows.parquet", Row)
    write_rows(results.bins, folder / "reliability.parquet", Bin)
    write_rows(results.risers, folder / "risers.parquet", Riser)
    write_table(content.table, folder / "summary.parquet")


def _shown(rows: Sequence[Row], verdict: Verdict, ours: str | None) -> tuple[Method, ...]:
    """Returns ours where it was tried, else the champion, else the best; then its strongest rival."""
    ordered = refitted(in_order(rows))
    mine = [method for method in ordered if method[0] == ours]
    wanted = [*mine, verdict.champion.method, verdict.champion.against, verdict.rival, *ordered]
    found = [method for method in dict.fromkeys(wanted) if method is not None and method in ordered]
    return tuple(found[:2])


def _figures(content: Content, ours: str | None) -> dict[str, tuple[Figure, str]]:
    """Returns file stem -> (figure, caption)."""
    rows, verdict = content.results.rows, content.verdict
    active = [row for row in rows if row.scope == "active"]
    split = "; test begins at the dotted line" if testing_from(active) else ""
    found = {}
    for metric in HEADLINE:
        stem, words = metric.replace("@", "-"), METRICS[metric].label
        caption = CAPTIONS["origin"].format(metric=words, split=split)
        found[f"origins-{stem}"] = (plot_by_origin(active, metric, ours=ours), caption)
        if any(each.metric == metric for each in verdict.comparisons):
            found[f"compare-{stem}"] = (
                plot_comparisons(verdict.comparisons, metric, words),
                CAPTIONS["compare"],
            )
    found["coverage"] = (plot_coverage_gap(rows, content.shown), CAPTIONS["coverage"])
    if content.results.bins:
        drawn = plot_reliability(content.results.bins, content.shown, content.top)
        found["reliability"] = (drawn, CAPTIONS["reliability"].format(top=content.top))
    return found


def _twin(content: Content) -> dict[str, object]:
    """Returns what the page says as data."""
    rows, verdict = content.results.rows, content.verdict
    compared: list[Mapping[str, object]] = [
        finite(asdict(each)) | {"winner": each.winner} for each in verdict.comparisons
    ]
    return {
        "title": content.title,
        "task": rows[0].task,
        "top": content.top,
        "versions": rows[0].versions,
        "seeds": sorted({row.seed for row in rows}),
        "seed_spread": {label(method): each for method, each in spreads(rows).items()},
        "chosen": verdict.chosen and label(verdict.chosen),
        "rival": verdict.rival and label(verdict.rival),
        "shown": [label(method) for method in content.shown],
        "verdict": list(verdict.sentences),
        "losses": {label(method): loss for method, loss in verdict.losses.items()},
        "comparisons": compared,
        "summary": content.table.to_pylist(),
        "costs": costs(content.table),
        "sections": [asdict(section) for section in content.sections],
    }
