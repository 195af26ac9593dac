"""Which forecasters draw, and one seed for all that they draw."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

from trail.baselines.point import PointForecaster

F = TypeVar("F", bound=PointForecaster)


def seeded(forecaster: F, seed: int) -> F:
    """Returns a copy that draws, and whose parts draw, with a seed; the forecaster itself where nothing is drawn.

    What draws has a field `seed`; parts are the forecasters in its fields.
    """
    found: dict[str, Any] = {each.name: getattr(forecaster, each.name) for each in fields(forecaster)}
    changed: dict[str, Any] = {
        name: seed if name == "seed" else _seeded(value, seed) for name, value in found.items()
    }
    return replace(forecaster, **changed) if changed != found else forecaster


def draws(forecaster: PointForecaster) -> bool:
    """Whether another seed makes another forecaster, unfitted."""
    return seeded(forecaster, 0) != seeded(forecaster, 1)


def _seeded(value: Any, seed: int) -> Any:
    if isinstance(value, PointForecaster):
        return seeded(value, seed)
    return tuple(_seeded(each, seed) for each in value) if isinstance(value, tuple) else value
