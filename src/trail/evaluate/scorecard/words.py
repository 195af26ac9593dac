"""A scorecard in words and tables: the parts of its page, from which Markdown, HTML and terminal are made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from trail.evaluate.page import Section
from trail.evaluate.scorecard.card import Latest, Scorecard
from trail.evaluate.scorecard.figures import (
    BETTER,
    FORECASTERS,
    LABELS,
    OF_CHANCE,
    PRIOR,
    SCOPES,
    SERVED,
    values_of,
)
from trail.evaluate.scorecard.record import reasons_given
from trail.evaluate.scorecard.score import Head, Score
from trail.evaluate.significance import t_interval

_HEADLINE = ("ndcg@50", "wape")
_NAMES = {SERVED: "as served", PRIOR: "prior alone", FORECASTERS[2]: "last window"}
_REFERENCE = "The prior and the last window state no range and no chance of the top K: a dash stands there."
#: In a cell of which there is no figure.
_NONE = "-"


def sections(card: Scorecard) -> list[Section]:
    """Returns the parts of the page in order; those without content are left out."""
    parts = [_first(card.latest, card.pooled[-1].head)] if card.latest else []
    parts.append(Section("In short", tuple(verdict(card))))
    if card.tallies:
        parts.append(reasons_given(card))
    if card.scores:
        parts += [*means(card), _by_snapshot("Snapshot by snapshot, active items", card.pooled)]
    if card.late:
        parts.append(
            _by_snapshot("Sealed when their period was over: backtests, in no mean above", card.late)
        )
    if card.waiting:
        parts.append(_waiting(card))
    if card.refused:
        table = {
            "snapshot": [each.snapshot for each in card.refused],
            "why": [each.why for each in card.refused],
        }
        parts.append(Section("Refused", ("These were not scored.",), table))
    return parts


def came_true(said: int, were: int, active: int, inside: float | None) -> str:
    """Returns what came of a snapshot's first items and ranges, as the end of a sentence; arguments as in `Latest`."""
    words = f"of the {_of(said, 'item')} said to be first, {were:,} {'was' if were == 1 else 'were'}"
    if inside is None:
        return words
    return f"{words}; {inside:.0%} of the outcomes of {_of(active, 'active item')} lay inside their range"


def _first(latest: Latest, head: Head) -> Section:
    """Returns the first items of the latest snapshot beside what happened to them."""
    words = came_true(latest.said, latest.were, latest.active, latest.inside)
    items = latest.items
    table: dict[str, Sequence[object]] = {
        "item": [each.title or each.item_id for each in items],
        "rank said": [each.rank for each in items],
        "expected": [f"{each.expected:,.1f}" for each in items],
        "80% range": [f"{each.q10:,.1f} to {each.q90:,.1f}" for each in items],
        "happened": [f"{each.target:,g}" for each in items],
        "the range": [beside(each.target, each.q10, each.q90) for each in items],
        "true rank": [each.true_rank for each in items],
    }
    title = f"{head.snapshot}: what was said and what happened until {day(head.until)}"
    return Section(title, (f"{words[0].upper()}{words[1:]}.",), table)


def beside(target: float, q10: float, q90: float) -> str:
    """Returns where an outcome lies: `inside` its range, `below` or `above` it."""
    return "below" if target < q10 else "above" if target > q90 else "inside"


def verdict(card: Scorecard) -> list[str]:
    """Returns what the scorecard says of its snapshots, in sentences; reasons have a table of their own."""
    scored, waiting, refused = len(card.scores), len(card.waiting), len(card.refused)
    counted = (
        f"{scored} of {scored + waiting + refused} snapshots scored, {waiting} not due, {refused} refused"
    )
    lines = [f"{counted}; the log is whole until {day(card.ends)}."]
    for sort, scores in card.sorts.items():
        about = f"{_sort(sort)}: " if len(card.sorts) > 1 else ""
        lines += [f"{about}{line}" for metric in _HEADLINE if (line := _beside(scores, metric))]
    return lines + _care_of(card)


def _sort(sort: tuple[int, int]) -> str:
    """Returns the days predicted and the K of snapshots that share a mean, in words."""
    return f"{_of(sort[0], 'day')} ahead, K {sort[1]}"


def _beside(scores: Sequence[Score], metric: str) -> str:
    """Returns one metric of forecasts as served beside their rivals; empty where nothing is defined."""
    rows = [
        [value for name in FORECASTERS for value in values_of(each.figures, "active", name, metric)]
        for each in scores
    ]
    known = [at for at, row in enumerate(rows) if row and None not in row]
    if not known:
        return ""
    values = np.array([rows[at] for at in known], dtype=np.float64)  # (snapshots, 3)
    parts = ", ".join(
        f"{_NAMES[name]} {value:.3f}" for name, value in zip(FORECASTERS, values.mean(axis=0), strict=True)
    )
    gained = _gain(values[:, 0] - values[:, 1], metric, _apart([scores[at] for at in known]))
    return f"{LABELS[metric]}, active items, mean of {_of(len(known), 'snapshot')}: {parts}; {gained}."


def _apart(scores: Sequence[Score]) -> list[int]:
    """Returns places of scores whose periods do not overlap, from the first on: nightly ones share most of what happened."""
    kept: list[int] = []
    for at, each in enumerate(scores):
        if not kept or each.head.cutoff >= scores[kept[-1]].head.until:
            kept.append(at)
    return kept


def _gain(difference: np.ndarray, metric: str, apart: Sequence[int]) -> str:
    """Returns what was gained on the prior.

    Args:
        difference: Shape (snapshots,).
        metric: Whose.
        apart: Places of those whose periods do not overlap, which an interval may be made of.
    """
    if not difference.any():
        return "what was served is the same as the prior"
    better = int((difference * BETTER[metric] > 0).sum())
    words = f"less the prior {difference.mean():+.4f}, better at {better} of {len(difference)}"
    if len(apart) == 1:
        return words
    low, high = t_interval(difference[list(apart)])
    of = "" if len(apart) == len(difference) else f" of the {len(apart)} whose periods do not overlap"
    return f"{words} (95% t interval{of} {low:+.4f} to {high:+.4f})"


def _care_of(card: Scorecard) -> list[str]:
    """Returns what must be said of the snapshots before anybody believes their figures."""
    heads, lines = [each.head for each in card.scores], []
    late = sum(head.afterwards for head in heads)
    if late:
        apart = "means and reasons leave them out" if card.late else "means and reasons are of backtests"
        lines.append(
            f"{late} of {len(heads)} were sealed when their period was over already: they are backtests, not forecasts; {apart}."
        )
    if len(card.sorts) > 1:
        lines.append("Snapshots of another horizon or K have means of their own.")
    missed = [head for head in heads if head.others]
    if missed:
        most = max(missed, key=lambda head: head.others_weight or 0.0)
        lines.append(
            f"Items that no snapshot knew are in no figure: {sum(head.others for head in heads)} in all, "
            f"{sum(head.others_top for head in heads)} of them in a true top K; at most {most.others_weight:.1%} of a "
            f"period's events ({most.snapshot})."
        )
    revised = sum(head.revised for head in heads)
    if revised:
        lines.append(
            f"The log now counts the last window of {_of(revised, 'item')} shown otherwise than the sealed card."
        )
    return lines


def means(card: Scorecard, scopes: Sequence[str] = SCOPES) -> list[Section]:
    """Returns the mean of every figure over snapshots that share horizon and K, one column a scope and forecaster."""
    alone = len(card.sorts) == 1
    return [
        _means("Figures" if alone else f"Figures, {_sort(sort)}", scores, scopes)
        for sort, scores in card.sorts.items()
    ]


def _means(title: str, scores: Sequence[Score], scopes: Sequence[str]) -> Section:
    table: dict[str, list[object]] = {"mean of": [_headed(metric) for metric in LABELS]}
    figures = [row for each in scores for row in each.figures]
    for scope in scopes:
        for name in FORECASTERS:
            cells = [values_of(figures, scope, name, metric) for metric in LABELS]
            table[f"{scope}, {_NAMES[name]}"] = [
                _mean(each, metric) for each, metric in zip(cells, LABELS, strict=True)
            ]
    items = {scope: np.mean([row.items for row in figures if row.scope == scope]) for scope in SCOPES}
    note = (
        f"Means over {_of(len(scores), 'snapshot')}; active items, with an event in the last eight windows, "
        f"are about {items['active']:,.0f} of {items['all']:,.0f}. {_REFERENCE}"
    )
    return Section(title, (note,), table)


def _mean(values: Sequence[float | None], metric: str) -> str:
    known = [value for value in values if value is not None]
    return number(float(np.mean(known)), metric) if known else _NONE


def _headed(metric: str) -> str:
    better = BETTER[metric]
    return LABELS[metric] + (" ↑" if better > 0 else " ↓" if better else "")


def _by_snapshot(title: str, scores: Sequence[Score]) -> Section:
    table: dict[str, list[object]] = {"snapshot": [each.head.snapshot for each in scores]}
    found = [row for each in scores for row in each.figures]
    if len({each.head.sort for each in scores}) > 1:
        table |= {"days": [each.head.sort[0] for each in scores], "K": [each.head.k for each in scores]}
    for metric, words in zip(_HEADLINE, ("NDCG@50", "WAPE"), strict=True):
        for name, head in ((SERVED, words), (PRIOR, f"{words} prior")):
            table[head] = [
                number(value, metric) or _NONE for value in values_of(found, "active", name, metric)
            ]
    for metric in ("recall", "coverage_gap"):
        served = values_of(found, "active", SERVED, metric)
        table[LABELS[metric]] = [number(value, metric) or _NONE for value in served]
    return Section(title, (), table)


def _waiting(card: Scorecard) -> Section:
    table = {
        "snapshot": [each.snapshot for each in card.waiting],
        "period ends": [day(each.until) for each in card.waiting],
        "due when the log reaches": [day(each.known_on) for each in card.waiting],
    }
    return Section("Not due", (f"The log is whole until {day(card.ends)}.",), table)


def number(value: float | None, metric: str) -> str:
    """Returns a figure as a cell; a score of the chance over a catalogue is small and gets more digits."""
    if value is None:
        return ""
    return f"{value:.4f}" if metric in OF_CHANCE else f"{value:.3f}"


def day(moment: datetime) -> str:
    """Returns a moment as a day, with the time where it is not midnight."""
    midnight = moment.hour == moment.minute == moment.second == 0
    return f"{moment:%Y-%m-%d}" if midnight else f"{moment:%Y-%m-%d %H:%M}"


def _of(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
