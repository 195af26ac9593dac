"""Rises are lifted where that ranked them better, each by its own card, and nothing else is touched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trail.baselines import Blend, Decayed, LastWindow, LightGBMTweedie, rises
from trail.baselines.accuracy import ndcg
from trail.baselines.rises import Rises
from trail.baselines.sample import sample_history
from trail.baselines.scope import active

PAST = sample_history()[-4:]


def last(example):
    return np.nan_to_num(example.cards.column("count_1"))


def growth(example, level):
    rows = active(example.cards)
    return ndcg(np.maximum(example.target - last(example), 0)[rows], (level - last(example))[rows])


def flat(example):
    """As last window: no item rises."""
    return last(example)


def knowing(example):
    """What happened, as if a mean had known."""
    return example.target


def test_a_lift_goes_halfway_in_logs_to_the_mean_of_items_that_it_expects_to_rise_enough():
    example = PAST[-1]
    level, mean = last(example) + 1.0, last(example) + np.linspace(0, 10, len(example.cards))
    found = Rises(least=4.0)(example.cards, level, mean)
    rising = mean - last(example) > 4.0
    assert 0 < rising.sum() < len(rising)
    assert np.allclose(
        np.log1p(found), np.where(rising, (np.log1p(level) + np.log1p(mean)) / 2, np.log1p(level))
    )
    assert (Rises()(example.cards, level, mean) == level).all()


def test_an_item_is_lifted_by_its_own_card_alone():
    example = PAST[-1]
    level, mean = last(example), last(example) + np.linspace(0, 10, len(example.cards))
    rows = np.arange(3, len(example.cards), 7)
    alone = Rises(least=4.0)(example.cards.take(rows), level[rows], mean[rows])
    assert (alone == Rises(least=4.0)(example.cards, level, mean)[rows]).all()


def test_what_ranked_past_rises_better_is_kept_and_what_did_not_is_not():
    better = Rises.measure([(example, flat(example), knowing(example)) for example in PAST])
    assert np.isfinite(better.least)
    assert all(growth(e, better(e.cards, flat(e), knowing(e))) > growth(e, flat(e)) for e in PAST)
    worse = Rises.measure([(example, knowing(example), flat(example) + 5.0) for example in PAST])
    assert worse == Rises()
    assert Rises.measure([]) == Rises()


@pytest.mark.parametrize("strongest", [5, 10_000])
def test_the_least_rise_is_that_just_beyond_the_strongest_of_a_usual_cutoff(monkeypatch, strongest):
    """With fewer active items than that, whatever rises at all is lifted."""
    monkeypatch.setattr(rises, "STRONGEST", strongest)
    found = Rises.measure([(example, flat(example), knowing(example)) for example in PAST])
    beyond = [np.sort((e.target - last(e))[active(e.cards)])[::-1] for e in PAST]
    expected = np.median([each[5] for each in beyond]) if strongest == 5 else 0.0
    assert found.least == expected
    assert (found.least > 0) == (strongest == 5)


def test_nothing_rose_and_nothing_is_lifted():
    still = [replace(example, target=np.zeros(len(example.cards))) for example in PAST]
    assert Rises.measure([(example, flat(example), flat(example) + 3.0) for example in still]) == Rises()


@pytest.mark.parametrize("lifted", [False, True])
def test_a_blend_lifts_towards_its_first_part_where_asked(lifted):
    *past, now = sample_history()
    parts = (LightGBMTweedie(rounds=8, leaves=4), Decayed(options=(1e9,)), LastWindow())
    blend = Blend(parts=parts, lifted=lifted).fit(past)
    plain = Blend(parts=parts).fit(past)
    assert (blend.weights, blend.shift) == (plain.weights, plain.shift)
    mean, level = blend.parts[0].expected(now.cards), plain.expected(now.cards)
    assert np.isfinite(blend.rises.least) == lifted
    assert np.allclose(blend.expected(now.cards), blend.rises(now.cards, level, mean))
    assert (blend.expected(now.cards) != level).any() == lifted
