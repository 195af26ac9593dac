"""One seed reaches everything that a forecaster draws, its parts' too, and what draws nothing stays as it is."""

from dataclasses import replace

import numpy as np
import pytest

from trail.baselines import LINE_UP, Blend, Decayed, LastWindow, draws, seeded
from trail.baselines.boosted import LightGBMLog, LightGBMTweedie
from trail.baselines.launches import Launches
from trail.baselines.sample import sample_history

DRAWN = {
    "lightgbm",
    "blend",
    "stack",
    "stack_text",
    "lambdarank",
    "lightgbm_log",
    "lightgbm_median",
    "lightgbm_text",
    "lambdarank_text",
    "launches",
    "pare",
}


@pytest.mark.parametrize("name", LINE_UP)
def test_which_forecasters_draw(name):
    assert draws(LINE_UP[name]()) == (name in DRAWN)


def test_a_seed_reaches_every_part_and_seed_zero_changes_nothing():
    blend = seeded(Blend(parts=(LightGBMTweedie(), Decayed(), LightGBMLog())), 7)
    assert [getattr(part, "seed", None) for part in blend.parts] == [7, None, 7]
    launches = seeded(Launches(), 7)
    assert (launches.seed, launches.base.seed) == (7, 7)
    plain = LastWindow()
    assert seeded(plain, 7) is plain
    assert not draws(Blend(parts=(LastWindow(), Decayed())))
    for make in LINE_UP.values():
        assert seeded(make(), 0) == make()


def test_another_seed_makes_another_forecast_and_the_same_one_the_same():
    *history, last = sample_history()
    small = replace(LightGBMLog(), rounds=20)
    said = [seeded(small, seed).fit(history).predict(last.cards).expected for seed in (0, 1, 1)]
    assert not np.array_equal(said[0], said[1])
    assert np.array_equal(said[1], said[2])
