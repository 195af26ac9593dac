"""How often each sort of reason was right, in words and tables."""

from __future__ import annotations

from collections.abc import Sequence

from trail.evaluate.page import Section
from trail.evaluate.scorecard.card import Scorecard
from trail.evaluate.scorecard.reasons import CITED, CLAIM, DRIVER, STILL, TEXT, Tally
from trail.signals import Group

#: Fewer cases than this are counted, and no percentage is made of them.
FEW = 10
#: What a signal group is called in a sentence about reasons.
GROUPS = {
    Group.LEVEL: "the item's own level",
    Group.PAST: "the item's earlier level",
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
#: Signs of the rows that stand for all moves, and for none.
OVERALL = ("", STILL)
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


def reasons_given(card: Scorecard) -> Section:
    """Returns the whole table: every sort of reason, by sign and over all moves."""
    tallies = card.tallies
    table: dict[str, Sequence[object]] = {
        "reason": [f"{_BASES[each.basis]} {each.about}".strip() for each in tallies],
        "argued": [_SIGNS.get(each.sign, "for any move") for each in tallies],
        "cases": [each.cases for each in tallies],
        "right": [each.right for each in tallies],
        "ties": [each.ties for each in tallies],
        "share": [_share(each) for each in tallies],
        "95% interval": [_interval(each) for each in tallies],
    }
    return Section("Reasons given", (_RULE, _CARE, *_no_drivers(card)), table)


def _no_drivers(card: Scorecard) -> tuple[str, ...]:
    without = sum(not any(row.basis == DRIVER for row in each.reasons) for each in card.pooled)
    return (f"Snapshots without measured drivers: {without} of {len(card.pooled)}.",) if without else ()


def record(tallies: Sequence[Tally]) -> Section:
    """Returns how often each reason was right, the most frequent first, without the signs and kinds of the whole table."""
    tallies = sorted(
        (each for each in tallies if each.basis != CLAIM and each.sign in OVERALL),
        key=lambda each: -each.cases,
    )
    table: dict[str, Sequence[object]] = {
        "reason": [named(each.basis, each.about, each.sign) for each in tallies],
        "times": [each.cases for each in tallies],
        "right": [each.right for each in tallies],
        "share": [_share(each) for each in tallies],
        "95% interval": [_interval(each) for each in tallies],
    }
    return Section("Track record by reason", (), table)


def named(basis: str, about: str, sign: str = "") -> str:
    """Returns what a line of the track record is about; fields as in `Tally`."""
    words = GROUPS[Group(about)] if about in set(Group) else about
    found = {TEXT: "all texts", CITED: f"texts citing {words}", CLAIM: f"kind of claim: {words}"}
    return f"{found.get(basis, f'driver: {words}')}{', saying that nothing moves' if sign == STILL else ''}"


def _share(each: Tally) -> str:
    return f"{each.share:.0%}" if each.cases >= FEW else ""


def _interval(each: Tally) -> str:
    return f"{each.low:.0%} to {each.high:.0%}" if each.cases >= FEW else ""
