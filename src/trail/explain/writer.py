"""The model writes: from forecast and drivers to a text, many at once."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from trail.facts import prompt
from trail.forecast import Told, TrailForecaster, story
from trail.model import NUMBER, continued

#: Tokens of the longest text; training texts are near 60.
LONGEST = 112


def write(
    forecaster: TrailForecaster,
    told: Sequence[Told],
    *,
    begun: Sequence[str] = (),
    temperature: float = 0.0,
    seed: int = 0,
    any_number: bool = False,
    batch: int = 32,
) -> list[str]:
    """Writes one text for each told card; the only numbers in it are those that the model was told.

    Args:
        forecaster: Whose model writes.
        told: Cards with forecasts and drivers.
        begun: What is written of each text already, whole sentences; none by default.
        temperature: 0 writes the likeliest words; above, words are drawn.
        seed: Seed of the draw.
        any_number: Leaves the model free to write other numbers.
        batch: Texts written at once; always cut the same way.
    """
    reader, backbone = forecaster.reader, forecaster.model.backbone
    forecaster.model.eval()
    torch.manual_seed(seed)
    prompts = [(prompt(each.card, mask=reader.mask), story(each, reader)) for each in told]
    read = [f"{found.scoring}{tail}" for found, tail in prompts]
    starts = [
        [
            *backbone.encode(found.common),
            *backbone.encode(found.scoring[len(found.common) :]),
            *backbone.encode(tail),
        ]
        for found, tail in prompts
    ]
    started = [*begun] or [""] * len(told)
    found = continued(
        backbone,
        [
            [*start, *(backbone.encode(f" {text}") if text else ())]
            for start, text in zip(starts, started, strict=True)
        ],
        most=LONGEST,
        temperature=temperature,
        numbers=() if any_number else [frozenset(NUMBER.findall(each)) for each in read],
        batch=batch,
    )
    written = [backbone.tokenizer.decode(ids, skip_special_tokens=True) for ids in found]
    return [_tidy(f"{text} {rest}") for text, rest in zip(started, written, strict=True)]


def _tidy(text: str) -> str:
    """Returns a text on one line."""
    return " ".join(text.split())
