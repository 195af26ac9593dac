"""Corrupted texts: each is false by the card's own values, read off the change itself."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from tests.facts.cases import OUTLOOK, card, cards, drivers, outlook
from trail.facts.claims import Driver
from trail.facts.frames import AGAINST, FOR
from trail.facts.render import render
from trail.pairs import HELD_OUT, TAUGHT, Corruption, corrupt, corrupt_any
from trail.signals import SIGNALS

TEXTS = 2400


@pytest.fixture(scope="module")
def corrupted(synthetic, opened):
    """(kind, true text, corrupted text or null, card) of 2,400 texts, kinds in turn."""
    rng, pool = np.random.default_rng(0), cards(synthetic, opened)
    found, donor = [], None
    for turn in range(TEXTS):
        each = pool[rng.integers(len(pool))]
        told = outlook(each, rng)
        text = render(each, told, drivers(each, rng), rng)
        kind = list(Corruption)[turn % len(Corruption)]
        found.append((kind, text, corrupt(text, each, told, kind, rng, donor=donor), each))
        donor = text
    return found


def test_every_kind_applies_often_and_changes_the_text(corrupted):
    applied = Counter(kind for kind, _, false, _ in corrupted if false is not None)
    assert applied[Corruption.NUMBER] > 395
    assert applied[Corruption.ITEM] > 350
    assert applied[Corruption.SIGNAL] > 300
    assert applied[Corruption.DIRECTION] > 150
    assert applied[Corruption.DATE] > 120
    assert applied[Corruption.SIDE] > 25  # drawn effects often have no side that their value shows
    assert all(false != text.text for _, text, false, _ in corrupted)


def test_good_english_stays(corrupted):
    for _, _, false, _ in corrupted:
        if false is not None:
            assert not re.search(r"  |None|nan|[{}\[\]|]|\.\.", false), false
            assert false[0].isupper() or false[0].isdigit() or false[0] == '"'
            assert not re.search(
                r"(?<![\d.,])1 (?:\w+ )?(?:orders|ratings|views|stars|weeks|days|places|customers|users)\b",
                false,
            ), false


def test_another_side_is_given_in_other_words_and_nothing_else_changes(corrupted):
    for kind, text, false, _ in corrupted:
        if kind is not Corruption.SIDE or false is None:
            continue
        assert any(
            _swapped(text.text, words, other) == false
            for own, others in ((FOR, AGAINST), (AGAINST, FOR))
            for words in own
            for other in others
        ), false


def _swapped(text: str, words: str, other: str) -> str:
    """The text with its words exchanged where they open a sentence."""
    capital = words[:1].upper() + words[1:]
    return text.replace(capital, other[:1].upper() + other[1:], 1)


def test_a_changed_number_is_far_from_the_true_one(corrupted):
    """All words but the changed numbers are the same, and each differs by a third at least."""
    compared = 0
    for kind, text, false, _ in corrupted:
        if kind is not Corruption.NUMBER or false is None:
            continue
        one, two = (re.findall(r"\d+(?:\.\d+)?", each.replace(",", "")) for each in (text.text, false))
        if len(one) == len(two) and one != two:
            pairs = [(float(a), float(b)) for a, b in zip(one, two, strict=True) if a != b]
            assert all(abs(a - b) > 0.3 * max(a, b) for a, b in pairs), (text.text, false)
            compared += 1
    assert compared > 350


GROWING = card(
    count_1=98.0,
    count_2=75.0,
    count_3=20.0,
    growth=0.307,
    change=23.0,
    last_year=83.0,
    rank=5.0,
    category_rank=50.0,
)


def only(signal: str, kind: Corruption, seed: int = 0, each=GROWING) -> set[str]:
    """Every corruption of one kind that texts about one signal get."""
    found = set()
    for turn in range(60):
        rng = np.random.default_rng(seed + turn)
        text = render(each, OUTLOOK, [Driver(signal, 1.0)], rng, mask=("metadata",))
        false = corrupt(text, each, OUTLOOK, kind, rng)
        found.add(false or "")
    return found


def test_directions_turn():
    texts = only("growth", Corruption.DIRECTION)
    turned = [
        each
        for each in texts
        if re.search(r"(?:fell|down|fewer|below).* 31%|31% (?:fewer|below)|31% .*before", each)
    ]
    assert turned
    assert any("fell 31% on the week before" in each for each in texts)
    assert any("down from 98 last week" in each or "below last week" in each for each in texts)


def test_a_number_is_said_of_another_signal():
    """98 of last week is not far from 75 or 83, so it may only be said of three weeks ago; 5th only of the category."""
    texts = only("count_1", Corruption.SIGNAL)
    moved = {
        each for each in texts if "98 orders" in each and "last week" not in each.split("98 orders")[1][:10]
    }
    assert any("3 weeks ago" in each for each in texts)
    assert not any("98 orders two weeks ago" in each for each in texts)
    assert not any("last year brought 98" in each for each in texts)
    assert moved
    assert any("5th in its category" in each for each in only("rank", Corruption.SIGNAL))


def test_dates_move_only_where_the_count_is_another():
    texts = only("count_1", Corruption.DATE)
    assert any(re.search(r"98 orders (?:came in )?3 weeks ago", each) for each in texts)
    assert not any("two weeks ago" in each for each in texts)


def test_another_items_text_needs_a_number_that_is_false_here():
    rng = np.random.default_rng(0)
    text = render(GROWING, OUTLOOK, [Driver("growth", 1.0)], rng)
    assert corrupt(text, GROWING, OUTLOOK, "item", rng) is None
    assert corrupt(text, GROWING, OUTLOOK, "item", rng, donor=text) is None
    other = card(count_1=10.0, count_2=9.0)
    donor = render(other, OUTLOOK, [Driver("count_1", 1.0)], rng)
    assert corrupt(text, GROWING, OUTLOOK, "item", rng, donor=donor) == donor.text


def test_kinds_can_be_held_out(synthetic, opened):
    rng, pool = np.random.default_rng(3), cards(synthetic, opened)
    kinds = (Corruption.NUMBER, Corruption.SIGNAL)
    for each in pool[:60]:
        told = outlook(each, rng)
        found = corrupt_any(render(each, told, drivers(each, rng), rng), each, told, rng, kinds=kinds)
        assert found is not None
        assert found[0] in kinds


def test_two_kinds_are_kept_from_lessons(synthetic, opened):
    assert set(HELD_OUT) == {Corruption.ITEM, Corruption.DATE}
    assert set(TAUGHT) == set(Corruption) - set(HELD_OUT)
    rng, pool, drawn = np.random.default_rng(4), cards(synthetic, opened), set()
    for each in pool[:200]:
        told = outlook(each, rng)
        text = render(each, told, drivers(each, rng), rng)
        drawn.add(corrupt_any(text, each, told, rng)[0])
    assert drawn == set(TAUGHT)


def test_held_out_wordings_come_only_when_asked():
    """The clause that a swapped number gets is of the wordings asked for."""
    held = [part for each in SIGNALS for part in each.wording.held_out if each.name == "category_rank"]
    clues = [part.split("{")[0].strip() for part in held]
    plain = only("rank", Corruption.SIGNAL)
    assert not any(clue in each.lower() for each in plain for clue in clues)
    rng = np.random.default_rng(0)
    texts = [
        corrupt(
            render(GROWING, OUTLOOK, [Driver("rank", 1.0)], rng),
            GROWING,
            OUTLOOK,
            "signal",
            rng,
            held_out=True,
        )
        for _ in range(60)
    ]
    assert any(clue in (each or "").lower() for each in texts for clue in clues)


def test_one_seed_one_corruption():
    assert only("growth", Corruption.NUMBER, 5) == only("growth", Corruption.NUMBER, 5)
