"""Every signal again as a plain loop over events, written from its `doc` and from nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from statistics import median

import holidays
import pyarrow as pa

Row = Mapping[str, object]
Value = float | None
_DAY = timedelta(days=1)
_YEAR = timedelta(days=364)
_CUSTOMS = {(2, 14), (10, 31), (12, 24), (12, 31)}


@dataclass(frozen=True)
class World:
    """What may be known at a cutoff: the events before it, and how the log itself is made."""

    events: list[Row]
    catalogue: dict[str, Row]
    cutoff: datetime
    span: timedelta
    first_day: datetime
    users: bool
    prices: bool
    grid: timedelta | None

    @property
    def items(self) -> list[str]:
        return sorted({*self.catalogue, *(str(event["item_id"]) for event in self.events)})

    @property
    def covered(self) -> int:
        """Windows on the card that the log covers: their start is not before the log's first day."""
        return sum(self.cutoff - k * self.span >= self.first_day for k in range(1, 13))


def world_of(events: pa.Table, items: pa.Table, cutoff: datetime, days: int) -> World:
    rows = events.to_pylist()
    times = [row["timestamp"].astimezone(UTC) for row in rows]
    first = min(times)
    grid = None
    if len({time.time() for time in times}) == 1:
        weekly = len({(time.weekday()) for time in times}) == 1 and len(set(times)) > 1
        grid = 7 * _DAY if weekly else _DAY
    known = [arrived < cutoff for arrived in arrivals_of(rows, times, cutoff, grid)]
    past = zip(rows, times, known, strict=True)
    return World(
        events=[row | {"time": time} for row, time, told in past if time < cutoff and told],
        catalogue={row["item_id"]: row for row in items.to_pylist()},
        cutoff=cutoff,
        span=timedelta(days=days),
        first_day=datetime(first.year, first.month, first.day, tzinfo=UTC),
        users=any(row["user_id"] is not None for row in rows),
        prices=any(row["price"] is not None for row in rows),
        grid=grid,
    )


def midnight_after(time: datetime) -> datetime:
    return datetime(time.year, time.month, time.day, tzinfo=UTC) + _DAY


def arrivals_of(
    rows: list[Row], times: list[datetime], cutoff: datetime, grid: timedelta | None
) -> list[datetime]:
    """Returns when each event arrived, less the wait of a forecast; at the log's last cutoff all has arrived."""
    ends = [time + grid if grid else midnight_after(time) for time in times]
    waits, arrivals = [], []
    for row, time, end in zip(rows, times, ends, strict=True):
        arrivals.append(row["ingested_at"].astimezone(UTC) if row["ingested_at"] else time)
        wait = timedelta(0)
        while row["ingested_at"] and arrivals[-1] >= end + wait:
            wait += _DAY
        waits += [wait if row["ingested_at"] else None]
    told = sorted(wait for wait in waits if wait is not None)
    if not told:
        return times
    wait = told[(len(told) - 1) // 2]
    last = max(times)
    plain = midnight_after(last) if last != last.replace(hour=0, minute=0, second=0, microsecond=0) else last
    steps = sorted(set(ends))
    delays = [a - end for row, a, end in zip(rows, arrivals, ends, strict=True) if row["ingested_at"]]
    usual = max(median(delays), timedelta(0))
    while max(arrivals) < steps[-1] + usual:
        weekdays = [steps[-1] - week * 7 * _DAY for week in (1, 2, 3, 4)]
        if ends.count(steps[-1]) >= min([ends.count(day) for day in weekdays if day in steps] or [0]) / 2:
            break
        steps.pop()
    tonight = min(last + grid if grid else plain, steps[-1])
    if cutoff >= tonight:
        return times
    return [arrived - wait for arrived in arrivals]


def inside(world: World, item: str, start: datetime, end: datetime) -> list[Row]:
    return [event for event in world.events if event["item_id"] == item and start <= event["time"] < end]


def window(world: World, item: str, ago: int) -> list[Row]:
    return inside(world, item, world.cutoff - ago * world.span, world.cutoff - (ago - 1) * world.span)


def weigh(events: list[Row]) -> float:
    total = 0.0
    for event in events:
        total += event["weight"]
    return total


def weight_in(world: World, item: str, ago: int) -> float:
    return weigh(window(world, item, ago))


def counts(world: World, item: str, most: int = 12) -> list[float]:
    return [weight_in(world, item, k) for k in range(1, min(world.covered, most) + 1)]


def over(top: float, bottom: float) -> Value:
    return top / bottom if bottom else None


def growth_of(now: float, then: float) -> Value:
    return now / then - 1 if then else None


def kin(world: World, item: str) -> list[str]:
    """Returns the items of the same category, none without a category."""
    category = world.catalogue.get(item, {}).get("category")
    if category is None:
        return []
    return [other for other, row in world.catalogue.items() if row["category"] == category]


def count(ago: int) -> Callable[[World, str], Value]:
    return lambda world, item: weight_in(world, item, ago) if ago <= world.covered else None


def level(half_life: float) -> Callable[[World, str], Value]:
    def signal(world: World, item: str) -> Value:
        top = bottom = 0.0
        for k, value in enumerate(counts(world, item)):
            top += value * 0.5 ** (k / half_life)
            bottom += 0.5 ** (k / half_life)
        return over(top, bottom)

    return signal


def mean(windows: int) -> Callable[[World, str], Value]:
    def signal(world: World, item: str) -> Value:
        values = counts(world, item, windows)
        return sum(values) / len(values) if world.covered >= 2 else None

    return signal


def slope(world: World, item: str) -> Value:
    oldest_first = counts(world, item, 6)[::-1]
    slopes = []
    for early in range(len(oldest_first)):
        for then in range(early + 1, len(oldest_first)):
            slopes += [(oldest_first[then] - oldest_first[early]) / (then - early)]
    slopes.sort()
    if not slopes:
        return None
    return (slopes[(len(slopes) - 1) // 2] + slopes[len(slopes) // 2]) / 2


def peak_share(world: World, item: str) -> Value:
    values = counts(world, item)
    return over(values[0], max(values)) if len(values) >= 2 else None


def peak_ago(world: World, item: str) -> Value:
    best, where = 0.0, None
    for k, value in enumerate(counts(world, item), start=1):
        if value > best:
            best, where = value, float(k)
    return where if world.covered >= 2 else None


def active_windows(world: World, item: str) -> Value:
    return float(sum(value > 0 for value in counts(world, item))) if world.covered else None


def history(world: World, item: str) -> list[Row]:
    return [event for event in world.events if event["item_id"] == item]


def total(world: World, item: str) -> Value:
    return weigh(history(world, item))


def age(world: World, item: str) -> Value:
    times = [event["time"] for event in history(world, item)]
    return (world.cutoff - min(times)) / _DAY if times else None


def recency(world: World, item: str) -> Value:
    times = [event["time"] for event in history(world, item)]
    return (world.cutoff - max(times)) / _DAY if times else None


def place(world: World, item: str, among: list[str], ago: int) -> float:
    own, better = weight_in(world, item, ago), 0
    for other in among:
        better += weight_in(world, other, ago) > own
    return float(better + 1)


def rank(world: World, item: str) -> Value:
    return place(world, item, world.items, 1)


def share(world: World, item: str) -> Value:
    return over(weight_in(world, item, 1), sum(weight_in(world, other, 1) for other in world.items))


def category_rank(world: World, item: str) -> Value:
    among = kin(world, item)
    return place(world, item, among, 1) if among else None


def category_share(world: World, item: str) -> Value:
    return over(weight_in(world, item, 1), category_weight(world, item, 1))


def category_weight(world: World, item: str, ago: int) -> float:
    return sum((weight_in(world, other, ago) for other in kin(world, item)), 0.0)


def has_season(world: World) -> bool:
    return world.span <= _YEAR and world.cutoff - _YEAR - world.span >= world.first_day


def last_year(world: World, item: str) -> Value:
    start = world.cutoff - _YEAR
    return weigh(inside(world, item, start, start + world.span)) if has_season(world) else None


def last_year_change(world: World, item: str) -> Value:
    start = world.cutoff - _YEAR
    then = weigh(inside(world, item, start - world.span, start))
    return growth_of(last_year(world, item), then) if has_season(world) else None


def change(world: World, item: str) -> Value:
    return weight_in(world, item, 1) - weight_in(world, item, 2) if world.covered >= 2 else None


def growth(world: World, item: str) -> Value:
    return growth_of(weight_in(world, item, 1), weight_in(world, item, 2)) if world.covered >= 2 else None


def acceleration(world: World, item: str) -> Value:
    if world.covered < 3:
        return None
    one, two, three = counts(world, item, 3)
    return (one - two) - (two - three)


def streak(world: World, item: str) -> Value:
    values = counts(world, item)
    if len(values) < 2:
        return None
    if values[0] == values[1]:
        return 0.0
    sign, length = (1 if values[0] > values[1] else -1), 0
    while length + 1 < len(values) and sign * (values[length] - values[length + 1]) > 0:
        length += 1
    return float(sign * length)


def late(world: World, item: str) -> Value:
    if world.grid and world.span % (7 * world.grid):
        return None
    newest = Fraction(3, 7) * (world.span // timedelta.resolution)
    found = []
    for event in window(world, item, 1):
        found += [event] if (world.cutoff - event["time"]) // timedelta.resolution <= newest else []
    return weigh(found)


def late_share(world: World, item: str) -> Value:
    value = late(world, item)
    return None if value is None else over(value, weight_in(world, item, 1))


def rank_change(world: World, item: str) -> Value:
    if world.covered < 2:
        return None
    return place(world, item, world.items, 2) - place(world, item, world.items, 1)


def names(world: World, item: str, ago: int) -> set[object]:
    return {event["user_id"] for event in window(world, item, ago)} - {None}


def users(world: World, item: str) -> Value:
    return float(len(names(world, item, 1))) if world.users else None


def users_change(world: World, item: str) -> Value:
    if not world.users or world.covered < 2:
        return None
    return float(len(names(world, item, 1)) - len(names(world, item, 2)))


def heaviest_share(world: World, item: str) -> Value:
    if not world.users:
        return None
    heaviest = 0.0
    for name in names(world, item, 1):
        own = weigh([event for event in window(world, item, 1) if event["user_id"] == name])
        heaviest = max(heaviest, own)
    return over(heaviest, weight_in(world, item, 1))


def category_count(world: World, item: str) -> Value:
    return category_weight(world, item, 1) if kin(world, item) else None


def category_growth(world: World, item: str) -> Value:
    if world.covered < 2:
        return None
    return growth_of(category_weight(world, item, 1), category_weight(world, item, 2))


def catalogue_growth(world: World, item: str) -> Value:
    now, then = (sum(weight_in(world, other, ago) for other in world.items) for ago in (1, 2))
    return growth_of(now, then) if world.covered >= 2 else None


def paid(world: World, item: str, windows: range) -> Value:
    prices = [e["price"] for ago in windows for e in window(world, item, ago) if e["price"] is not None]
    return sum(prices) / len(prices) if prices else None


def price_paid(world: World, item: str) -> Value:
    return paid(world, item, range(1, 2)) if world.prices else None


def price_change(world: World, item: str) -> Value:
    now, before = price_paid(world, item), paid(world, item, range(2, 6))
    return None if now is None or before is None else growth_of(now, before)


def release_age(world: World, item: str) -> Value:
    release = world.catalogue.get(item, {}).get("release")
    return None if release is None else float((world.cutoff.date() - release) / _DAY)


def year_angle(world: World) -> float:
    days = (world.cutoff.date() - date(world.cutoff.year, 1, 1)) / _DAY
    return 2 * math.pi * days / 365.25


def is_special(day: date) -> bool:
    return day in holidays.country_holidays("US", years=day.year) or (day.month, day.day) in _CUSTOMS


def holidays_inside(world: World, _: str) -> Value:
    day, found = world.cutoff.date(), 0
    while datetime(day.year, day.month, day.day, tzinfo=UTC) < world.cutoff + world.span:
        found += is_special(day)
        day += _DAY
    return float(found)


def days_to_holiday(world: World, _: str) -> Value:
    days = 0
    while not is_special(world.cutoff.date() + days * _DAY):
        days += 1
    return float(days)


ORACLE: dict[str, Callable[[World, str], Value]] = {
    **{f"count_{ago}": count(ago) for ago in range(1, 13)},
    "level_half": level(0.5),
    "level_one": level(1.0),
    "level_three": level(3.0),
    "mean_4": mean(4),
    "mean_12": mean(12),
    "slope": slope,
    "peak_share": peak_share,
    "peak_ago": peak_ago,
    "active_windows": active_windows,
    "total": total,
    "age": age,
    "recency": recency,
    "rank": rank,
    "share": share,
    "category_rank": category_rank,
    "category_share": category_share,
    "last_year": last_year,
    "last_year_change": last_year_change,
    "change": change,
    "growth": growth,
    "acceleration": acceleration,
    "streak": streak,
    "late": late,
    "late_share": late_share,
    "rank_change": rank_change,
    "users": users,
    "users_change": users_change,
    "heaviest_share": heaviest_share,
    "category_count": category_count,
    "category_growth": category_growth,
    "catalogue_growth": catalogue_growth,
    "price_paid": price_paid,
    "price_change": price_change,
    "release_age": release_age,
    "year_sine": lambda world, _: math.sin(year_angle(world)),
    "year_cosine": lambda world, _: math.cos(year_angle(world)),
    "holidays_inside": holidays_inside,
    "days_to_holiday": days_to_holiday,
}


def close(got: Value, wanted: Value) -> bool:
    """Tells whether both are null, or equal to 1e-9 of the larger of one and the value wanted."""
    if got is None or wanted is None:
        return got is wanted
    return abs(got - wanted) <= 1e-9 * max(1.0, abs(wanted))


def differences(table: pa.Table, world: World) -> list[str]:
    """Returns a line for every value of the cards that differs from the loops by more than 1e-9."""
    rows = {row["item_id"]: row for row in table.to_pylist()}
    found = [] if sorted(rows) == world.items else [f"items {sorted(rows)} for {world.items}"]
    for item in world.items:
        for name, signal in ORACLE.items():
            wanted, got = signal(world, item), rows[item][name]
            if not close(got, wanted):
                found.append(f"{name} of {item}: {got}, the loop says {wanted}")
    return found
