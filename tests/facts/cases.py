"""Cards from synthetic logs, cards made by hand, and random forecasts and drivers for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np

from trail.events import Horizon
from trail.facts.claims import Driver, Outlook
from trail.facts.speak import speaker
from trail.signals import METADATA, SIGNALS, Card, Group, calendar_of, cards_at

CUTOFF = datetime(2022, 12, 19, tzinfo=UTC)
OUTLOOK = Outlook(expected=112.4, q10=90.2, q90=140.0, p_top=0.62, k=50, rank=5)
#: (seed, events, days of a window, cutoffs, noun)
LOGS = (
    (0, 30_000, 7, 2, "orders"),
    (1, 3_000, 7, 1, "ratings"),
    (2, 8_000, 28, 1, "views"),
    (3, 60_000, 1, 1, "stars"),
)


def card(
    metadata: dict[str, object] | None = None, days: int = 7, events: str = "orders", **values: float
) -> Card:
    """Returns a card on which only the given signals are known."""
    horizon = Horizon(days)
    return Card(
        item_id="a",
        cutoff=CUTOFF,
        horizon=horizon,
        values={each.name: values.get(each.name) for each in SIGNALS},
        metadata=dict.fromkeys(METADATA) | (metadata or {}),
        calendar=calendar_of(CUTOFF, horizon),
        events=events,
    )


@lru_cache(maxsize=1)
def cards(synthetic, opened) -> list[Card]:
    """Returns cards of several logs: busy and sparse, by the week, month and day."""
    found = []
    for seed, events, days, cutoffs, noun in LOGS:
        log, items = opened(*synthetic(seed, events=events), name=noun)
        for back in range(cutoffs):
            cutoff = log.last_cutoff() - timedelta(days=2 * days * back)
            at = cards_at(log, items, cutoff, Horizon(days))
            found += [at.card(row) for row in range(len(at))]
    return found


def outlook(card: Card, rng: np.random.Generator) -> Outlook:
    """Returns a random forecast around the last window's count."""
    expected = max(0.05, (card["count_1"] or 0.3) * rng.lognormal(0, 0.4))
    return Outlook(
        expected=expected,
        q10=expected * rng.uniform(0.4, 0.8),
        q90=expected * rng.uniform(1.2, 2.0),
        p_top=float(rng.beta(0.5, 0.5)),
        k=50,
        rank=int(rng.integers(1, 400)),
    )


def drivers(card: Card, rng: np.random.Generator) -> list[Driver]:
    """Returns one to three drivers of random groups with random effects."""
    groups = rng.permutation(list(Group))[: rng.integers(1, 4)]
    effects = rng.normal(size=len(groups))
    spoken = [(speaker(Group(g), card, e), e) for g, e in zip(groups, effects, strict=True)]
    return [Driver(name, float(effect)) for name, effect in spoken if name is not None]
