"""What training works on: slates whose priors knew only what was known, and validation origins held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trail.baselines import (
    Choice,
    Fold,
    Forecast,
    Forecaster,
    choose_prior,
    fit_at,
    out_of_fold,
    priors_of,
)
from trail.errors import DataError
from trail.forecast.reading import Reader
from trail.forecast.shortlist import reach, shortlist
from trail.model import Backbone, ModelSettings, Report, Slate, fit_scale, raw_inputs
from trail.model.settings import LEAST_ROWS, MOST_CUTOFFS, past_blocks
from trail.signals import Cards, Labelled, known_at

#: Training cutoffs that a run needs at least, besides the validation origins.
LEAST_CUTOFFS = 4


@dataclass(frozen=True)
class Rows:
    """Rows of one cutoff with everything that is known of them.

    Attributes:
        example: All cards of the cutoff, with their targets.
        prior: The prior's out-of-fold forecast of all cards, its scores on the scale of counts.
        chosen: Rows that the model works on, ascending.
        forecaster: Who made the prior, fitted on what was known at the cutoff.
    """

    example: Labelled
    prior: Forecast
    chosen: np.ndarray
    forecaster: Forecaster

    @property
    def cards(self) -> Cards:
        """The chosen cards."""
        return self.example.cards.take(self.chosen)


@dataclass(frozen=True)
class Material:
    """Everything a run of training needs.

    Attributes:
        choice: The prior and how the candidates did.
        train: Training cutoffs, oldest first.
        validation: Validation origins, all after the targets of training are known, with a prior as fresh as
            it is when served and all rows that the model would correct.
    """

    choice: Choice
    train: tuple[Rows, ...]
    validation: tuple[Rows, ...]

    def looks(self, rows: int) -> tuple[Rows, ...]:
        """Returns the validation origins with so many rows each: enough for the looks during training."""
        return tuple(
            replace(each, chosen=shortlist(each.example.cards, each.prior, rows)) for each in self.validation
        )

    def reach(self) -> dict[str, float]:
        """Returns the shares of the true top 50 (`top`) and of the 50 strongest rises that the shortlists held.

        Means over the validation origins.
        """
        found = [
            reach(each.example.target, np.nan_to_num(each.example.cards.column("count_1")), each.chosen)
            for each in self.validation
        ]
        return dict(zip(("top", "rises"), np.mean(found, axis=0).tolist(), strict=True))

    def reader(self, backbone: Backbone, settings: ModelSettings) -> Reader:
        """Returns a reader whose scale is that of the training rows."""
        raw = [raw_inputs(each.cards, each.prior.take(each.chosen)) for each in self.train]
        return Reader(backbone, fit_scale(raw), settings.mask_titles)


def slates(rows: Sequence[Rows], reader: Reader, *, seed: int) -> list[Slate]:
    """Returns the slate of each cutoff."""
    return [
        reader.slate(
            each.cards, each.prior.take(each.chosen), each.example.target[each.chosen], seed=seed + at
        )
        for at, each in enumerate(rows)
    ]


def gather(history: Sequence[Labelled], settings: ModelSettings, report: Report) -> Material:
    """Chooses the prior on validation origins and gathers rows with out-of-fold priors.

    Args:
        history: Labelled cutoffs known when the model is trained, in any order.
        settings: Of the model.
        report: Told what goes on.

    Raises:
        DataError: If the log is too short for training and validation.
    """
    ordered = sorted(history, key=lambda each: each.cards.cutoff)
    held = settings.validation_origins
    if len(ordered) < held + LEAST_CUTOFFS:
        raise DataError(
            f"{len(ordered)} cutoffs whose outcome is known",
            expected=f"{held + LEAST_CUTOFFS} or more ({held} of them to validate on)",
            fix="use a longer log, a shorter horizon or fewer validation_origins",
        )
    report("choosing the prior", 0, 2)
    choice = choose_prior(priors_of(settings.priors, settings.seed), ordered, origins=held)
    report("choosing the prior", 1, 2)
    late, first = ordered[-held:], ordered[-held].cards.cutoff
    early = known_at(ordered, first)
    used = early[-MOST_CUTOFFS:]
    (prior,) = priors_of([choice.forecaster.name], settings.seed)
    # at a validation origin the prior is as fresh as it is when it is served
    fresh = [fit_at(prior, ordered, each) for each in late]
    folds = out_of_fold(prior, early, blocks=past_blocks(len(used)))[-len(used) :]
    report("choosing the prior", 2, 2)
    train = [_rows(*each, settings) for each in zip(used, folds, strict=True)]
    rng = np.random.default_rng(settings.seed)
    per_cutoff = max(LEAST_ROWS, -(-settings.examples // len(train)))
    return Material(
        choice,
        tuple(replace(each, chosen=_sample(each.chosen, each.prior, per_cutoff, rng)) for each in train),
        tuple(_rows(*each, settings) for each in zip(late, fresh, strict=True)),
    )


def _rows(example: Labelled, fold: Fold, settings: ModelSettings) -> Rows:
    prior = fold.forecast.ranked_in_counts()
    return Rows(example, prior, shortlist(example.cards, prior, settings.shortlist), fold.forecaster)


def _sample(rows: np.ndarray, prior: Forecast, most: int, rng: np.random.Generator) -> np.ndarray:
    """Keeps the head of the list, where the ranking is decided, and a random half of the rest."""
    if len(rows) <= most:
        return rows
    order = rows[np.argsort(-prior.expected[rows], kind="stable")]
    head = order[: most // 2]
    rest = rng.choice(order[most // 2 :], size=most - len(head), replace=False)
    return np.sort(np.concatenate([head, rest]))
