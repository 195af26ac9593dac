"""Texts against cards: hand-written sentences, their alterations, the rounding rule, what is not known."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from bench.mutations import mutants

from trail.events import Horizon
from trail.facts import Kind, Verdict, verify
from trail.facts.verify import within
from trail.signals import SIGNALS, Card, Family

from .cards import CANDLE, CANDLE_OUTLOOK, CARDS, FILM, REPOSITORY, REPOSITORY_OUTLOOK


def _sentences():
    folder = Path(__file__).parent / "texts"
    read = [
        (folder / name).read_text(encoding="utf-8").splitlines()
        for name in ("sentences.txt", "buyer.txt", "classes.txt")
    ]
    lines = [line for each in read for line in each if line and line[0] != "#"]
    return [tuple(part.strip() for part in line.split("|", 2)) for line in lines]


SENTENCES = _sentences()
TRUE = [(card, text) for card, shown, text in SENTENCES if shown == "yes"]


def _holds(card: str, text: str) -> bool:
    return verify(text, *CARDS[card]).holds


def test_there_are_enough_sentences_and_half_of_them_are_wrong():
    assert len(SENTENCES) >= 400
    true = sum(shown != "no" for _, shown, _ in SENTENCES)
    assert 0.4 < true / len(SENTENCES) < 0.6
    assert len(TRUE) >= 0.85 * true  # few are true and beyond the reader


@pytest.mark.parametrize(("card", "shown", "text"), SENTENCES)
def test_a_sentence_is_shown_or_refused(card, shown, text):
    found = verify(text, *CARDS[card])
    assert found.holds == (shown == "yes"), [
        (each.claim.signal, each.verdict, each.reason) for each in found.checked
    ]


def test_every_signal_that_may_be_spoken_of_is_understood_in_some_sentence():
    claims = [each.claim for card, text in TRUE for each in verify(text, *CARDS[card]).checked]
    understood = {claim.signal for claim in claims}
    if ("count_1", "peak_12") in {(claim.signal, claim.other) for claim in claims}:
        understood.add("peak_share")  # said as one quantity against another
    spoken = {s.name for s in SIGNALS if s.wording.say and s.family is not Family.CALENDAR}
    assert spoken <= understood


# -- alterations: what is changed in a true text must be noticed --------------------------------------------

OTHERS = {
    "Lavender Candle": "Rose Candle", "Wickhouse": "Tallow", "Candles": "Soaps", "The Sting": "The Wall",
    "George Roy Hill": "Billy Wilder", "fast-lexer": "slow-lexer", "comedy": "western",
}  # fmt: skip


def _still_true():
    path = Path(__file__).parent / "texts" / "still_true.txt"
    return {line for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"}


def _altered(text: str, events: str):
    names = {name: other for name, other in OTHERS.items() if name in text}
    return [each.text for each in mutants(text, Random(text), events=events, names=names)]


def test_every_alteration_of_a_true_sentence_is_noticed():
    altered = [(card, each) for card, text in TRUE for each in _altered(text, CARDS[card][0].events)]
    assert len(altered) > 2000
    held = {text for card, text in altered if _holds(card, text)}
    assert held == _still_true()


def _inserted(text: str, word: str):
    for match in re.finditer(r"(?<=\w) (?=\w)", text):
        yield f"{text[: match.start()]} {word} {text[match.end() :]}"


def test_an_unknown_word_is_never_passed_over():
    for card, text in TRUE:
        held = [other for other in _inserted(text, "zebra") if _holds(card, other)]
        assert held == []


def test_names_and_dates_of_another_item_are_noticed():
    text = (
        "Lavender Candle by Wickhouse, a Candles item at $4.25, should get 110 orders from 5 to 11 December."
    )
    assert _holds("candle", text)
    for own, other in pairwise(
        ["Lavender Candle", "Rose Candle", "Wickhouse", "Wexhouse", "Candles", "Soaps", "4.25", "4.52"]
    ):
        if own in text:
            assert not _holds("candle", text.replace(own, other)), other
    for other in ("4 to 11 December", "5 to 12 December", "5 to 11 January", "5 to 11 December 2012"):
        assert not _holds("candle", text.replace("5 to 11 December", other)), other


# -- the rounding rule ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relation", "stated", "actual", "step", "hedged", "true"),
    [
        ("=", 98, 98.0, 1, False, True),
        ("=", 98, 98.5, 1, False, True),  # either neighbour of a half
        ("=", 98, 98.51, 1, False, False),
        ("=", 0.31, 0.3149, 0.01, False, True),
        ("=", 0.31, 0.3151, 0.01, False, False),
        ("=", 75.75, 75.7549, 0.01, False, True),
        ("=", 100, 104.9, 1, True, True),  # about: 5%
        ("=", 100, 105.1, 1, True, False),
        ("=", 3, 3.4, 1, True, True),  # about: never stricter than the rounding
        ("just under", 100, 96.0, 1, True, True),
        ("just under", 100, 101.0, 1, True, False),
        ("just under", 100, 94.0, 1, True, False),
        ("just over", 100, 104.0, 1, True, True),
        ("just over", 100, 99.0, 1, True, False),
        (">", 100, 100.0, 1, False, False),
        (">=", 100, 100.0, 1, False, True),
        ("<", 100, 99.0, 1, False, True),
        ("<=", 100, 101.0, 1, False, False),
        (">", -0.3, -0.4, 0.01, False, True),  # a fall of more than 30%
        (">", -0.3, -0.2, 0.01, False, False),
        ("=", -0.3, 0.3, 0.01, False, False),
    ],
)
def test_rounding(relation, stated, actual, step, hedged, true):
    assert within(relation, stated, actual, step, hedged=hedged) is true


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("Stars were flat last week.", True),  # +16 of 1,188 is 1.3%
        ("Stars rose last week.", True),  # and still a rise
        ("Stars fell last week.", False),
        ("Stars rose sharply last week.", False),
        ("Stars rose slightly last week.", True),
    ],
)
def test_level_means_under_five_percent(text, holds):
    assert verify(text, REPOSITORY, REPOSITORY_OUTLOOK).holds is holds


# -- what is not known ----------------------------------------------------------------------------------------


def _without(card: Card, **values: float | None) -> Card:
    return replace(card, values={**card.values, **values})


def test_a_null_signal_cannot_be_decided():
    text = "It had 98 orders last week from 51 customers."
    verdicts = [each.verdict for each in verify(text, _without(CANDLE, users=None)).checked]
    assert verdicts == [Verdict.SUPPORTED, Verdict.UNVERIFIABLE]


def test_without_an_outlook_nothing_about_the_forecast_holds():
    text = "98 orders last week; 110 are expected next week."
    assert verify(text, CANDLE, CANDLE_OUTLOOK).holds
    found = verify(text, CANDLE)
    assert [each.verdict for each in found.checked] == [Verdict.SUPPORTED, Verdict.UNVERIFIABLE]


def test_growth_from_nothing_is_known_as_a_rise_but_not_as_a_percentage():
    card = _without(CANDLE, count_2=0.0, growth=None, change=98.0)
    assert verify("Orders rose from 0 to 98.", card).holds
    assert not verify("Orders rose 31%.", card).holds


@pytest.mark.parametrize("text", ["", "   ", "...", "It is.", "Well.", "🙂", "Lavender Candle."])
def test_a_text_that_says_nothing_is_not_shown(text):
    assert not verify(text, CANDLE, CANDLE_OUTLOOK).holds


def test_context_as_evidence_is_refused_and_beside_the_facts_is_not():
    fact = "30 ratings are expected"
    assert verify(f"{fact}; Halloween falls in the period.", FILM, CARDS["film"][1]).holds
    found = verify(f"{fact} because Halloween falls in the period.", FILM, CARDS["film"][1])
    assert not found.holds
    assert Verdict.UNVERIFIABLE in {each.verdict for each in found.checked}


# -- receipts -------------------------------------------------------------------------------------------------


def test_receipts_name_the_words_the_signal_the_window_and_both_values():
    text = "It had about 100 orders last week, up 31% from 75 the week before."
    checked = verify(text, CANDLE, CANDLE_OUTLOOK).checked
    found = [
        (text[c.claim.start : c.claim.end], c.claim.signal, c.claim.window, c.claim.stated, c.actual)
        for c in checked
    ]
    assert found[0] == ("about 100", "count_1", 1, 100.0, 98.0)
    assert ("growth", None, 0.31) in [(each[1], each[2], each[3]) for each in found]
    assert next(each for each in found if each[1] == "count_2")[2:] == (2, 75.0, 75.0)
    assert checked[0].claim.hedged
    assert all(each.reason for each in checked)


def test_a_reason_says_what_the_card_has_and_what_the_text_says():
    wrong = verify("It had 89 orders last week.", CANDLE).checked[0]
    assert wrong.verdict is Verdict.CONTRADICTED
    assert wrong.reason == "count_1 is 98; the text says = 89"
    unknown = verify("Customers love it.", CANDLE).checked
    assert {each.claim.kind for each in unknown} == {Kind.UNKNOWN}
    assert any("love" in each.reason for each in unknown)


@pytest.mark.parametrize("opening", ["It", "In support, it", "Besides, it", "On the other hand, it"])
def test_no_later_clause_takes_the_time_of_an_earlier_one(opening):
    """It ranks 5th last week; what it was two weeks ago is another number, whatever stands in front."""
    text = f"{opening} ranked 5th {{}}, whereas it received 98 orders last week."
    assert verify(text.format("last week"), CANDLE, CANDLE_OUTLOOK).holds
    assert not verify(text.format("two weeks ago"), CANDLE, CANDLE_OUTLOOK).holds


def test_what_is_longer_than_any_clause_of_people_is_read_as_nothing_known():
    """A clause is read in the square of its length, so its length is bounded and the rest of a text is read as ever."""
    long = "It had 98 orders " + " ".join(["last week"] * 60) + "."
    checked = verify(f"Orders rose 31%. {long} It ranked 5th.", CANDLE, CANDLE_OUTLOOK).checked
    assert [(each.claim.kind, each.claim.signal) for each in checked] == [
        (Kind.CHANGE, "growth"),
        (Kind.UNKNOWN, ""),
        (Kind.VALUE, "rank"),
    ]
    assert checked[1].claim.stated == long.rstrip(".")


# -- figures that the card has, and what it does not have -------------------------------------------------------


def _undecided():
    path = Path(__file__).parent / "texts" / "undecided.txt"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    return [tuple(part.strip() for part in line.split("|", 1)) for line in lines]


@pytest.mark.parametrize(("card", "text"), _undecided())
def test_what_is_added_to_a_true_figure_must_be_decided_too(card, text):
    assert not _holds(card, text)


@pytest.mark.parametrize(
    "text",
    [
        "It had 60 stars on 2 August.",
        "On 2 August it had 60 stars.",
        "It had 60 stars in the last day, 2 August.",
        "We expect 70 stars on 3 August.",
    ],
)
def test_where_windows_are_days_a_date_is_a_window(text):
    of = replace(REPOSITORY, horizon=Horizon(1), values={**REPOSITORY.values, "count_1": 60.0})
    told = replace(REPOSITORY_OUTLOOK, expected=70.0)
    assert verify(text, of, told).holds
    for one, two in (("2 August", "3 August"), ("3 August", "4 August")):
        if one in text:
            assert not verify(text.replace(one, two), of, told).holds
            assert not verify(text.replace(one, "August"), of, told).holds
            break


def test_a_range_does_not_begin_below_zero():
    told = replace(REPOSITORY_OUTLOOK, expected=0.7, q10=0.3, q90=1.0)
    text = "It is expected to draw 0.7 stars next week, in an 80% range of {} to 1."
    assert verify(text.format("0.3"), REPOSITORY, told).holds
    assert not verify(text.format("-0.3"), REPOSITORY, told).holds


def test_a_reason_shows_a_name_as_the_text_has_it():
    checked = verify("Sales fell on Halloween by half.", CANDLE, CANDLE_OUTLOOK).checked
    assert any("Halloween" in each.reason for each in checked)


def test_a_long_row_of_digits_is_read_at_once():
    """In a process of its own, for a pattern that tries every way to cut them never ends."""
    code = (
        "from tests.facts.cards import CANDLE, CANDLE_OUTLOOK\n"
        "from trail.facts import verify\n"
        "for mark in (',999', ',000'):\n"
        "    assert not verify('It had 9' + mark * 400 + ' orders last week.', CANDLE, CANDLE_OUTLOOK).holds\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120, cwd=Path(__file__).parents[2])
