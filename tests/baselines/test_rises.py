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
    level[-1] = mean[-1] + 5.0  # expected to rise more than the mean does: nothing to lift
    found = Rises(least=4.0)(example.cards, level, mean)
    rising = mean - last(example) > 4.0
    rising[-1] = False
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


@pytest.mark.parametrize(("strongest", "part", "beyond"), [(5, 1.0, 5), (10_000, 0.1, None)])
def test_the_least_rise_is_that_just_beyond_the_strongest_of_a_usual_cutoff(
    monkeypatch, strongest, part, beyond
):
    """Of a small catalogue a tenth of the active items counts as strongest."""
    monkeypatch.setattr(rises, "STRONGEST", strongest)
    monkeypatch.setattr(rises, "PART", part)
    found = Rises.measure([(example, flat(example), knowing(example)) for example in PAST])
    sorted_rises = [np.sort((e.target - last(e))[active(e.cards)])[::-1] for e in PAST]
    expected = [each[beyond or len(each) // 10] for each in sorted_rises]
    assert found.least == np.median(expected) > 0


def test_nothing_rose_and_nothing_is_lifted():
    still = [replace(example, target=np.zeros(len(example.cards))) for example in PAST]
    assert Rises.measure([(example, flat(example), flat(example) + 3.0) for example in still]) == Rises()


@pytest.mark.parametrize("lifted", [False, True])
@pytest.mark.parametrize("grown", [1.0, 0.8])
def test_a_blend_lifts_towards_its_first_part_at_the_same_level_where_asked(lifted, grown):
    *past, now = sample_history()
    past = [*past[:-4], *(replace(each, target=each.target * grown) for each in past[-4:])]
    parts = (LightGBMTweedie(rounds=8, leaves=4), Decayed(options=(1e9,)), LastWindow())
    blend = Blend(parts=parts, lifted=lifted, levelled=True).fit(past)
    plain = Blend(parts=parts, levelled=True).fit(past)
    assert (blend.weights, blend.shift) == (plain.weights, plain.shift)
    mean = blend.parts[0].expected(now.cards) * np.exp(blend.shift)
    level = plain.expected(now.cards)
    assert np.isfinite(blend.rises.least) == lifted
    assert np.allclose(blend.expected(now.cards), blend.rises(now.cards, level, mean))
    assert (blend.expected(now.cards) != level).any() == lifted
