"""What the votes say: win rates by pair of sources with intervals, agreement, position bias, measures of the texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

import numpy as np

from trail.evaluate.judging.agreement import krippendorff_alpha
from trail.evaluate.judging.comparisons import FIRST, QUESTIONS, TIE, Comparison, Sheet
from trail.evaluate.judging.votes import PERSON, Swaps, Vote
from trail.evaluate.significance import bootstrap_interval
from trail.evaluate.text_metrics import Measured, measure
from trail.facts import verify
from trail.snapshots import Snapshot

#: Groups of judges in tables; a machine stands under its own name.
ALL_PEOPLE, EVERYBODY = "people", "all judges"


@dataclass(frozen=True)
class WinRate:
    """How often the texts of one source were preferred to those of another.

    Attributes:
        judges: `people`, or the name of a machine.
        question: Name of the question.
        a: One source.
        b: The other.
        items: Items compared.
        wins: Votes for a.
        ties: Votes for neither.
        losses: Votes for b.
        rate: Mean over items of the share of votes for a, a tie counting half; above 0.5 a is preferred.
        low: Lower end of the 95% bootstrap interval over items.
        high: Its upper end.
    """

    judges: str
    question: str
    a: str
    b: str
    items: int
    wins: int
    ties: int
    losses: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's alpha of some judges under one question, on what they chose between: first, second or neither.

    Attributes:
        judges: `people` or `all judges`.
        question: Name of the question.
        number: Judges.
        shared: Comparisons that two or more of them judged.
        alpha: Nominal alpha; NaN where nothing is shared or every choice is one.
    """

    judges: str
    question: str
    number: int
    shared: int
    alpha: float


@dataclass(frozen=True)
class Figures:
    """A judging in numbers.

    Attributes:
        sheet: Fingerprint of the sheet.
        snapshot: Name of the sealed forecast.
        judges: Who voted: name -> number of votes.
        win_rates: By judges, question and pair.
        agreements: By judges and question.
        swaps: Of machines, by question.
        texts: Measures of each source's texts, on the items that all sources have a text about.
    """

    sheet: str
    snapshot: str
    judges: Mapping[str, int]
    win_rates: tuple[WinRate, ...]
    agreements: tuple[Agreement, ...]
    swaps: tuple[Swaps, ...]
    texts: tuple[Measured, ...]

    def as_dict(self) -> dict[str, Any]:
        """Returns the figures as data."""
        found = asdict(self)
        found["swaps"] = [{**asdict(each), "share": each.share} for each in self.swaps]
        return found


def figures(sheet: Sheet, votes: Sequence[Vote], swaps: Sequence[Swaps], snapshot: Snapshot) -> Figures:
    """Returns what the votes on a sheet say.

    Args:
        sheet: What was compared.
        votes: Of all judges.
        swaps: Of the machines among them.
        snapshot: The forecast that the sheet was made from, for the measures of the texts.
    """
    people = [each for each in votes if each.kind == PERSON]
    groups = {ALL_PEOPLE: people} if people else {}
    for each in votes:
        if each.kind != PERSON:
            groups.setdefault(each.label, []).append(each)
    return Figures(
        sheet.id,
        sheet.snapshot,
        dict(Counter(each.label for each in votes)),
        tuple(rate for name, group in groups.items() for rate in win_rates(sheet, group, name)),
        tuple(
            each
            for name, group in ((ALL_PEOPLE, people), (EVERYBODY, votes))
            for each in agreements(group, name)
        ),
        tuple(swaps),
        tuple(text_measures(sheet, snapshot)),
    )


def win_rates(sheet: Sheet, votes: Sequence[Vote], judges: str) -> list[WinRate]:
    """Returns the win rates of some judges, one a question and pair of sources with a vote."""
    by_number = {each.number: each for each in sheet.comparisons}
    pairs = sorted({each.pair for each in sheet.comparisons})
    found = []
    for question in QUESTIONS:
        for pair in pairs:
            cast = [
                (by_number[vote.comparison], vote.choice)
                for vote in votes
                if vote.question == question and by_number[vote.comparison].pair == pair
            ]
            if cast:
                found.append(_win_rate(cast, judges, question, pair))
    return found


def _win_rate(
    cast: Sequence[tuple[Comparison, str]], judges: str, question: str, pair: tuple[str, str]
) -> WinRate:
    by_item: dict[str, list[float]] = {}
    for comparison, choice in cast:
        by_item.setdefault(comparison.item_id, []).append(_worth(comparison, choice, pair[0]))
    worths = [each for item in by_item.values() for each in item]
    means = np.array([fmean(item) for item in by_item.values()])  # (items,)
    return WinRate(
        *(judges, question, *pair, len(means)),
        *(worths.count(1.0), worths.count(0.5), worths.count(0.0)),
        float(means.mean()),
        *bootstrap_interval(means),
    )


def _worth(comparison: Comparison, choice: str, source: str) -> float:
    """Returns 1 for a vote for the source, 0 for one against it, a half for a tie."""
    if choice == TIE:
        return 0.5
    preferred = comparison.first_source if choice == FIRST else comparison.second_source
    return float(preferred == source)


def agreements(votes: Sequence[Vote], judges: str) -> list[Agreement]:
    """Returns the agreement of some judges, one a question; none where they are fewer than two."""
    number = len({each.label for each in votes})
    if number < 2:  # noqa: PLR2004 - agreement is between two
        return []
    found = []
    for question in QUESTIONS:
        units: dict[int, list[str]] = {}
        for vote in votes:
            if vote.question == question:
                units.setdefault(vote.comparison, []).append(vote.choice)
        shared = sum(len(each) > 1 for each in units.values())
        found.append(Agreement(judges, question, number, shared, krippendorff_alpha(units.values())))
    return found


def text_measures(sheet: Sheet, snapshot: Snapshot) -> list[Measured]:
    """Returns the measures of each source's texts, on the items that all sources have a text about."""
    texts: dict[str, dict[str, str]] = {}
    for each in sheet.comparisons:
        texts.setdefault(each.first_source, {})[each.item_id] = each.first
        texts.setdefault(each.second_source, {})[each.item_id] = each.second
    shared = sorted(set.intersection(*(set(each) for each in texts.values())))
    found = []
    for source, of_items in sorted(texts.items()):
        told = []
        for item in shared:
            card, text = snapshot.card(item), of_items[item]
            told.append((text, card, verify(text, card, snapshot.outlook(item))))
        found.append(measure(source, told))
    return found
