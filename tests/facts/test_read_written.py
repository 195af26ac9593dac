"""The reader beside the writer: all it writes is accepted, nearly all that is corrupted is caught."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from trail.facts import plain, render, verify
from trail.facts.slots import Facts
from trail.facts.speak import clauses
from trail.pairs import Corruption, corrupt
from trail.signals import SIGNALS, Group

from .cards import CANDLE, CANDLE_OUTLOOK
from .cases import cards, drivers, outlook

TEXTS = 600


@pytest.fixture(scope="module")
def told(synthetic, opened):
    """Cards by the week, the month and the day, each with a forecast, its drivers and a text."""
    rng, pool = np.random.default_rng(7), cards(synthetic, opened)
    found = []
    for at in range(TEXTS):
        card = pool[rng.integers(len(pool))]
        forecast, reasons = outlook(card, rng), drivers(card, rng)
        text = render(card, forecast, reasons, rng, held_out=at % 2 == 1)
        found.append((card, forecast, reasons, text))
    return found


def _refused(text, card, forecast):
    checked = verify(text, card, forecast).checked
    return [each.reason for each in checked if each.verdict.value not in {"supported", "context"}]


def test_every_true_text_is_accepted(told):
    refused = [
        (text.text, reasons)
        for card, forecast, _, text in told
        if not verify(text.text, card, forecast).holds
        for reasons in [_refused(text.text, card, forecast)]
    ]
    assert refused == []


def test_every_plain_text_is_accepted(told):
    texts = [(plain(card, forecast, reasons), card, forecast) for card, forecast, reasons, _ in told[::4]]
    assert [text for text, card, forecast in texts if not verify(text, card, forecast).holds] == []


SPOKEN = [each.name for each in SIGNALS if each.group is not Group.CALENDAR and each.wording.say]
_BEFORE = (
    "It ranked 5th in the catalogue last week.",
    "It was 2nd in its category last week.",
    "It climbed 12 places in the catalogue.",
    "It ranks 3rd in the forecast.",
    "Its category rose 4% on the week before.",
    "The whole catalogue was down 2% on the week before.",
    "It had 51 different customers last week.",
    "One customer made 12% of last week's orders.",
    "It took 0.3% of all orders last week.",
    "The price paid averaged 3.50 last week.",
    "The price paid fell 5%.",
    "In the same week last year it had 60 orders.",
    "It averaged 76 orders a week over the last 4 weeks.",
    "The last three days brought 40 of the week's 98 orders.",
    "It was first seen 300 days ago.",
    "It peaked at 98 orders last week.",
    "Orders rose 31% on the week before.",
    "It had 60 orders 3 weeks ago.",
    "We expect 110 orders next week.",
    "It has a 72% chance of the top 50.",
)


@pytest.mark.parametrize("ago", [1, 4])
@pytest.mark.parametrize("signal", SPOKEN)
def test_every_wording_is_read_after_a_sentence_of_any_kind(signal, ago):
    """Of a card that peaked in its last window, and of one that did not; alone, and after what leaves other things in mind."""
    values = {**CANDLE.values, "release_age": 200.0}
    if signal == "late_share":  # most of it is a share worth saying
        values |= {"late": 60.0, "late_share": 60 / 98}
    if ago > 1:
        values |= {
            "count_4": 120.0,
            "peak_ago": 4.0,
            "peak_share": 98 / 120,
            "mean_4": 88.25,
            "mean_12": 594 / 12,
        }
    card = replace(CANDLE, values=values)
    said = [
        each for held in (False, True) for each in clauses(signal, Facts(card, CANDLE_OUTLOOK), held_out=held)
    ]
    assert said, "the card says nothing of it: give it a value"
    before = [each for each in _BEFORE if not _refused(each, card, CANDLE_OUTLOOK)]
    assert len(before) >= len(_BEFORE) - 3, "sentences that are not true of the card"
    for clause in said:
        sentence = f"{clause.text[:1].upper()}{clause.text[1:]}."
        for text in (sentence, *(f"{each} {sentence}" for each in before)):
            assert _refused(text, card, CANDLE_OUTLOOK) == [], text


def test_corrupted_texts_are_caught(told):
    # a reason with the wrong side states nothing untrue: `tests/pairs` holds it against the drivers
    rng, kinds = np.random.default_rng(8), [kind for kind in Corruption if kind is not Corruption.SIDE]
    made: Counter[str] = Counter()
    missed = []
    for at, (card, forecast, _, text) in enumerate(told):
        kind = kinds[at % len(kinds)]
        wrong = corrupt(text, card, forecast, kind, rng, donor=told[at - 1][3], held_out=at % 2 == 1)
        if wrong is not None:
            made[kind.value] += 1
            if verify(wrong, card, forecast).holds:
                missed.append((kind.value, text.text, wrong))
    assert min(made[kind.value] for kind in kinds) > TEXTS / 20
    assert len(missed) <= 0.01 * sum(made.values()), missed[:5]
