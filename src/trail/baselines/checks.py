"""What a forecast of cards must satisfy, whoever made it."""

from __future__ import annotations

import numpy as np

from trail.baselines.protocol import Forecast
from trail.signals import Cards

_NUMBERS = ("expected", "q10", "q50", "q90", "score")


def problems(forecast: Forecast, cards: Cards) -> list[str]:
    """Returns what is wrong with a forecast of these cards, one sentence each; empty when all is well."""
    arrays = {name: np.asarray(getattr(forecast, name)) for name in (*_NUMBERS, "forecaster")}
    found = [
        f"{name} has shape {array.shape} for {len(cards)} cards"
        for name, array in arrays.items()
        if array.shape != (len(cards),)
    ]
    if found:
        return found
    for name in _NUMBERS:
        wrong = np.flatnonzero(~np.isfinite(arrays[name].astype(np.float64)))
        if len(wrong):
            found.append(f"{name} is {arrays[name][wrong[0]]} in row {wrong[0]}, one of {len(wrong)}")
    for name in ("expected", "q10"):
        found += [f"{name} is negative in {(arrays[name] < 0).sum()} rows"] * bool((arrays[name] < 0).any())
    for low, high in (("q10", "q50"), ("q50", "q90"), ("q10", "expected"), ("expected", "q90")):
        crossed = int((arrays[low] > arrays[high]).sum())
        found += [f"{low} exceeds {high} in {crossed} rows"] * bool(crossed)
    nameless = sum(not isinstance(name, str) or not name for name in arrays["forecaster"])
    return found + [f"{nameless} rows without a forecaster's name"] * bool(nameless)
