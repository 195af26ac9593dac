"""The untuned backbone asked for a number: what is read, what stands in, what it costs; a tiny random model asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from trail.baselines import Decayed, Spread
from trail.baselines.conformance import CHECKS
from trail.forecast import Untuned, shortlist
from trail.forecast.untuned import SPREAD_CUTOFFS, SPREAD_ITEMS, question, read_number
from trail.model import continued, load_backbone


@pytest.fixture(scope="module")
def exact(tiny_folder):
    """The tiny model in fp32: the likeliest token does not hang on the batch."""
    return Untuned(load_backbone(tiny_folder, torch.float32), size=0)


@pytest.fixture
def speaking(monkeypatch):
    """A function that makes every answer a function of the card's place among those asked about."""

    def speak(forecaster, answer):
        monkeypatch.setattr(
            type(forecaster), "_answers", lambda _, cards: [answer(at) for at in range(len(cards))]
        )
        return forecaster

    return speak


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        (" 12. Next", 12.0),
        (" about 1,234 orders", 1234.0),
        (" 12.5 or", 12.0),
        (" 0<end>", 0.0),
        (" from 3 to 5", 3.0),
        (" 1,23 x", 1.0),
        (" -4 ", 4.0),
        (" 123456", None),  # cut inside the number
        (" not known", None),
        ("", None),
    ],
)
def test_the_first_whole_number_that_ends_is_read(answer, number):
    assert read_number(answer) == number


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_it_conforms(check, exact, history):
    check(exact, history[-3:])


def test_items_off_the_shortlist_get_the_prior_and_silence_gets_the_last_window(exact, history, speaking):
    forecaster = speaking(replace(exact, size=6), lambda at: f" {100 + at} x" if at % 2 else " none")
    heard = []
    forecaster = replace(forecaster, told=lambda *each: heard.append(each)).fit(history[:-1])
    assert heard == []  # a fit asks about the past; what is told is what was forecast
    cards = history[-1].cards
    prior = Decayed(options=(1.0,)).fit(history[:-1]).predict(cards)
    rows, found = shortlist(cards, prior, 6), forecaster.predict(cards)
    rest = np.setdiff1d(np.arange(len(cards)), rows)
    assert heard == [(6, 3)]
    np.testing.assert_array_equal(found.expected[rest], prior.expected[rest])
    assert set(found.forecaster[rest]) == {"decayed_1"}
    np.testing.assert_array_equal(found.expected[rows[1::2]], [101, 103, 105])
    assert set(found.forecaster[rows[1::2]]) == {"untuned"}
    np.testing.assert_array_equal(
        found.expected[rows[::2]], np.nan_to_num(cards.column("count_1"))[rows[::2]]
    )
    assert set(found.forecaster[rows[::2]]) == {"last_window"}


def test_the_spread_is_measured_on_a_few_known_cutoffs_and_a_bounded_sample(exact, history, speaking):
    found = speaking(replace(exact, size=30), lambda _: " 8 x").fit(history)
    late = history[-SPREAD_CUTOFFS:]
    rows = [shortlist(e.cards, Decayed(options=(1.0,)).predict(e.cards), 30) for e in late]
    targets = [e.target[each] for e, each in zip(late, rows, strict=True)]
    assert found.spread == Spread.measure([np.full(30, 8.0)] * SPREAD_CUTOFFS, targets)
    whole = replace(exact, size=0)._sampled(history[-1])
    assert len(whole.target) == SPREAD_ITEMS < len(history[-1].target)
    leader = int(np.argmax(Decayed(options=(1.0,)).predict(history[-1].cards).expected))
    assert history[-1].cards.item_ids[leader] in whole.cards.item_ids


def test_the_prompt_is_the_models_own_up_to_the_score_and_then_a_question(exact, history, monkeypatch):
    seen = []

    def spy(backbone, starts, *, most):
        seen.extend(backbone.tokenizer.decode(each) for each in starts)
        return [[] for _ in starts]

    monkeypatch.setattr("trail.forecast.untuned.continued", spy)
    cards = history[-1].cards.take(np.arange(2))
    exact.numbers(cards)
    masked = replace(exact, mask=("metadata",))
    masked.numbers(cards)
    card = cards.card(0)
    assert seen[0].endswith(question(card))
    assert question(card) == "The number of events of next week is"
    assert "Score:" not in seen[0]
    assert card.metadata["title"] in seen[0]
    assert card.metadata["title"] not in seen[2]


def test_a_batch_continues_each_sequence_as_alone(exact):
    """Greedy decoding by hand, one token a pass, no batch, no padding, no cache."""
    backbone = exact.backbone
    starts = [backbone.encode(text) for text in ("Expect about", "Orders rose 31% on the week before", "12")]
    for start, found in zip(starts, continued(backbone, starts, most=5, batch=2), strict=True):
        ids = list(start)
        while len(ids) < len(start) + 5 and backbone.end not in ids[len(start) :]:
            with torch.inference_mode():
                logits = backbone.model(input_ids=torch.tensor([ids])).logits
            ids.append(int(logits[0, -1].argmax()))
        assert found == ids[len(start) :]


def test_it_is_made_from_the_settings_of_a_model(small, history):
    found = Untuned.of(replace(small, mask_titles=True))
    assert (found.size, found.mask, found.name) == (small.shortlist, ("metadata",), "untuned")
    forecast = found.fit(history[-4:-1]).predict(history[-1].cards)
    assert {"untuned", "last_window", "decayed_1"} >= set(forecast.forecaster)
