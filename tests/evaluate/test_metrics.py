"""Every metric against a slow loop, and its edge cases."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import isnan, log, log1p, log2, nan, sqrt

import numpy as np
import pytest
from handmade import outcome_of, random_outcome
from scipy.stats import spearmanr

from trail.baselines import LastWindow
from trail.baselines.sample import sample_history
from trail.evaluate import METRICS, Outcome
from trail.evaluate.outcome import TOP, chosen, usual_change


def slow_dcg(gains, scores, k):
    order = sorted(range(len(gains)), key=lambda item: -scores[item])[:k]
    return sum(gains[item] / log2(place + 2) for place, item in enumerate(order))


def slow_ndcg(o, k):
    return slow_dcg(o.target, o.score, k) / slow_dcg(o.target, o.target, k)


def slow_recall(o, k):
    border = sorted(o.target, reverse=True)[k - 1]
    found = sorted(range(len(o.target)), key=lambda i: -o.score[i])[:k]
    return sum(o.target[i] >= border for i in found) / k


def slow_wape(o):
    return sum(abs(t - e) for t, e in zip(o.target, o.expected, strict=True)) / sum(o.target)


def slow_rmsle(o):
    errors = [(log1p(t) - log1p(e)) ** 2 for t, e in zip(o.target, o.expected, strict=True)]
    return sqrt(sum(errors) / len(errors))


def slow_mase(o):
    scaled = []
    for target, expected, history in zip(o.target, o.expected, o.history, strict=True):
        counts = [count for count in history if not isnan(count)]
        steps = [abs(a - b) for a, b in pairwise(counts)]
        if sum(steps):
            scaled.append(abs(target - expected) / (sum(steps) / len(steps)))
    return sum(scaled) / len(scaled)


def slow_risers(o):
    gains = [max(0.0, t - last) for t, last in zip(o.target, o.last, strict=True)]
    hopes = [e - last for e, last in zip(o.expected, o.last, strict=True)]
    return slow_dcg(gains, hopes, 50) / slow_dcg(gains, gains, 50)


def slow_coverage(o):
    inside = [low <= t <= high for low, t, high in zip(o.q10, o.target, o.q90, strict=True)]
    return sum(inside) / len(inside)


def slow_coverage_gap(o):
    promised = [0.8 if low > 0 else 0.9 for low in o.q10]
    return slow_coverage(o) - sum(promised) / len(promised)


def slow_width(o):
    return sum(high - low for low, high in zip(o.q10, o.q90, strict=True)) / sum(o.target)


def slow_pinball(o):
    losses = []
    for target, *stated in zip(o.target, o.q10, o.q50, o.q90, strict=True):
        for level, quantile in zip((0.1, 0.5, 0.9), stated, strict=True):
            miss = target - quantile
            losses.append(level * miss if miss > 0 else (level - 1) * miss)
    return sum(losses) / len(losses)


def slow_entered(o):
    border = sorted(o.target, reverse=True)[49]
    free, tied = 50 - sum(o.target > border), sum(o.target == border)
    return [1 if each > border else free / tied if each == border else 0 for each in o.target]


def slow_brier(o):
    pairs = zip(o.chance, slow_entered(o), strict=True)
    return sum((chance - each) ** 2 for chance, each in pairs) / len(o.target)


def slow_log_score(o):
    total = 0.0
    for chance, entered in zip(o.chance, slow_entered(o), strict=True):
        known = min(max(chance, 0.001), 0.999)
        total -= entered * log(known) + (1 - entered) * log(1 - known)
    return total / len(o.target)


def slow_loss(o):
    """Breaks the ties of the last window's ranking at random, many times, instead of sharing them."""
    rng = np.random.default_rng(0)
    naive = np.mean([slow_dcg(o.target, o.last + 1e-6 * rng.random(len(o.last)), 50) for _ in range(300)])
    ideal = slow_dcg(o.target, o.target, 50)
    last = sum(abs(t - before) for t, before in zip(o.target, o.last, strict=True)) / sum(o.target)
    return ((1 - slow_ndcg(o, 50)) / (1 - naive / ideal) + slow_wape(o) / last) / 2


SLOW = {
    "ndcg@50": lambda o: slow_ndcg(o, 50),
    "ndcg@10": lambda o: slow_ndcg(o, 10),
    "recall@50": lambda o: slow_recall(o, 50),
    "recall@10": lambda o: slow_recall(o, 10),
    "spearman": lambda o: spearmanr(o.score, o.target).statistic,
    "wape": slow_wape,
    "rmsle": slow_rmsle,
    "mase": slow_mase,
    "risers@50": slow_risers,
    "coverage": slow_coverage,
    "coverage_gap": slow_coverage_gap,
    "width": slow_width,
    "pinball": slow_pinball,
    "brier": slow_brier,
    "log_score": slow_log_score,
    "loss": slow_loss,
}


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("seed", [0, 1])
def test_against_a_slow_loop(name, seed):
    outcome = random_outcome(seed)
    assert METRICS[name].measure(outcome) == pytest.approx(
        SLOW[name](outcome), rel=1e-2 if name == "loss" else 1e-9
    )


@pytest.mark.parametrize("name", METRICS)
def test_nothing_happened_or_no_items(name):
    empty = outcome_of([], [], history=np.zeros((0, 12)))
    assert isnan(METRICS[name].measure(empty))
    nothing = METRICS[name].measure(outcome_of([0, 0, 0], [1, 2, 3]))
    assert isnan(nothing) == (
        name not in {"rmsle", "coverage", "coverage_gap", "pinball", "brier", "log_score"}
    )


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_direction_is_as_stated(metric):
    """A perfect forecast is at least as good as a noisy one, and the best there is."""
    noisy = random_outcome()
    stated = dict.fromkeys(("q10", "q50", "q90"), noisy.target) | {"chance": noisy.entered}
    perfect = outcome_of(noisy.target, noisy.target, noisy.last, history=noisy.history, **stated)
    if metric.better:
        assert metric.better * metric.measure(perfect) > metric.better * metric.measure(noisy)
        # shared places leave their own doubt in the logarithmic score
        least = slow_log_score(perfect) if metric.name == "log_score" else 0.0
        best = 1.0 if metric.better > 0 else least
        assert metric.measure(perfect) == pytest.approx(best)


def test_recall_by_hand_with_a_tie_at_the_border():
    """True top two: 9, then either of the fives; a forecast that finds the other five is not punished."""
    recall = METRICS["recall@50"].measure
    target = [9.0, 5.0, 5.0] + [1.0] * 60
    assert recall(outcome_of(target, np.arange(63, 0, -1.0))) == 1.0
    few = outcome_of([3.0, 0.0] + [0.0] * 98, [0.0, 1.0] + [0.5] * 98)
    assert recall(few) == 0.0  # one item happened; it ranks last


def test_equal_scores_share_the_last_places():
    assert chosen(np.array([5.0, 1.0, 1.0, 1.0]), 2) == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])
    assert chosen(np.array([1.0, 2.0]), 5).tolist() == [1.0, 1.0]


def test_usual_change_by_hand():
    history = [[3.0, 1.0, 2.0, *[nan] * 9], [4.0, *[nan] * 11]]
    assert usual_change(outcome_of([0, 0], [0, 0], history=history)) == pytest.approx([1.5, nan], nan_ok=True)


def test_outcome_joins_cards_and_forecast():
    example = sample_history()[-1]
    outcome = Outcome.of(example, LastWindow().predict(example.cards))
    assert outcome.last.tolist() == example.cards.column("count_1").tolist()
    assert outcome.history.shape == (len(example.cards), 12)
    assert outcome.chance.sum() == pytest.approx(TOP)
    assert outcome.entered.sum() == pytest.approx(TOP)
    assert set(outcome.entered[example.target > np.sort(example.target)[-TOP]]) == {1.0}
    assert outcome.take(np.array([4, 2])).target.tolist() == [example.target[4], example.target[2]]
    assert METRICS["loss"].measure(outcome) == pytest.approx(1.0)


def test_the_brier_score_by_hand():
    """Fifty sure places and two items: one stated at 0.8 entered, one at 0.3 did not: (0.04 + 0.09) / 2."""
    target = [9.0] * 49 + [5.0, 4.0]
    outcome = outcome_of(target, target, chance=[1.0] * 49 + [0.8, 0.3])
    assert METRICS["brier"].measure(outcome.take(np.array([49, 50]))) == pytest.approx(0.065)
    tied = outcome_of([1.0] * 100, [1.0] * 100, chance=[0.5] * 100)
    assert METRICS["brier"].measure(tied) == 0.0  # a hundred equals share fifty places


def test_the_logarithmic_score_by_hand():
    """0.8 that entered and 0.3 that did not: (-ln 0.8 - ln 0.7) / 2; a chance of 0 that entered: -ln 0.001, not infinity.

    A hundred equals share fifty places, so that each has entered by half: ln 2 at a chance of a half.
    """
    score = METRICS["log_score"].measure
    target = [9.0] * 49 + [5.0, 4.0]
    two = np.array([49, 50])
    usual = outcome_of(target, target, chance=[1.0] * 49 + [0.8, 0.3])
    assert score(usual.take(two)) == pytest.approx((-log(0.8) - log(0.7)) / 2)
    denied = outcome_of(target, target, chance=[1.0] * 49 + [0.0, 0.0])
    assert score(denied.take(two)) == pytest.approx((-log(0.001) - log(0.999)) / 2)
    tied = outcome_of([1.0] * 100, [1.0] * 100, chance=[0.5] * 100)
    assert score(tied) == pytest.approx(log(2))


def test_the_logarithmic_score_is_proper():
    """Of items that enter 30% of the time no other stated chance does better than 0.3 on average."""
    target = [9.0] * 15 + [1.0] * 35 + [9.0] * 35
    said = {each: outcome_of(target, target, chance=[each] * 85) for each in (0.05, 0.2, 0.3, 0.4, 0.9)}
    scores = {each: METRICS["log_score"].measure(o.take(np.arange(50))) for each, o in said.items()}
    assert min(scores, key=scores.__getitem__) == 0.3


def test_ranges_that_leave_out_a_tenth_at_each_end_have_no_gap():
    """Counts uniform on 0 to 99: [10, 89] holds 80% of them, [0, 89] holds 90%; both keep their promise."""
    counts = np.arange(100.0)
    for low, width in ((10.0, 0.8), (0.0, 0.9)):
        outcome = replace(outcome_of(counts, counts), q10=np.full(100, low), q90=np.full(100, 89.0))
        assert METRICS["coverage"].measure(outcome) == pytest.approx(width)
        assert METRICS["coverage_gap"].measure(outcome) == pytest.approx(0.0, abs=1e-12)
