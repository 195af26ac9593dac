"""What a text says held a forecast back must have lowered it; what it says supports it must have raised it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.facts.cards import CANDLE, CANDLE_OUTLOOK, CARDS
from tests.facts.cases import cards, drivers, outlook
from trail.explain.draft import Draft
from trail.explain.writer import Begun
from trail.facts import (
    Audience,
    Driver,
    Language,
    Length,
    Style,
    plain,
    render,
    translated,
    verify,
    wrong_sides,
)
from trail.facts.frames import AGAINST, FOR, SPOKEN
from trail.facts.outline import Reason, reasons_of
from trail.facts.slots import Facts
from trail.signals import BY_NAME, SIGNALS, Group

UP, DOWN = Driver("count_1", 0.8), Driver("category_growth", -0.3)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("We expect 110 orders next week. What supports it is that it had 98 orders last week.", True),
        ("We expect 110 orders next week. What holds it back: it had 98 orders last week.", False),
        ("We expect 110 orders next week. Held back by this: its category rose 4% on the week before.", True),
        ("We expect 110 orders next week. Evidence for it: its category rose 4% on the week before.", False),
        ("We expect 110 orders next week, because it had 98 orders last week.", True),
        ("We expect 110 orders next week, given that it had 98 orders last week.", True),
        ("We expect 110 orders next week. The main reason is that it reached 51 customers last week.", False),
        ("We expect 110 orders next week. Why: it reached 51 customers last week.", False),
        ("We expect 110 orders next week. Boosted by this: it reached 51 customers last week.", False),
        ("We expect 110 orders next week. It reached 51 customers last week.", True),
        ("What supports it is that it had 98 orders last week, but its category rose 4%.", True),
        ("What supports it is that it had 98 orders last week, and its category rose 4%.", False),
        ("Held back by this: its category rose 4% on the week before; it had 98 orders last week.", False),
        ("Held back by this: its category rose 4% on the week before; also, it reached 51 customers.", False),
        (
            "Held back by this: its category rose 4% on the week before, while it had 98 orders last week.",
            True,
        ),
        ("Held back by this: its category rose 4% on the week before. It had 98 orders last week.", True),
        ("It rests on this: its category rose 4% on the week before, and it had 98 orders last week.", True),
        ("We expect 110 orders next week, because it had 98 orders last week and 75 the week before.", True),
        (
            "We expect 110 orders next week, because it had 98 orders last week; it reached 51 customers.",
            False,
        ),
        ("We expect 110 orders next week, thanks to 98 orders last week.", True),
        ("We expect 110 orders next week, thanks to 51 customers last week.", False),
        ("We expect 110 orders next week, as a result of 51 customers last week.", False),
        ("We expect 110 orders next week, helped by this. It reached 51 customers last week.", True),
    ],
)
def test_a_fact_has_the_side_of_its_driver(text, right):
    """Its count raised this forecast, its category lowered it, its customers did neither."""
    read = verify(text, CANDLE, CANDLE_OUTLOOK)
    assert read.holds
    assert (not wrong_sides(text, read, (UP, DOWN))) == right


def test_what_lessons_say_of_drivers_is_right_and_what_they_would_say_of_others_is_not():
    rng, wrong = np.random.default_rng(0), 0
    shown = (Driver("mean_4", -0.5), Driver("growth", 0.3))
    for _ in range(300):
        text = render(CANDLE, CANDLE_OUTLOOK, shown, rng).text
        read = verify(text, CANDLE, CANDLE_OUTLOOK)
        assert not wrong_sides(text, read, shown), text
        opposite = [Driver(each.signal, -each.effect) for each in shown]
        wrong += bool(wrong_sides(text, read, opposite))
    assert wrong > 150


@pytest.mark.parametrize(
    ("name", "effect", "side"),
    [
        ("growth", 0.5, 1),  # 98 after 75
        ("growth", -0.5, 0),
        ("count_1", 0.5, 0),  # 98 beside 110 expected
        ("count_1", -0.5, 0),  # the forecast is held against it
        ("last_year", -0.3, -1),  # 60
        ("mean_4", -0.3, -1),
        ("mean_4", 0.3, 0),
        ("rank", 0.3, 0),
        ("users", -0.3, 0),
        ("year_sine", 0.3, 0),
    ],
)
def test_a_reason_has_a_side_where_its_value_shows_it(name, effect, side):
    (found,) = reasons_of(Facts(CANDLE, CANDLE_OUTLOOK), [Driver(name, effect)])
    assert found == Reason(found.signal, side, driver=True)
    # 110 orders are no reason for the 110.3 that are expected, whichever way they moved it
    level = replace(CANDLE, values={**CANDLE.values, "count_1": 110.0})
    for way in (1, -1):
        assert [each.side for each in reasons_of(Facts(level, CANDLE_OUTLOOK), [Driver("count_1", way)])] == [
            0
        ]
    if not side and BY_NAME[name].group is not Group.CALENDAR:
        text = plain(CANDLE, CANDLE_OUTLOOK, [Driver(name, effect)])
        assert not any(words.strip() in text.lower() for words in (*FOR, *AGAINST)), text


def test_no_lesson_gives_a_side_that_no_driver_had(synthetic, opened):
    """Of any card, whatever raised or lowered its forecast; the words of lessons are known as sides, or have none."""
    rng, pool = np.random.default_rng(1), cards(synthetic, opened)
    for at in range(600):
        each = pool[rng.integers(len(pool))]
        told, reasons = outlook(each, rng), drivers(each, rng)
        text = render(each, told, reasons, rng, held_out=at % 2 == 1).text
        assert not wrong_sides(text, verify(text, each, told), reasons), (text, reasons)


def test_no_plain_text_gives_a_side_that_no_driver_had():
    """Whatever raised or lowered the forecasts of the hand-made cards, for every reader and of every length."""
    rng, names = np.random.default_rng(3), [each.name for each in SIGNALS]
    for at in range(200):
        each, told = CARDS[list(CARDS)[at % len(CARDS)]]
        each = replace(each, item_id=f"item {at}")
        told = replace(told, expected=told.expected * rng.choice([0.8, 0.9, 1.0, 1.1]))
        chosen = rng.choice(names, rng.integers(1, 4), replace=False)
        reasons = [
            Driver(str(name), float(effect)) for name, effect in zip(chosen, rng.normal(size=4), strict=False)
        ]
        for style in (Style(length, audience) for length in Length for audience in Audience):
            text = plain(each, told, reasons, style)
            read = verify(text, each, told)
            assert read.holds, text
            assert not wrong_sides(text, read, reasons), (text, reasons)


@pytest.mark.parametrize(("card", "one", "other"), [
    ("candle", Driver("mean_12", -0.4), Driver("count_1", 0.3)),  # 45 orders a week, 98 in the last
    ("film", Driver("mean_4", 0.43), Driver("count_2", -0.04)),  # 75 a period, 60 two periods ago
])  # fmt: skip
def test_a_reason_without_a_side_is_not_tied_on_to_one_with_a_side(card, one, other):
    """Where its value shows no side, nobody could say which it had: "held back by this: ...; also, it had 98"."""
    (each, told), more = CARDS[card], r"(?:also|and|plus|besides|moreover|what is more|in addition)\b"
    for at in range(40):
        text = plain(replace(each, item_id=f"item {at}"), told, [one, other])
        words = "held|down|back|against|drag" if one.effect < 0 else "support|for it|by|favour"
        assert re.search(words, text, re.IGNORECASE)
        last = re.split(r"orders a week|ratings a period(?: on average)?", text)[-1]
        assert not re.match(rf"(?:[,;.] {more}|;)", last, re.IGNORECASE), text
    german = translated(each, told, [one, other], Style(language=Language.GERMAN)).text
    assert "Außerdem" not in german
    assert "Grundlage: " in german


def test_an_engineer_is_told_what_lowered_a_forecast_under_no_word_for_more():
    less = replace(CANDLE_OUTLOOK, expected=60.0)
    fell = replace(CANDLE, values={**CANDLE.values, "growth": -0.31, "change": -44.0})
    text = plain(fell, less, [Driver("growth", -0.91)], Style(audience=Audience.ENGINEER))
    assert "Why: " in text
    assert "support" not in text


@pytest.mark.parametrize("words", [*FOR, *AGAINST])
def test_all_words_for_and_against_are_known(words):
    """Each is wrong of a driver with the other side."""
    text = f"We expect 110 orders next week. {words[:1].upper()}{words[1:]}it had 98 orders last week."
    read = verify(text, CANDLE, CANDLE_OUTLOOK)
    assert read.holds
    assert bool(wrong_sides(text, read, (UP,))) == (words in AGAINST)
    assert bool(wrong_sides(text, read, (Driver("count_1", -0.8),))) == (words in FOR)


@pytest.mark.parametrize(
    "words",
    [
        *(f". {each[:1].upper()}{each[1:]}" for each in (*SPOKEN.cause, *SPOKEN.support, *SPOKEN.held)),
        *SPOKEN.because,
        *SPOKEN.helped,
    ],
)
def test_what_moved_nothing_is_no_reason(words):
    """Whatever words of lessons make it one: of a forecast that the users did not move."""
    text = f"We expect 110 orders next week{words}it reached 51 customers last week."
    read = verify(text, CANDLE, CANDLE_OUTLOOK)
    assert read.holds
    assert wrong_sides(text, read, (UP, DOWN))
    told = text.replace("reached 51 customers", "had 98 orders")
    against = words.lower().removeprefix(". ") in AGAINST
    assert bool(wrong_sides(told, verify(told, CANDLE, CANDLE_OUTLOOK), (UP, DOWN))) == against


@pytest.mark.parametrize("opening", [*SPOKEN.cause, *SPOKEN.support, *SPOKEN.held])
@pytest.mark.parametrize(
    "context", ["it is a Candles item", "the week begins on 5 December", "it is by Wickhouse"]
)
def test_context_is_no_evidence(opening, context):
    text = f"We expect 110 orders next week. {opening[:1].upper()}{opening[1:]}{context}."
    assert not verify(text, CANDLE, CANDLE_OUTLOOK).holds


@pytest.mark.parametrize(
    "text",
    [
        "It had 98 orders last week, a drag on it.",
        "Its category rose 4% on the week before, pushing it up.",
        "It came first of all with 98 orders last week.",
        "The item behind it had 98 orders last week.",
        "51 customers are in its favour.",
        "It has 98 orders behind it.",
        "It had 98 orders at the same time.",
    ],
)
def test_words_that_join_facts_are_known_at_the_start_of_one_only(text):
    assert not verify(text, CANDLE, CANDLE_OUTLOOK).holds


def test_a_text_goes_on_before_the_words_that_give_a_wrong_side():
    text = "We expect 110 orders next week. What holds it back: it had 98 orders last week."
    read = verify(text, CANDLE, CANDLE_OUTLOOK)
    found = Draft(text, read, tuple(wrong_sides(text, read, (UP,)))).gone_on(Begun())
    assert (found.text, found.not_on) == ("We expect 110 orders next week.", frozenset({"What"}))
