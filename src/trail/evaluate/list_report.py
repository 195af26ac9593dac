"""The report of users' lists: rows, tables, differences beside the chosen method, plots, cost, and one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from matplotlib.figure import Figure

from trail.engine import whole_file, write_json
from trail.evaluate.champion import finite
from trail.evaluate.list_metrics import LIST_METRICS
from trail.evaluate.list_rows import (
    COMPARED,
    ListLine,
    ListRow,
    list_markdown,
    list_spreads,
    list_table,
    paired,
    write_list_rows,
)
from trail.evaluate.page import PAIRED, Grid, Line, Section, caption_of, seeds_of
from trail.evaluate.plots import plot_comparisons, plot_lines, testing_from, to_png, to_svg
from trail.evaluate.report import CAPTIONS
from trail.evaluate.significance import Comparison, over_seeds
from trail.evaluate.summary import cell
from trail.evaluate.template import filled

_WORDS = {
    "hr": "share of users with a relevant item among the first {k}",
    "ndcg": "NDCG of the first {k}, binary gain",
}
_LATE = "Those that their own validation flatters are not chosen here."
_COSTS = (
    "Wall seconds an origin on test, on the machine that ran this, to fit and to make the lists of all users; a recommender's "
    "own lists, those of both scopes and those of its blends are made together, and each of these lines holds that sum."
)


def write_list_report(
    rows: Sequence[ListRow], folder: Path, *, title: str, notes: Sequence[str], late: Sequence[str] = ()
) -> None:
    """Writes rows as Parquet, the tables as Markdown, plots, `report.json` and the page that needs nothing else.

    Differences on test are those of the method that validation chose, beside every other.

    Args:
        rows: Of `backtest_lists`, one seed or several, at least one row.
        folder: Where to; made if absent, files of earlier reports are replaced.
        title: Heading of the page.
        notes: What must be said of the run.
        late: Forecasters that their own validation flatters: never chosen, always drawn.

    Raises:
        EngineError: If the folder cannot be written.
    """
    chosen = chosen_of(rows, late)
    comparisons = _comparisons(rows, chosen)
    figures = _figures(rows, comparisons, [chosen, *late])
    write_list_rows(rows, folder / "rows.parquet")
    for name, (figure, _) in figures.items():
        with whole_file(folder / f"{name}.png") as path:
            path.write_bytes(to_png(figure))
    page = filled(
        "trail.evaluate",
        "report.html.j2",
        title=title,
        sentences=notes,
        grids=[_grid(rows, *each) for each in _tables(rows)],
        heads=[(name, words_of(name), "↑") for name in LIST_METRICS],
        plots=[(to_svg(figure, name), caption) for name, (figure, caption) in figures.items()],
        compared=f"Of {chosen}, chosen on validation by ndcg@10. {_LATE if late else ''} {PAIRED}",
        comparisons=[(each, each.metric) for each in comparisons],
        parts=_parts(rows),
        sections=(),
        row=rows[0],
        about=seeds_of({row.seed for row in rows}),
        cell=cell,
    )
    for name, text in {"summary.md": _markdown(rows, title, notes), "report.html": page}.items():
        with whole_file(folder / name) as path:
            path.write_text(text, encoding="utf-8")
    write_json(_twin(rows, title, notes, chosen, comparisons), folder / "report.json")


def chosen_of(rows: Sequence[ListRow], late: Sequence[str] = ()) -> str:
    """Returns the method with the highest NDCG@10 on validation, active items, of those that do not rest on late ones."""
    return next(
        line.method
        for line in list_table(rows, "validation")
        if not set(line.method.split(" + ")) & set(late)
    )


def words_of(metric: str) -> str:
    """Returns what one of `LIST_METRICS` is, in words."""
    name, k = metric.split("@")
    return _WORDS[name].format(k=k)


def _comparisons(rows: Sequence[ListRow], chosen: str) -> list[Comparison]:
    tested = [line.method for line in list_table(rows)]
    others = [name for name in tested if name != chosen] if chosen in tested else []
    return [paired(rows, chosen, name, metric) for name in others for metric in COMPARED]


def _figures(
    rows: Sequence[ListRow], comparisons: Sequence[Comparison], first: Sequence[str]
) -> dict[str, tuple[Figure, str]]:
    """Returns file stem -> (figure, caption), the methods named first drawn first."""
    active = [row for row in rows if row.scope == "active"]
    begins = testing_from(active)
    split = "; test begins at the dotted line" if begins else ""
    measured = [line.method for split in ("test", "validation") for line in list_table(rows, split)]
    names = dict.fromkeys([*(name for name in first if name in measured), *measured])
    found = {}
    for metric in COMPARED:
        stem = metric.replace("@", "-")
        mine = [row for row in active if row.metric == metric]
        lines = {name: over_seeds([row for row in mine if row.method == name]) for name in names}
        caption = CAPTIONS["origin"].format(metric=metric, split=split)
        found[f"origins-{stem}"] = (plot_lines(lines, metric, begins), caption)
        if comparisons:
            drawn = plot_comparisons(comparisons, metric, metric)
            found[f"compare-{stem}"] = (drawn, CAPTIONS["compare"])
    return found


def _tables(rows: Sequence[ListRow]) -> list[tuple[str, str]]:
    """Returns (split, scope) of the tables of means, test first."""
    return sorted({(row.split, row.scope) for row in rows}, key=lambda each: (each[0] != "test", each[1]))


def _grid(rows: Sequence[ListRow], split: str, scope: str) -> Grid:
    found = list_table(rows, split, scope)
    texts = [[f"{value:.4f}" for value in line.values] for line in found]
    best = [max(column) for column in zip(*texts, strict=True)]
    lines = [
        Line(line.method, [(text, text == top) for text, top in zip(each, best, strict=True)], line.seconds)
        for line, each in zip(found, texts, strict=True)
    ]
    most = max(found, key=lambda line: line.origins)
    caption = caption_of(
        most.origins, max(line.seeds for line in found), most.users, "users", "highest NDCG@10"
    )
    fewer = any(line.origins < most.origins for line in found)
    note = "Of what was trained once, fewer origins: those whose outcomes it had not seen." if fewer else ""
    return Grid(f"{split.capitalize()}, {scope} items", note, caption, lines)


def _parts(rows: Sequence[ListRow]) -> list[Section]:
    """Returns what folds open: what was chosen for each method, and what its lists cost."""
    lines = list_table(rows) or list_table(rows, "validation")
    settings = {"lists of": [each.method for each in lines], "chosen": [each.settings for each in lines]}
    said = "On validation alone, by ndcg@10 of active items; with several seeds, those of the first."
    return [
        Section("Settings and weights", (said,), settings),
        Section("Cost of a list", (_COSTS,), _cost_table(lines)),
    ]


def _cost_table(lines: Sequence[ListLine]) -> dict[str, list[object]]:
    found = sorted(lines, key=lambda line: line.seconds)
    return {
        "lists of": [each.method for each in found],
        "s/origin": [cell(each.seconds) for each in found],
        "users": [f"{each.users:,.0f}" for each in found],
        "ms a user": [cell(1000 * each.seconds / each.users) for each in found],
    }


def _markdown(rows: Sequence[ListRow], title: str, notes: Sequence[str]) -> str:
    lines = [f"# {title}", "", *(f"- {note}" for note in notes)]
    for split, scope in dict.fromkeys((row.split, row.scope) for row in rows):
        lines += ["", f"## {split}, {scope} items", "", list_markdown(list_table(rows, split, scope))]
    return "\n".join(lines)


def _twin(
    rows: Sequence[ListRow],
    title: str,
    notes: Sequence[str],
    chosen: str,
    comparisons: Sequence[Comparison],
) -> dict[str, object]:
    """Returns what the page says as data."""
    return {
        "title": title,
        "task": rows[0].task,
        "versions": rows[0].versions,
        "seeds": sorted({row.seed for row in rows}),
        "seed_spread": list_spreads(rows),
        "notes": list(notes),
        "chosen": chosen,
        "comparisons": [finite(asdict(each)) | {"winner": each.winner} for each in comparisons],
        "tables": [
            {
                "split": split,
                "scope": scope,
                **asdict(line),
                "values": dict(zip(LIST_METRICS, line.values, strict=True)),
            }
            for split, scope in _tables(rows)
            for line in list_table(rows, split, scope)
        ],
    }
