"""What new items of the past went on to do, and which of them were like an item that is new now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Self

import numpy as np

from trail.baselines.scope import NEVER, OLD, state
from trail.baselines.spread import PERCENTILES
from trail.baselines.text import DIMS, TextBasis, fit_basis
from trail.baselines.trees import FEATURES
from trail.events import to_micros
from trail.signals import Cards, Labelled, known_at

#: Launches remembered at most, a quarter for each kind; bounds time and memory, whatever the catalogue.
MOST = 8_000
#: Nearest launches that are averaged, and the power of the cosine that weighs them.
NEAREST, POWER = 20, 4
#: Launches at the base rate that are averaged in: a few look-alikes say little.
USUAL = 5.0
#: Items compared with all launches at once.
BATCH = 1024
#: Digits of a cosine that count: more would let the order of equals hang on the size of a batch.
_DIGITS = 6


@dataclass(frozen=True)
class Launched:
    """Items that were new at past cutoffs, and their counts in the period after; all arrays have shape (rows, ...).

    Attributes:
        state: How new the item was, as `scope.state` says it.
        count: What happened in the period after the cutoff.
        weight: How many such rows of the log each stands for: most never sold, and these are sampled.
        known: Moment from which the count is known, in microseconds since 1970.
        item: Item identifiers.
        signals: The items' signals at the cutoff, shape (rows, signals).
        places: Embeddings of their texts, shape (rows, dims).
    """

    state: np.ndarray
    count: np.ndarray
    weight: np.ndarray
    known: np.ndarray
    item: np.ndarray = field(repr=False)
    signals: np.ndarray = field(repr=False)
    places: np.ndarray = field(repr=False)

    def __len__(self) -> int:
        return len(self.state)

    @classmethod
    def of(cls, history: Sequence[Labelled], basis: TextBasis, *, most: int = MOST, seed: int = 0) -> Self:
        """Returns the launches of a history, sampled evenly from its cutoffs where there are too many.

        Args:
            history: Labelled cutoffs whose outcome is known.
            basis: What texts are projected onto.
            most: Rows at most, but for 25 of each kind and cutoff.
            seed: Seed of the sample.
        """
        rng = np.random.default_rng(seed)
        room = max(most // (4 * max(len(history), 1)), 25)
        parts = [_rows(example, basis, room, rng) for example in history]
        empty = (np.empty(0, dtype=np.int64), *(np.empty(0) for _ in range(2)), np.empty(0, dtype=np.int64))
        wide = (np.empty(0, dtype=object), np.empty((0, len(FEATURES))), np.empty((0, basis.dims)))
        return cls(*(np.concatenate(each) for each in zip((*empty, *wide), *parts, strict=True)))

    def known_by(self, cutoff: datetime) -> Self:
        """Returns the launches whose count was known at a cutoff."""
        rows = self.known <= to_micros(cutoff)
        return self if rows.all() else type(self)(*(getattr(self, each.name)[rows] for each in fields(self)))

    def base_rate(self, kind: int) -> float:
        """Returns the mean count of the launches of a state; NaN without one."""
        rows = self.state == kind
        total = float(self.weight[rows].sum())
        return float(self.weight[rows] @ self.count[rows]) / total if total else float("nan")

    def range_of(self, kind: int) -> np.ndarray:
        """Returns q10, q50 and q90 of the counts of a state's launches, by their weights; NaN without one."""
        rows = np.flatnonzero(self.state == kind)
        if not len(rows):
            return np.full(len(PERCENTILES), np.nan)
        ordered = rows[np.argsort(self.count[rows], kind="stable")]
        share = np.cumsum(self.weight[ordered])
        at = np.searchsorted(share, np.array(PERCENTILES) * share[-1])
        return np.asarray(self.count[ordered[np.minimum(at, len(ordered) - 1)]])

    def alike(self, cards: Cards, places: np.ndarray, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns what the nearest launches of the same state did, and the cosine of the nearest one.

        Formula: (sum of w c^4 y + 5 base) / (sum of w c^4 + 5) over the 20 nearest by cosine c, with their
        counts y, the weights w of the sample, and the mean count of the state's launches as base. Negative
        cosines count as 0; an item is never its own look-alike.

        Args:
            cards: The items, all of them new.
            places: Embeddings of their texts, shape (items, dims).
            kinds: Their states, shape (items,).

        Returns:
            Counts, NaN where no launch was in that state; cosines, 0 without a look-alike; both (items,).
        """
        mean, best = np.full(len(cards), np.nan), np.zeros(len(cards))
        ids = np.array(cards.item_ids, dtype=object)
        for kind in np.unique(kinds):
            among = np.flatnonzero(self.state == kind)
            base = self.base_rate(kind)
            asked = np.flatnonzero(kinds == kind)
            for rows in (asked[at : at + BATCH] for at in range(0, len(asked) if len(among) else 0, BATCH)):
                near, at = nearest(places[rows], self.places[among], ids[rows], self.item[among])
                best[rows] = near.max(axis=1)
                weight = self.weight[among[at]] * near**POWER
                sums = (weight * self.count[among[at]]).sum(axis=1)
                mean[rows] = (sums + USUAL * base) / (weight.sum(axis=1) + USUAL)
        return mean, best


@dataclass(frozen=True)
class Launch:
    """One launch of the past that is like an item.

    Attributes:
        item_id: The item that was launched.
        title: Its title, or its identifier without one.
        similarity: Cosine of the two texts, above 0 and at most 1.
        cutoff: When it was as new as the item is now.
        count: What it did in the period after that.
    """

    item_id: str
    title: str
    similarity: float
    cutoff: datetime
    count: float


def nearest_launches(
    history: Sequence[Labelled], cards: Cards, row: int, k: int = 3, *, dims: int = DIMS
) -> tuple[Launch, ...]:
    """Returns the launches most like a new item, nearest first, each item once; none for an item that is not new.

    A launch is an item that was as new at an earlier cutoff, and that had its outcome known by the cutoff of the
    cards. For an item without an event these are the ones whose first event followed within the period.

    Args:
        history: Labelled cutoffs, in any order; what was not known at the cards' cutoff is left out.
        cards: The cards of the whole catalogue.
        row: The item.
        k: Launches at most.
        dims: Numbers of an embedding.
    """
    known = known_at(history, cards.cutoff)
    one = cards.take(np.array([row]))
    kind = int(state(one)[0])
    if kind == OLD or not known:
        return ()
    basis = fit_basis(known[-1].cards, dims)
    place, found = basis.embed(one), dict[str, Launch]()
    for launch in (each for example in known for each in _like(example, basis, place, kind)):
        kept = found.get(launch.item_id)
        if launch.item_id != one.item_ids[0] and (kept is None or launch.similarity >= kept.similarity):
            found[launch.item_id] = launch
    return tuple(sorted(found.values(), key=lambda each: (-each.similarity, each.item_id))[:k])


def nearest(
    asked: np.ndarray, among: np.ndarray, ids: np.ndarray, others: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the cosines of the nearest of some places, 0 or more, and which they are; both (asked, nearest).

    Args:
        asked: Shape (asked, dims).
        among: Shape (among, dims), one row or more.
        ids: Items asked about, shape (asked,).
        others: Items that may be near, shape (among,); the item itself has cosine 0.
    """
    cosine = np.round(_unit(asked) @ _unit(among).T, _DIGITS).clip(min=0.0)
    codes = {item: code for code, item in enumerate(dict.fromkeys((*ids, *others)))}
    mine, theirs = (np.array([codes[item] for item in each]) for each in (ids, others))
    cosine[mine[:, None] == theirs] = 0.0
    most = min(NEAREST, len(among))
    at = np.argpartition(-cosine, most - 1, axis=1)[:, :most]
    return np.take_along_axis(cosine, at, axis=1), at


def _rows(example: Labelled, basis: TextBasis, room: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Returns one cutoff's launches in the order of the fields, at most `room` of each kind.

    Of the items that never sold, those that sold in the period are a kind of their own: kept in full as far as there is
    room, and each at its weight, so that sampling by what happened leaves means as they are.
    """
    kinds, target = state(example.cards), example.target
    split = np.where((kinds == NEVER) & (target > 0), OLD - 1, kinds)
    chosen, weights = [np.empty(0, dtype=np.int64)], [np.empty(0)]
    for kind in np.unique(split[split != OLD]):
        inside = np.flatnonzero(split == kind)
        some = inside if len(inside) <= room else np.sort(rng.choice(inside, room, replace=False))
        chosen.append(some)
        weights.append(np.full(len(some), len(inside) / len(some)))
    rows = np.concatenate(chosen)
    cards = example.cards.take(rows)
    known = np.full(len(rows), to_micros(example.known_from), dtype=np.int64)
    ids = np.array(cards.item_ids, dtype=object)
    return (
        *(kinds[rows], target[rows], np.concatenate(weights), known, ids),
        *(cards.matrix(FEATURES), basis.embed(cards)),
    )


def _like(example: Labelled, basis: TextBasis, place: np.ndarray, kind: int) -> Iterator[Launch]:
    """Yields the launches of a state at one cutoff that are like a place of shape (1, dims) at all."""
    rows = np.flatnonzero((state(example.cards) == kind) & ((kind != NEVER) | (example.target > 0)))
    cards = example.cards.take(rows)
    cosine = np.round((_unit(basis.embed(cards)) @ _unit(place).T)[:, 0], _DIGITS)
    titles = cards.table["title"].to_pylist()
    for at in np.flatnonzero(cosine > 0):
        item = cards.item_ids[at]
        count = float(example.target[rows[at]])
        yield Launch(item, str(titles[at] or item), float(cosine[at]), cards.cutoff, count)


def _unit(places: np.ndarray) -> np.ndarray:
    length = np.sqrt((places**2).sum(axis=1))
    return np.asarray(places / np.where(length > 0, length, 1.0)[:, None])
