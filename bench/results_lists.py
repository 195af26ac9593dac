"""A log's lists for single users on the page of results: the table, and trail beside its rivals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pages import kept_of, stale
from results_kept import LISTS, rows_kept, sentences_of
from trail.baselines import LINE_UP
from trail.baselines.recommenders import RECOMMENDERS
from trail.evaluate.list_metrics import LIST_METRICS
from trail.evaluate.list_rows import ListRow, list_markdown, list_table, paired
from trail.evaluate.significance import Comparison

#: What a difference is about in words, the method that is looked at, and its rival by each metric.
Rival = tuple[str, str, Mapping[str, str]]


def list_section(name: str, kept: Path, own: Sequence[str], deciding: Sequence[str]) -> list[str]:
    """Returns the paragraphs of a log's lists; none where they were not measured.

    Args:
        name: Of the log.
        kept: Folder of the rows.
        own: Forecasters made in this project as priors of the model.
        deciding: Packages whose code decides a number.
    """
    facts = kept_of(name + LISTS, kept)
    if not facts:
        return []
    rows = rows_kept(name, kept, ListRow)
    took = (
        f"Same origins as above; {facts['minutes']:.0f} minutes. Tried: {', '.join(facts['asked']['with'])}"
    )
    parts = [
        f"### {name}, lists for single users",
        f"{took}. {stale(facts, deciding)}".rstrip(),
        list_markdown(list_table(rows)).strip(),
    ]
    if found := [each for each in list_rivals(rows, own) if each[2]]:
        lines = ["| lists of | less those of | " + " | ".join(LIST_METRICS) + " |"]
        lines.append("|---|---|" + "---|" * len(LIST_METRICS))
        lines += [_line(rows, each) for each in found]
        words = (
            "Differences, beside 95% t intervals by origin; weights and settings were chosen on validation:"
        )
        parts += [words, "\n".join(lines)]
    return [*parts, *(f"- {each}" for each in sentences_of(facts))]


def list_rivals(rows: Sequence[ListRow], own: Sequence[str]) -> Iterator[Rival]:
    """Yields what trail's list and its best blend have to be above; the rival is the best of its kind on test.

    A blend is of a recommender and a forecast; the lists for all are of one method.

    Args:
        rows: Of both splits.
        own: Forecasters made in this project as priors of the model.
    """
    methods = [line.method for line in list_table(rows)]
    if "trail" not in methods:
        return
    shared = [each for each in methods if each in LINE_UP or (each in RECOMMENDERS and not _personal(each))]
    best, others = _best(rows, shared), _best(rows, [each for each in shared if each not in own])
    yield "the best list for all", "trail", best
    if others != best:
        yield "the best of them but our own mixtures and log trees", "trail", others
    yield "pare", "trail", _best(rows, [each for each in shared if each == "pare"])
    blends = [line.method for line in list_table(rows, "validation") if line.method.endswith(" + trail")]
    for blend in blends[:1]:
        yield "the best recommender alone", blend, _best(rows, [e for e in methods if e in RECOMMENDERS])
        without = [each for each in methods if " + " in each and each not in blends]
        yield "the best blend without trail", blend, _best(rows, without)


def _personal(recommender: str) -> bool:
    return RECOMMENDERS[recommender][0].personal


def _best(rows: Sequence[ListRow], names: Sequence[str]) -> dict[str, str]:
    """Returns the best of some methods on test by each metric; nothing where there is none."""
    lines = [line for line in list_table(rows) if line.method in names]
    if not lines:
        return {}
    return {
        metric: max(lines, key=lambda line: line.values[at]).method for at, metric in enumerate(LIST_METRICS)
    }


def _line(rows: Sequence[ListRow], rival: Rival) -> str:
    words, mine, rivals = rival
    cells = [_cell(paired(rows, mine, rivals[each], each)) if each in rivals else "" for each in LIST_METRICS]
    return f"| {mine} | {words} | " + " | ".join(cells) + " |"


def _cell(found: Comparison) -> str:
    text = f"{found.difference:+.4f} ({found.t_low:+.4f} to {found.t_high:+.4f})"
    return f"**{text}** {found.b}" if found.winner else f"{text} {found.b}"
