"""The signals as one writes them by hand for DuckDB: the opponent of `cards_at`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path

import duckdb
import pyarrow as pa

from trail.events import Horizon
from trail.signals import calendar_of

_WEEK = timedelta(days=7)


def _between(start: datetime, end: datetime) -> str:
    return f"timestamp >= TIMESTAMPTZ '{start.isoformat()}' AND timestamp < TIMESTAMPTZ '{end.isoformat()}'"


def _level(half_life: float) -> str:
    weights = [0.5 ** (k / half_life) for k in range(12)]
    terms = " + ".join(f"w{k} * {weight!r}::DOUBLE" for k, weight in enumerate(weights, start=1))
    return f"({terms}) / {sum(weights)!r}::DOUBLE"


def _streak() -> str:
    """Returns the length of the run of rises (or falls) that ends in the last window."""
    rises = [f"WHEN NOT w{k} > w{k + 1} THEN {k - 1}" for k in range(1, 12)]
    falls = [f"WHEN NOT w{k} < w{k + 1} THEN {k - 1}" for k in range(1, 12)]
    return f"(CASE {' '.join(rises)} ELSE 11 END) - (CASE {' '.join(falls)} ELSE 11 END)"


def query(folder: Path, cutoff: datetime) -> str:
    """Returns the query: one pass over the events, one over the users of two weeks, then the catalogue."""

    def week(ago: int, weeks: int = 1) -> str:
        return _between(cutoff - ago * _WEEK, cutoff - (ago - weeks) * _WEEK)

    season = cutoff - timedelta(days=364)
    sums = ",\n".join(f"sum(weight) FILTER ({week(k)}) AS w{k}" for k in range(1, 13))
    numbers = calendar_of(cutoff, Horizon(7)).numbers
    slopes = ", ".join(f"(w{i} - w{j}) / {j - i}" for i, j in combinations(range(1, 7), 2))
    windows = ", ".join(f"w{k}" for k in range(1, 13))
    zeros = ", ".join(f"coalesce(w{k}, 0) AS w{k}" for k in range(1, 13))
    events, items = folder / "events.parquet", folder / "items.parquet"
    return f"""
WITH seen AS (
    SELECT item_id, {sums},
        sum(weight) FILTER ({_between(cutoff - 3 * timedelta(days=1), cutoff)}) AS late,
        sum(weight) FILTER ({_between(season, season + _WEEK)}) AS season_next,
        sum(weight) FILTER ({_between(season - _WEEK, season)}) AS season_last,
        sum(weight) AS total, min(timestamp) AS first_seen, max(timestamp) AS last_seen,
        avg(price) FILTER ({week(1)}) AS price_last, avg(price) FILTER ({week(5, 4)}) AS price_before
    FROM '{events}' WHERE timestamp < TIMESTAMPTZ '{cutoff.isoformat()}' GROUP BY item_id
), each_user AS (
    SELECT item_id, user_id, sum(weight) FILTER ({week(1)}) AS now, sum(weight) FILTER ({week(2)}) AS before
    FROM '{events}' WHERE {week(2, 2)} AND user_id IS NOT NULL GROUP BY item_id, user_id
), people AS (
    SELECT item_id, count(now) AS users_now, count(before) AS users_then, max(now) AS heaviest
    FROM each_user GROUP BY item_id
), facts AS (
    SELECT coalesce(i.item_id, s.item_id) AS item_id, i.category, i.release, {zeros},
        coalesce(late, 0) AS late, coalesce(season_next, 0) AS season_next, coalesce(season_last, 0) AS season_last,
        coalesce(total, 0) AS total, price_last, price_before,
        epoch_us(TIMESTAMPTZ '{cutoff.isoformat()}' ) - epoch_us(first_seen) AS first_micros,
        epoch_us(TIMESTAMPTZ '{cutoff.isoformat()}' ) - epoch_us(last_seen) AS last_micros
    FROM '{items}' i FULL JOIN seen s ON i.item_id = s.item_id
), counted AS (
    SELECT f.*, coalesce(users_now, 0) AS users_now, coalesce(users_then, 0) AS users_then,
        coalesce(heaviest, 0) AS heaviest, greatest({windows}) AS peak,
        rank() OVER (ORDER BY w1 DESC) AS rank_now, rank() OVER (ORDER BY w2 DESC) AS rank_then,
        rank() OVER (PARTITION BY category ORDER BY w1 DESC) AS rank_kin,
        sum(w1) OVER (PARTITION BY category) AS kin_now, sum(w2) OVER (PARTITION BY category) AS kin_then,
        sum(w1) OVER () AS all_now, sum(w2) OVER () AS all_then, list_sort([{slopes}]) AS slopes
    FROM facts f LEFT JOIN people p ON f.item_id = p.item_id
)
SELECT item_id, {", ".join(f"w{k} AS count_{k}" for k in range(1, 13))},
    {_level(0.5)} AS level_half, {_level(1.0)} AS level_one, {_level(3.0)} AS level_three,
    (w1 + w2 + w3 + w4) / 4 AS mean_4, ({windows.replace(",", " +")}) / 12 AS mean_12,
    slopes[8] AS slope, w1 / nullif(peak, 0) AS peak_share,
    CASE WHEN peak > 0 THEN list_position([{windows}], peak) END::DOUBLE AS peak_ago,
    ({" + ".join(f"(w{k} > 0)::INT" for k in range(1, 13))})::DOUBLE AS active_windows,
    total, first_micros / 86400e6 AS age, last_micros / 86400e6 AS recency, rank_now::DOUBLE AS rank,
    w1 / nullif(all_now, 0) AS share,
    CASE WHEN category IS NOT NULL THEN rank_kin END::DOUBLE AS category_rank,
    CASE WHEN category IS NOT NULL THEN w1 / nullif(kin_now, 0) END AS category_share,
    season_next AS last_year, season_next / nullif(season_last, 0) - 1 AS last_year_change,
    w1 - w2 AS change, w1 / nullif(w2, 0) - 1 AS growth, w1 - 2 * w2 + w3 AS acceleration,
    ({_streak()})::DOUBLE AS streak, late, late / nullif(w1, 0) AS late_share,
    (rank_then - rank_now)::DOUBLE AS rank_change, users_now::DOUBLE AS users,
    (users_now - users_then)::DOUBLE AS users_change, heaviest / nullif(w1, 0) AS heaviest_share,
    CASE WHEN category IS NOT NULL THEN kin_now END AS category_count,
    CASE WHEN category IS NOT NULL THEN kin_now / nullif(kin_then, 0) - 1 END AS category_growth,
    all_now / nullif(all_then, 0) - 1 AS catalogue_growth,
    price_last AS price_paid, price_last / nullif(price_before, 0) - 1 AS price_change,
    date_diff('day', release, DATE '{cutoff.date()}')::DOUBLE AS release_age,
    {", ".join(f"{value!r}::DOUBLE AS {name}" for name, value in numbers.items())}
FROM counted ORDER BY item_id"""


def sql_cards(folder: Path, threads: int, cutoff: datetime) -> Callable[[], pa.Table]:
    """Returns the job: run the query on a connection with the same limits as `cards_at` has."""
    connection = duckdb.connect(config={"threads": threads, "memory_limit": "4GB"})
    connection.execute("SET TimeZone = 'UTC'")
    return lambda: connection.sql(query(folder, cutoff)).to_arrow_table()
