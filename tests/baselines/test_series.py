"""Croston and TSB against their formulas as loops; who is fitted, who is not, and what it costs."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from trail.baselines import LINE_UP, TSB, AutoETS, AutoTheta, CrostonSBA, WindowedMean, active, relative_loss
from trail.baselines.sample import sample_history, sample_log
from trail.baselines.series import evenly, next_values
from trail.signals import cards_at

pytest.importorskip("statsforecast", reason="the extra `statistics` is not installed")


def slow_croston_sba(counts, alpha=0.1):
    """Size and gap of demands, each smoothed at demands only; their ratio times 1 - alpha / 2."""
    size = gap = None
    since = 1
    for count in counts:
        if count > 0:
            size = count if size is None else size + alpha * (count - size)
            gap = since if gap is None else gap + alpha * (since - gap)
            since = 0
        since += 1
    return 0.0 if size is None else (1 - alpha / 2) * size / gap


def slow_tsb(counts, size_alpha, chance_alpha):
    """Size smoothed at demands, chance of a demand smoothed always; their product."""
    size, chance = None, float(counts[0] > 0)
    for at, count in enumerate(counts):
        if count > 0:
            size = count if size is None else size + size_alpha * (count - size)
        if at:
            chance += chance_alpha * ((count > 0) - chance)
    return 0.0 if size is None else size * chance


@pytest.mark.parametrize("at", [0, -1])  # the first cutoff has fewer than twelve windows
def test_croston_and_tsb_against_loops(at):
    cards = sample_history()[at].cards
    croston, tsb = CrostonSBA().level(cards), TSB(options=((0.3, 0.2),)).level(cards)
    for row in np.flatnonzero(active(cards))[::5]:
        oldest_first = cards.card(row).counts[::-1]
        assert croston[row] == pytest.approx(slow_croston_sba(oldest_first))
        assert tsb[row] == pytest.approx(slow_tsb(oldest_first, 0.3, 0.2))


@pytest.mark.parametrize("made", [AutoETS(), AutoTheta()])
def test_fitted_models_follow_a_level_and_a_line(made):
    flat, line = np.full(12, 7.0), np.arange(12) * 2.0 + 3.0
    found = next_values(made.model(), np.stack([flat, line, flat]))
    assert found == pytest.approx([7.0, 27.0, 7.0], abs=0.05)


@pytest.mark.parametrize("name", ["croston_sba", "tsb", "auto_ets", "auto_theta"])
def test_idle_items_and_short_logs_get_the_windowed_mean(name):
    late = sample_history()[-1].cards
    early = cards_at(*sample_log(), late.cutoff - timedelta(weeks=17), late.horizon)
    made = LINE_UP[name]()
    idle = ~active(late)
    assert idle.any()
    assert np.array_equal(made.level(late)[idle], WindowedMean().level(late)[idle])
    assert np.isnan(early.column("count_3")).all()  # two windows
    same = np.array_equal(made.level(early), WindowedMean().level(early))
    assert same == (made.shortest > 2)


def test_every_length_and_shape_from_the_shortest_on_is_fitted_without_a_warning():
    rng = np.random.default_rng(0)
    for made in (CrostonSBA(), TSB(), AutoETS(), AutoTheta()):
        for windows in range(made.shortest, 13):
            spike = np.eye(windows)[[0, -1]] * 500
            edges = [np.zeros(windows), np.full(windows, 3.0), 2.0 ** np.arange(windows)]
            series = np.vstack(
                [spike, edges, rng.poisson(1, (4, windows)), rng.lognormal(2, 2, (4, windows))]
            )
            assert np.isfinite(next_values(made.model(), series)).all()


def test_equal_series_are_fitted_once():
    class Counting:
        calls = 0

        def forecast(self, y, h):
            self.calls += 1
            return {"mean": [y.sum() * h]}

    model = Counting()
    series = np.array([[1.0, 2.0], [0.0, 5.0], [1.0, 2.0]])
    assert next_values(model, series).tolist() == [3.0, 5.0, 3.0]
    assert model.calls == 2


def test_tsb_chooses_its_smoothing_on_the_latest_cutoffs():
    history = sample_history()
    losses = [
        np.mean([relative_loss(e, *[TSB(options=(pair,)).expected(e.cards)] * 2) for e in history[-3:]])
        for pair in TSB().options
    ]
    assert TSB().learn(history).smoothing == TSB().options[int(np.argmin(losses))]
    assert TSB().learn([]).smoothing == TSB().options[0]


def test_the_spread_is_measured_on_evenly_spaced_items():
    example = sample_history()[-1]
    found = evenly(example, 4)
    ids = example.cards.item_ids
    assert found.cards.item_ids == [ids[0], ids[39], ids[79], ids[119]]
    assert found.target.tolist() == example.target[[0, 39, 79, 119]].tolist()
    assert evenly(example, 120) is example
