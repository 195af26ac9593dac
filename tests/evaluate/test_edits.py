"""Edits of one item's events keep what they promise: property tests on small random logs, no query needed."""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.signals.logs import Case, cases, events_table

from trail.evaluate.faithfulness import OWN_EDITS, Aim, Own
from trail.events import Horizon
from trail.signals import Context, Group

FEW = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
EDITS = {edit.group: edit.make for edit in OWN_EDITS}
NEUTRAL = {
    **{f"count_{ago}": 3.0 for ago in range(1, 13)},
    "last_year": 4.0,
    "users": 2.0,
    "heaviest_share": 0.5,
    "price_paid": 5.0,
}
AIM = Aim(NEUTRAL, seed=3)


def context(cutoff: datetime, days: int) -> Context:
    flags = {"has_users": True, "has_prices": True, "has_last_year": True, "has_late": True}
    return Context(cutoff, Horizon(days), coverage=12, calendar={}, **flags)


@st.composite
def items(draw: st.DrawFn) -> Own:
    """Draws an item with events before a cutoff."""
    case: Case = draw(cases())
    mask = pc.less(case.events["timestamp"], pa.scalar(case.cutoff, case.events["timestamp"].type))
    past = case.events.filter(mask)
    assume(past.num_rows)
    item = pa.array(["a"] * past.num_rows)
    return Own.of(past.set_column(0, past.schema.field(0), item), context(case.cutoff, case.days))


def edited(own: Own, group: Group) -> Own:
    found = EDITS[group](own, AIM)
    assume(found is not None)
    return found


def users(own: Own) -> set:
    return set(own.table["user_id"].to_pylist())


def equal_but(one: Own, other: Own, *names: str) -> bool:
    return one.table.drop_columns(list(names)).equals(other.table.drop_columns(list(names)))


@pytest.mark.parametrize("group", EDITS)
@FEW
@given(own=items())
def test_only_the_item_and_its_past_are_touched_and_its_age_stays(group, own):
    before = own.table
    found = edited(own, group)
    assert own.table.equals(before)
    assert set(found.table["item_id"].to_pylist()) == {"a"}
    assert (found.ago >= 1).all()
    assert found.micros.min() == own.micros.min()
    assert (found.weight >= 0).all()
    assert found.table.schema == before.schema
    assert EDITS[group](own, AIM).table.equals(found.table)  # the same seed, the same edit


@FEW
@given(own=items())
def test_momentum_is_levelled_and_total_and_users_stay(own):
    found = edited(own, Group.MOMENTUM)
    assert found.weight.sum() == pytest.approx(own.weight.sum())
    assert users(found) == users(own)
    windows = min(6, int(own.ago.max()))
    assert found.counts[:windows] == pytest.approx(np.full(windows, found.counts[0]))
    assert found.counts.sum() == pytest.approx(own.counts.sum())
    # events older than the card are left alone
    assert found.weight[found.ago > 12].sum() == pytest.approx(own.weight[own.ago > 12].sum())
    # a last window that was empty is a copy of another, as that one was
    late, early = found.late, (own.ago == 1) & ~own.late
    if own.weight[own.late].sum() > 0 and own.weight[early].sum() > 0:
        assert found.weight[late].sum() == pytest.approx(3 / 7 * found.counts[0])


def test_momentum_keeps_the_level_where_older_windows_can_pay():
    # 8 in the last window, 4 in the one before, 1 in each older one: the level is (8 + 2 + 1/4 + ...) / (2 - 1/32)
    cutoff = datetime.fromisoformat("2024-06-03T00:00:00+00:00")
    sold = [8, 4, *[1] * 4, *[5] * 6]
    rows = [
        {
            "item_id": "a",
            "timestamp": cutoff - at * timedelta(days=7) + timedelta(hours=1),
            "weight": float(many),
        }
        for at, many in enumerate(sold, start=1)
    ]
    found = EDITS[Group.MOMENTUM](Own.of(events_table(rows), context(cutoff, 7)), AIM)
    level = (8 + 2 + 1 / 4 + 1 / 8 + 1 / 16 + 1 / 32) / (2 - 1 / 32)
    assert found.counts[:6] == pytest.approx([level] * 6)
    # 16 had been there, 6 levels are now: five of each of the older windows paid for the rest alike
    assert found.counts[6:] == pytest.approx([5 - (6 * level - 16) / 6] * 6)


@FEW
@given(own=items())
def test_level_and_past_are_thinned_by_one_factor_each_and_nothing_else(own):
    for group, part in ((Group.LEVEL, slice(0, 2)), (Group.PAST, slice(2, None))):
        if not own.counts[part].sum():
            assert edited(own, group) is None
            continue
        found = edited(own, group)
        assert equal_but(found, own, "weight")
        mean = max(3.0, 0.01 * own.counts[part].mean())
        assert found.counts[part].mean() == pytest.approx(mean)
        assert found.counts[part] / mean == pytest.approx(own.counts[part] / own.counts[part].mean())
        inside = np.isin(own.ago, np.arange(12)[part] + 1)
        assert found.weight[~inside].tolist() == own.weight[~inside].tolist()


@FEW
@given(own=items())
def test_last_year_is_neutral_and_the_card_of_today_is_not_touched(own):
    found = edited(own, Group.SEASON)
    assert users(found) == users(own)
    was, now = ([each.weight[each.season == part].sum() for part in (1, 2)] for each in (own, found))
    wanted = max(4.0, 0.01 * max(was))
    for before, after in zip(was, now, strict=True):
        # an empty week is filled from the other one, or lies before the item's first event
        assert after == pytest.approx(wanted) or (before == 0 and after == 0)
    away = own.season == 0
    recent, kept = away & (own.ago <= 12), (found.season == 0) & (found.ago <= 12)
    assert found.weight[kept].tolist() == own.weight[recent].tolist()
    older = own.weight[away & (own.ago > 12)].sum()
    owed = sum(was) - sum(now)
    if 0.01 * older <= older + owed <= 2 * older:
        assert found.weight.sum() == pytest.approx(own.weight.sum())


@FEW
@given(own=items())
def test_breadth_changes_who_and_nothing_else(own):
    found = edited(own, Group.BREADTH)
    assert equal_but(found, own, "user_id")
    before, after = (each.table["user_id"].to_numpy(zero_copy_only=False) for each in (own, found))
    assert [each is None for each in before] == [each is None for each in after]
    for window in (1, 2):
        named = (own.ago == window) & np.array([each is not None for each in before])
        assert len(set(after[named])) == min(2, named.sum())
    assert after[own.ago > 2].tolist() == before[own.ago > 2].tolist()


@FEW
@given(own=items())
def test_prices_of_five_windows_are_neutral(own):
    found = edited(own, Group.PRICE)
    assert equal_but(found, own, "price")
    before, after = (each.table["price"].to_numpy(zero_copy_only=False) for each in (own, found))
    recent = np.isfinite(before) & (own.ago <= 5)
    assert set(after[recent]) == {5.0}
    assert np.array_equal(after[~recent], before[~recent], equal_nan=True)


def test_the_heaviest_user_gets_the_neutral_share():
    cutoff = datetime.fromisoformat("2024-06-03T00:00:00+00:00")
    rows = [
        {"item_id": "a", "timestamp": cutoff - timedelta(hours=at), "user_id": "ann"} for at in range(1, 21)
    ]
    own = Own.of(events_table(rows), context(cutoff, 7))
    found = EDITS[Group.BREADTH](own, Aim({**NEUTRAL, "users": 5.0, "heaviest_share": 0.4}))
    who, many = np.unique(found.table["user_id"].to_numpy(zero_copy_only=False), return_counts=True)
    assert (len(who), many.max()) == (5, 8)
    assert "ann" in who


@pytest.mark.parametrize(
    ("group", "lacking"),
    [
        (Group.MOMENTUM, {"timestamp": timedelta(days=1)}),  # one window since its first event
        (Group.LEVEL, {"timestamp": timedelta(days=20)}),
        (Group.PAST, {"timestamp": timedelta(days=10)}),
        (Group.SEASON, {"timestamp": timedelta(days=1)}),
        (Group.BREADTH, {"timestamp": timedelta(days=10), "user_id": "ann"}),
        (Group.PRICE, {"timestamp": timedelta(days=1)}),
    ],
)
def test_what_an_item_lacks_is_said(group, lacking):
    cutoff = datetime.fromisoformat("2024-06-03T00:00:00+00:00")
    row = {"item_id": "a"} | lacking | {"timestamp": cutoff - lacking["timestamp"]}
    assert EDITS[group](Own.of(events_table([row]), context(cutoff, 7)), AIM) is None
