"""Hand-made cards: a rising candle (weekly orders), a fading film (28-day ratings), a young repository (weekly stars)."""

from datetime import UTC, date, datetime
from itertools import combinations
from statistics import median

from trail.events import Horizon
from trail.facts import Outlook
from trail.signals import SIGNALS, Card, calendar_of


def _values(counts, **others):
    known = [c for c in counts if c is not None]
    values = dict.fromkeys(s.name for s in SIGNALS)
    values |= {f"count_{k}": v for k, v in enumerate(counts, 1)}
    slopes = [(a - b) / (j - i) for (i, a), (j, b) in combinations(list(enumerate(known[:6])), 2)]
    values |= {
        "mean_4": sum(known[:4]) / len(known[:4]),
        "mean_12": sum(known) / len(known),
        "slope": median(slopes),
        "change": known[0] - known[1],
        "growth": known[0] / known[1] - 1,
        "acceleration": known[0] - 2 * known[1] + known[2],
        "peak_share": known[0] / max(known),
        "peak_ago": known.index(max(known)) + 1.0,
        "active_windows": float(sum(v > 0 for v in known)),
    }
    return {k: None if v is None else float(v) for k, v in (values | others).items()}


def _card(item, cutoff, days, values, *, metadata, events):
    horizon = Horizon(days)
    calendar = calendar_of(cutoff, horizon)
    row = (
        dict.fromkeys(("title", "categories", "category", "brand", "description", "price", "release"))
        | metadata
    )
    return Card(item, cutoff, horizon, values | calendar.numbers, row, calendar, events)


CANDLE = _card(
    "candle",
    datetime(2011, 12, 5, tzinfo=UTC),
    7,
    _values(
        [98, 75, 60, 70, 66, 50, 52, 40, 0, 0, 30, 0],
        streak=2,
        late=40,
        late_share=40 / 98,
        total=1234,
        age=300.4,
        recency=0.9,
        rank=5,
        rank_change=12,
        share=0.003,
        users=51,
        users_change=8,
        heaviest_share=0.12,
        category_rank=2,
        category_share=98 / 817,
        category_count=817,
        category_growth=0.04,
        catalogue_growth=-0.02,
        last_year=60,
        last_year_change=0.25,
        price_paid=3.5,
        price_change=-0.05,
    ),
    metadata={
        "title": "Lavender Candle",
        "categories": "Home | Candles",
        "category": "Candles",
        "brand": "Wickhouse",
        "price": 4.25,
    },
    events="orders",
)
CANDLE_OUTLOOK = Outlook(expected=110.3, q10=84.2, q90=140.4, p_top=0.72, k=50, rank=3)

FILM = _card(
    "film",
    datetime(2013, 10, 14, tzinfo=UTC),
    28,
    _values(
        [40, 60, 81, 120, 50, 48, 52, 49, 51, 50, 48, 50],
        streak=-3,
        late=10,
        late_share=0.25,
        total=2410,
        age=700,
        recency=2.8,
        rank=31,
        rank_change=-9,
        share=0.0151,
        users=40,
        users_change=-20,
        heaviest_share=0.025,
        category_rank=4,
        category_share=0.08,
        category_count=500,
        category_growth=-0.1,
        catalogue_growth=0.0,
        last_year=49,
        last_year_change=-0.1,
        release_age=14538,
    ),
    metadata={
        "title": "Sting, The",
        "categories": "Comedy | Crime",
        "category": "Comedy",
        "brand": "George Roy Hill",
        "release": date(1973, 12, 25),
    },
    events="ratings",
)
FILM_OUTLOOK = Outlook(expected=30.0, q10=18.0, q90=44.0, p_top=0.08, k=50, rank=38)

REPOSITORY = _card(
    "repository",
    datetime(2026, 8, 3, tzinfo=UTC),
    7,
    _values(
        [1204, 1188, 0, *[None] * 9],
        streak=2,
        total=2392,
        age=14,
        recency=7,
        rank=1,
        rank_change=0,
        share=0.0512,
        category_growth=None,
        catalogue_growth=0.012,
    ),
    metadata={"title": "fast-lexer", "brand": "acme"},
    events="stars",
)
REPOSITORY_OUTLOOK = Outlook(expected=1210.0, q10=900.0, q90=1500.0, p_top=0.99, k=10, rank=1)

CARDS = {
    "candle": (CANDLE, CANDLE_OUTLOOK),
    "film": (FILM, FILM_OUTLOOK),
    "repository": (REPOSITORY, REPOSITORY_OUTLOOK),
}
