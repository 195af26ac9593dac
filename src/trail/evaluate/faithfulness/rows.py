"""What was said and what happened, as flat rows and tallies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from trail.baselines.occlusion import GROUPS, Effects
from trail.evaluate.faithfulness.intervene import TESTED, Interventions, needs
from trail.evaluate.faithfulness.shifts import Ruler
from trail.evaluate.faithfulness.statements import STILL
from trail.evaluate.faithfulness.texts import Text
from trail.evaluate.resampling import wilson
from trail.facts import Driver
from trail.signals import BY_NAME, Group


@dataclass(frozen=True)
class Shift:
    """How far an edit moved the signals of an item; NaN without an edit.

    Attributes:
        reached: Share of the group's way to neutral that the edit went, 1 is all of it; negative is away from it.
        own_shift: How far its own signals moved, in standard deviations.
        spill: How far those of the other group moved that moved most.
        spilled: That group; empty if none moved.
    """

    reached: float = float("nan")
    own_shift: float = float("nan")
    spill: float = float("nan")
    spilled: str = ""


@dataclass(frozen=True)
class Move:
    """One group of one item: what was said of it, and what its edit did.

    Attributes:
        item_id: The item.
        group: The group.
        place: Place among the item's named drivers, 1 is the first; 0 if it is not named.
        signal: Signal that names it; empty if it is not named.
        effect: What occlusion says it did to log(1 + expected); positive raised it. NaN if it has no value anywhere.
        move: What it did by the edit of the log; NaN where it could not be edited.
        reached: As in `Shift`.
        own_shift: As in `Shift`.
        spill: As in `Shift`.
        spilled: As in `Shift`.
        needs: Why it could not be edited; empty where it was.
    """

    item_id: str
    group: str
    place: int
    signal: str
    effect: float
    move: float
    reached: float
    own_shift: float
    spill: float
    spilled: str
    needs: str


@dataclass(frozen=True)
class GroupTally:
    """What became of one group of signals.

    Attributes:
        group: The group.
        first: Items whose first driver it is.
        tested: Those of them in which it could be edited.
        right: Share of these whose forecast moved the stated way; NaN without any.
        named: Items that name it among their drivers and in which it could be edited.
        named_right: Share of these whose forecast moved the stated way.
        reached: Share of its way to neutral that edits went, median over all items in which it could be edited.
        spill: How far the other group moved that moved most, over how far it moved itself, median.
        spilled: The group that most often was that one; empty without edits.
        needs: What it takes to edit it.
    """

    group: str
    first: int
    tested: int
    right: float
    named: int
    named_right: float
    reached: float
    spill: float
    spilled: str
    needs: str


@dataclass(frozen=True)
class Share:
    """A share of texts with Wilson's 95% interval.

    Attributes:
        what: What the texts did.
        cases: Texts.
        share: Share of them; NaN without any.
        low: Lower end.
        high: Upper end.
    """

    what: str
    cases: int
    share: float
    low: float
    high: float


def moves_of(
    found: Interventions, occluded: Effects, drivers: Sequence[Sequence[Driver]], ruler: Ruler
) -> list[Move]:
    """Returns one row for each group of each item, group by group.

    Args:
        found: What the edits did.
        occluded: What occlusion says of the same items.
        drivers: The drivers of each item, strongest first.
        ruler: Measures how far signals moved.
    """
    made = []
    shifts = {group: _shifts(found, group, ruler) for group in found.edited}
    for group in GROUPS:
        column = TESTED.index(group) if group in TESTED else -1
        known = group in occluded.groups
        effects = occluded.values[:, occluded.groups.index(group)] if known else None
        for at, item in enumerate(found.before.item_ids):
            named = [BY_NAME[each.signal].group for each in drivers[at]]
            place = named.index(group) + 1 if group in named else 0
            occlusion = float("nan") if effects is None else float(effects[at])
            move = float(found.moves[at, column]) if column >= 0 else float("nan")
            made.append(
                Move(
                    item_id=item,
                    group=group.value,
                    place=place,
                    signal=drivers[at][place - 1].signal if place else "",
                    effect=drivers[at][place - 1].effect if place else occlusion,
                    move=move,
                    needs=needs(group) if np.isnan(move) else "",
                    **asdict(shifts.get(group, {}).get(at, Shift())),
                )
            )
    return made


def _shifts(found: Interventions, group: Group, ruler: Ruler) -> dict[int, Shift]:
    """Returns for each edited item how far its groups moved."""
    edited = found.edited[group]
    before = found.before.take(edited.rows)
    others = [each for each in GROUPS if each is not group]
    own = ruler.moved(before, edited.cards, group)
    reached = ruler.reached(before, edited.cards, group)
    spills = np.nan_to_num(np.stack([ruler.moved(before, edited.cards, each) for each in others]))
    most = spills.argmax(axis=0)
    return {
        int(at): Shift(
            reached=float(reached[place]),
            own_shift=float(own[place]),
            spill=float(spills[most[place], place]),
            spilled=others[most[place]].value if spills[most[place], place] else "",
        )
        for place, at in enumerate(edited.rows)
    }


def tally(group: Group, moves: Sequence[Move]) -> GroupTally:
    """Returns what became of one group over all items."""
    mine = [each for each in moves if each.group == group]
    edited = [each for each in mine if np.isfinite(each.move)]
    first = [each for each in edited if each.place == 1]
    named = [each for each in edited if each.place]
    spills = [each.spill / each.own_shift for each in edited if each.own_shift]
    spilled = Counter(each.spilled for each in edited if each.spilled)
    return GroupTally(
        group=group.value,
        first=sum(each.place == 1 for each in mine),
        tested=len(first),
        right=_right(first),
        named=len(named),
        named_right=_right(named),
        reached=_median([each.reached for each in edited]),
        spill=_median(spills),
        spilled=min(spilled, key=lambda name: (-spilled[name], name), default=""),
        needs=needs(group),
    )


def _right(moves: Sequence[Move]) -> float:
    return (
        float(np.mean([each.move * np.sign(each.effect) > STILL for each in moves]))
        if moves
        else float("nan")
    )


def _median(values: Sequence[float]) -> float:
    known = [each for each in values if np.isfinite(each)]
    return float(np.median(known)) if known else float("nan")


def shares(texts: Sequence[Text]) -> list[Share]:
    """Returns how many texts changed and dropped their first driver, when it was edited away and when another was."""
    found = []
    for named, words in ((True, "first driver edited"), (False, "unnamed group edited")):
        some = [each for each in texts if each.named is named]
        for what in ("changed", "dropped"):
            share = float(np.mean([getattr(each, what) for each in some])) if some else float("nan")
            found.append(Share(f"{what}: {words}", len(some), share, *wilson(share, len(some))))
    return found
