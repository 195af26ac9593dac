"""The reader beside a mutator that knows neither it nor the writer: true texts hold, altered ones do not."""

from __future__ import annotations

import time
from collections import Counter
from random import Random

import numpy as np
import pytest
from bench.equivalents import still_true
from bench.mutations import Mutant, mutants
from bench.verify import altered, written

from trail.facts import Driver, render, verify

from .cards import CANDLE, CANDLE_OUTLOOK
from .cases import card, cards

TEXTS = 250


@pytest.fixture(scope="module")
def told(synthetic, opened):
    return list(written(cards(synthetic, opened), 11, TEXTS))


def test_true_texts_are_accepted_within_five_milliseconds(told):
    times, refused = [], []
    for text, simple, of, forecast in told:
        for each in (text.text, simple):
            clock = time.process_time()
            held = verify(each, of, forecast).holds
            times.append(time.process_time() - clock)
            refused += [] if held else [each]
    assert refused == []
    assert np.percentile(times, 99) < 0.005


def test_nearly_all_alterations_are_caught(told):
    draw, made, missed = Random(12), Counter(), []
    for at, (text, _, of, forecast) in enumerate(told):
        false, _ = altered(text, of, forecast, told[at - 1][2], draw)
        draw.shuffle(false)
        false = list({each.kind: each for each in false}.values())  # one of each kind
        made.update(each.kind for each in false)
        missed += [(each.kind, each.text) for each in false if verify(each.text, of, forecast).holds]
    told = {
        "digit",
        "sign",
        "direction",
        "window",
        "denied",
        "date",
        "swapped numbers",
        "moment",
        "claim added",
    }
    assert told <= set(made)
    assert made.total() > 8 * TEXTS
    assert len(missed) <= 0.005 * made.total(), missed


def test_the_mutator_alters_one_thing_at_a_time():
    text = 'Orders rose 5% last week. "Red Pen" was 3rd.'
    found = {
        (each.kind, each.text) for each in mutants(text, Random(0), events="orders", names={"Red Pen": "Ink"})
    }
    assert {
        ("tenfold", 'Orders rose 50% last week. "Red Pen" was 3rd.'),
        ("sign", 'Orders rose -5% last week. "Red Pen" was 3rd.'),
        ("percent to count", 'Orders rose 5 orders last week. "Red Pen" was 3rd.'),
        ("rank to count", 'Orders rose 5% last week. "Red Pen" was 3 orders.'),
        ("swapped numbers", 'Orders rose 3% last week. "Red Pen" was 5th.'),
        ("direction", 'Orders fell 5% last week. "Red Pen" was 3rd.'),
        ("denied", 'Orders did not rise 5% last week. "Red Pen" was 3rd.'),
        ("denied", 'Orders rose 5% last week. "Red Pen" was not 3rd.'),
        ("window", 'Orders rose 5% two weeks ago. "Red Pen" was 3rd.'),
        ("name", 'Orders rose 5% last week. "Ink" was 3rd.'),
    } <= found
    assert {kind for kind, _ in found} >= {"moment", "claim added"}
    assert len({each for _, each in found}) == len(found)
    for each in mutants(text, Random(0), events="orders", names={}):
        assert all(text[start:end] != words for start, end, words in each.edits)


def test_moments_and_claims_stand_in_front_behind_and_where_a_time_stood():
    drawn = [
        each
        for seed in range(60)
        for each in mutants("It had 98 orders last week.", Random(seed), events="orders", names={})
    ]
    found = {(each.kind, each.text) for each in drawn}
    assert ("moment", "It had 98 orders last week on Monday.") in found
    assert ("moment", "It had 98 orders over the weekend.") in found
    assert ("claim added", "It had 98 orders last week, and they are running out.") in found
    assert ("claim added", "They are running out, and it had 98 orders last week.") in found


def _written(signal: str, of, template: str):
    draws = (render(of, CANDLE_OUTLOOK, [Driver(signal, 0.0)], np.random.default_rng(k)) for k in range(400))
    return next(each for each in draws if template in each.text)


@pytest.mark.parametrize(
    ("kind", "old", "new", "same"),
    [
        ("window", "last week", "two weeks ago", True),  # as many orders two weeks ago
        ("window", "last week", "six weeks ago", False),
        ("neighbour", "98 orders", "99 orders", True),  # 98.5 rounds either way
        ("neighbour", "98 orders", "97 orders", False),
        ("count to percent", "98 orders", "98% orders", False),
    ],
)
def test_what_the_writer_knew_decides_what_is_still_true(kind, old, new, same):
    of = card(count_1=98.5, count_2=98.5, count_3=60, count_4=60, count_5=60, count_6=60)
    text = _written("count_1", of, "had 98 orders last week")
    start = text.text.index("98 orders last week") + "98 orders last week".index(old)
    words = text.text[:start] + new + text.text[start + len(old) :]
    edit = Mutant(kind, words, ((start, start + len(old), new),))
    assert still_true(edit, text, of, CANDLE_OUTLOOK) is same


def test_a_longer_span_is_still_true_where_the_mean_is_the_same():
    of = card(**{f"count_{k}": 50.0 for k in range(1, 13)}, mean_4=50.0)
    text = _written("mean_4", of, "over the last 4 weeks")
    start = text.text.index("4 weeks")
    assert still_true(Mutant("digit", "", ((start, start + 1, "5"),)), text, of, CANDLE_OUTLOOK)
    assert not still_true(Mutant("digit", "", ((start, start + 1, "40"),)), text, of, CANDLE_OUTLOOK)
    assert CANDLE["mean_4"] != 50
