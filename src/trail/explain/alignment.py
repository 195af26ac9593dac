"""Whether a model tells true texts from corrupted ones and knows the card of a text, on what no lesson held.

A card is met as it is told: its signals, with the forecast and the drivers that the text may speak of.

Held out of the lessons are the wordings of all texts here, one item in ten (`forecast.held_out`), two kinds of corruption
(`pairs.HELD_OUT`), and, where the cards are of later cutoffs, the origins.

Shapes: N cards of a cutoff, C kinds of corruption, E embedding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name every reader of torch code knows

from trail.baselines import Forecast, p_top
from trail.explain.explanation import tell
from trail.facts import Rendered, render
from trail.forecast import Told, TrailForecaster, held_out, lesson
from trail.model import INPUTS, JointModel, backbone_folder, load_backbone
from trail.model.language_stage import Heard, Lesson, hear, lesson_length
from trail.model.packing import padded_length
from trail.pairs import HELD_OUT, Corruption, corrupt
from trail.signals import Cards

#: Cards among which a text must find its own.
POOL = 100


@dataclass(frozen=True)
class Exam:
    """Cards of one cutoff and what is told of them: what models are asked about, the same for all.

    Attributes:
        cards: The cards, N of them.
        prior: The prior's forecast of them.
        told: Each card with its forecast and drivers, in the order of the cards.
    """

    cards: Cards
    prior: Forecast
    told: tuple[Told, ...]


@dataclass(frozen=True)
class Preferred:
    """How likely a model finds a true text and a corrupted one of the same card.

    Attributes:
        model: Name of the model.
        fingerprint: Its fingerprint; empty before tuning.
        origin: Cutoff.
        item_id: The item.
        unseen: Whether no lesson spoke of the item.
        kind: What was made false.
        untaught: Whether no lesson held that kind.
        true: Log likelihood of the true text, summed over its tokens.
        true_tokens: Its number of tokens, the end token too.
        false: Log likelihood of the corrupted text.
        false_tokens: Its number of tokens.
    """

    model: str
    fingerprint: str
    origin: datetime
    item_id: str
    unseen: bool
    kind: str
    untaught: bool
    true: float
    true_tokens: int
    false: float
    false_tokens: int


@dataclass(frozen=True)
class Retrieved:
    """How many cards of a cutoff are at least as near to a text, read alone, as its own.

    Attributes:
        model: Name of the model.
        fingerprint: Its fingerprint; empty before tuning.
        origin: Cutoff.
        item_id: The item.
        unseen: Whether no lesson spoke of the item.
        place: Place of its own card by cosine, 1 is the nearest; ties count against it.
        pool: Cards that it was looked for among.
    """

    model: str
    fingerprint: str
    origin: datetime
    item_id: str
    unseen: bool
    place: int
    pool: int


def examine(
    forecaster: TrailForecaster,
    cards: Cards,
    *,
    k: int,
    seed: int = 0,
    size: int = POOL,
    unseen_first: bool = True,
) -> Exam:
    """Returns what models are asked about a cutoff: items that no lesson spoke of, the first of the forecast first.

    Where fewer than wanted are left, the first of the other items fill up.

    Args:
        forecaster: Whose forecasts and drivers are told, fitted on what was known at the cutoff.
        cards: All cards of the cutoff.
        k: The K of the chance of the top K.
        seed: Seed of the draws behind that chance.
        size: Items wanted; fewer where the catalogue holds fewer.
        unseen_first: Without, the first items of the forecast are taken, whether lessons spoke of them or not.
    """
    prior, forecast = forecaster.prior_forecast(cards), forecaster.predict(cards)
    taught = np.array([not held_out(item) for item in cards.item_ids], dtype=bool)
    rows = np.lexsort((-forecast.score, taught & unseen_first))[:size]
    told = tell(forecaster, cards, forecast, p_top(forecast, k, seed=seed), rows.tolist(), k=k)
    placed = tuple(replace(each, row=at) for at, each in enumerate(told))
    return Exam(cards.take(rows), prior.take(rows), placed)


def without_tuning(forecaster: TrailForecaster) -> TrailForecaster:
    """Returns a copy whose backbone is as it came and whose heads and embeddings have learned nothing."""
    settings = forecaster.settings
    torch.manual_seed(settings.seed)
    backbone = load_backbone(backbone_folder(settings.backbone))
    model = JointModel(backbone, len(INPUTS)).eval()
    reader = replace(forecaster.reader, backbone=backbone)
    return replace(forecaster, model=model, reader=reader, fingerprint="")


def align(
    forecaster: TrailForecaster, exams: Sequence[Exam], *, model: str, seed: int = 0, batch: int = 8
) -> tuple[list[Preferred], list[Retrieved]]:
    """Asks a model about true and corrupted texts in held-out wordings; the texts depend on exams and seed alone.

    One pass a card reads its prompt, its true text, that text alone, and its corrupted texts of all kinds.

    Args:
        forecaster: Whose model is asked.
        exams: Of the cutoffs.
        model: Its name in the rows.
        seed: Seed of the texts.
        batch: Cards a forward pass.

    Returns:
        A row a card and kind of corruption that applied, and a row a card.
    """
    preferred: list[Preferred] = []
    retrieved: list[Retrieved] = []
    for at, exam in enumerate(exams):
        lessons = _lessons(forecaster, exam, np.random.default_rng([seed, at]))
        heard = _heard(forecaster, exam, lessons, batch)
        preferred += _preferred(model, forecaster.fingerprint, exam, heard)
        retrieved += _retrieved(model, forecaster.fingerprint, exam, heard)
    return preferred, retrieved


def _lessons(forecaster: TrailForecaster, exam: Exam, rng: np.random.Generator) -> list[Lesson]:
    mask = forecaster.reader.mask
    texts = [
        render(each.card, each.outlook, each.drivers, rng, held_out=True, mask=mask) for each in exam.told
    ]
    found = []
    for at, (told, text) in enumerate(zip(exam.told, texts, strict=True)):
        false = _corrupted(told, text, texts[at - 1], rng)
        found.append(lesson(told, text.text, list(false), forecaster.reader))
    return found


def _corrupted(told: Told, text: Rendered, donor: Rendered, rng: np.random.Generator) -> Iterator[str]:
    """Yields a corrupted text a kind, empty where the kind does not apply."""
    for kind in Corruption:
        yield corrupt(text, told.card, told.outlook, kind, rng, donor=donor, held_out=True) or ""


def _heard(forecaster: TrailForecaster, exam: Exam, lessons: Sequence[Lesson], batch: int) -> Heard:
    """Reads all lessons, those of like length together, and returns what was heard in the order of the cards."""
    model, slate = forecaster.model, forecaster.reader.slate(exam.cards, exam.prior)
    lengths = [lesson_length(slate, each) for each in lessons]
    order = np.argsort(lengths, kind="stable")
    with model.backbone.reading():
        parts = [
            hear(model, slate, [lessons[row] for row in rows], length=padded_length(lengths[rows[-1]]))
            for rows in (order[begin : begin + batch] for begin in range(0, len(order), batch))
        ]
    return Heard.joined(parts).take(torch.from_numpy(np.argsort(order, kind="stable")))


def _preferred(model: str, fingerprint: str, exam: Exam, heard: Heard) -> Iterator[Preferred]:
    for at, told in enumerate(exam.told):
        for column, kind in enumerate(Corruption):
            if heard.false_tokens[at, column] > 0:
                yield Preferred(
                    model=model,
                    fingerprint=fingerprint,
                    origin=exam.cards.cutoff,
                    item_id=told.card.item_id,
                    unseen=held_out(told.card.item_id),
                    kind=kind.value,
                    untaught=kind in HELD_OUT,
                    true=float(heard.true[at]),
                    true_tokens=int(heard.true_tokens[at]),
                    false=float(heard.false[at, column]),
                    false_tokens=int(heard.false_tokens[at, column]),
                )


def _retrieved(model: str, fingerprint: str, exam: Exam, heard: Heard) -> Iterator[Retrieved]:
    cosine = F.normalize(heard.text, dim=1) @ F.normalize(heard.card, dim=1).T  # (N, N)
    places = (cosine >= cosine.diagonal()[:, None]).sum(dim=1)
    for told, place in zip(exam.told, places.tolist(), strict=True):
        item = told.card.item_id
        unseen, pool = held_out(item), len(exam.told)
        yield Retrieved(model, fingerprint, exam.cards.cutoff, item, unseen, int(place), pool)
