"""The leak alarm: a forecast is made again from planted copies of the data, and nothing in it may move."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np

from trail.baselines import Forecast, Forecaster, p_top
from trail.evaluate.ground import Ground, Plant, Planted
from trail.evaluate.plants import PLANTS
from trail.evaluate.settled import TOLERANCE, numbers, same, settled
from trail.events import EventLog, Horizon, Items
from trail.signals import Cards, Labelled, known_at, label

_NUMBERS = ("expected", "q10", "q50", "q90", "score")
#: What the alarm cannot see.
LIMITS = (
    (
        "A plant shows what depends on it; a leak through something that no plant changes stays unseen. Titles, "
        "categories, brands, descriptions and release dates are context that a forecaster may read, of whatever date: "
        "other words must move no signal, but may move a forecast."
    ),
    (
        "The catalogue of the cutoff's day is not known: which items it lists may itself tell of the future. An item that it "
        "lists early must move no other; its own card is a forecast of an item that was known to come."
    ),
    "What was read from the source files is taken as it is, such as a title that most rows of a whole log agree on.",
    "A language model is not trained again: what its weights know is what its record says.",
    (
        "How finely a log counts (its grid), that it names users or prices, and when its events usually arrive is known of it "
        "as a whole."
    ),
    "One cutoff, the cutoffs just before it and one seed were tried: rare leaks may need others.",
)


@dataclass(frozen=True)
class Method:
    """A way from a log and a catalogue to a forecast; all of it is under suspicion.

    Attributes:
        cutoff: First instant not known.
        horizon: Span predicted.
        learned: Cutoffs that are learned from, oldest first.
        cards: The cards of the catalogue at a cutoff.
        fit: A forecaster fitted on a history; log and catalogue are handed over to be left alone.
        known: The examples of a history that may be learned from at a cutoff.
        rounding: Tolerance of `card_order`; a network's sums depend on which rows share a batch.
        top: The K of the chance of the top K.
    """

    cutoff: datetime
    horizon: Horizon
    learned: tuple[datetime, ...]
    cards: Callable[[EventLog, Items, datetime], Cards]
    fit: Callable[[EventLog, Items, Sequence[Labelled]], Forecaster]
    known: Callable[[Sequence[Labelled], datetime], Sequence[Labelled]] = known_at
    rounding: float = TOLERANCE
    top: int = 50


@dataclass(frozen=True)
class Finding:
    """A number that moved.

    Attributes:
        plant: What moved it.
        item_id: The item, by the name it has without the plant.
        of: Whether the number is a signal of the card or part of the forecast.
        column: The signal, or the column of the forecast; `listed` (1 or 0) where the item itself came or went.
        before: Without the plant; NaN for null; a name in the column `forecaster`.
        after: With it.
    """

    plant: str
    item_id: str
    of: Literal["card", "forecast"]
    column: str
    before: float | str
    after: float | str


@dataclass(frozen=True)
class Inspection:
    """What the plants brought to light.

    Attributes:
        forecaster: Name of the forecaster.
        findings: Every number that moved, in the order of the plants.
        tried: Names of the plants that were tried.
        skipped: Name of a plant -> what it lacked.
        items: Cards that were compared.
    """

    forecaster: str
    findings: tuple[Finding, ...]
    tried: tuple[str, ...]
    skipped: Mapping[str, str]
    items: int


@dataclass(frozen=True)
class _Answer:
    """Everything a method made of a log and a catalogue, rows in the order of the original names."""

    ids: list[str]
    history: list[Labelled]
    cards: Cards
    forecast: Forecast
    forecaster: str


def find_leaks(
    log: EventLog,
    items: Items,
    method: Method,
    *,
    plants: Sequence[Plant] = PLANTS,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Inspection:
    """Forecasts with and without each plant and lists every number of cards and forecast that moved.

    Item ids are exchanged with the rows in their old order, since methods that learn from a sample of the
    rows draw it by position; that a forecast does not depend on a card's position is a plant of its own.

    Args:
        log: The events; never changed.
        items: The catalogue; never changed.
        method: What is under suspicion.
        plants: What is planted, one at a time.
        seed: Seed of the plants.
        progress: Told how many of the forecasts are made.
    """
    total, tell = len(plants) + 1, progress or _silent
    tell(0, total)
    plain = _answer(method, Planted(log, items))
    findings, tried, skipped = list[Finding](), list[str](), dict[str, str]()
    for done, plant in enumerate(plants, start=1):
        tell(done, total)
        with TemporaryDirectory() as folder:
            planted = plant.make(Ground(log, items, method.cutoff, method.horizon, Path(folder), seed))
            if planted is None:
                skipped[plant.name] = plant.needs
                continue
            findings += _moved(plant.name, method, planted, plain)
        tried.append(plant.name)
    tell(total, total)
    return Inspection(plain.forecaster, tuple(findings), tuple(tried), skipped, len(plain.ids))


def _silent(done: int, total: int) -> None:
    """Tells nobody."""


def _answer(method: Method, planted: Planted, plain: _Answer | None = None) -> _Answer:
    """Runs the whole method; numbers that did not move are handed on bit by bit as they were.

    Otherwise trees would make much of a last bit that sums in another order leave behind.
    """
    log, items = planted.log, planted.items

    def cards_at(cutoff: datetime, before: Cards | None) -> Cards:
        found = _without(_ordered(method.cards(log, items, cutoff), planted.names), planted.aside)
        return settled(found, before) if before is not None and len(before) == len(found) else found

    history = []
    for at, cutoff in enumerate(method.learned):
        before = plain.history[at] if plain else None
        example = label(log, cards_at(cutoff, before.cards if before else None))
        history.append(_same_target(example, before) if before else example)
    cards = cards_at(method.cutoff, plain.cards if plain else None)
    if plain and planted.reworded:
        return replace(plain, ids=cards.item_ids, cards=cards)
    fitted = method.fit(log, items, method.known(history, method.cutoff))
    ids = [planted.names.get(name, name) for name in cards.item_ids]
    if not planted.backwards:
        return _Answer(ids, history, cards, fitted.predict(cards), fitted.name)
    rows = np.arange(len(cards))[::-1]
    return _Answer(ids, history, cards, fitted.predict(cards.take(rows)).take(rows), fitted.name)


def _ordered(cards: Cards, names: Mapping[str, str]) -> Cards:
    """Returns cards in the order of the names they had before."""
    if not names:
        return cards
    old = np.array([names.get(name, name) for name in cards.item_ids], dtype=object)
    return cards.take(np.argsort(old, kind="stable"))


def _without(cards: Cards, aside: frozenset[str]) -> Cards:
    """Returns cards without those of some items."""
    if not aside:
        return cards
    return cards.take(np.flatnonzero([name not in aside for name in cards.item_ids]))


def _same_target(example: Labelled, before: Labelled) -> Labelled:
    if len(example.target) != len(before.target):
        return example
    late = example.late
    if late is not None and before.late is not None:
        late = replace(late, on_time=_kept(before.late.on_time, late.on_time))
    return replace(example, target=_kept(before.target, example.target), late=late)


def _kept(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.where(same(before, after), before, after)


def _moved(name: str, method: Method, planted: Planted, plain: _Answer) -> Iterator[Finding]:
    """Yields every number that differs between the answers without and with a plant."""
    answer = _answer(method, planted, plain)
    before, after = ({item: row for row, item in enumerate(each.ids)} for each in (plain, answer))
    for item in sorted(before.keys() ^ after.keys()):
        yield Finding(name, item, "card", "listed", float(item in before), float(item in after))
    shared = [item for item in plain.ids if item in after]
    old, new = (np.array([rows[item] for item in shared], dtype=np.int64) for rows in (before, after))
    for column in numbers(plain.cards):
        values = plain.cards.column(column)[old], answer.cards.column(column)[new]
        for row in np.flatnonzero(~same(*values)):
            yield Finding(name, shared[row], "card", column, float(values[0][row]), float(values[1][row]))
    if planted.reworded:
        return
    tolerance = method.rounding if planted.backwards else TOLERANCE
    forecasts = plain.forecast.take(old), answer.forecast.take(new)
    for column, was, now, stayed in _compared(*forecasts, method.top, tolerance):
        for row in np.flatnonzero(~stayed):
            yield Finding(name, shared[row], "forecast", column, was[row], now[row])


def _compared(
    before: Forecast, after: Forecast, top: int, tolerance: float
) -> Iterator[tuple[str, list[Any], list[Any], np.ndarray]]:
    """Yields each column of two forecasts of the same items and where they agree: numbers, chance, maker.

    The chance is drawn from numbers that are settled: a last bit would hand the draws to items in another order.
    """
    kept = {}
    for name in _NUMBERS:
        old, found = getattr(before, name), getattr(after, name)
        stayed = same(old, found, tolerance)
        kept[name] = np.where(stayed, old, found)
        yield name, old.tolist(), found.tolist(), stayed
    if len(before):
        old, found = (p_top(each, top, seed=0) for each in (before, replace(after, **kept)))
        yield "p_top", old.tolist(), found.tolist(), same(old, found, tolerance)
    makers = before.forecaster, after.forecaster
    yield "forecaster", *(each.tolist() for each in makers), np.asarray(makers[0] == makers[1], dtype=bool)
