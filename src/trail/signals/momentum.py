"""Current momentum: what changed between the last windows, inside the last one, and around the item."""

from __future__ import annotations

from trail.signals import words_momentum as words
from trail.signals._expressions import covered, missing, ratio, relative_change, streak
from trail.signals.core import Expression, Family, Group, Signal, Unit

_FAMILY = Family.MOMENTUM


def _with_users(expression: Expression) -> Expression:
    return lambda t, c: expression(t, c).cast("float64") if c.has_users else missing()


def _from(windows: int, expression: Expression) -> Expression:
    return lambda t, c: expression(t, c) if c.counted >= windows else missing()


SIGNALS = (
    Signal(
        "change",
        _FAMILY,
        Group.MOMENTUM,
        Unit.DIFFERENCE,
        "Last window's count less the one before; any sign; null with fewer than two windows.",
        _from(2, lambda t, _: t.w1 - t.w2),
        neutral=0.0,
        wording=words.CHANGE,
    ),
    Signal(
        "growth",
        _FAMILY,
        Group.MOMENTUM,
        Unit.CHANGE,
        "Relative change of the last window on the one before; -1 or more; null if that was zero or with fewer than two.",
        _from(2, lambda t, _: relative_change(t.w1, t.w2)),
        neutral=0.0,
        wording=words.GROWTH,
    ),
    Signal(
        "acceleration",
        _FAMILY,
        Group.MOMENTUM,
        Unit.NUMBER,
        "Last change less the change before it, events a window; any sign; null with fewer than three windows.",
        _from(3, lambda t, _: t.w1 - t.w2 * 2.0 + t.w3),
        neutral=0.0,
    ),
    Signal(
        "streak",
        _FAMILY,
        Group.MOMENTUM,
        Unit.WINDOWS,
        "Consecutive rises up to the last window, negative for falls; -11 to 11; null with fewer than two windows.",
        lambda t, c: streak(covered(t, c)),
        neutral=0.0,
        wording=words.STREAK,
    ),
    Signal(
        "late",
        _FAMILY,
        Group.MOMENTUM,
        Unit.COUNT,
        "Count in the last three sevenths of the last window; 0 or more; null if the log's grid is coarser.",
        lambda t, c: t.late if c.has_late else missing(),
        wording=words.LATE,
    ),
    Signal(
        "late_share",
        _FAMILY,
        Group.MOMENTUM,
        Unit.SHARE,
        "Share of the last window's count in its last three sevenths; 0 to 1 (even is 0.43); null if it was zero.",
        lambda t, c: ratio(t.late, t.w1) if c.has_late else missing(),
        neutral=3 / 7,
        wording=words.LATE_SHARE,
    ),
    Signal(
        "rank_change",
        _FAMILY,
        Group.MOMENTUM,
        Unit.PLACES,
        "Places climbed in the catalogue between the last two windows; negative is down; null with fewer than two.",
        _from(2, lambda t, _: (t.rank_then - t.rank_now).cast("float64")),
        neutral=0.0,
        wording=words.RANK_CHANGE,
    ),
    Signal(
        "users",
        _FAMILY,
        Group.BREADTH,
        Unit.USERS,
        "Distinct users of the last window; 0 or more; null if the log names no users.",
        _with_users(lambda t, _: t.users_now),
        wording=words.USERS,
    ),
    Signal(
        "users_change",
        _FAMILY,
        Group.BREADTH,
        Unit.DIFFERENCE,
        "Distinct users of the last window less those of the one before; any sign; null as for users.",
        _with_users(_from(2, lambda t, _: t.users_now - t.users_then)),
        neutral=0.0,
        wording=words.USERS_CHANGE,
    ),
    Signal(
        "heaviest_share",
        _FAMILY,
        Group.BREADTH,
        Unit.SHARE,
        "Share of the last window's count due to its heaviest user; 0 to 1; null if it was zero or users are unknown.",
        _with_users(lambda t, _: ratio(t.heaviest, t.w1)),
        wording=words.HEAVIEST_SHARE,
    ),
    Signal(
        "category_count",
        _FAMILY,
        Group.CATEGORY,
        Unit.COUNT,
        "Count of the item's category in the last window; 0 or more; null without a category.",
        lambda t, _: t.category.notnull().ifelse(t.w1.sum().over(group_by=t.category), missing()),
    ),
    Signal(
        "category_growth",
        _FAMILY,
        Group.CATEGORY,
        Unit.CHANGE,
        "Relative change of the category's count on the window before; -1 or more; null at zero, without a category or with fewer than two.",
        _from(
            2,
            lambda t, _: t.category.notnull().ifelse(
                relative_change(t.w1.sum().over(group_by=t.category), t.w2.sum().over(group_by=t.category)),
                missing(),
            ),
        ),
        neutral=0.0,
        wording=words.CATEGORY_GROWTH,
    ),
    Signal(
        "catalogue_growth",
        _FAMILY,
        Group.CATEGORY,
        Unit.CHANGE,
        "Relative change of the whole catalogue's count on the window before; -1 or more; null if that was zero or with fewer than two.",
        _from(2, lambda t, _: relative_change(t.w1.sum().over(), t.w2.sum().over())),
        neutral=0.0,
        wording=words.CATALOGUE_GROWTH,
    ),
)
