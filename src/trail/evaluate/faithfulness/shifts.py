"""How far an edit moved each group of signals: what "the others stay near" comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trail.signals import SIGNALS, Cards, Group


@dataclass(frozen=True)
class Ruler:
    """Measures signals in standard deviations of their signed logarithm among cards of reference.

    Attributes:
        spread: Signal -> standard deviation of sign(x) log(1 + |x|).
        neutral: Signal -> neutral value.
    """

    spread: Mapping[str, float]
    neutral: Mapping[str, float]

    @classmethod
    def of(cls, reference: Cards, neutral: Mapping[str, float]) -> Ruler:
        """Returns the ruler of cards; a signal that is the same on all of them is measured in logarithms."""
        spread = {}
        for name in neutral:
            values = reference.column(name)
            known = values[np.isfinite(values)]
            spread[name] = float(np.std(_log(known))) if len(known) else 0.0
        return cls({name: each if each > 0 else 1.0 for name, each in spread.items()}, neutral)

    def moved(self, before: Cards, after: Cards, group: Group) -> np.ndarray:
        """Returns how far a group moved: the root mean square over its signals, 0 or more, shape (items,).

        A signal that became null, or was null, moved by one; NaN where all of the group's signals are null.
        """
        steps = []
        for name in self._names(group):
            old, new = before.column(name), after.column(name)
            step = (_log(new) - _log(old)) / self.spread[name]
            steps.append(np.where(np.isnan(old) != np.isnan(new), 1.0, step))
        return _root_mean_square(steps, len(before))

    def distance(self, cards: Cards, group: Group) -> np.ndarray:
        """Returns how far a group is from neutral: the root mean square over its signals, shape (items,)."""
        steps = [
            (_log(cards.column(name)) - _log(self.neutral[name])) / self.spread[name]
            for name in self._names(group)
        ]
        return _root_mean_square(steps, len(cards))

    def reached(self, before: Cards, after: Cards, group: Group) -> np.ndarray:
        """Returns the share of a group's way to neutral that was gone, shape (items,); NaN if it was there already."""
        start, end = self.distance(before, group), self.distance(after, group)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(start > 0, 1.0 - end / start, np.nan)

    def _names(self, group: Group) -> list[str]:
        return [each.name for each in SIGNALS if each.group is group and each.name in self.neutral]


def _log(values: np.ndarray | float) -> np.ndarray:
    return np.asarray(np.sign(values) * np.log1p(np.abs(values)))


def _root_mean_square(steps: list[np.ndarray], items: int) -> np.ndarray:
    if not steps:
        return np.full(items, np.nan)
    values = np.stack(steps)  # (signals, items)
    known = np.isfinite(values)
    many = known.sum(axis=0)
    total = np.where(known, values**2, 0.0).sum(axis=0)
    return np.where(many > 0, np.sqrt(total / np.maximum(many, 1)), np.nan)
