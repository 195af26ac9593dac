"""Which groups of signals moved a forecast: replace each by a value that says nothing and look again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from trail.facts import Driver, speaker
from trail.signals import BY_NAME, SIGNALS, Cards, Group

#: Groups that are occluded; the calendar is equal for all items and cannot tell two apart.
GROUPS: tuple[Group, ...] = tuple(group for group in Group if group is not Group.CALENDAR)
#: Expected counts of cards, shape (items,).
Expect = Callable[[Cards], np.ndarray]


def neutral_values(cards: Cards) -> dict[str, float]:
    """Returns the value of each signal that says nothing: its own neutral one, else the cards' median.

    Signals that are null everywhere are left out.
    """
    found = {}
    for signal in SIGNALS:
        values = cards.column(signal.name)
        known = values[np.isfinite(values)]
        if len(known):
            found[signal.name] = float(np.median(known)) if signal.neutral is None else signal.neutral
    return found


def occlude(
    cards: Cards, group: Group, neutral: Mapping[str, float], where: np.ndarray | None = None
) -> Cards:
    """Returns cards in which a group's signals have their neutral values.

    Nulls stay null: what was never known cannot have moved anything.

    Args:
        cards: The cards.
        group: The group.
        neutral: Neutral value of every signal.
        where: Rows in which it is occluded, shape (items,) of bool; all by default.
    """
    table, chosen = cards.table, np.ones(len(cards), dtype=bool) if where is None else where
    for signal in SIGNALS:
        if signal.group is group and signal.name in neutral:
            values = cards.column(signal.name)
            known = np.isfinite(values)
            column = pa.array(np.where(chosen & known, neutral[signal.name], values), mask=~known)
            table = table.set_column(table.column_names.index(signal.name), signal.name, column)
    return replace(cards, table=table)


@dataclass(frozen=True)
class Effects:
    """What each group did to the log of the expected count.

    Attributes:
        groups: The groups, in column order.
        values: Effect of each group on each card, shape (items, groups); positive raised the forecast.
    """

    groups: tuple[Group, ...]
    values: np.ndarray

    def drivers(self, cards: Cards, row: int, *, most: int = 3, least: float = 0.02) -> tuple[Driver, ...]:
        """Returns the strongest drivers of a card that can speak, strongest first.

        Args:
            cards: The cards that were occluded.
            row: Which of them.
            most: Drivers at most.
            least: Smallest effect worth naming, on the log of the expected count.
        """
        card, found = cards.card(row), []
        for column in np.argsort(-np.abs(self.values[row]), kind="stable"):
            effect = float(self.values[row, column])
            name = speaker(self.groups[column], card, effect)
            if abs(effect) >= least and name is not None:
                found.append(Driver(name, effect))
        return tuple(found[:most])

    def every(self, cards: Cards) -> list[tuple[Driver, ...]]:
        """Returns the strongest drivers of each of the cards that were occluded."""
        return [self.drivers(cards, row) for row in range(len(cards))]


def effects(cards: Cards, expect: Expect, neutral: Mapping[str, float]) -> Effects:
    """Measures what each group did: the log expected count less what it is without the group; in one pass.

    Args:
        cards: Rows of one cutoff.
        expect: The whole forecast, prior included, as a function of cards.
        neutral: Neutral value of every signal, from the cards that these are compared with.
    """
    present = tuple(group for group in GROUPS if any(BY_NAME[name].group is group for name in neutral))
    tables = [cards.table, *(occlude(cards, group, neutral).table for group in present)]
    together = replace(cards, table=pa.concat_tables(tables))
    logs = np.log1p(expect(together)).reshape(len(tables), len(cards))
    return Effects(present, (logs[0] - logs[1:]).T)
