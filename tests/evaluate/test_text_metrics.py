"""Measures of texts on examples worked out by hand."""

import math

import pytest
from tests.facts.cards import CANDLE, CANDLE_OUTLOOK

from trail.evaluate.text_metrics import (
    CARD_COVERAGE,
    TEXT_METRICS,
    card_coverage,
    cited,
    distinct,
    measure,
    ngrams,
    reading_ease,
    self_bleu,
    sentences,
    syllables,
    unique_sentence_ratio,
    wordable,
    words,
)
from trail.facts import plain, verify


def test_words_and_sentences():
    assert words("Up 31%, by 1,204 orders.") == ["up", "31%,", "by", "1,204", "orders."]
    assert sentences("It rose 1.5 points. Why? Stock!  Ended ") == [
        "It rose 1.5 points.",
        "Why?",
        "Stock!",
        "Ended",
    ]


def test_distinct_counts_different_ngrams_and_none_crosses_texts():
    assert distinct(ngrams(["a b a b"], 1)) == 2 / 4
    assert distinct(ngrams(["a b a b"], 2)) == 2 / 3
    assert ngrams(["a b", "c d"], 2) == [("a", "b"), ("c", "d")]
    assert math.isnan(distinct([]))


def test_self_bleu_by_hand():
    """Precisions 4/5, 3/4, 2/3, 1/2 multiply to 0.2; their geometric mean is the fourth root of it."""
    assert self_bleu(["a b c d e", "a b c d f"]) == pytest.approx(0.2**0.25)
    assert self_bleu(["a b c d"] * 3) == pytest.approx(1.0)
    # without a match a precision counts 0.1 matches: 0.1/4, 0.1/3, 0.1/2, 0.1/1
    assert self_bleu(["a b c d", "e f g h"]) == pytest.approx((0.1**4 / 24) ** 0.25)
    assert math.isnan(self_bleu(["alone"]))


def test_self_bleu_punishes_the_shorter_text_and_clips_repeats():
    """a b c d against a b c d e f: all matched, times exp(1 - 6/4); the other way 4/6, 3/5, 2/4, 1/3."""
    assert self_bleu(["a b c d", "a b c d e f"]) == pytest.approx((math.exp(-0.5) + (1 / 15) ** 0.25) / 2)
    # "a" stands once in the other text, so only one of four counts, and no longer run at all
    one, other = (1 / 4 * 0.1 / 3 * 0.1 / 2 * 0.1) ** 0.25, (1 / 4 * 0.1 / 3 * 0.1 / 2 * 0.1) ** 0.25
    assert self_bleu(["a a a a", "a x y z"]) == pytest.approx((one + other) / 2)


@pytest.mark.parametrize(
    ("word", "count"),
    [("the", 1), ("rose", 1), ("candle", 2), ("expected", 3), ("orders.", 2), ("rhythm", 1), ("tv", 1)],
)
def test_syllables(word, count):
    assert syllables(word) == count


def test_reading_ease_by_hand():
    """Six words of one syllable in one sentence: 206.835 - 6.09 - 84.6; a figure is a word without syllables."""
    assert reading_ease(["The cat sat on the mat."]) == pytest.approx(116.145)
    assert reading_ease(["The cat sat on 98 mats."]) == pytest.approx(116.145)
    two = 206.835 - 1.015 * 7 / 2 - 84.6 * 11 / 6
    assert reading_ease(["Orders rose 31%.", "A candle expected orders."]) == pytest.approx(two)
    assert math.isnan(reading_ease(["98", ""]))


def test_unique_sentences():
    assert unique_sentence_ratio(["It rose. It fell.", "It rose. It held."]) == 3 / 4
    assert math.isnan(unique_sentence_ratio([""]))


def test_coverage_is_a_mean_over_texts_of_what_their_cards_can_word():
    assert card_coverage([({"a"}, {"a", "b"}), ({"a", "b", "x"}, {"a", "b"}), (set(), set())]) == 0.75
    assert math.isnan(card_coverage([(set(), set())]))


def test_only_true_claims_cite():
    assert cited(verify("98 orders last week.", CANDLE)) == {"count_1"}
    assert cited(verify("97 orders last week.", CANDLE)) == set()
    assert {"count_1", "growth", "rank"} < wordable(CANDLE)
    assert "total" not in wordable(CANDLE)  # it has no sentence


def test_every_measure_has_a_version_and_a_value():
    text = plain(CANDLE, CANDLE_OUTLOOK, [])
    found = measure("plain", [(text, CANDLE, verify(text, CANDLE, CANDLE_OUTLOOK))] * 2)
    assert set(found.values) == {*TEXT_METRICS, CARD_COVERAGE}
    assert all(name.rpartition(".v")[2].isdigit() for name in found.values)
    assert (found.texts, found.words) == (2, 2 * len(words(text)))
    assert found.values["usr.v1"] == 0.5
    assert found.values["self_bleu_4.v1"] == pytest.approx(1.0)
    assert 0 < found.values[CARD_COVERAGE] < 1
