"""The model writes: from forecast and drivers to a text, many at once."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from trail.facts import prompt
from trail.forecast import Told, TrailForecaster, story
from trail.model import continued

#: Tokens of the longest text; training texts are near 60.
LONGEST = 112


def write(
    forecaster: TrailForecaster,
    told: Sequence[Told],
    *,
    temperature: float = 0.0,
    seed: int = 0,
    batch: int = 32,
) -> list[str]:
    """Writes one text for each told card.

    Args:
        forecaster: Whose model writes.
        told: Cards with forecasts and drivers.
        temperature: 0 writes the likeliest words; above, words are drawn.
        seed: Seed of the draw.
        batch: Texts written at once; always cut the same way.
    """
    reader, backbone = forecaster.reader, forecaster.model.backbone
    forecaster.model.eval()
    torch.manual_seed(seed)
    starts = [
        [
            *backbone.encode(found.common),
            *backbone.encode(found.scoring[len(found.common) :]),
            *backbone.encode(tail),
        ]
        for found, tail in ((prompt(each.card, mask=reader.mask), story(each, reader)) for each in told)
    ]
    found = continued(backbone, starts, most=LONGEST, temperature=temperature, batch=batch)
    return [_tidy(backbone.tokenizer.decode(ids, skip_special_tokens=True)) for ids in found]


def _tidy(text: str) -> str:
    """Returns a text on one line."""
    return " ".join(text.split())
