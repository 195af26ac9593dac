"""The experiment as a value: what is tried on what, and windows that withhold the future."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Self

import numpy as np

from trail.baselines import Forecast
from trail.engine import value_hash
from trail.errors import ConfigError, DataError
from trail.evaluate.measured import Measured, measured
from trail.evaluate.metrics import METRICS
from trail.evaluate.origins import Origins
from trail.evaluate.outcome import TOP
from trail.evaluate.scopes import FAMILIES, check_families, top_categories
from trail.events import Horizon, parse_moment
from trail.signals import Cards, Labelled, fingerprint, known_at

#: In the order of time.
SPLITS = ("validation", "test")


@dataclass(frozen=True)
class Task:
    """Everything that two backtests must share for their numbers to be compared.

    Attributes:
        data: Fingerprint of the labelled cards of every cutoff.
        horizon_days: Days predicted.
        origins: Cutoffs to learn from, to choose on, and to test on.
        categories: Categories that are measured by name, chosen by what was known at the first origin.
        metrics: Names in `METRICS`.
        scopes: Names in `FAMILIES`.
        top: The K of the chance of the top K, 1 or more.
        seed: Seed of what is drawn; the caller makes the forecasters with it.
    """

    data: str
    horizon_days: int
    origins: Origins
    categories: tuple[str, ...] = ()
    metrics: tuple[str, ...] = tuple(METRICS)
    scopes: tuple[str, ...] = tuple(FAMILIES)
    top: int = TOP
    seed: int = 0

    def __post_init__(self) -> None:
        span, origins = Horizon(self.horizon_days).span, self.origins
        check_families(self.scopes)
        if unknown := [name for name in self.metrics if name not in METRICS]:
            raise ConfigError(f"the metrics {unknown}", expected=f"some of {', '.join(METRICS)}")
        if self.top < 1:
            raise ConfigError(f"the top {self.top}", expected="1 or more")
        if list(origins.all) != sorted(set(origins.all)) or not origins.test:
            raise ConfigError("origins out of order", expected="ascending cutoffs, at least one to test on")
        if origins.validation and origins.validation[-1] + span > origins.test[0]:
            raise ConfigError(
                f"a validation period that ends after the first test origin {origins.test[0]:%Y-%m-%d}",
                expected="every choice made before the test begins",
            )

    @classmethod
    def of(cls, history: Sequence[Labelled], origins: Origins, *, top: int = TOP, seed: int = 0) -> Self:
        """Returns the task of a labelled history: every metric, every scope.

        Args:
            history: Labelled cards of every cutoff in `origins.all`.
            origins: Validation and test origins.
            top: The K of the chance of the top K.
            seed: Seed of what is drawn.

        Raises:
            DataError: If an origin has no labelled cards.
        """
        examples = {example.cards.cutoff: example for example in history}
        wanted = (*origins.validation, *origins.test)
        lacking = [cutoff for cutoff in wanted if cutoff not in examples]
        if lacking:
            raise DataError(
                f"{len(lacking)} origins without labelled cards, first {lacking[0]:%Y-%m-%d}",
                expected="labelled cards of every cutoff in origins.all",
            )
        first = examples[wanted[0]].cards
        return cls(
            fingerprint(history), first.horizon.days, origins, top_categories(first), top=top, seed=seed
        )

    @property
    def fingerprint(self) -> str:
        """Hash of everything but the seed: runs that differ in the seed alone are of one task."""
        found = replace(self, seed=0).as_dict()
        if self.top == TOP:
            del found[
                "top"
            ]  # as tasks were before there was a choice: what was measured then is still of them
        return value_hash(found)

    def cutoffs(self, split: str) -> tuple[datetime, ...]:
        """Returns the origins of `validation` or `test`."""
        return self.origins.test if split == "test" else self.origins.validation

    def windows(self, history: Sequence[Labelled], split: str) -> Iterator[Window]:
        """Yields one window an origin of a split, oldest first.

        Args:
            history: The labelled history that the task was made of, in any order.
            split: `validation` or `test`.

        Raises:
            DataError: If it is another history.
        """
        if fingerprint(history) != self.data:
            raise DataError("another history than the task's", expected=f"the one of fingerprint {self.data}")
        examples = {example.cards.cutoff: example for example in history}
        for cutoff in self.cutoffs(split):
            example = examples[cutoff]
            if split != "test":
                # what is chosen is chosen before the tests begin, on what was known by then
                example = example.as_known_at(self.origins.test[0])
            yield Window(split, tuple(known_at(history, cutoff)), example.cards, self, example.target)

    def as_dict(self) -> dict[str, Any]:
        """Returns the task as plain values, moments as ISO text."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        listed = {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}
        named = {each.name: getattr(self.origins, each.name) for each in fields(Origins)}
        return listed | {"origins": {name: [each.isoformat() for each in m] for name, m in named.items()}}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Reads a task from plain values.

        Raises:
            ConfigError: If a field is unknown, missing or of another type.
        """
        if isinstance(values, Mapping):
            values = {"top": TOP, **values}  # written before there was a choice
        _check_fields(values, cls)
        origins = values["origins"]
        _check_fields(origins, Origins)
        moments = {name: tuple(parse_moment(each) for each in listed) for name, listed in origins.items()}
        names = {name: tuple(values[name]) for name in ("categories", "metrics", "scopes")}
        return cls(**{**values, **names, "origins": Origins(**moments)})


@dataclass(frozen=True)
class Window:
    """One origin as a forecaster may see it; what happened is reached by measuring a forecast only.

    Attributes:
        split: `validation` or `test`.
        known: Labelled examples whose period was over at the cutoff, oldest first: what `fit` is given.
        cards: The catalogue at the cutoff, without targets: what `predict` is given.
    """

    split: str
    known: tuple[Labelled, ...]
    cards: Cards
    _task: Task = field(repr=False)
    _target: np.ndarray = field(repr=False)

    @property
    def cutoff(self) -> datetime:
        """First instant not known."""
        return self.cards.cutoff

    def measure(self, forecast: Forecast) -> Measured:
        """Returns how a forecast of the cards did."""
        task = self._task
        example = Labelled(self.cards, self._target)
        return measured(
            example, forecast, task.metrics, task.scopes, task.categories, top=task.top, seed=task.seed
        )


def _check_fields(values: Mapping[str, Any], kind: type) -> None:
    known = [each.name for each in fields(kind)]
    if not isinstance(values, Mapping) or set(values) != set(known):
        found = sorted(values) if isinstance(values, Mapping) else values
        raise ConfigError(f"the fields {found}", expected=str(known), where=f"a {kind.__name__.lower()}")
