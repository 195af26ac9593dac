"""A scorecard in words and tables: the parts of its page, from which Markdown, HTML and terminal are made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from trail.evaluate.page import Section
from trail.evaluate.scorecard.card import Scorecard
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
from trail.evaluate.scorecard.reasons import CITED, CLAIM, DRIVER, TEXT, Tally
from trail.evaluate.significance import t_interval
from trail.signals import Group

#: Fewer cases than this are counted, and no percentage is made of them.
FEW = 10
_HEADLINE = ("ndcg@50", "wape")
_NAMES = {SERVED: "as served", PRIOR: "prior alone", FORECASTERS[2]: "last window"}
#: What a signal group is called in a sentence about reasons.
GROUPS = {
    Group.LEVEL: "the item's own level",
    Group.MOMENTUM: "the latest change",
    Group.SEASON: "last year's same weeks",
    Group.BREADTH: "how many people are behind it",
    Group.STANDING: "its rank or share",
    Group.CATEGORY: "its category or the whole catalogue",
    Group.AGE: "its age",
    Group.PRICE: "its price",
    Group.CALENDAR: "the calendar",
}
_SIGNS = {
    "rise": "for a rise",
    "fall": "for a fall",
    "level": "for no move",
    "raised": "where it raised the forecast",
    "lowered": "where it lowered it",
}
_REFERENCE = "The prior and the last window give no range; for the Brier score they are taken to be sure of their own top K."
_BASES = {TEXT: "all texts", CITED: "cites", CLAIM: "kind of claim", DRIVER: "driver"}
_RULE = (
    "A text is right if the count moved from the last window the way its forecast said; a forecast within 5% "
    "or one event of the last window says that nothing moves, and is right if the outcome stays within that too. "
    "A driver is right if the forecast with it lay nearer to what happened than the forecast without it, on the scale "
    "log(1 + count). No move at all is not right, and is listed as a tie. A text counts for each group that it cites: "
    "compare a group with all texts, not with a coin."
)
_CARE = (
    f"Intervals are Wilson's, 95%, and take cases as independent; those of one period share its fate, so they are too "
    f"narrow. Fewer than {FEW} cases get no percentage."
)


def sections(card: Scorecard) -> list[Section]:
    """Returns the parts of the page in order; those without content are left out."""
    parts = [Section("In short", tuple(verdict(card)))]
    if card.scores:
        parts += [means(card), _by_snapshot(card)]
    if any(each.reasons for each in card.scores):
        parts.append(_reasons(card))
    if card.waiting:
        parts.append(_waiting(card))
    if card.refused:
        table = {
            "snapshot": [each.snapshot for each in card.refused],
            "why": [each.why for each in card.refused],
        }
        parts.append(Section("Refused", ("These were not scored.",), table))
    return parts


def verdict(card: Scorecard) -> list[str]:
    """Returns what the scorecard says, in sentences."""
    scored, waiting, refused = len(card.scores), len(card.waiting), len(card.refused)
    counted = (
        f"{scored} of {scored + waiting + refused} snapshots scored, {waiting} not due, {refused} refused"
    )
    lines = [f"{counted}; the log is whole until {day(card.ends)}."]
    lines += [line for metric in _HEADLINE if (line := _beside(card, metric))]
    lines += _care_of(card)
    lines += reason_sentences(card.tallies)
    return lines


def _beside(card: Scorecard, metric: str) -> str:
    """Returns one metric of the forecast as served beside its rivals; empty where nothing was scored."""
    columns = [values_of(card.figures, "active", name, metric) for name in FORECASTERS]
    rows = [row for row in zip(*columns, strict=True) if None not in row]
    if not rows:
        return ""
    values = np.array(rows, dtype=np.float64)  # (snapshots, 3)
    parts = ", ".join(
        f"{_NAMES[name]} {value:.3f}" for name, value in zip(FORECASTERS, values.mean(axis=0), strict=True)
    )
    return f"{LABELS[metric]}, active items, mean of {_of(len(rows), 'snapshot')}: {parts}; {_gain(values[:, 0] - values[:, 1], metric)}."


def _gain(difference: np.ndarray, metric: str) -> str:
    """Returns what was gained on the prior, shape of differences (snapshots,)."""
    if not difference.any():
        return "what was served is the same as the prior"
    better = int((difference * BETTER[metric] > 0).sum())
    words = f"less the prior {difference.mean():+.4f}, better at {better} of {len(difference)}"
    if len(difference) == 1:
        return words
    low, high = t_interval(difference)
    return f"{words} (95% t interval {low:+.4f} to {high:+.4f})"


def _care_of(card: Scorecard) -> list[str]:
    """Returns what must be said of the snapshots before anybody believes their figures."""
    heads, lines = [each.head for each in card.scores], []
    late = sum(head.afterwards for head in heads)
    if late:
        lines.append(
            f"{late} of {len(heads)} were sealed when their period was over already: they are backtests, not forecasts."
        )
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


def reason_sentences(tallies: Sequence[Tally]) -> list[str]:
    """Returns one sentence a sort of reason, with the signs inside it; kinds of claim are left to the table."""
    lines = []
    for basis, about in dict.fromkeys((each.basis, each.about) for each in tallies if each.basis != CLAIM):
        mine = {each.sign: each for each in tallies if (each.basis, each.about) == (basis, about)}
        parts = [f"{_SIGNS[sign]} {_times(each)}" for sign, each in mine.items() if sign not in ("", "level")]
        said = (
            f"{_subject(basis, about)} right {_times(mine[''])}{_interval(mine[''])}: {', '.join(parts)}"
            if "" in mine
            else ""
        )
        still = (
            f"{_subject(basis, about)} right that nothing moves {_times(mine['level'])}"
            if "level" in mine
            else ""
        )
        lines += [f"{each}." for each in (said, still) if each]
    return lines


def _subject(basis: str, about: str) -> str:
    if basis == TEXT:
        return "Texts were"
    words = GROUPS[Group(about)] if about in set(Group) else about
    return f"Texts citing {words} were" if basis == CITED else f"As a driver, {words} was"


def _interval(each: Tally) -> str:
    return f" (95% interval {each.low:.0%} to {each.high:.0%})" if each.cases >= FEW else ""


def _times(each: Tally) -> str:
    """Returns "71% of 410 times", or "2 of 3 times" where a percentage would say too much."""
    if each.cases < FEW:
        return f"{each.right} of {_of(each.cases, 'time')}"
    return f"{each.share:.0%} of {each.cases:,} times"


def means(card: Scorecard, scopes: Sequence[str] = SCOPES) -> Section:
    """Returns the mean of every figure over snapshots, one column a scope and forecaster."""
    table: dict[str, list[object]] = {"mean of": [_headed(metric) for metric in LABELS]}
    for scope in scopes:
        for name in FORECASTERS:
            cells = [values_of(card.figures, scope, name, metric) for metric in LABELS]
            table[f"{scope}, {_NAMES[name]}"] = [
                _mean(each, metric) for each, metric in zip(cells, LABELS, strict=True)
            ]
    items = {scope: np.mean([row.items for row in card.figures if row.scope == scope]) for scope in SCOPES}
    note = (
        f"Means over {_of(len(card.scores), 'snapshot')}; active items, with an event in the last eight windows, "
        f"are about {items['active']:,.0f} of {items['all']:,.0f}. {_REFERENCE}"
    )
    return Section("Figures", (note,), table)


def _mean(values: Sequence[float | None], metric: str) -> str:
    known = [value for value in values if value is not None]
    return number(float(np.mean(known)), metric) if known else ""


def _headed(metric: str) -> str:
    better = BETTER[metric]
    return LABELS[metric] + (" ↑" if better > 0 else " ↓" if better else "")


def _by_snapshot(card: Scorecard) -> Section:
    table: dict[str, list[object]] = {"snapshot": [each.head.snapshot for each in card.scores]}
    for metric, words in zip(_HEADLINE, ("NDCG@50", "WAPE"), strict=True):
        for name, head in ((SERVED, words), (PRIOR, f"{words} prior")):
            found = values_of(card.figures, "active", name, metric)
            table[head] = [number(value, metric) for value in found]
    for metric in ("recall", "coverage_gap"):
        found = values_of(card.figures, "active", SERVED, metric)
        table[LABELS[metric]] = [number(value, metric) for value in found]
    return Section("Snapshot by snapshot, active items", (), table)


def _reasons(card: Scorecard) -> Section:
    tallies = card.tallies
    table: dict[str, Sequence[object]] = {
        "reason": [f"{_BASES[each.basis]} {each.about}".strip() for each in tallies],
        "argued": [_SIGNS.get(each.sign, "for any move") for each in tallies],
        "cases": [each.cases for each in tallies],
        "right": [each.right for each in tallies],
        "ties": [each.ties for each in tallies],
        "share": [f"{each.share:.0%}" if each.cases >= FEW else "" for each in tallies],
        "95% interval": [
            f"{each.low:.0%} to {each.high:.0%}" if each.cases >= FEW else "" for each in tallies
        ],
    }
    return Section("Reasons given", (_RULE, _CARE, *_no_drivers(card)), table)


def _no_drivers(card: Scorecard) -> tuple[str, ...]:
    without = sum(not any(row.basis == DRIVER for row in each.reasons) for each in card.scores)
    return (f"{without} of {_of(len(card.scores), 'snapshot')} without measured drivers.",) if without else ()


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
