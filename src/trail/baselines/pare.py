"""PARE, the predecessor of TRAIL: popularity from history, time, side information and season."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import pyarrow as pa

from trail.baselines.accuracy import best_option
from trail.baselines.pare_bins import Bins, chosen_rows, first_bins, item_ids, positions, smoothed
from trail.baselines.pare_modules import Inputs, Numbers, Vocabulary, months, releases
from trail.baselines.point import PointForecaster, split, spread_of
from trail.baselines.scope import counts
from trail.errors import ModelError
from trail.signals import WINDOWS, Cards, Labelled

#: Latest cutoffs that choose b and measure the spread: each costs nothing, but the copy before them a training.
_HELD_OUT = 2


@dataclass(frozen=True)
class Learned:
    """What PARE knows after a fit.

    Attributes:
        bins: The counts it has learned from.
        course: e after every bin, shape (items, bins) of float32.
        vocabulary: The values that have an embedding.
        numbers: The embeddings, folded; null where no bin had a count above 2: the history module answers alone.
    """

    bins: Bins
    course: np.ndarray
    vocabulary: Vocabulary | None
    numbers: Numbers | None


@dataclass(frozen=True)
class PARE(PointForecaster):
    """Four modules that each expect ln(1 + count), fused by four weights; from the published formulas.

    Reference: Jing et al. 2023, "Capturing Popularity Trends" (CIKM 2023, arXiv 2308.08799). Bins are one
    horizon long. The history module has no weights, so that b is chosen by its own forecasts of the latest
    cutoffs, which costs no training. What the paper leaves open: the period predicted is later than every
    bin learned from, so it takes the time embedding of the last one; an unknown item, brand or category has
    the mean embedding of the known ones; the season is the month in which the middle of the period lies;
    more rows than `max_rows` are sampled.

    Attributes:
        options: Values of b to choose from, the default first.
        max_rows: Training rows at most; bounds the time.
        width: Numbers of an embedding.
        epochs: Passes over the rows.
        seed: Seed of rows and weights.
        b: Weight of the newest bin in the history; chosen by `fit`.
        learned: What `fit` learned; null before.
    """

    options: tuple[float, ...] = (0.7, 0.5, 0.9)
    max_rows: int = 20_000
    width: int = 512
    epochs: int = 20
    seed: int = 0
    b: float | None = None
    learned: Learned | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Short name."""
        return "pare"

    def held_out(self, cutoffs: int) -> int:
        """Returns how many of the latest cutoffs choose b and measure the spread: two, fewer of a short history."""
        return min(_HELD_OUT, cutoffs // 3)

    def learn(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy trained on the history, its b chosen on the latest cutoffs.

        Raises:
            ModelError: If the history is empty, or torch is not installed.
        """
        return self._trained(history, self._chosen(history))

    def fit(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy trained on all of the history, with the spread of one trained on its start."""
        b = self._chosen(history)
        early, late = split(history, self.held_out(len(history)))
        past = self._trained(early, b) if late else self
        spread = spread_of([past.expected(e.cards) for e in late], late)
        return replace(self._trained(history, b), spread=spread)

    def level(self, cards: Cards) -> np.ndarray:
        """Returns exp of the fused ln(1 + count), less 1, shape (items,).

        Raises:
            ModelError: Before `fit`.
        """
        if self.learned is None or self.b is None:
            raise ModelError("embeddings that were never trained", where=self.name, fix="call fit first")
        bins, vocabulary = self.learned.bins, self.learned.vocabulary
        past, now = _past(cards, self.b, self.learned), bins.bin_of(cards)
        if vocabulary is None or self.learned.numbers is None:
            return np.asarray(np.expm1(past))
        times = np.full(len(cards), now)
        slots = vocabulary.slots(cards, months(bins, times), times, releases(cards, now))
        return np.asarray(np.expm1(self.learned.numbers.fused(Inputs(slots, past))))

    def _chosen(self, history: Sequence[Labelled]) -> float:
        """Returns the b whose history module forecasts the latest cutoffs best, having not seen them."""
        early, late = split(history, self.held_out(len(history)))
        if len(self.options) == 1 or not late or not early:
            return self.options[0]
        bins = Bins.of(early)
        known = {b: Learned(bins, _course(bins, b), None, None) for b in self.options}
        return best_option(self.options, lambda b, cards: np.expm1(_past(cards, b, known[b])), late)

    def _trained(self, history: Sequence[Labelled], b: float) -> Self:
        if not history:
            raise ModelError(
                "no cutoff whose outcome is known",
                expected="at least one to train embeddings on",
                where=self.name,
                fix="use a longer log, or a forecaster that learns nothing",
            )
        bins = Bins.of(history)
        course = _course(bins, b)
        items, times = chosen_rows(bins.logs, self.max_rows, np.random.default_rng(self.seed))
        if not len(items):
            return replace(self, b=b, learned=Learned(bins, course, None, None))
        cards = _card_of(history, bins, items)
        seasons = months(bins, times)
        vocabulary = Vocabulary.of(cards, seasons, bins.length)
        slots = vocabulary.slots(cards, seasons, times, bins.releases()[items])
        past = np.nan_to_num(course[items, times - 1])
        numbers = self._numbers(Inputs(slots, past), bins.logs[items, times], vocabulary.size)
        return replace(self, b=b, learned=Learned(bins, course, vocabulary, numbers.with_means(vocabulary)))

    def _numbers(self, inputs: Inputs, target: np.ndarray, size: int) -> Numbers:
        try:
            # this stage loads no torch before somebody trains
            from trail.baselines.pare_training import Rates, trained  # noqa: PLC0415
        except ImportError as error:
            raise ModelError(
                "no torch, which trains embeddings",
                where=self.name,
                fix="pip install 'trail-forecast[pare]'",
            ) from error
        return trained(inputs, target, size, Rates(width=self.width, epochs=self.epochs, seed=self.seed))


def _course(bins: Bins, b: float) -> np.ndarray:
    return smoothed(bins.logs, b, np.full(len(bins.logs), np.nan)).astype(np.float32)


def _past(cards: Cards, b: float, learned: Learned) -> np.ndarray:
    """Returns e before the period predicted, 0 without a history, shape (items,).

    The recursion runs over the card's windows, from where the bins learned from end before them.
    """
    bins = learned.bins
    now, rows = bins.bin_of(cards), bins.rows_of(cards)
    recent = np.log1p(np.maximum(counts(cards, WINDOWS)[:, ::-1], 0.0))
    born = np.arange(WINDOWS) >= first_bins(cards, WINDOWS)[:, None]
    older = now - WINDOWS - 1
    before = np.full(len(cards), np.nan)
    if 0 <= older < bins.length:
        before = np.where(rows >= 0, learned.course[rows, older], np.nan).astype(np.float64)
    return np.asarray(np.nan_to_num(smoothed(np.where(born, recent, np.nan), b, before)[:, -1]))


def _card_of(history: Sequence[Labelled], bins: Bins, items: np.ndarray) -> Cards:
    """Returns the latest card of each item, as one table in the order of `items`."""
    newest = history[::-1]
    columns = ["item_id", "brand", "category", "categories"]
    every = pa.concat_tables([each.cards.table.select(columns) for each in newest])
    at = positions(bins.item_ids, pa.concat_arrays([item_ids(each.cards) for each in newest]))
    return replace(newest[0].cards, table=every.take(pa.array(at[items])))
