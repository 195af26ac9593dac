"""What `explain.align` measured, as figures: preference by kind of corruption, retrieval, and their intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from trail.evaluate.resampling import interval, item_weights, weighted_means
from trail.pairs import HELD_OUT, Corruption

if TYPE_CHECKING:
    from trail.explain import Preferred, Retrieved

#: Which items: those that no lesson spoke of, or all.
Scope = Literal["unseen", "all"]
#: All kinds of corruption together.
ALL = "all"


@dataclass(frozen=True)
class AlignmentFigure:
    """One figure of one model.

    Attributes:
        model: Name of the model.
        items: `unseen` (no lesson spoke of them) or `all`.
        measure: `mean` (preference by the mean log likelihood a token), `total` (by its sum), `recall@1` or `mrr`.
        kind: Kind of corruption, or `all`; empty for retrieval.
        value: Share of true texts preferred, ties half; share of texts whose own card is the nearest; mean reciprocal place.
        low: Lower end of the 95% bootstrap interval over the items of each cutoff.
        high: Upper end.
        cases: Texts, or pairs of a true and a corrupted one.
        cutoffs: Cutoffs they are of.
        chance: What a guess would reach.
    """

    model: str
    items: str
    measure: str
    kind: str
    value: float
    low: float
    high: float
    cases: int
    cutoffs: int
    chance: float


def alignment_figures(
    preferred: Sequence[Preferred], retrieved: Sequence[Retrieved], *, seed: int = 0
) -> list[AlignmentFigure]:
    """Returns every figure of the rows, models in their order, for unseen items and for all.

    Args:
        preferred: Rows of pairs of texts.
        retrieved: Rows of texts and cards.
        seed: Seed of the bootstrap.
    """
    found: list[AlignmentFigure] = []
    for model in dict.fromkeys([*(row.model for row in preferred), *(row.model for row in retrieved)]):
        for items in ("unseen", "all"):
            pairs = [row for row in preferred if row.model == model and (row.unseen or items == "all")]
            places = [row for row in retrieved if row.model == model and (row.unseen or items == "all")]
            found += _preference(model, items, pairs, seed)
            found += _retrieval(model, items, places, seed)
    return found


def _preference(model: str, items: str, rows: Sequence[Preferred], seed: int) -> Iterator[AlignmentFigure]:
    scores: dict[str, Callable[[Preferred], float]] = {
        "mean": lambda row: row.true / row.true_tokens - row.false / row.false_tokens,
        "total": lambda row: row.true - row.false,
    }
    for measure, score in scores.items():
        for kind in (*Corruption, ALL):
            mine = [row for row in rows if kind in (row.kind, ALL)]
            values = [(np.sign(score(row)) + 1) / 2 for row in mine]
            yield _figure((model, items, measure, str(kind)), mine, values, 0.5, seed)


def _retrieval(model: str, items: str, rows: Sequence[Retrieved], seed: int) -> Iterator[AlignmentFigure]:
    pools = np.array([row.pool for row in rows], dtype=np.int64)
    chance = {
        "recall@1": [1 / pool for pool in pools],
        "mrr": [(1 / np.arange(1, pool + 1)).mean() for pool in pools],
    }
    values = {"recall@1": [float(row.place == 1) for row in rows], "mrr": [1 / row.place for row in rows]}
    for measure, found in values.items():
        guess = float(np.mean(chance[measure])) if rows else float("nan")
        yield _figure((model, items, measure, ""), rows, found, guess, seed)


def _figure(
    named: tuple[str, str, str, str],
    rows: Sequence[Preferred | Retrieved],
    values: Sequence[float],
    chance: float,
    seed: int,
) -> AlignmentFigure:
    """Returns a mean with its interval; the rows of one item are drawn together."""
    nan = float("nan")
    if not rows:
        return AlignmentFigure(*named, value=nan, low=nan, high=nan, cases=0, cutoffs=0, chance=chance)
    weights = item_weights([row.item_id for row in rows], seed=seed)
    found = np.array(values, dtype=np.float64)
    low, high = interval(weighted_means(found, weights))
    cutoffs = len({row.origin for row in rows})
    return AlignmentFigure(*named, float(found.mean()), low, high, len(rows), cutoffs, chance)


def alignment_table(figures: Sequence[AlignmentFigure], items: Scope = "unseen") -> str:
    """Returns the figures of some items as a Markdown table: a line a model and kind of likelihood."""
    heads = [f"{kind} (not taught)" if kind in HELD_OUT else str(kind) for kind in Corruption]
    lines = [
        "| model | likelihood | " + " | ".join((*heads, ALL, "recall@1", "MRR")) + " |",
        "|---|---|" + "---:|" * (len(heads) + 3),
    ]
    known = {(each.model, each.measure, each.kind): each for each in figures if each.items == items}
    for model in dict.fromkeys(each.model for each in figures):
        for measure in ("mean", "total"):
            wanted = [known.get((model, measure, str(kind))) for kind in (*Corruption, ALL)]
            wanted += [known.get((model, each, "")) for each in ("recall@1", "mrr")]
            lines.append(f"| {model} | {measure} | " + " | ".join(map(_cell, wanted)) + " |")
    return "\n".join(lines)


def _cell(figure: AlignmentFigure | None) -> str:
    if figure is None or not figure.cases:
        return ""
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f}; {figure.cases})"
