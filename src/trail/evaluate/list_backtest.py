"""Lists for single users at rolling origins: recommenders, forecasts for everybody, and blends of the two."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from statistics import fmean
from types import MappingProxyType
from typing import Any

import numpy as np

from trail.baselines import Forecast, Forecaster, active
from trail.baselines.interactions import Interactions
from trail.baselines.recommenders import Recommender
from trail.errors import ConfigError, DataError
from trail.evaluate.list_metrics import REPEATS, Visit, repeat_share
from trail.evaluate.list_origin import Contender, Field, Measured, measure_lists
from trail.evaluate.list_rows import ListRow, list_versions
from trail.evaluate.origins import Origins
from trail.evaluate.outcome import TOP
from trail.evaluate.task import Task
from trail.signals import Cards, Labelled, known_at

#: Weights of the recommender in a blend to choose from; the ends are rows of their own.
WEIGHTS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
#: Name -> which items are candidates.
SCOPES: Mapping[str, Callable[[Cards], np.ndarray]] = {
    "active": active,
    "all": lambda cards: np.ones(len(cards), dtype=bool),
}
#: The scope and the metric that every choice is made by.
CHOSEN_BY = ("active", "ndcg@10")
#: Users of a validation origin whose lists choices are made by: the standard error of a mean of 0 to 1 is below 0.004.
MOST_USERS = 20_000
#: Stage -> the split at whose origins it measures: settings of recommenders; the winners, forecasts and blends; the chosen.
STAGES: Mapping[str, str] = {"settings": "validation", "validation": "validation", "test": "test"}
#: Told stage and origin.
Progress = Callable[[str, datetime], None]
#: Stage and origin -> the rows of all that was tried there.
Had = Mapping[tuple[str, datetime], Sequence[ListRow]]
Keep = Callable[[str, datetime, Sequence[ListRow]], None]


def steps_of(origins: Origins) -> list[tuple[str, datetime]]:
    """Returns stage and origin of all that is measured, in order."""
    return [(stage, cutoff) for stage, split in STAGES.items() for cutoff in getattr(origins, split)]


@dataclass(frozen=True)
class Late:
    """A forecaster that was trained once, before the first test origin, on outcomes of validation origins too.

    Attributes:
        forecaster: It; what it refits itself is refitted at every origin.
        held_out: Validation origins whose outcomes it was not trained on: it is measured and blended on these alone.
    """

    forecaster: Forecaster
    held_out: tuple[datetime, ...]


def backtest_lists(
    events: Interactions,
    history: Sequence[Labelled],
    recommenders: Mapping[str, Sequence[Recommender]],
    forecasters: Sequence[Forecaster],
    origins: Origins,
    *,
    late: Sequence[Late] = (),
    top: int = TOP,
    seed: int = 0,
    progress: Progress | None = None,
    had: Had = MappingProxyType({}),
    keep: Keep | None = None,
) -> list[ListRow]:
    """Measures lists at every validation and test origin; every choice is made on validation origins alone.

    Chosen there: whether an item that the user had touched before counts (where at least 5% of the touched
    pairs are such), then the settings of every recommender alone, then the weight of these in every blend. A late
    forecaster that no held-out origin with users was left for is not blended. At a validation origin with more than
    `MOST_USERS` users, as many are drawn.

    Args:
        events: Interactions of the whole log; recommenders are given what lies before a cutoff.
        history: Labelled cards of every cutoff in `origins.all`.
        recommenders: Name -> settings to choose from, refitted at every origin.
        forecasters: Refitted at every origin; each ranks one list for all, and is blended.
        origins: Validation and test origins.
        late: Forecasters that are trained already.
        top: The K of the task, as a backtest at the same origins has it.
        seed: Seed that the caller made the recommenders with, and that users are drawn with; recorded.
        progress: Called after each recommender at each origin.
        had: What an earlier run of the same measured, by `steps_of`: it is not measured again.
        keep: Called after each origin of each stage with the rows of all that was tried there.

    Returns:
        One row a method, origin, scope and metric; at validation origins of what was chosen there, active items
        only. An origin without a user to ask about has no row.

    Raises:
        ConfigError: If there is no validation origin to choose on.
        DataError: If an origin has no labelled cards, or no user comes back in the validation periods.
    """
    if not origins.validation:
        raise ConfigError("no validation origin", expected="at least one, to choose settings and weights on")
    task = Task.of(history, origins, top=top, seed=seed)
    horizon = history[0].cards.horizon
    # what is chosen is chosen before the tests begin, on what was known by then
    early = events.before(origins.test[0])
    repeats = repeat_share(early, origins.validation, horizon) >= REPEATS
    run = _Run(events, history, repeats=repeats, progress=progress)
    choosing = replace(run, events=early, most=MOST_USERS, seed=seed)
    about: dict[str, Any] = {
        "task": task.fingerprint,
        "relevant": "all" if repeats else "new",
        "versions": list_versions(),
        "seed": seed,
    }

    def measured(
        stage: str, cutoff: datetime, asked: Sequence[Contender], fitted: Sequence[Forecaster]
    ) -> Sequence[ListRow]:
        if (stage, cutoff) in had:
            return had[stage, cutoff]
        at, scopes = (run, tuple(SCOPES)) if stage == "test" else (choosing, CHOSEN_BY[:1])
        found = at.at(stage, cutoff, asked, fitted, scopes)
        rows = list(_rows(asked, STAGES[stage], cutoff, found, about))
        if keep:
            keep(stage, cutoff, rows)
        return rows

    several = [Contender(each) for options in recommenders.values() if len(options) > 1 for each in options]
    settled = [measured("settings", cutoff, several, []) for cutoff in origins.validation if several]
    best = {each.method: each for each in choose(several, settled)} if several else {}
    winners = [best.get(name, Contender(options[0])) for name, options in recommenders.items()]
    tried = [*winners, *(one for each in forecasters for one in forecast_by(each.name, winners))]
    theirs = {each.forecaster.name: forecast_by(each.forecaster.name, winners) for each in late}
    found = list[Sequence[ListRow]]()
    for cutoff in origins.validation:
        joining = [each.forecaster for each in late if cutoff in each.held_out]
        asked = [*tried, *(one for each in joining for one in theirs[each.name])]
        found.append(measured("validation", cutoff, asked, [*forecasters, *joining]))
    every = [*tried, *(one for each in theirs.values() for one in each)]
    alone = [Contender(None, name) for name in theirs]
    best_of_each = sorted(choose(every, found), key=lambda each: each.blended)  # in tables, blends stand last
    chosen = list(dict.fromkeys([*best_of_each, *alone]))
    kept = {(each.method, each.settings) for each in chosen}
    rows = [row for each in found for row in each if (row.method, row.settings) in kept]
    fitted = [*forecasters, *(each.forecaster for each in late)]
    for cutoff in origins.test:
        rows += measured("test", cutoff, chosen, fitted)
    return rows


def forecast_by(name: str, winners: Sequence[Contender]) -> list[Contender]:
    """Returns a forecaster's list for all, then its blends with recommenders, of every weight."""
    blends = (replace(each, forecast=name, weight=weight) for each in winners for weight in WEIGHTS)
    return [Contender(None, name), *blends]


def choose(tried: Sequence[Contender], found: Sequence[Sequence[ListRow]]) -> list[Contender]:
    """Returns the best contender of each method.

    Args:
        tried: Contenders; of equals the first is taken. One that no origin measured cannot be chosen.
        found: The rows of each validation origin; all that share a method are measured at the same ones.

    Raises:
        DataError: If none of them has a user.
    """
    values: dict[tuple[str, str], list[float]] = {}
    for row in chain.from_iterable(found):
        if (row.scope, row.metric) == CHOSEN_BY:
            values.setdefault((row.method, row.settings), []).append(row.value)
    if not values:
        raise DataError(
            "no user with a history who touched anything in the validation periods",
            expected="a log with user_id whose users come back",
            fix="use `trail backtest`, which needs no users",
        )
    mean = {each: fmean(values[name]) for each in tried if (name := (each.method, each.settings)) in values}
    best: dict[str, Contender] = {}
    for each, value in mean.items():
        if each.method not in best or value > mean[best[each.method]]:
            best[each.method] = each
    return list(best.values())


@dataclass(frozen=True)
class _Run:
    """What stays the same over the origins."""

    events: Interactions
    history: Sequence[Labelled]
    repeats: bool
    progress: Progress | None
    most: int | None = None
    seed: int = 0

    def at(
        self,
        stage: str,
        cutoff: datetime,
        tried: Sequence[Contender],
        forecasters: Sequence[Forecaster],
        scopes: Sequence[str],
    ) -> tuple[Measured, dict[str, float]]:
        """Returns what was measured at an origin, and the seconds that each forecaster took."""
        cards = next(each.cards for each in self.history if each.cards.cutoff == cutoff)
        known = known_at(self.history, cutoff)
        forecasts, seconds = dict[str, Forecast](), dict[str, float]()
        for each in forecasters:
            start = time.perf_counter()
            forecasts[each.name] = each.fit(known).predict(cards)
            seconds[each.name] = time.perf_counter() - start
        visit = Visit.at(self.events, cutoff, cards.horizon, repeats=self.repeats)
        if self.most:
            visit = visit.drawn(self.most, self.seed)
        candidates = {name: np.flatnonzero(SCOPES[name](cards)) for name in scopes}

        def told() -> None:
            if self.progress:
                self.progress(stage, cutoff)

        return measure_lists(visit, tried, Field(forecasts, candidates), told), seconds


def _rows(
    chosen: Sequence[Contender],
    split: str,
    cutoff: datetime,
    found: tuple[Measured, Mapping[str, float]],
    about: Mapping[str, Any],
) -> Iterator[ListRow]:
    measured, forecasters = found
    for each in chosen:
        spent = measured.seconds.get(each.recommender, 0.0) if each.recommender else 0.0
        for (scope, metric), value in measured.values.get(each, {}).items():
            yield ListRow(
                **about,
                method=each.method,
                settings=each.settings,
                origin=cutoff,
                split=split,
                scope=scope,
                users=len(measured.visit.users),
                newcomers=measured.visit.newcomers,
                unmeasured=measured.visit.unmeasured,
                metric=metric,
                value=value,
                seconds=spent + forecasters.get(each.forecast, 0.0),
            )
