"""What happens to a forecast when the log itself says something else of one group of signals.

Every group that can be edited is edited for every item, whoever named it: so named and unnamed groups, and whatever
a liar or a parrot would have named, are looked up in one table of moves. The edits do not depend on the forecaster
but for its neutral values, so that several can be held against the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from trail.evaluate.faithfulness import surroundings
from trail.evaluate.faithfulness.edits import OWN_EDITS, UNTESTABLE, Aim, Edit
from trail.evaluate.faithfulness.own import Own
from trail.evaluate.faithfulness.subject import Subject
from trail.evaluate.faithfulness.worlds import World
from trail.signals import Cards, Group

#: Groups that can be edited, in column order.
TESTED: tuple[Group, ...] = (*(each.group for each in OWN_EDITS), Group.CATEGORY)
_OF: Mapping[Group, Edit] = {each.group: each for each in OWN_EDITS}
#: Told how many of the worlds are made.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Edited:
    """The cards of the items in which one group was edited.

    Attributes:
        rows: Which of the tested items could be, ascending, shape (able,).
        cards: Their cards, in that order.
    """

    rows: np.ndarray
    cards: Cards

    def card(self, at: int) -> pa.Table | None:
        """Returns the row of a tested item; null where its group could not be edited."""
        place = int(np.searchsorted(self.rows, at))
        there = place < len(self.rows) and self.rows[place] == at
        return self.cards.table.slice(place, 1) if there else None


@dataclass(frozen=True)
class Interventions:
    """How each edit moved each item's forecast.

    Attributes:
        before: Cards of the tested items as they are.
        edited: Group -> the cards after its edit.
        moves: What the group did to the log of the expected count, shape (items, groups): before less after its
            edit, so that positive raised the forecast; columns as `TESTED`, NaN where the edit was not possible.
    """

    before: Cards
    edited: Mapping[Group, Edited]
    moves: np.ndarray

    def card(self, at: int, group: Group | None) -> pa.Table | None:
        """Returns the row of a tested item after the edit of a group; null where there was none."""
        found = self.edited.get(group) if group else None
        return found.card(at) if found else None


def needs(group: Group) -> str:
    """Returns what an item lacks whose group could not be edited, in words."""
    if group in UNTESTABLE:
        return UNTESTABLE[group]
    return _OF[group].needs if group in _OF else surroundings.NEEDS


def edit(
    world: World, neutral: Mapping[str, float], *, seed: int = 0, progress: Progress | None = None
) -> Mapping[Group, Edited]:
    """Edits each group of each item in the log, and rebuilds the cards by the normal query.

    Args:
        world: The items to test.
        neutral: Neutral values, which edits aim at.
        seed: Seed of the edits.
        progress: Told how many of the edits are made.
    """
    tell, aim = progress or _silent, Aim(neutral, seed)
    found, many = {}, len(world.rows)
    for column, group in enumerate(TESTED):
        able, parts = list[int](), list[pa.Table]()
        for some, cards in _worlds(world, aim, group):
            able += some
            parts.append(cards.table)
            tell(column * many + able[-1] + 1, len(TESTED) * many)
        if parts:
            cards = replace(world.cards, table=pa.concat_tables(parts))
            found[group] = Edited(np.array(able, dtype=np.int64), cards)
    tell(len(TESTED) * many, len(TESTED) * many)
    return found


def intervene(subject: Subject, before: Cards, edited: Mapping[Group, Edited]) -> Interventions:
    """Forecasts the edited cards again, all in one pass.

    Args:
        subject: The forecaster.
        before: Cards of the tested items as they are.
        edited: Group -> the cards after its edit.
    """
    return Interventions(before, edited, _moves(subject, before, edited))


def _silent(done: int, total: int) -> None:
    """Tells nobody."""


def _worlds(world: World, aim: Aim, group: Group) -> Iterator[tuple[list[int], Cards]]:
    """Yields which items were edited in each world, ascending, and their cards."""
    kind = _OF.get(group)
    if kind is None:
        for at, row in enumerate(world.rows):
            counts = surroundings.calm(world.cards, world.counts, int(row), aim)
            if counts is not None:
                yield [at], world.rebuilt([world.own[at]], world.rows[[at]], counts)
        return
    made = ((at, kind.make(own, aim)) for at, own in enumerate(world.own))
    able = ((at, each) for at, each in made if each is not None)
    together: Iterable[list[tuple[int, Own]]] = [list(able)] if kind.private else ([each] for each in able)
    for some in together:
        if some:
            places = [at for at, _ in some]
            yield places, world.rebuilt([own for _, own in some], world.rows[places])


def _moves(subject: Subject, before: Cards, edited: Mapping[Group, Edited]) -> np.ndarray:
    tables = [before.table, *(each.cards.table for each in edited.values())]
    logs = subject.logs(replace(before, table=pa.concat_tables(tables)))
    found = np.full((len(before), len(TESTED)), np.nan)
    at = len(before)
    for group, each in edited.items():
        after = logs[at : at + len(each.rows)]
        found[each.rows, TESTED.index(group)] = logs[each.rows] - after
        at += len(each.rows)
    return found
