"""Sufficiency and comprehensiveness of an order of signal groups (DeYoung et al. 2020, ERASER).

For a rationale of the k first groups, in log(1 + expected count):

    comprehensiveness(k) = |log f(card) - log f(card without them)|     high if they matter
    sufficiency(k)       = |log f(card) - log f(card with them alone)|  low if they are enough

What is left out has its neutral values, as in occlusion. The area is the mean over k = 0 to all groups, as ERASER's
area over the perturbation curve, in which the bins are groups. It says how good the order is as far as occlusion sees,
which also chose the order: it is no proof from the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from trail.baselines.occlusion import Effects, occlude
from trail.evaluate.faithfulness.subject import Subject
from trail.signals import Cards, Group

COMPREHENSIVE, SUFFICIENT = "comprehensiveness", "sufficiency"
DRIVERS, RANDOM = "drivers", "random"


@dataclass(frozen=True)
class Point:
    """One point of a curve, the mean over items.

    Attributes:
        measure: `comprehensiveness` or `sufficiency`.
        order: `drivers` (strongest first, all groups) or `random`.
        groups: How many groups are removed, or kept alone.
        value: Distance from the forecast of the whole card in log(1 + expected count).
    """

    measure: str
    order: str
    groups: int
    value: float


def curves(subject: Subject, cards: Cards, found: Effects, *, seed: int = 0) -> tuple[Point, ...]:
    """Returns both curves of the drivers' order and of a random one, from one batch of forecasts.

    Args:
        subject: The forecaster.
        cards: The explained items.
        found: What it says moved their forecasts.
        seed: Seed of the random order, drawn for each item.
    """
    rng, columns = np.random.default_rng(seed), len(found.groups)
    orders = {
        DRIVERS: np.argsort(-np.abs(found.values), axis=1, kind="stable"),
        RANDOM: np.stack([rng.permutation(columns) for _ in range(len(cards))]),
    }
    masks = {
        (measure, order, k): _removed(places, k, kept=measure == SUFFICIENT)
        for measure in (COMPREHENSIVE, SUFFICIENT)
        for order, places in orders.items()
        for k in range(columns + 1)
    }
    logs = _without(subject, cards, found.groups, list(masks.values()))
    whole = logs[0]
    return tuple(
        Point(*key, float(np.abs(whole - each).mean())) for key, each in zip(masks, logs, strict=True)
    )


def areas(points: Sequence[Point]) -> Mapping[str, float]:
    """Returns the mean over k of each curve, by `measure order`."""
    values: dict[str, list[float]] = {}
    for each in points:
        values.setdefault(f"{each.measure} {each.order}", []).append(each.value)
    return {name: float(np.mean(found)) for name, found in values.items()}


def _removed(order: np.ndarray, k: int, *, kept: bool) -> np.ndarray:
    """Returns which groups are removed, shape (items, groups): the first k of an order, or all but these."""
    first = np.zeros(order.shape, dtype=bool)
    np.put_along_axis(first, order[:, :k], values=True, axis=1)
    return ~first if kept else first


def _without(
    subject: Subject, cards: Cards, groups: Sequence[Group], masks: Sequence[np.ndarray]
) -> np.ndarray:
    """Returns log(1 + expected) with groups removed, shape (masks, items); equal cards are forecast once."""
    asked = np.stack(masks)  # (masks, items, groups)
    flat = asked.reshape(-1, len(groups))
    items = np.tile(np.arange(len(cards)), len(masks))
    keys = np.column_stack([items, flat @ (1 << np.arange(len(groups)))])
    _, chosen, back = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    table = cards.table.take(pa.array(items[chosen]))
    changed = replace(cards, table=table)
    for column, group in enumerate(groups):
        changed = occlude(changed, group, subject.neutral, flat[chosen, column])
    return subject.logs(changed)[back.ravel()].reshape(len(masks), len(cards))
