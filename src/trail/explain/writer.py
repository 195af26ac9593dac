"""The model writes: from forecast and drivers to a text, many at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch

from trail.facts import prompt
from trail.forecast import Told, TrailForecaster
from trail.model import Backbone, ModelSettings, backbone_folder, continued, load_backbone

#: Tokens that are written at most; training texts are near 60.
LONGEST = 112


@dataclass(frozen=True)
class Begun:
    """The start of a text that is written on.

    Attributes:
        text: What holds of it; empty to start anew.
        not_on: Words that it was gone on with already, each of which made it false; their first token is barred.
    """

    text: str = ""
    not_on: frozenset[str] = frozenset()


def write(
    forecaster: TrailForecaster,
    told: Sequence[Told],
    *,
    begun: Sequence[Begun] = (),
    temperature: float = 0.0,
    seed: int = 0,
    batch: int = 32,
) -> list[str]:
    """Writes one text for each told card.

    Args:
        forecaster: Whose model writes.
        told: Cards with forecasts and drivers.
        begun: What is written of each text already; nothing by default.
        temperature: 0 writes the likeliest words; above, words are drawn.
        seed: Seed of the draw.
        batch: Texts written at once; always cut the same way.
    """
    forecaster.model.eval()
    torch.manual_seed(seed)
    backbone = forecaster.model.backbone
    return _written(backbone, told, forecaster.reader.mask, begun, temperature=temperature, batch=batch)


def untuned(settings: ModelSettings, told: Sequence[Told], *, batch: int = 32) -> list[str]:
    """Writes one text for each told card with the backbone as it came: its likeliest words, which nobody checks.

    A text may be empty.

    Args:
        settings: Of the model whose backbone it is, and whose prompts.
        told: Cards with forecasts and drivers.
        batch: Texts written at once.

    Raises:
        ModelError: If the weights are missing or cannot be loaded.
    """
    backbone = load_backbone(backbone_folder(settings.backbone)).eval()
    mask = ("metadata",) if settings.mask_titles else ()
    return _written(backbone, told, mask, (), temperature=0.0, batch=batch)


def _written(
    backbone: Backbone,
    told: Sequence[Told],
    mask: Collection[str],
    begun: Sequence[Begun],
    *,
    temperature: float,
    batch: int,
) -> list[str]:
    prompts = [prompt(each.card, outlook=each.outlook, drivers=each.drivers, mask=mask) for each in told]
    starts = [
        [
            *backbone.encode(found.common),
            *backbone.encode(found.scoring[len(found.common) :]),
            *backbone.encode(found.story + found.ask),
        ]
        for found in prompts
    ]
    started = [*begun] or [Begun()] * len(told)
    found = continued(
        backbone,
        [
            [*start, *(backbone.encode(f" {each.text}") if each.text else ())]
            for start, each in zip(starts, started, strict=True)
        ],
        most=LONGEST,
        temperature=temperature,
        barred=[
            {backbone.encode(before + word)[0] for word in each.not_on for before in ("", " ")}
            for each in started
        ],
        batch=batch,
    )
    written = [backbone.tokenizer.decode(ids, skip_special_tokens=True) for ids in found]
    return [_tidy(f"{each.text} {rest}") for each, rest in zip(started, written, strict=True)]


def _tidy(text: str) -> str:
    """Returns a text on one line."""
    return " ".join(text.split())
