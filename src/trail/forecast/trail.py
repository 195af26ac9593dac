"""The TRAIL forecaster: the prior, corrected by the language model where items can matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import numpy as np
import torch

from trail.baselines import Conformal, Forecast, Forecaster
from trail.baselines.occlusion import Effects, effects, neutral_values
from trail.baselines.scope import ABSTAINED
from trail.forecast.reading import FLOOR, LastReading, Reader, prior_logs
from trail.forecast.shortlist import shortlist
from trail.model import Backbone, JointModel, ModelSettings, Prior, Slate, correct, score_states
from trail.signals import Cards, Labelled

#: Which head corrects: the one that reads the text, or the ablation that sees numbers only.
Head = Literal["text", "numbers"]
NAMES: Mapping[Head, str] = {"text": "trail", "numbers": "no_llm_head"}
#: The same with their whole correction.
WHOLE: Mapping[Head, str] = {"text": "trail_full", "numbers": "no_llm_full"}


@dataclass(frozen=True)
class TrailForecaster:
    """Corrects a prior; follows the `Forecaster` protocol.

    Attributes:
        model: Backbone and heads.
        prior: The best forecaster without a language model, fitted.
        reader: Turns cards into what the model reads.
        settings: What the model was trained with.
        shrinkage: Share of the correction that validation origins asked for, by head.
        conformal: Moves of the corrected ranges that validation origins asked for, by head; none where absent.
        metrics: What validation said, for reports and the model card.
        fingerprint: Hash of weights, settings, code and training data.
        head: Which head corrects.
        label: Name in tables where it is not the usual one: an ablation has its own.
        compiled: Whether compiled layers read few rows too: for many small batches in one run of training.
        last: Its latest reading, which copies share; null while the network may change.
    """

    model: JointModel
    prior: Forecaster
    reader: Reader
    settings: ModelSettings
    shrinkage: Mapping[str, float]
    conformal: Mapping[str, Conformal] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    head: Head = "text"
    label: str = ""
    compiled: bool = False
    last: LastReading | None = None

    @property
    def name(self) -> str:
        """Short name."""
        return self.label or NAMES[self.head]

    def named(self, label: str) -> Self:
        """Returns a copy with a name of its own in tables and forecasts."""
        return replace(self, label=label)

    def without_text(self) -> Self:
        """Returns the ablation: the same prior, corrected by the head that sees numbers only."""
        return replace(self, head="numbers", label="")

    def whole(self) -> Self:
        """Returns the ablation: its whole correction, whatever validation kept of it; ranges as the network gives them."""
        moved = {head: each for head, each in self.conformal.items() if head != self.head}
        shares = {**self.shrinkage, self.head: 1.0}
        return replace(self, shrinkage=shares, conformal=moved, label=self.label or WHOLE[self.head])

    def reading_once(self) -> Self:
        """Returns a copy that, with all copies made of it, reads the same cards in a row once; for a network that is done."""
        return replace(self, last=LastReading())

    def without_titles(self) -> Self:
        """Returns the ablation: the same network, handed prompts that do not say what the item is."""
        return replace(self, reader=replace(self.reader, mask_titles=True), label="trail_hidden")

    def fit(self, history: Sequence[Labelled]) -> Self:
        """Returns a copy whose prior is refitted on the history; the language model stays as it is."""
        return replace(self, prior=self.prior.fit(history))

    def prior_forecast(self, cards: Cards) -> Forecast:
        """Returns the prior's forecast of every card, its scores on the scale of counts."""
        return self.prior.predict(cards).ranked_in_counts()

    def shortlisted(self, cards: Cards, prior: Forecast) -> np.ndarray:
        """Returns the rows that the model corrects."""
        return shortlist(cards, prior, self.settings.shortlist)

    def predict(self, cards: Cards) -> Forecast:
        """Returns the forecast of every card: corrected on the shortlist, the prior's elsewhere."""
        prior = self.prior_forecast(cards)
        rows = self.shortlisted(cards, prior)
        return self.corrected(cards, prior, rows)

    def corrected(self, cards: Cards, prior: Forecast, rows: np.ndarray) -> Forecast:
        """Returns the prior's forecast with the given rows corrected by the model."""
        if not len(rows):
            return prior
        return prior.placed(rows, self.correct_rows(cards.take(rows), prior.take(rows)))

    def correct_rows(self, cards: Cards, prior: Forecast, states: torch.Tensor | None = None) -> Forecast:
        """Returns the corrected forecast of cards; shrinkage 0 is the prior itself, and who abstained there abstains here.

        Args:
            cards: Rows of one cutoff.
            prior: The prior's forecast of them.
            states: What the backbone makes of them, shape (items, H), where it has read them already.
        """
        share = float(self.shrinkage[self.head])
        if share == 0:
            return prior
        found = self.applied(prior, self.correction(cards, prior, self.head, states), share)
        silent = np.flatnonzero(prior.forecaster == ABSTAINED)
        return self.conformal.get(self.head, Conformal())(found).placed(silent, prior.take(silent))

    @torch.inference_mode()
    def correction(
        self, cards: Cards, prior: Forecast, head: Head, states: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Returns a head's whole correction of cards, shape (items, 4); states as in `correct_rows`."""
        slate = self.reader.slate(cards, prior)
        numbers = slate.numbers_of(np.arange(len(slate)))
        self.model.eval()
        if head == "numbers":
            without: torch.Tensor = self.model.numbers_head(None, numbers)
            return without
        found: torch.Tensor = self.model.head(self._read(slate) if states is None else states, numbers)
        return found

    def _read(self, slate: Slate) -> torch.Tensor:
        """Returns what the backbone makes of a slate, shape (rows, H)."""

        def read(asked: Slate) -> torch.Tensor:
            return _states(self.model.backbone, asked, compiled=self.compiled)

        return self.last.of(slate, read) if self.last else read(slate)

    @torch.inference_mode()
    def applied(self, prior: Forecast, correction: torch.Tensor, share: float) -> Forecast:
        """Returns the prior's forecast with a share of a correction applied.

        Args:
            prior: A forecast whose scores are on the scale of counts.
            correction: Of its rows, shape (items, 4).
            share: 0 to 1.
        """
        logs = Prior(*torch.from_numpy(prior_logs(prior)).unbind(dim=1))
        found = correct(logs, correction, share)
        expected = found.log_mean.double().exp().numpy()
        quantiles = np.expm1(found.quantiles.double().numpy())
        names = np.array([self.name] * len(prior), dtype=object)
        q10, q50, q90 = quantiles.T
        # what the prior ranks by may differ from what it expects: both are moved by the same factor
        moved = np.maximum(prior.score, FLOOR) * (expected / np.maximum(prior.expected, FLOOR))
        return Forecast(expected, q10, q50, q90, moved, names, prior.shared).holding_expected()

    def effects(self, cards: Cards, reference: Cards) -> Effects:
        """Measures which groups of signals moved the forecast of cards.

        Args:
            cards: The cards to explain; all are corrected by the model.
            reference: Cards whose medians are the neutral values: the shortlist of the cutoff.
        """

        def expect(changed: Cards) -> np.ndarray:
            return self.correct_rows(changed, self.prior_forecast(changed)).expected

        return effects(cards, expect, neutral_values(reference))


def _states(backbone: Backbone, slate: Slate, *, compiled: bool) -> torch.Tensor:
    """Returns the score states of a slate's rows, reading equal prompts once: many occluded cards are equal."""
    places = {tokens: place for place, tokens in enumerate(dict.fromkeys(slate.prompts))}
    found = score_states(backbone, replace(slate, prompts=tuple(places)), compiled=compiled)
    return found[[places[tokens] for tokens in slate.prompts]]
