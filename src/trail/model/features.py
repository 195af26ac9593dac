"""Signals as the head's numeric input: one scale for all, relative to the prior where they are counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trail.baselines.protocol import Forecast
from trail.signals import SIGNALS, Cards, Unit

_RELATIVE = {"level_half", "level_one", "level_three"}
_CLIP = 5.0
#: Names of the head's inputs, in order: every signal, then the prior itself.
INPUTS: tuple[str, ...] = (*(signal.name for signal in SIGNALS), "prior", "prior_spread")


def raw_inputs(cards: Cards, prior: Forecast) -> np.ndarray:
    """Returns the inputs before standardisation, shape (items, inputs), NaN where a signal is null.

    Counts and levels are log(1 + x) less the prior's own log, so that the head sees what the prior does not;
    changes and shares stay as they are; the rest is sign(x) log(1 + |x|).
    """
    base = np.log1p(prior.expected)
    columns = []
    for signal in SIGNALS:
        values = cards.column(signal.name)
        if signal.unit in (Unit.CHANGE, Unit.SHARE):
            columns.append(np.clip(values, -1, _CLIP))
        elif signal.unit is Unit.COUNT or signal.name in _RELATIVE:
            columns.append(np.log1p(values) - base)
        else:
            columns.append(np.sign(values) * np.log1p(np.abs(values)))
    columns += [base, np.log1p(prior.q90) - np.log1p(prior.q10)]
    return np.column_stack(columns)


@dataclass(frozen=True)
class Scale:
    """Centre and spread of each input over the training rows.

    Attributes:
        centre: Mean, shape (inputs,).
        spread: Standard deviation, 1 where it vanishes, shape (inputs,).
    """

    centre: np.ndarray
    spread: np.ndarray

    def __call__(self, raw: np.ndarray) -> np.ndarray:
        """Standardises inputs, shape (items, inputs), float32; null becomes 0, outliers stop at 5."""
        scaled = np.clip((raw - self.centre) / self.spread, -_CLIP, _CLIP)
        return np.asarray(np.nan_to_num(scaled, nan=0.0), dtype=np.float32)


def fit_scale(raw: Sequence[np.ndarray]) -> Scale:
    """Measures centre and spread on the training rows, ignoring nulls; a column without values gets 0 and 1."""
    rows = np.concatenate(raw)
    known = np.isfinite(rows)
    count = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, rows, 0.0)
    centre = filled.sum(axis=0) / count
    variance = (np.where(known, rows - centre, 0.0) ** 2).sum(axis=0) / count
    return Scale(centre, np.where(variance > 1e-12, np.sqrt(variance), 1.0))  # noqa: PLR2004 - zero, rounded
