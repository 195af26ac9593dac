"""Random small logs that lean on the borders: what hypothesis draws for the signal tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
from hypothesis import strategies as st

from trail.events import EVENT_SCHEMA, ITEM_SCHEMA

MICRO = timedelta(microseconds=1)
DAY = timedelta(days=1)
YEAR = timedelta(days=364)
#: Sums of these weights are exact in any order, so that ties stay ties.
WEIGHTS = (1.0, 1.0, 1.0, 2.0, 0.5, 3.25, 7.0, 0.0)


@dataclass(frozen=True)
class Case:
    """Two tables, a cutoff and a horizon."""

    events: pa.Table
    items: pa.Table
    cutoff: datetime
    days: int


def events_table(rows: list[dict[str, object]]) -> pa.Table:
    empty = {"user_id": None, "weight": 1.0, "kind": None, "price": None, "ingested_at": None}
    filled = [empty | row for row in rows]
    return pa.Table.from_pylist(filled, schema=EVENT_SCHEMA)


def items_table(rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=ITEM_SCHEMA)


def _ages(days: int, grid: timedelta | None) -> st.SearchStrategy[timedelta]:
    """Draws how long before the cutoff an event lies; negative is the future."""
    span = timedelta(days=days)
    if grid:
        steps = max(1, 14 * span // grid)
        near, year = st.integers(-2, steps), (YEAR - span) // grid
        return st.one_of(near, near, st.integers(year, year + 2 * steps)).map(lambda n: n * grid)
    borders = st.integers(0, 14).map(lambda k: k * span)
    season = st.sampled_from([YEAR - span, YEAR, YEAR + span])
    slices = st.just((3 * span) // MICRO // 7 * MICRO)
    nudge = st.sampled_from([-MICRO, timedelta(0), MICRO])
    exact = st.builds(lambda age, off: age + off, st.one_of(borders, borders, season, slices), nudge)
    recent = st.integers(-2 * span // MICRO, 13 * span // MICRO).map(lambda n: n * MICRO)
    last = st.integers(1, span // MICRO).map(lambda n: n * MICRO)
    old = st.integers(0, 410 * DAY // MICRO).map(lambda n: n * MICRO)
    return st.one_of(exact, recent, recent, last, last, old)


def _arrivals(happened: datetime) -> st.SearchStrategy[datetime | None]:
    """Draws when an event arrived: at once, in the night after, days later, or nobody knows."""
    night = happened.replace(hour=2, minute=0, second=0, microsecond=0) + DAY
    days = st.integers(0, 20).map(lambda n: happened + n * DAY)
    return st.one_of(st.none(), st.just(happened), st.just(night), st.just(night - DAY / 12), days)


@st.composite
def cases(draw: st.DrawFn, *, arrivals: bool = False) -> Case:
    """Draws a log with and without users, prices, a grid, a whole year, a full catalogue, and arrivals if asked."""
    days = draw(st.sampled_from([1, 7, 7, 28]))
    grid = draw(st.sampled_from([None, None, DAY, 7 * DAY]))
    cutoff = datetime(2023, 3, 6, tzinfo=UTC) + draw(st.integers(0, 60)) * 7 * DAY
    if not grid and draw(st.booleans()):
        cutoff += draw(st.integers(0, DAY // MICRO)) * MICRO
    youngest = draw(st.sampled_from([1, 2, 6, 20, 100]))
    users = st.sampled_from([None, "ann", "bob", "cat"]) if draw(st.booleans()) else st.none()
    prices = st.sampled_from([None, 0.0, 1.99, 10.0]) if draw(st.booleans()) else st.none()
    event = st.fixed_dictionaries(
        {
            "item_id": st.sampled_from(["a", "b", "c", "d", "only in the log"]),
            "timestamp": _ages(days, grid).map(
                lambda age: cutoff - min(age, youngest * timedelta(days=days), key=abs)
            ),
            "user_id": users,
            "price": prices,
            "weight": st.sampled_from(WEIGHTS),
        }
    )
    rows = draw(st.lists(event, min_size=1, max_size=80))
    if arrivals and draw(st.booleans()):
        rows = [row | {"ingested_at": draw(_arrivals(row["timestamp"]))} for row in rows]
    category = st.sampled_from([None, "x", "y"]) if draw(st.booleans()) else st.none()
    release = st.sampled_from([None, date(2020, 2, 29), date(2030, 1, 1)])
    known = draw(st.lists(st.sampled_from(["a", "b", "c", "d", "never sold"]), unique=True))
    catalogue = [{"item_id": item, "category": draw(category), "release": draw(release)} for item in known]
    return Case(events_table(rows), items_table(catalogue), cutoff, days)
