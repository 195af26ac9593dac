"""One forecast at one origin, measured: metrics by scope, reliability, risers found and missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trail.baselines import Forecast
from trail.evaluate.metrics import METRICS
from trail.evaluate.outcome import Outcome, growth
from trail.evaluate.scopes import rose, scopes
from trail.signals import Cards, Labelled

#: Borders of the bins of the chance of the top K; narrow where nearly all items are.
EDGES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
#: The strongest rises of an origin that are listed, and the places of a forecast in which one counts as found.
RISERS = 50


@dataclass(frozen=True)
class Measured:
    """What is said of one forecast; each part as columns of its table, without provenance.

    Attributes:
        values: `scope`, `items`, `metric` and `value`.
        bins: `low`, `high`, `items`, `chance` and `entered`; bins without an item are left out.
        risers: `item_id`, `title`, `last`, `target`, `expected`, `place` and `found`, strongest first.
    """

    values: tuple[Mapping[str, Any], ...]
    bins: tuple[Mapping[str, Any], ...]
    risers: tuple[Mapping[str, Any], ...]


def measured(
    example: Labelled,
    forecast: Forecast,
    metrics: Sequence[str],
    families: Sequence[str],
    categories: Sequence[str],
    *,
    top: int,
    seed: int,
) -> Measured:
    """Measures a forecast of the whole catalogue beside what happened.

    Args:
        example: The cards with their targets.
        forecast: Their forecast.
        metrics: Names in `METRICS`.
        families: Names in `FAMILIES`.
        categories: Categories that are measured by name.
        top: The K of the chance of the top K.
        seed: Seed of the draws behind these chances.
    """
    outcome = Outcome.of(example, forecast, top=top, seed=seed)
    values: list[Mapping[str, Any]] = []
    for scope, rows in scopes(example, families, categories).items():
        inside = outcome.take(rows)
        shared = {"scope": scope, "items": len(inside.target)}
        values += [shared | {"metric": name, "value": METRICS[name].measure(inside)} for name in metrics]
    return Measured(tuple(values), reliability(outcome), risers(example.cards, outcome))


def reliability(outcome: Outcome) -> tuple[Mapping[str, Any], ...]:
    """Returns items, stated chances and places taken by bins of the stated chance (Murphy 1973)."""
    place = np.clip(np.searchsorted(EDGES, outcome.chance, side="right") - 1, 0, len(EDGES) - 2)
    sums = [
        np.bincount(place, weights=weights, minlength=len(EDGES) - 1)
        for weights in (None, outcome.chance, outcome.entered)
    ]
    columns = zip(EDGES[:-1], EDGES[1:], *sums, strict=True)
    return tuple(
        {"low": low, "high": high, "items": int(items), "chance": float(chance), "entered": float(entered)}
        for low, high, items, chance, entered in columns
        if items
    )


def risers(cards: Cards, outcome: Outcome) -> tuple[Mapping[str, Any], ...]:
    """Returns the strongest true rises beyond chance, at most 50, and where a forecast had them.

    Equal rises, true or forecast, are in the order of the cards.
    """
    rise = np.where(rose(outcome.target, outcome.last), growth(outcome), 0.0)
    strongest = np.argsort(-rise, kind="stable")[:RISERS]
    place = np.empty(len(rise), dtype=np.int64)
    place[np.argsort(outcome.last - outcome.expected, kind="stable")] = np.arange(1, len(rise) + 1)
    return tuple(
        {
            **_named(cards, int(row)),
            **{name: float(getattr(outcome, name)[row]) for name in ("last", "target", "expected")},
            "place": int(place[row]),
            "found": bool(place[row] <= RISERS),
        }
        for row in strongest
        if rise[row] > 0
    )


def _named(cards: Cards, row: int) -> dict[str, str]:
    item = str(cards.table["item_id"][row].as_py())
    return {"item_id": item, "title": str(cards.table["title"][row].as_py() or item)}
