"""What every method's lists are worth at one origin."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trail.baselines import Forecast
from trail.baselines.recommenders import Recommender
from trail.evaluate.list_metrics import DEPTHS, Visit, list_scores, top_items

#: Users scored at once: bounds memory to a few matrices of this many rows.
BATCH = 256
#: Scope and metric -> mean over the users.
Values = dict[tuple[str, str], float]


@dataclass(frozen=True)
class Contender:
    """What makes a list: a recommender, a forecast, or a blend of both.

    Attributes:
        recommender: A recommender with its settings; null for a forecast alone.
        forecast: Name of a forecaster; empty for a recommender alone.
        weight: Of the recommender, 0 to 1.
    """

    recommender: Recommender | None
    forecast: str = ""
    weight: float = 1.0

    @property
    def blended(self) -> bool:
        """Whether it is of both."""
        return self.recommender is not None and bool(self.forecast)

    @property
    def method(self) -> str:
        """Name in tables."""
        name = self.recommender.name if self.recommender else ""
        return " + ".join(each for each in (name, self.forecast) if each)

    @property
    def settings(self) -> str:
        """Settings of the recommender, and its weight in a blend."""
        if self.recommender is None:
            return ""
        return f"{self.recommender}, weight {self.weight:g}" if self.blended else str(self.recommender)


@dataclass(frozen=True)
class Measured:
    """One origin.

    Attributes:
        visit: Its users.
        values: Means over the users, of each contender; empty where there is no user.
        seconds: Wall time of each recommender, to fit and to score.
    """

    visit: Visit
    values: dict[Contender, Values]
    seconds: dict[Recommender | None, float]


@dataclass(frozen=True)
class Field:
    """What is ranked at one origin.

    Attributes:
        forecasts: Name -> a forecast of every item.
        scopes: Name -> rows of the candidates.
    """

    forecasts: Mapping[str, Forecast]
    scopes: Mapping[str, np.ndarray]


def measure_lists(
    visit: Visit,
    contenders: Sequence[Contender],
    field: Field,
    told: Callable[[], None],
) -> Measured:
    """Fits each recommender once on what was known and measures every contender's lists.

    Args:
        visit: The users of the origin.
        contenders: What makes the lists.
        field: Forecasts and candidates.
        told: Called after each recommender.
    """
    done = Measured(visit, {}, {})
    if not len(visit.users):
        return done
    for recommender in dict.fromkeys(each.recommender for each in contenders):
        mine = [each for each in contenders if each.recommender == recommender]
        start = time.perf_counter()
        fitted = recommender.fit(visit.known) if recommender else None
        for users in _batches(len(visit.users)):
            relevant = visit.relevant[users].toarray()
            for contender, scope, lists in _lists(visit, users, fitted, mine, field):
                values = done.values.setdefault(contender, {})
                for metric, found in list_scores(lists, relevant).items():
                    share = float(found.sum()) / len(visit.users)
                    values[scope, metric] = values.get((scope, metric), 0.0) + share
        done.seconds[recommender] = time.perf_counter() - start
        told()
    return done


def _batches(users: int) -> Iterator[slice]:
    return (slice(start, start + BATCH) for start in range(0, users, BATCH))


def _lists(
    visit: Visit, users: slice, fitted: Recommender | None, contenders: Sequence[Contender], field: Field
) -> Iterator[tuple[Contender, str, np.ndarray]]:
    """Yields contender, scope and lists of a batch of users, for contenders that share a recommender."""
    barred = visit.excluded[users].toarray()
    scores = fitted.score(visit.users[users]) if fitted else np.zeros(barred.shape, dtype=np.float32)
    # what nobody has touched has no learned score, only the noise it started from
    scores = np.where(visit.known.pairs.getnnz(axis=0) > 0, scores, -np.inf)
    for scope, items in field.scopes.items():
        personal = scores[:, items]
        normal = standard(personal) if any(each.blended for each in contenders) else personal
        for each in contenders:
            made = (
                _with(each, normal, field.forecasts[each.forecast].take(items)) if each.forecast else personal
            )
            lists = top_items(np.where(barred[:, items], -np.inf, made), max(DEPTHS))
            yield each, scope, np.where(lists < 0, -1, items[np.maximum(lists, 0)])


def _with(contender: Contender, normal: np.ndarray, forecast: Forecast) -> np.ndarray:
    """Returns the scores of a forecast alone or of a blend, shape (users, items)."""
    if not contender.blended:
        return np.broadcast_to(forecast.score, normal.shape)
    return contender.weight * normal + (1.0 - contender.weight) * standard(np.log1p(forecast.expected))


def standard(scores: np.ndarray) -> np.ndarray:
    """Returns scores with mean 0 and deviation 1 over the last axis; minus infinity counts as the lowest score.

    A row of equal scores becomes zeros.

    Args:
        scores: Shape (..., items).
    """
    finite = np.isfinite(scores)
    lowest = np.where(finite, scores, np.inf).min(axis=-1, keepdims=True)
    filled = np.where(finite, scores, np.where(np.isfinite(lowest), lowest, 0.0))
    spread = filled.std(axis=-1, keepdims=True)
    return np.asarray((filled - filled.mean(axis=-1, keepdims=True)) / np.where(spread > 0, spread, 1.0))
