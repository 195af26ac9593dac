"""Writer against reader: true texts hold, corrupted ones do not, in wordings of training and of tests."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.facts.cases import cards, drivers, outlook
from trail.facts.render import plain, render
from trail.facts.sides import wrong_sides
from trail.facts.verify import verify
from trail.pairs import Corruption, corrupt


def outcome(pool, texts: int, *, held_out: bool, seed: int) -> tuple[list[str], Counter, Counter]:
    """True texts that were refused; corrupted texts made and caught, by kind."""
    rng, donor = np.random.default_rng(seed), None
    refused, made, caught = [], Counter(), Counter()
    for turn in range(texts):
        each = pool[rng.integers(len(pool))]
        told, reasons = outlook(each, rng), drivers(each, rng)
        text = render(each, told, reasons, rng, held_out=held_out)
        shown = (text.text, plain(each, told, reasons))
        refused += [words for words in shown if not verify(words, each, told).holds]
        kinds = list(Corruption)
        for kind in (kinds[(turn + back) % len(kinds)] for back in range(len(kinds))):
            false = corrupt(text, each, told, kind, rng, donor=donor, held_out=held_out)
            if false is not None:
                made[kind] += 1
                read = verify(false, each, told)
                # a reason with the wrong side states nothing that is untrue: it is held against the drivers
                caught[kind] += (
                    bool(wrong_sides(false, read, reasons)) if kind is Corruption.SIDE else not read.holds
                )
                break
        donor = text
    return refused, made, caught


@pytest.mark.parametrize("held_out", [False, True])
def test_true_texts_hold_and_corrupted_ones_do_not(synthetic, opened, held_out):
    refused, made, caught = outcome(cards(synthetic, opened), 200, held_out=held_out, seed=1)
    assert not refused, refused[:5]
    assert set(made) == set(Corruption)
    assert sum(caught.values()) >= 0.99 * sum(made.values()), (made, caught)


@pytest.mark.slow
@pytest.mark.parametrize("held_out", [False, True])
def test_two_thousand_true_and_two_thousand_corrupted(synthetic, opened, held_out):
    refused, made, caught = outcome(cards(synthetic, opened), 2000, held_out=held_out, seed=2)
    assert not refused, refused[:5]
    assert sum(made.values()) == 2000
    assert sum(caught.values()) >= 1980, (made, caught)
