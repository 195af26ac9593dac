"""How often the reasons given were right: each reason has a turning point, and the outcome lies beyond it or not.

A reason argues for more or for fewer than some count, its turning point:

- a *text* argues for the move of the forecast from the last window, and so does every signal and every
  kind of claim that it cites. Turning point: the last window's count. A forecast within 5% of it, or
  within one event, argues for no move (the rule of `facts.verify` for "level").
- a *driver* argues for the move that it made, from the forecast without it to the forecast with it.
  Turning point: half way between the two on the scale log(1 + count), on which its effect was measured:
  exp(log(1 + expected) - effect / 2) - 1.

    right  =  target > turn   for a rise, or a driver that raised
              target < turn   for a fall, or a driver that lowered
              |target - last| < max(1, 5% of last)   for no move

So a text is right if the count moved the way the forecast said, and a driver is right if the forecast with
it lay nearer to what happened than the forecast without it. An outcome on the turning point is a tie: the move did
not come, it is not right, and it is counted apart. Totals are over moves: that nothing moves is another sort of
statement, right by another test, and stands in a row of its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from trail.evaluate.resampling import wilson
from trail.facts import Verdict
from trail.facts.quantities import CHANGES
from trail.facts.verify import LEVEL
from trail.signals import BY_NAME, LATEST, Group
from trail.snapshots import Explained

#: Reasons by what they rest on: the text as a whole, a group it cites, a kind of claim in it, a measured driver.
TEXT, CITED, CLAIM, DRIVER = BASES = ("text", "cited", "claim", "driver")
_RISE, _FALL, STILL, _RAISED, _LOWERED = SIGNS = ("rise", "fall", "level", "raised", "lowered")
_SLACK = 1e-9


@dataclass(frozen=True)
class Reason:
    """One reason given for one forecast, and whether it was right.

    Attributes:
        seal: Seal of the snapshot that gave it.
        cutoff: The snapshot's cutoff.
        item_id: The item.
        basis: `text`, `cited`, `claim` or `driver`.
        about: Signal group (`cited`, `driver`), kind of claim (`claim`), empty for `text`.
        sign: `rise`, `fall` or `level` of the forecast's move; `raised` or `lowered` of a driver.
        effect: Effect of a driver on log(1 + expected); null for the others.
        expected: The sealed forecast.
        last: Count of the last window.
        turn: The turning point.
        target: What happened.
        right: Whether it was right.
        tie: Whether the outcome lay on the turning point; always false for `level`.
    """

    seal: str
    cutoff: datetime
    item_id: str
    basis: str
    about: str
    sign: str
    effect: float | None
    expected: float
    last: float
    turn: float
    target: float
    right: bool
    tie: bool


@dataclass(frozen=True)
class Tally:
    """How often one sort of reason was right.

    Attributes:
        basis: As in `Reason`.
        about: As in `Reason`.
        sign: As in `Reason`; empty for all together but `level`.
        cases: Reasons given.
        right: Those that were right.
        ties: Those whose outcome lay on the turning point; among the cases, not among the right ones.
        low: Lower end of Wilson's 95% interval of the share.
        high: Upper end.
    """

    basis: str
    about: str
    sign: str
    cases: int
    right: int
    ties: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Right over cases."""
        return self.right / self.cases


#: Quantities of several windows, and whether these are before the last.
_SPAN = re.compile(r"(?:sum|mean|peak|low|(most_before|least_before))_(\d+)")


def group_of(quantity: str) -> Group | None:
    """Returns the signal group that a quantity named by a text belongs to; null for parts of the forecast."""
    if quantity in BY_NAME:
        return BY_NAME[quantity].group
    if found := _SPAN.fullmatch(quantity):
        return Group.LEVEL if not found[1] and int(found[2]) <= LATEST else Group.PAST
    if quantity == "per_user":
        return Group.BREADTH
    for pair, signals in CHANGES.items():
        if quantity in pair:
            return next(BY_NAME[name].group for name in signals if name)
    return None


def move_of(expected: float, last: float) -> str:
    """Returns the move from the last window that a forecast argues for: `rise`, `fall` or `level`."""
    if _is_level(expected, last):
        return STILL
    return _RISE if expected > last else _FALL


def _is_level(count: float, last: float) -> bool:
    return abs(count - last) < max(1.0, LEVEL * last)


def reasons(
    explained: Iterable[Explained],
    expected: Mapping[str, float],
    last: Mapping[str, float],
    target: Mapping[str, float],
    *,
    seal: str,
    cutoff: datetime,
) -> tuple[Reason, ...]:
    """Judges every reason of a snapshot.

    A text counts once for each group and kind that its supported claims about signals cite, however many
    they are; what it says of the forecast itself and of context is no reason.

    Args:
        explained: The texts with claims and drivers.
        expected: Item -> sealed expected count.
        last: Item -> count of the last window.
        target: Item -> what happened.
        seal: The snapshot's seal.
        cutoff: Its cutoff.
    """
    found = []
    for each in explained:
        item = each.item_id
        move = move_of(expected[item], last[item])
        given = [
            *((basis, about, move, None, last[item]) for basis, about in _cited(each)),
            *_driven(each, expected[item]),
        ]
        for basis, about, sign, effect, turn in given:
            right, tie = _judged(sign, turn, last[item], target[item])
            counts = (expected[item], last[item], turn, target[item])
            found.append(
                Reason(seal, cutoff, item, basis, about, sign, effect, *counts, right=right, tie=tie)
            )
    return tuple(found)


def _cited(explained: Explained) -> Iterator[tuple[str, str]]:
    """Yields the bases and subjects of one text, each once."""
    yield TEXT, ""
    true = [each.claim for each in explained.verification.checked if each.verdict is Verdict.SUPPORTED]
    groups = [(claim, group_of(claim.signal)) for claim in true]
    yield from dict.fromkeys((CITED, group.value) for _, group in groups if group)
    yield from dict.fromkeys((CLAIM, claim.kind.value) for claim, group in groups if group)


def _driven(explained: Explained, expected: float) -> Iterator[tuple[str, str, str, float, float]]:
    for driver in explained.drivers:
        if driver.effect:
            group = group_of(driver.signal)
            sign = _RAISED if driver.effect > 0 else _LOWERED
            turn = max(0.0, math.expm1(math.log1p(expected) - driver.effect / 2))
            yield DRIVER, group.value if group else driver.signal, sign, driver.effect, turn


def _judged(sign: str, turn: float, last: float, target: float) -> tuple[bool, bool]:
    if sign == STILL:
        return _is_level(target, last), False
    if math.isclose(target, turn, rel_tol=_SLACK, abs_tol=_SLACK):
        return False, True
    return (target > turn) == (sign in (_RISE, _RAISED)), False


def tally(found: Sequence[Reason]) -> list[Tally]:
    """Counts reasons by basis, subject and sign, and over all moves; in the order of bases, most cases first.

    The interval is Wilson's (1927). It takes the cases as independent, which those of one week are not:
    it is too narrow where few snapshots were scored.
    """
    made = []
    for basis in BASES:
        mine = [each for each in found if each.basis == basis]
        sizes = {about: sum(each.about == about for each in mine) for about in {each.about for each in mine}}
        for about in sorted(sizes, key=lambda name: (-sizes[name], name)):
            these = [each for each in mine if each.about == about]
            moves = [each for each in these if each.sign != STILL]
            signed = [("", moves), *((sign, [e for e in these if e.sign == sign]) for sign in SIGNS)]
            made += [_tallied(basis, about, sign, some) for sign, some in signed if some]
    return made


def _tallied(basis: str, about: str, sign: str, these: Sequence[Reason]) -> Tally:
    right, cases = sum(each.right for each in these), len(these)
    low, high = wilson(right / cases, cases)
    return Tally(basis, about, sign, cases, right, sum(each.tie for each in these), low, high)
