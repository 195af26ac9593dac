"""Lessons of the language stage: cards with their forecasts and drivers, told anew in every epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from trail.baselines import Forecast
from trail.facts import Driver, Outlook, prompt, render
from trail.forecast.reading import Reader
from trail.model.language_stage import Lesson, Lessons, text_ids
from trail.pairs import corrupt_any
from trail.signals import Card, Cards

#: One item in so many is spoken of in no lesson: on these it is measured what was learned.
_HELD_OUT = 10


@dataclass(frozen=True)
class Told:
    """A card with what the model forecast of it and why: everything a text may speak of.

    Attributes:
        slate: Index of the slate.
        row: Row in the slate.
        card: The card.
        outlook: The model's own forecast.
        drivers: What moved it, strongest first.
    """

    slate: int
    row: int
    card: Card
    outlook: Outlook
    drivers: tuple[Driver, ...]


def tell(
    cards: Cards,
    forecast: Forecast,
    p_top: np.ndarray,
    rows: np.ndarray,
    drivers: Sequence[tuple[Driver, ...]],
    *,
    k: int,
    slate: int = 0,
) -> list[Told]:
    """Gathers what may be said of rows: their cards, forecast, place in it, chance of the top, and drivers.

    Args:
        cards: All cards that were forecast together.
        forecast: Their forecast.
        p_top: Chance of the top `k`, shape (items,).
        rows: Rows to speak of.
        drivers: What moved each of these rows, strongest first.
        k: The K of `p_top`.
        slate: Index of the slate, where they are of one.
    """
    places = np.empty(len(forecast), dtype=np.int64)
    places[np.argsort(-forecast.score, kind="stable")] = np.arange(1, len(forecast) + 1)
    picked = cards.take(rows)
    return [
        Told(
            slate=slate,
            row=int(row),
            card=picked.card(at),
            outlook=Outlook(
                expected=float(forecast.expected[row]),
                q10=float(forecast.q10[row]),
                q90=float(forecast.q90[row]),
                p_top=float(p_top[row]),
                k=k,
                rank=int(places[row]),
            ),
            drivers=drivers[at],
        )
        for at, row in enumerate(rows)
    ]


def held_out(item_id: str) -> bool:
    """Whether no lesson speaks of an item, whatever the log, the settings and the seed."""
    return crc32(item_id.encode()) % _HELD_OUT == 0


def story(told: Told, reader: Reader) -> str:
    """Returns what stands between the score and the text: forecast, drivers, and the request."""
    found = prompt(told.card, outlook=told.outlook, drivers=told.drivers, mask=reader.mask)
    return found.story + found.ask


def plan_lessons(
    groups: Sequence[Sequence[Told]], reader: Reader, *, seed: int, epoch: int, batch: int
) -> list[Lessons]:
    """Writes an epoch of lessons, cut into batches of one slate each; a pure function of its arguments.

    Args:
        groups: Told cards of each slate.
        reader: Tokenizer and masks.
        seed: Seed of the run.
        epoch: Number of the epoch; texts and corruptions differ from epoch to epoch.
        batch: Lessons a batch; the last of a slate is filled up with the slate's first ones.
    """
    rng = np.random.default_rng([seed, 1_000 + epoch])
    planned = []
    for group in groups:
        order = rng.permutation(len(group))
        batches = -(-len(order) // batch)
        for places in np.resize(order, (batches, batch)):
            chosen = [group[at] for at in places]
            planned.append(Lessons(chosen[0].slate, _lessons(chosen, reader, rng)))
    return [planned[at] for at in rng.permutation(len(planned)).tolist()]


def _lessons(chosen: Sequence[Told], reader: Reader, rng: np.random.Generator) -> tuple[Lesson, ...]:
    texts = [render(each.card, each.outlook, each.drivers, rng, mask=reader.mask) for each in chosen]
    found = []
    for at, (told, text) in enumerate(zip(chosen, texts, strict=True)):
        found_false = corrupt_any(text, told.card, told.outlook, rng, donor=texts[at - 1])
        found.append(lesson(told, text.text, [found_false[1] if found_false else ""], reader))
    return tuple(found)


def lesson(told: Told, true: str, false: Sequence[str], reader: Reader) -> Lesson:
    """Returns a card with its true text and its corrupted ones as token ids.

    Args:
        told: The card and what is told of it.
        true: The true text.
        false: Corrupted texts, empty where none applied.
        reader: Tokenizer and masks.
    """
    backbone = reader.backbone
    return Lesson(
        row=told.row,
        story=tuple(backbone.encode(story(told, reader))),
        true=text_ids(backbone, true),
        false=tuple(text_ids(backbone, each) if each else () for each in false),
    )
