"""What must not move a signal: the future, the order of rows, a shift in time, repeated rows, new items."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from trail.errors import ConfigError, DataError
from trail.events import Horizon
from trail.signals import BY_NAME, SIGNALS, Cards, Family, cards_at

from .logs import DAY, Case, cases, events_table, items_table
from .oracle import close, differences, world_of

CUTOFF = datetime(2024, 3, 4, tzinfo=UTC)
few = settings(
    max_examples=3,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
ALL = [signal.name for signal in SIGNALS]


def compute(case: Case, opened) -> Cards:
    log, items = opened(case.events, case.items)
    try:
        return cards_at(log, items, case.cutoff, Horizon(case.days))
    except DataError:
        assume(False)  # noqa: FBT003 - hypothesis draws another case
        raise


def same(left: Cards, right: Cards, signals: list[str], items: list[str] | None = None) -> None:
    """Asserts that the given signals of all (or the given) items are equal to 1e-9."""
    left_rows, right_rows = (
        {row["item_id"]: row for row in each.table.to_pylist()} for each in (left, right)
    )
    assert items is not None or left_rows.keys() == right_rows.keys()
    for item in items or left_rows:
        moved = [name for name in signals if not close(left_rows[item][name], right_rows[item][name])]
        assert moved == [], (item, left_rows[item], right_rows[item])


def rows_of(case: Case) -> list[dict[str, object]]:
    return case.events.to_pylist()


def changed(case: Case, rows: list[dict[str, object]], **parts: object) -> Case:
    values = {"events": events_table(rows), "items": case.items, "cutoff": case.cutoff, "days": case.days}
    return Case(**(values | parts))


@few
@given(case=cases(), after=st.lists(st.integers(0, 40), min_size=1, max_size=30))
def test_the_future_changes_nothing(case: Case, after: list[int], opened):
    past = [row for row in rows_of(case) if row["timestamp"] < case.cutoff]
    assume(past)
    # future rows copy the log's own kind of row, so that its grid, users and prices stay what they are
    future = [past[n % len(past)] | {"timestamp": case.cutoff + n * 7 * DAY, "weight": 1e6} for n in after]
    assume(len({row["timestamp"] for row in past}) > 1)
    same(compute(changed(case, past), opened), compute(changed(case, past + future), opened), ALL)


@few
@given(case=cases(), data=st.data())
def test_the_order_of_rows_changes_nothing(case: Case, data: st.DataObject, opened):
    shuffled = data.draw(st.permutations(rows_of(case)))
    turned = changed(
        case, shuffled, items=case.items.take(pa.array(range(case.items.num_rows)[::-1], pa.int64()))
    )
    before, after = compute(case, opened), compute(turned, opened)
    assert before.item_ids == after.item_ids == sorted(before.item_ids)
    same(before, after, ALL)


@few
@given(case=cases(), windows=st.integers(-3, 5))
def test_time_itself_matters_to_the_calendar_and_the_release_only(case: Case, windows: int, opened):
    shift = windows * 28 * DAY  # whole windows of 1, 7 and 28 days, on any grid
    rows = [row | {"timestamp": row["timestamp"] + shift} for row in rows_of(case)]
    timed = {signal.name for signal in SIGNALS if signal.family is Family.CALENDAR} | {"release_age"}
    moved = changed(case, rows, cutoff=case.cutoff + shift)
    same(compute(case, opened), compute(moved, opened), [name for name in ALL if name not in timed])


@few
@given(case=cases(), times=st.lists(st.integers(1, 4), min_size=80, max_size=80))
def test_a_weight_is_a_number_of_repeated_rows(case: Case, times: list[int], opened):
    """Holds for every signal but the mean prices, which weigh rows, not units: a row is a price tag seen."""
    rows = rows_of(case)
    weighted = [row | {"weight": float(n)} for row, n in zip(rows, times, strict=False)]
    repeated = [row | {"weight": 1.0} for row, n in zip(rows, times, strict=False) for _ in range(n)]
    kept = [name for name in ALL if name not in {"price_paid", "price_change"}]
    same(compute(changed(case, weighted), opened), compute(changed(case, repeated), opened), kept)


@few
@given(case=cases())
def test_an_item_without_events_moves_no_other(case: Case, opened):
    extra = items_table([{"item_id": "new", "category": "x", "release": date(2024, 1, 1)}])
    more = changed(case, rows_of(case), items=pa.concat_tables([case.items, extra]))
    before, after = compute(case, opened), compute(more, opened)
    assert after.item_ids == sorted([*before.item_ids, "new"])
    same(before, after, ALL, before.item_ids)


def test_a_burst_after_the_cutoff_leaks_into_no_signal(opened, synthetic):
    events, items = synthetic(3)
    cutoff = datetime(2023, 1, 30, tzinfo=UTC)
    past = events.filter(pc.less(events["timestamp"], pa.scalar(cutoff)))
    burst = events_table(
        [
            {
                "item_id": item,
                "timestamp": cutoff + n * timedelta(hours=1),
                "user_id": f"crowd {n}",
                "weight": 1e5,
                "price": 0.01,
            }
            for item in ("item 005", "item 029", "born later")
            for n in range(200)
        ]
    )
    born = items_table([{"item_id": "born later", "category": "Kind 0", "release": date(2023, 2, 1)}])
    honest = cards_at(*opened(past, items), cutoff, Horizon(7))
    planted = pa.concat_tables([burst, past, burst])
    leaky = cards_at(*opened(planted, pa.concat_tables([born, items])), cutoff, Horizon(7))
    same(honest, leaky, ALL, honest.item_ids)
    unseen = leaky.card(leaky.row_of("born later"))
    assert (unseen["total"], unseen["count_1"], unseen["age"]) == (0.0, 0.0, None)
    without = cards_at(*opened(planted, items), cutoff, Horizon(7))
    assert without.item_ids == honest.item_ids


@pytest.mark.parametrize(("grid", "wrong"), [(1, timedelta(hours=1)), (7, timedelta(days=3))])
def test_a_cutoff_off_the_grid_is_refused(grid: int, wrong: timedelta, opened):
    rows = [{"item_id": "a", "timestamp": CUTOFF - n * grid * DAY} for n in range(1, 20)]
    log, items = opened(events_table(rows), items_table([]))
    assert log.grid == grid * DAY
    assert len(cards_at(log, items, CUTOFF, Horizon(7))) == 1
    with pytest.raises(DataError, match="whole") as caught:
        cards_at(log, items, CUTOFF + wrong, Horizon(7))
    assert f"{CUTOFF:%Y-%m-%d}" in caught.value.fix


def test_a_cutoff_before_the_log_or_without_a_zone_is_refused(opened):
    log, items = opened(events_table([{"item_id": "a", "timestamp": CUTOFF}]), items_table([]))
    with pytest.raises(DataError, match="after the first event"):
        cards_at(log, items, CUTOFF, Horizon(7))
    with pytest.raises(ConfigError, match="local time"):
        cards_at(log, items, datetime(2024, 4, 1), Horizon(7))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize("catalogue", [[], [{"item_id": "a"}, {"item_id": "b"}]], ids=["empty", "nulls"])
def test_a_catalogue_without_rows_or_without_facts_works(catalogue: list[dict[str, object]], opened):
    events = events_table(
        [
            {"item_id": item, "timestamp": CUTOFF - n * 3 * DAY, "weight": n}
            for n in range(1, 9)
            for item in "ac"
        ]
    )
    items = items_table(catalogue)
    cards = cards_at(*opened(events, items), CUTOFF, Horizon(7))
    assert differences(cards.table, world_of(events, items, CUTOFF, 7)) == []
    for name in ("release_age", "category_rank", "category_share", "category_count", "category_growth"):
        assert cards.table[name].null_count == len(cards)


def test_columns_are_numbers_even_where_all_are_null(opened):
    log, items = opened(
        events_table([{"item_id": "a", "timestamp": CUTOFF - DAY / n} for n in (3, 4)]), items_table([])
    )
    cards = cards_at(log, items, CUTOFF, Horizon(28))
    assert {name: cards.table.schema.field(name).type for name in ALL} == dict.fromkeys(ALL, pa.float64())
    assert cards.table["count_1"].to_pylist() == [None]
    assert cards.column("users").dtype == float
    assert cards.matrix(["total", "age"]).tolist() == [[2.0, pytest.approx(1 / 3)]]


def test_ties_share_the_best_rank(opened):
    """Two items with 5 are first, the one with 3 is third, the two with none are fourth."""
    events = events_table(
        [
            {"item_id": i, "timestamp": CUTOFF - DAY, "weight": w}
            for i, w in [("a", 5.0), ("b", 3.0), ("c", 5.0)]
        ]
    )
    items = items_table([{"item_id": i, "category": "x"} for i in "abcde"])
    cards = cards_at(*opened(events, items), CUTOFF, Horizon(7))
    assert cards.table["rank"].to_pylist() == [1.0, 3.0, 1.0, 4.0, 4.0]
    assert cards.table["category_rank"].to_pylist() == [1.0, 3.0, 1.0, 4.0, 4.0]


def test_values_by_hand(opened):
    """Weekly counts of one item, newest first, are 6, 4, 8, 0; of the other 2, 4, 0, 1.

    Slopes of 6, 4, 8, 0 (newest first): 2, -1, 2, -4, 2, 8 -> sorted -4 -1 2 2 2 8, median 2.
    """
    weeks = {"a": [6, 4, 8, 0], "b": [2, 4, 0, 1]}
    rows = [
        {"item_id": item, "timestamp": CUTOFF - (7 * k + 6 + k / 8) * DAY, "weight": float(n), "user_id": "u"}
        for item, values in weeks.items()
        for k, n in enumerate(values)
        if n
    ]
    cards = cards_at(*opened(events_table(rows), items_table([])), CUTOFF, Horizon(7))
    card = cards.card(cards.row_of("a"))
    wanted = {
        "count_1": 6.0,
        "count_4": 0.0,
        "count_5": None,
        "mean_4": 4.5,
        "level_one": (6 + 2 + 2) / 1.875,
        "slope": 2.0,
        "peak_share": 0.75,
        "peak_ago": 3.0,
        "active_windows": 3.0,
        "total": 18.0,
        "age": 20.25,
        "recency": 6.0,
        "share": 0.75,
        "change": 2.0,
        "growth": 0.5,
        "acceleration": 6.0,
        "streak": 1.0,
        "late": 0.0,
        "rank_change": 0.0,
        "users": 1.0,
        "heaviest_share": 1.0,
        "catalogue_growth": 0.0,
        "price_paid": None,
    }
    assert {name: card[name] for name in wanted if not close(card[name], wanted[name])} == {}
    assert card.counts == [6.0, 4.0, 8.0, 0.0]


def test_an_item_nobody_knows_has_no_card(opened):
    log, items = opened(events_table([{"item_id": "a", "timestamp": CUTOFF - DAY}]), items_table([]))
    with pytest.raises(DataError, match="nobody"):
        cards_at(log, items, CUTOFF, Horizon(7)).row_of("nobody")


def test_names_are_unique():
    assert len(BY_NAME) == len(SIGNALS) >= 24
    assert all(signal.doc.endswith(".") for signal in SIGNALS)
