"""Every group of items against a loop over single cards, and the side tables against loops over items."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from trail.baselines import LastWindow, active
from trail.baselines.sample import sample_history
from trail.evaluate import FAMILIES
from trail.evaluate.measured import EDGES, RISERS, reliability, risers
from trail.evaluate.outcome import Outcome
from trail.evaluate.scopes import ordered, rose, scopes, top_categories
from trail.signals import Cards, Labelled

EXAMPLE = sample_history()[-1]


def slow_group(card, target, borders, categories) -> set[str]:
    lively = sum(card[f"count_{ago}"] or 0.0 for ago in range(1, 9)) > 0
    found = {"all"}
    age, last = card["age"], card["count_1"] or 0.0
    if (age is None and target > 0) or (age is not None and age < 14):
        found.add("new")
    if age is None:
        found.add("unsold")
    if target > last and (target - last) / (target + last) ** 0.5 > 1.96:
        found.add("risers")
    if lively:
        level = card["level_three"]
        found.add("active")
        place = "low" if level <= borders[0] else "middle" if level <= borders[1] else "high"
        old = "new" if age < 14 else "young" if age < 28 else "middle" if age < 84 else "old"
        named = card.metadata["category"] in categories
        category = card.metadata["category"] if named else "other"
        found |= {f"level:{place}", f"age:{old}", f"category:{category}"}
    return found


@pytest.mark.parametrize("at", [0, -1])
def test_groups_against_a_loop(at):
    example = sample_history()[at]
    cards = example.cards
    names = top_categories(cards)[:3]
    masks = scopes(example, tuple(FAMILIES), names)
    levels = sorted(cards.column("level_three")[active(cards)])
    borders = np.quantile(levels, [1 / 3, 2 / 3])
    for row in range(len(cards)):
        mine = {name for name, mask in masks.items() if mask[row]}
        assert mine == slow_group(cards.card(row), example.target[row], borders, names)
    lively = active(cards)
    for family in ("level", "age", "category"):
        parts = [mask for name, mask in masks.items() if name.startswith(f"{family}:")]
        assert (sum(part.astype(int) for part in parts) == lively).all()  # each active item in one part


def test_what_is_known_at_the_cutoff_does_not_move_with_the_outcome():
    families = ("active", "all", "level", "age", "category")
    names = top_categories(EXAMPLE.cards)
    other = Labelled(EXAMPLE.cards, EXAMPLE.target[::-1].copy())
    one, two = (scopes(each, families, names) for each in (EXAMPLE, other))
    assert one.keys() == two.keys()
    assert all((one[name] == two[name]).all() for name in one)


def test_largest_categories_by_hand():
    cards = EXAMPLE.cards
    sums = {}
    for row in np.flatnonzero(active(cards)):
        card = cards.card(int(row))
        sums[card.metadata["category"]] = sums.get(card.metadata["category"], 0) + card["total"]
    assert top_categories(cards) == tuple(sorted(sums, key=lambda name: -sums[name])[:5])
    at = cards.table.schema.get_field_index("category")
    none = cards.table.set_column(at, "category", pa.nulls(len(cards), pa.string()))
    assert top_categories(Cards(none, cards.cutoff, cards.horizon, cards.calendar)) == ()


def test_a_rise_beyond_chance_by_hand():
    """4 after 0: 16 / 4 = 4 > 3.84; 3 after 0: 9 / 3 = 3; 20 after 10: 100 / 30 = 3.3; 25 after 10: 6.4."""
    target, last = np.array([4.0, 3.0, 20.0, 25.0, 0.0, 5.0]), np.array([0.0, 0.0, 10.0, 10.0, 30.0, 5.0])
    assert rose(target, last).tolist() == [True, False, False, True, False, False]


def test_reliability_against_a_loop():
    outcome = Outcome.of(EXAMPLE, LastWindow().fit(sample_history()[:-1]).predict(EXAMPLE.cards))
    found = reliability(outcome)
    slow = {}
    for chance, entered in zip(outcome.chance, outcome.entered, strict=True):
        low = max(edge for edge in EDGES[:-1] if chance >= edge)
        items, stated, happened = slow.get(low, (0, 0.0, 0.0))
        slow[low] = (items + 1, stated + chance, happened + entered)
    assert {each["low"]: (each["items"], each["chance"], each["entered"]) for each in found} == {
        low: (items, pytest.approx(stated), pytest.approx(happened))
        for low, (items, stated, happened) in slow.items()
    }
    assert sum(each["items"] for each in found) == len(EXAMPLE.cards)
    assert sum(each["entered"] for each in found) == pytest.approx(50)


def test_risers_against_a_loop():
    example = max(sample_history(), key=lambda each: rose(each.target, each.cards.column("count_1")).sum())
    outcome = Outcome.of(example, LastWindow().predict(example.cards))
    true = np.flatnonzero(rose(outcome.target, outcome.last))
    expected = outcome.last + 3.0  # false alarms
    expected[true[::2]], expected[true[1::2]] = outcome.target[true[::2]], outcome.last[true[1::2]]
    outcome = Outcome(**{**vars(outcome), "expected": expected})
    found = risers(example.cards, outcome)
    ids = example.cards.item_ids
    hope = {item: e - last for item, e, last in zip(ids, expected, outcome.last, strict=True)}
    rises = {
        item: target - last
        for item, target, last in zip(ids, outcome.target, outcome.last, strict=True)
        if target > last and (target - last) ** 2 > 1.96**2 * (target + last)
    }
    assert 0 < len(rises) < RISERS
    assert [each["target"] - each["last"] for each in found] == sorted(rises.values(), reverse=True)
    assert {each["item_id"] for each in found} == set(rises)
    assert {each["found"] for each in found} == {True, False}
    for each in found:
        above = [item for item in ids if (-hope[item], item) < (-hope[each["item_id"]], each["item_id"])]
        assert each["place"] == len(above) + 1
        assert each["found"] == (len(above) < 50)
        assert each["title"]


def test_groups_have_one_order():
    names = [
        "category:other",
        "age:old",
        "category:b",
        "all",
        "level:high",
        "active",
        "category:a",
        "level:low",
    ]
    assert ordered(names) == [
        "active",
        "all",
        "level:low",
        "level:high",
        "age:old",
        "category:a",
        "category:b",
        "category:other",
    ]


def test_empty_groups_are_left_out_but_active_and_all_stay():
    nothing = Labelled(EXAMPLE.cards.take(np.zeros(0, dtype=int)), np.zeros(0))
    assert set(scopes(nothing, tuple(FAMILIES), ("kind-1",))) == {"active", "all"}
