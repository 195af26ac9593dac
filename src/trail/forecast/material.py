"""What training works on: slates whose priors knew only what was known, and validation origins held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trail.baselines import BASELINES, Choice, Forecast, choose_prior, out_of_fold, seeded
from trail.errors import DataError
from trail.forecast.reading import Reader
from trail.forecast.shortlist import shortlist
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
        prior: The prior's out-of-fold forecast of all cards.
        chosen: Rows that the model works on, ascending.
    """

    example: Labelled
    prior: Forecast
    chosen: np.ndarray

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
    candidates = [seeded(BASELINES[name](), settings.seed) for name in settings.priors]
    choice = choose_prior(candidates, ordered, origins=held)
    report("choosing the prior", 1, 2)
    late, first = ordered[-held:], ordered[-held].cards.cutoff
    early = [example for example in ordered if example.known_from <= first]
    used = early[-MOST_CUTOFFS:]
    prior = seeded(BASELINES[choice.forecaster.name](), settings.seed)
    # at a validation origin the prior is as fresh as it is when it is served
    fresh = [
        prior.fit(known_at(ordered, each.cards.cutoff)).predict(each.cards).ranked_in_counts()
        for each in late
    ]
    folds = out_of_fold(prior, early, blocks=past_blocks(len(used)))[-len(used) :]
    past = [each.ranked_in_counts() for each in folds]
    report("choosing the prior", 2, 2)
    train = list(zip(used, past, strict=True))
    rng = np.random.default_rng(settings.seed)
    per_cutoff = max(LEAST_ROWS, -(-settings.examples // len(train)))
    return Material(
        choice,
        tuple(
            Rows(e, p, _sample(shortlist(e.cards, p, settings.shortlist), p, per_cutoff, rng))
            for e, p in train
        ),
        tuple(
            Rows(e, p, shortlist(e.cards, p, settings.shortlist)) for e, p in zip(late, fresh, strict=True)
        ),
    )


def _sample(rows: np.ndarray, prior: Forecast, most: int, rng: np.random.Generator) -> np.ndarray:
    """Keeps the head of the list, where the ranking is decided, and a random half of the rest."""
    if len(rows) <= most:
        return rows
    order = rows[np.argsort(-prior.expected[rows], kind="stable")]
    head = order[: most // 2]
    rest = rng.choice(order[most // 2 :], size=most - len(head), replace=False)
    return np.sort(np.concatenate([head, rest]))
