"""The reader beside the writer: all it writes is accepted, nearly all that is corrupted is caught."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from trail.facts import plain, render, verify
from trail.pairs import Corruption, corrupt

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
