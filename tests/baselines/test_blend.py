"""Blends: what is averaged, on what the weights are chosen, and how a miss of late scales the forecast."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from trail.baselines import Blend, Decayed, LastWindow, LightGBMTweedie, WindowedMean, relative_loss
from trail.baselines.blend import picked
from trail.baselines.point import spread_of
from trail.baselines.sample import sample_history
from trail.baselines.scope import NEW
from trail.baselines.surges import missed, shrunk
from trail.signals import known_at

TREES = LightGBMTweedie(rounds=8, leaves=4)
COUNTS = Decayed(options=(1.0,))


def test_without_picks_logs_are_averaged_equally():
    """log(1 + blend) = mean of log(1 + part)."""
    *past, now = sample_history()
    found = Blend(parts=(TREES, COUNTS), picks=0).fit(past).predict(now.cards).expected
    parts = [each.fit(past).predict(now.cards).expected for each in (TREES, COUNTS)]
    assert np.allclose(found, np.sqrt((1 + parts[0]) * (1 + parts[1])) - 1)


def test_picks_go_to_whatever_lowers_the_loss_most_and_end_where_nothing_does():
    """From (1, 1, 1) / 3 towards (0, 3, 1) / 4: the second twice gives (1, 3, 1) / 5, then no pick helps."""
    aim = np.array([0.2, 0.6, 0.2])
    assert picked(3, 9, lambda weights: float(np.abs(weights - aim).sum())) == pytest.approx((0.2, 0.6, 0.2))
    assert picked(2, 2, lambda weights: weights[0]) == pytest.approx((0.25, 0.75))
    assert picked(2, 5, lambda _: 1.0) == (0.5, 0.5)


PARTS = (Decayed(options=(1e9,)), LastWindow(), WindowedMean())


def remembered(blend, past):
    """The held-out cutoffs, each with the logs of parts that knew what was known there, refitted at every other."""
    late = past[-blend.held_out(len(past)) :]
    logs = []
    for at, example in enumerate(late):
        known = known_at(past, late[at - at % 2].cards.cutoff) or known_at(past, example.cards.cutoff)
        if known:
            learned = [each.learn(known).expected(example.cards) for each in blend.parts]
            logs.append((example, [np.log1p(each) for each in learned]))
    return logs


def mixed(weights, logs):
    return np.expm1(sum(weight * log for weight, log in zip(weights, logs, strict=True)))


def best(blend, logs):
    def loss(weights):
        levels = [mixed(weights, each) for _, each in logs]
        return np.mean([relative_loss(e, level, level) for (e, _), level in zip(logs, levels, strict=True)])

    return picked(len(blend.parts), blend.picks, loss)


def test_weights_are_chosen_on_cutoffs_that_no_part_had_learned_from():
    past = sample_history()[:-1]
    blend = Blend(parts=PARTS, picks=3).fit(past)
    assert blend.weights == blend.learn(past).weights == best(blend, remembered(blend, past))
    assert blend.weights != (1 / 3, 1 / 3, 1 / 3)


@pytest.mark.parametrize("levelled", [False, True])
def test_the_spread_of_a_cutoff_is_that_of_weights_chosen_on_the_others(levelled):
    """So is the factor at its level, which knows the misses before it only."""
    past = sample_history()[:-1]
    blend = Blend(parts=PARTS, picks=3, levelled=levelled).fit(past)
    logs = remembered(blend, past)
    levels, chosen = [], set()
    for at, (_, of) in enumerate(logs):
        weights = best(blend, [*logs[:at], *logs[at + 1 :]])
        misses = [missed(e.target, mixed(weights, each)) for e, each in logs[max(at - 3, 0) : at]]
        levels.append(mixed(weights, of) * np.exp(levelled * shrunk(np.array(misses))))
        chosen.add(weights)
    assert len(chosen) > 1
    slow = spread_of(levels, [example for example, _ in logs])
    assert blend.spread.apart.keys() == slow.apart.keys() >= {NEW}
    assert np.allclose(blend.spread.apart[NEW].ratios, slow.apart[NEW].ratios)
    assert np.isclose(blend.spread.shared, slow.shared)
    assert np.allclose(blend.spread.levels, slow.levels)
    assert np.allclose(blend.spread.ratios, slow.ratios)


def test_where_one_cutoff_is_all_there_is_its_spread_is_that_of_equal_weights():
    past = sample_history()[:2]
    blend = Blend(parts=PARTS, picks=3).fit(past)
    ((example, logs),) = remembered(blend, past)
    slow = spread_of([mixed((1 / 3, 1 / 3, 1 / 3), logs)], [example])
    assert np.allclose(blend.spread.ratios, slow.ratios)
    assert blend.weights == best(blend, [(example, logs)]) != (1 / 3, 1 / 3, 1 / 3)


@dataclass(frozen=True)
class Halved(LastWindow):
    """A forecaster that always expects half of what it should, less half an event."""

    def level(self, cards):
        return (super().level(cards) + 1) / 2 - 1


def test_a_level_that_was_missed_in_one_direction_is_made_good():
    """Where counts repeat themselves, half of the last one is missed by the factor 2 at every cutoff."""
    *past, now = [replace(each, target=each.cards.column("count_1")) for each in sample_history()]
    lows = Blend(parts=(Halved(),), levelled=False).fit(past)
    found = Blend(parts=(Halved(),), levelled=True).fit(past)
    assert lows.shift == 0
    assert found.shift == pytest.approx(shrunk(np.full(3, np.log(2))))
    assert found.shift == pytest.approx(np.log(2), abs=0.02)
    scaled = np.exp(found.shift) * lows.predict(now.cards).expected
    assert np.allclose(found.predict(now.cards).expected, scaled)
