"""The backbone as it came, asked for a number: what the language model knows without any tuning."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from trail.baselines import Decayed, Forecast, Spread
from trail.facts import nouns, prompt
from trail.forecast.shortlist import shortlist
from trail.model import Backbone, ModelSettings, backbone_folder, continued, load_backbone
from trail.signals import Card, Cards, Labelled

#: Tokens of an answer: the default vocabulary has one a digit, and some come before the number.
ANSWER = 10
#: The spread is measured on so many latest cutoffs, and so many items of each: these are asked at every fit.
SPREAD_CUTOFFS, SPREAD_ITEMS = 4, 100
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)|\d+")


def unheard(asked: int, named: int) -> None:
    """Takes note of nothing."""


@dataclass(frozen=True)
class Untuned:
    """Continues the prompt of each card with the number that the backbone finds likeliest, without any training.

    The items that can matter are asked about; decayed counts forecast the rest. Where no number is named, the
    last window's count stands in; the column `forecaster` says who made which.

    Attributes:
        backbone: The language model as it came.
        size: Items a cutoff that are asked about; 0 is all.
        mask: Pieces that the prompt leaves out.
        told: Told after every forecast how many items were asked about, and for how many a number was named.
        prior: Forecasts what is not asked about, and says what can matter; a formula that costs nothing.
        spread: Of the named numbers; measured by `fit`.
    """

    backbone: Backbone
    size: int = 1000
    mask: tuple[str, ...] = ()
    told: Callable[[int, int], None] = unheard
    prior: Decayed = field(default_factory=lambda: Decayed(options=(1.0,)))
    spread: Spread = field(default_factory=Spread)

    @classmethod
    def of(cls, settings: ModelSettings, told: Callable[[int, int], None] = unheard) -> Self:
        """Returns the backbone of a model's settings before any tuning, with the model's shortlist and mask.

        Raises:
            ModelError: If the weights are missing or cannot be loaded.
        """
        backbone = load_backbone(backbone_folder(settings.backbone))
        return cls(backbone, settings.shortlist, ("metadata",) if settings.mask_titles else (), told)

    @property
    def name(self) -> str:
        """Short name."""
        return "untuned"

    def fit(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy with the spread of its numbers on the latest cutoffs; the backbone learns nothing."""
        sample = [self._sampled(each) for each in history[-SPREAD_CUTOFFS:]]
        expected = [self.numbers(each.cards)[0] for each in sample]
        spread = Spread.measure(expected, [each.target for each in sample])
        return replace(self, prior=self.prior.fit(history), spread=spread)

    def predict(self, cards: Cards) -> Forecast:
        """Returns the forecast of every card: numbers asked for on the shortlist, the prior's elsewhere."""
        prior = self.prior.predict(cards)
        rows = shortlist(cards, prior, self.size)
        expected, named = self.numbers(cards.take(rows))
        self.told(len(rows), int(named.sum()))
        quantiles = self.spread.quantiles(expected, shared=prior.shared)
        names = np.where(named, self.name, "last_window").astype(object)
        asked = Forecast(expected, *quantiles, expected, names, prior.shared).holding_expected()
        return prior.placed(rows, asked)

    def numbers(self, cards: Cards) -> tuple[np.ndarray, np.ndarray]:
        """Returns the counts that the backbone names and whether it named one, both of shape (items,).

        Where it named none, the count is the last window's.
        """
        answers = [read_number(each) for each in self._answers(cards)]
        named = np.array([each is not None for each in answers], dtype=bool)
        last = np.nan_to_num(cards.column("count_1"))
        return np.where(named, [each or 0.0 for each in answers], last), named

    def _answers(self, cards: Cards) -> list[str]:
        encode = self.backbone.encode
        starts = []
        for card in (cards.card(row) for row in range(len(cards))):
            asked = prompt(card, mask=self.mask)
            starts.append([*encode(asked.common), *encode(asked.item + asked.card + question(card))])
        found = continued(self.backbone, starts, most=ANSWER)
        return [self.backbone.tokenizer.decode(each) for each in found]

    def _sampled(self, example: Labelled) -> Labelled:
        """Returns evenly spaced items of those that would be asked about, the likely leaders to the last."""
        prior = Decayed(options=(1.0,)).predict(example.cards)
        rows = shortlist(example.cards, prior, self.size)
        order = rows[np.argsort(-prior.expected[rows], kind="stable")]
        most = min(SPREAD_ITEMS, len(order))
        kept = np.sort(order[np.linspace(0, len(order) - 1, most).astype(np.int64)])
        return example.take(kept)


def question(card: Card) -> str:
    """Returns the start of the sentence that a number ends."""
    return f"The number of {card.events} of {nouns.coming(card.horizon)} is"


def read_number(answer: str) -> float | None:
    """Returns the first whole number of an answer; null without one, or where the answer was cut inside it."""
    found = _NUMBER.search(answer)
    return float(found[0].replace(",", "")) if found and found.end() < len(answer) else None
