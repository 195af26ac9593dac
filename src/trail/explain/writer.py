"""The model writes: from forecast and drivers to a text, many at once."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from trail.facts import prompt
from trail.forecast import Told, TrailForecaster, story

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
    order = sorted(range(len(told)), key=lambda at: len(starts[at]))
    texts = [""] * len(told)
    for begin in range(0, len(order), batch):
        rows = order[begin : begin + batch]
        for row, text in zip(
            rows, _generate(forecaster, [starts[row] for row in rows], temperature), strict=True
        ):
            texts[row] = text
    return texts


def _generate(forecaster: TrailForecaster, starts: Sequence[Sequence[int]], temperature: float) -> list[str]:
    """Continues token sequences until the end token, padded on the left."""
    backbone = forecaster.model.backbone
    width = max(len(each) for each in starts)
    ids = torch.tensor([[backbone.pad] * (width - len(each)) + list(each) for each in starts])
    mask = torch.tensor([[0] * (width - len(each)) + [1] * len(each) for each in starts])
    drawn = (
        {"do_sample": True, "temperature": temperature, "top_p": 0.95}
        if temperature
        else {"do_sample": False}
    )
    with backbone.reading():
        out = backbone.model.generate(
            input_ids=ids,
            attention_mask=mask,
            max_new_tokens=LONGEST,
            pad_token_id=backbone.pad,
            eos_token_id=backbone.end,
            **drawn,
        )
    return [_tidy(backbone.tokenizer.decode(row[width:], skip_special_tokens=True)) for row in out]


def _tidy(text: str) -> str:
    """Returns a text on one line."""
    return " ".join(text.split())
