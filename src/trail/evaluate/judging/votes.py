"""Votes: what each judge decided, people as they answered, machines where both orders agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from trail.evaluate.judging.comparisons import FIRST, QUESTIONS, TIE
from trail.evaluate.judging.machine import Asked
from trail.evaluate.judging.people import Answers

PERSON, MACHINE = "person", "machine"


@dataclass(frozen=True)
class Vote:
    """One judge's choice between two texts under one question.

    Attributes:
        judge: Who decided.
        kind: `person` or `machine`.
        comparison: Number of the comparison.
        question: Name of the question.
        choice: `first`, `second` or `tie`, in the order of the sheet.
    """

    judge: str
    kind: str
    comparison: int
    question: str
    choice: str

    @property
    def label(self) -> str:
        """The judge as tables name it: a machine is never taken for a person."""
        return self.judge if self.kind == PERSON else f"{self.judge} (machine)"


@dataclass(frozen=True)
class Swaps:
    """How far a machine's answers to one question depend on which text stands first.

    Attributes:
        judge: Name of the model.
        question: Name of the question.
        asked: Comparisons that were answered readably in both orders.
        disagreed: Of them, those with another answer in the other order; they count as ties.
        first: Share of all its answers but ties that are for the text that stood first; 0.5 without bias.
        unread: Answers that could not be read; their comparisons have no vote.
    """

    judge: str
    question: str
    asked: int
    disagreed: int
    first: float
    unread: int

    @property
    def share(self) -> float:
        """Share of comparisons whose two orders disagree; NaN without one."""
        return self.disagreed / self.asked if self.asked else float("nan")


def of_person(answers: Answers) -> list[Vote]:
    """Returns the votes of one person."""
    return [
        Vote(answers.judge, PERSON, int(number), question, choice)
        for number, given in answers.answers.items()
        for question, choice in given.items()
    ]


def of_machine(asked: Sequence[Asked]) -> list[Vote]:
    """Returns the votes of one machine: a choice counts where both orders agree on it, else it is a tie."""
    return [
        Vote(asked[0].judge, MACHINE, number, question, one if one == other else TIE)
        for question in QUESTIONS
        for number, (one, other) in both_orders(asked, question).items()
    ]


def both_orders(asked: Sequence[Asked], question: str) -> dict[int, tuple[str, str]]:
    """Returns comparison -> the choices in the sheet's order and swapped, where both could be read."""
    shown, swapped = (
        {each.comparison: each.choices[question] for each in asked if each.choices and each.swapped is way}
        for way in (False, True)
    )
    return {number: (shown[number], swapped[number]) for number in sorted(shown.keys() & swapped.keys())}


def swaps(asked: Sequence[Asked]) -> list[Swaps]:
    """Returns how a machine's answers depend on the order, one line a question."""
    unread = sum(each.choices is None for each in asked)
    return [_swaps(asked, question, unread) for question in QUESTIONS]


def _swaps(asked: Sequence[Asked], question: str, unread: int) -> Swaps:
    both = both_orders(asked, question)
    stood_first = [
        (each.choices[question] == FIRST) is not each.swapped
        for each in asked
        if each.choices and each.choices[question] != TIE
    ]
    return Swaps(
        asked[0].judge,
        question,
        len(both),
        sum(one != other for one, other in both.values()),
        fmean(stood_first) if stood_first else float("nan"),
        unread,
    )
