"""True texts that are no English are told from their neighbours, and nothing that people or the writer wrote is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trail.facts import Audience, Length, Style, plain, render, scene_for, ungrammatical, verify

from .cards import CARDS
from .cases import cards, drivers, outlook
from .test_verify import TRUE


def _sentences():
    path = Path(__file__).parent / "texts" / "english.txt"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    return [tuple(part.strip() for part in line.split("|", 2)) for line in lines]


SENTENCES = _sentences()


def _wrong(card: str, text: str) -> list[str]:
    return [text[at:] for at in ungrammatical(text, scene_for(CARDS[card][0]))]


def test_there_are_enough_of_both():
    assert sum(english == "no" for _, english, _ in SENTENCES) >= 60
    assert sum(english == "yes" for _, english, _ in SENTENCES) >= 60
    assert len({text for _, _, text in SENTENCES}) == len(SENTENCES)


@pytest.mark.parametrize(("card", "english", "text"), SENTENCES)
def test_a_true_text_is_told_to_be_english_or_not(card, english, text):
    assert verify(text, *CARDS[card]).holds
    assert bool(_wrong(card, text)) == (english == "no"), _wrong(card, text)


@pytest.mark.parametrize(("card", "text"), TRUE)
def test_what_was_written_by_hand_is_english(card, text):
    assert _wrong(card, text) == []


def test_what_the_writer_writes_is_english(synthetic, opened):
    draw, refused = np.random.default_rng(3), []
    for at, each in enumerate(cards(synthetic, opened)[:60]):
        told = (each, outlook(each, draw), drivers(each, draw))
        texts = [render(*told, draw, held_out=at % 2 == 1).text for _ in range(4)]
        texts += [plain(*told, Style(length, audience)) for length in Length for audience in Audience]
        refused += [text for text in texts if ungrammatical(text, scene_for(each))]
    assert refused == []


def test_the_place_is_the_word_that_does_not_go():
    text = (
        "We expect 110 orders next week. Plus, it had 98 orders last week, and it had 5th in the catalogue."
    )
    assert _wrong("candle", text) == ["had 5th in the catalogue."]
    assert _wrong("candle", text.replace("it had 5th", "it was 5th")) == []


def test_names_are_no_words_of_english():
    text = '"Lavender Candle" had 98 orders last week.'
    assert _wrong("candle", text) == []
    assert _wrong("candle", "Customers love it in a the of.") != []
