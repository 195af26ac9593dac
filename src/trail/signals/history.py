"""Historical trend: how much, how long, how steadily."""

from __future__ import annotations

import ibis

from trail.signals import words_history as words
from trail.signals._expressions import (
    covered,
    decayed,
    mean_of,
    missing,
    ratio,
    relative_change,
    theil_sen,
    window_count,
    windows_since_peak,
)
from trail.signals.core import LATEST, WINDOWS, Expression, Family, Group, Signal, Unit

_FAMILY = Family.HISTORY


def _count(ago: int) -> Signal:
    return Signal(
        f"count_{ago}",
        _FAMILY,
        Group.LEVEL if ago <= LATEST else Group.PAST,
        Unit.COUNT,
        f"Weight of the events {ago} window{'s' if ago > 1 else ''} before the cutoff; 0 or more; null before the log.",
        lambda t, c: window_count(t, c, ago),
        wording=words.COUNT if ago > 1 else words.LAST_COUNT,
    )


def _level(half_life: float, name: str) -> Signal:
    return Signal(
        name,
        _FAMILY,
        Group.LEVEL if half_life <= 1 else Group.PAST,
        Unit.NUMBER,
        f"Mean count of 12 windows, weights halving every {half_life:g}; 0 or more; null without a full window.",
        lambda t, c: decayed(covered(t, c), half_life),
    )


def _mean(windows: int) -> Signal:
    return Signal(
        f"mean_{windows}",
        _FAMILY,
        Group.PAST,
        Unit.COUNT,
        f"Mean count of the last {windows} windows; 0 or more; null where the log covers fewer than two.",
        lambda t, c: mean_of(covered(t, c, windows)) if c.counted > 1 else missing(),
        wording=words.mean(windows, 3 if windows == WINDOWS else 4, core=windows == WINDOWS),
    )


_seasonal: Expression = lambda t, c: t.season_next if c.has_last_year else missing()  # noqa: E731

SIGNALS = (
    *(_count(ago) for ago in range(1, WINDOWS + 1)),
    _level(0.5, "level_half"),
    _level(1.0, "level_one"),
    _level(3.0, "level_three"),
    _mean(4),
    _mean(12),
    Signal(
        "slope",
        _FAMILY,
        Group.MOMENTUM,
        Unit.DIFFERENCE,
        "Theil-Sen slope of the last six windows, events a window; any sign; null with fewer than two.",
        lambda t, c: theil_sen(covered(t, c, 6)),
        neutral=0.0,
        wording=words.SLOPE,
    ),
    Signal(
        "peak_share",
        _FAMILY,
        Group.LEVEL,
        Unit.SHARE,
        "Last window's count as a share of the highest of 12; 0 to 1; null if all are zero or with fewer than two.",
        lambda t, c: ratio(t.w1, ibis.greatest(*covered(t, c))) if c.counted > 1 else missing(),
        wording=words.PEAK_SHARE,
    ),
    Signal(
        "peak_ago",
        _FAMILY,
        Group.PAST,
        Unit.WINDOWS,
        "Windows since the highest of 12, 1 is the last one, the newest of equals; 1 to 12; null if all are zero or with fewer than two.",
        lambda t, c: windows_since_peak(covered(t, c)) if c.counted > 1 else missing(),
        wording=words.PEAK_AGO,
    ),
    Signal(
        "active_windows",
        _FAMILY,
        Group.PAST,
        Unit.WINDOWS,
        "Windows of the last 12 with any event; 0 to 12; null without a full window.",
        lambda t, c: sum((v > 0).cast("float64") for v in covered(t, c)) if c.counted else missing(),
        wording=words.ACTIVE_WINDOWS,
    ),
    Signal(
        "total",
        _FAMILY,
        Group.PAST,
        Unit.COUNT,
        "Weight of all events before the cutoff; 0 or more.",
        lambda t, _: t.total,
    ),
    Signal(
        "age",
        _FAMILY,
        Group.AGE,
        Unit.DAYS,
        "Days from the first event to the cutoff; above 0; null without events.",
        lambda t, _: t.first_days,
        wording=words.AGE,
    ),
    Signal(
        "recency",
        _FAMILY,
        Group.AGE,
        Unit.DAYS,
        "Days from the last event to the cutoff; above 0; null without events.",
        lambda t, _: t.last_days,
        wording=words.RECENCY,
    ),
    Signal(
        "rank",
        _FAMILY,
        Group.STANDING,
        Unit.RANK,
        "Rank in the catalogue by the last window's count; 1 is the highest, ties share the best rank.",
        lambda t, _: t.rank_now.cast("float64"),
        wording=words.RANK,
    ),
    Signal(
        "share",
        _FAMILY,
        Group.STANDING,
        Unit.SHARE,
        "Share of all events of the last window; 0 to 1; null if there were none.",
        lambda t, _: ratio(t.w1, t.w1.sum().over()),
        wording=words.SHARE,
    ),
    Signal(
        "category_rank",
        _FAMILY,
        Group.STANDING,
        Unit.RANK,
        "Rank in its category by the last window's count; 1 is the highest, ties share the best; null without a category.",
        lambda t, _: t.category.notnull().ifelse(
            (ibis.rank().over(group_by=t.category, order_by=ibis.desc(t.w1)) + 1).cast("float64"), missing()
        ),
        wording=words.CATEGORY_RANK,
    ),
    Signal(
        "category_share",
        _FAMILY,
        Group.STANDING,
        Unit.SHARE,
        "Share of its category's events of the last window; 0 to 1; null without either.",
        lambda t, _: t.category.notnull().ifelse(
            ratio(t.w1, t.w1.sum().over(group_by=t.category)), missing()
        ),
        wording=words.CATEGORY_SHARE,
    ),
    Signal(
        "last_year",
        _FAMILY,
        Group.SEASON,
        Unit.COUNT,
        "Count in the period 364 days before the one predicted; 0 or more; null where the log lacks that period or the one before.",
        _seasonal,
        wording=words.LAST_YEAR,
    ),
    Signal(
        "last_year_change",
        _FAMILY,
        Group.SEASON,
        Unit.CHANGE,
        "Change from the window before to the period predicted, both 364 days ago; -1 or more; null at zero or if younger.",
        lambda t, c: relative_change(t.season_next, t.season_last) if c.has_last_year else missing(),
        neutral=0.0,
        wording=words.LAST_YEAR_CHANGE,
    ),
)
