"""What validation says of a correction: half of it, measured over the whole catalogue."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from trail.baselines import Decayed, relative_loss
from trail.forecast.material import Rows
from trail.forecast.reading import prior_logs
from trail.forecast.run import Look, Run
from trail.forecast.scored import Said
from trail.forecast.trail import TrailForecaster
from trail.forecast.validation import Earned, halved, uncorrected, validate
from trail.model import Keeper, silent

EARNED = {"text": Earned(0.1, 0.01), "numbers": Earned(0.1, 0.01)}


@pytest.fixture(scope="module")
def rows(history):
    """The last cutoff, its ten strongest items chosen."""
    forecaster = Decayed().fit(history[:-1])
    prior = forecaster.predict(history[-1].cards).ranked_in_counts()
    chosen = np.sort(np.argsort(-prior.expected, kind="stable")[:10])
    return Rows(history[-1], prior, chosen, forecaster)


def test_half_of_a_correction_is_measured_beside_the_prior(trained, rows):
    """Half of a correction c moves the log of what is expected by 2 tanh(c / 4), of the chosen rows alone."""
    forecaster, _ = trained
    correction = torch.randn(10, 4, generator=torch.Generator().manual_seed(3))
    before, after = uncorrected(rows), halved(forecaster, rows, correction)
    assert before == pytest.approx(relative_loss(rows.example, rows.prior.expected, rows.prior.score))
    expected, score = np.array(rows.prior.expected), np.array(rows.prior.score)
    factor = np.exp(2 * np.tanh(correction[:, 0].numpy() / 4))
    expected[rows.chosen] *= factor
    score[rows.chosen] *= factor
    assert after == pytest.approx(relative_loss(rows.example, expected, score), rel=1e-5)
    assert halved(forecaster, rows, torch.zeros(10, 4)) == pytest.approx(before, rel=1e-6)


def test_an_origin_where_nothing_happened_is_not_counted(trained, rows):
    forecaster, folder = trained
    silence = replace(rows, example=replace(rows.example, target=np.zeros(len(rows.example.target))))
    found = validate(forecaster, [rows, silence], EARNED)
    assert found.relative_loss == validate(forecaster, [rows], EARNED).relative_loss
    reader, prior = forecaster.reader, rows.prior.take(rows.chosen)
    look = Look(rows, reader.slate(rows.cards, prior))
    assert np.allclose(look.slate.prior, prior_logs(prior))
    run = Run(
        forecaster.settings,
        None,
        forecaster,
        [],
        [look, replace(look, rows=silence)],
        Keeper(folder, ""),
        silent,
    )
    one, both = (
        replace(run, looks=looks).judged("text", lambda _: torch.ones(10, 4))
        for looks in (run.looks[:1], run.looks)
    )
    assert one == {"prior": [uncorrected(rows)], "text": [halved(forecaster, rows, torch.ones(10, 4))]}
    assert np.isnan([both["prior"][1], both["text"][1]]).all()
    assert Earned.of([one], "text").gain == Earned.of([both], "text").gain == one["prior"][0] - one["text"][0]


def test_an_origin_is_judged_by_the_look_that_is_best_on_the_others():
    """Three looks at three origins; each look is the best of one origin by luck, and bad on another."""
    looks = [
        {"prior": [1.0, 1.0, 1.0], "text": [0.1, 1.3, 1.0]},
        {"prior": [1.0, 1.0, 1.0], "text": [1.0, 0.1, 1.3]},
        {"prior": [1.0, 1.0, 1.0], "text": [1.3, 1.0, 0.1]},
    ]
    found = Earned.of(looks, "text")
    # without the first origin the third look is the best: 1.0 + 0.1; so on for the others
    assert found.gain == pytest.approx(-0.3)
    assert found.error == pytest.approx(0.0)
    assert not found.enough
    flattered = min(np.mean(look["text"]) for look in looks)
    assert flattered < 1.0
    steady = Earned.of([look | {"text": [0.9, 0.8, 0.7]} for look in looks], "text")
    assert (steady.gain, steady.error) == pytest.approx((0.2, 0.1 / 3**0.5))
    assert steady.enough
    assert not replace(steady, error=0.21).enough
    assert not Earned.of([{"prior": [1.0], "text": [0.9]}], "text").enough  # one origin can say nothing


def test_the_last_stage_that_trained_a_head_says_what_it_earned():
    """Of tuning, the first look is at the best state of the stage before, which all origins chose."""

    def looks(name, *losses):
        return [{"prior": [1.0, 1.0], name: list(each)} for each in losses]

    judged = {"numbers": looks("numbers", (0.9, 0.7)), "text": looks("text", (0.5, 0.7))}
    assert Said({}, judged).earned["text"].gain == pytest.approx(0.4)
    assert Said({}, judged).earned["numbers"].gain == pytest.approx(0.2)
    judged["score"] = looks("text", (0.1, 0.1), (0.4, 0.4))
    assert Said({}, judged).earned["text"].gain == pytest.approx(0.6)
    judged["served"] = looks("served", (0.8, 0.8))
    assert Said({}, judged).earned["text"].gain == pytest.approx(0.2)


def test_a_correction_that_earned_too_little_is_off(trained, rows, monkeypatch):
    forecaster, _ = trained
    none = validate(forecaster, [rows], {head: Earned(0.01, 0.02) for head in EARNED})
    assert none.shrinkage == {"text": 0.0, "numbers": 0.0}
    assert none.relative_loss["text"] == none.relative_loss["prior"]
    assert none.gain["text"] == (0.01, 0.02)
    # what earned enough is kept where it does not lose over the whole shortlist: the truth itself, and its opposite
    for way, share in ((1.0, 0.5), (-1.0, 0.0)):
        found = towards(rows, way)
        monkeypatch.setattr(TrailForecaster, "correction", lambda *_, found=found: found)
        assert validate(forecaster, [rows], EARNED).shrinkage == {"text": share, "numbers": share}


def towards(rows, way):
    """A correction of the expected counts of the chosen rows towards what happened, or away from it."""
    miss = np.log1p(rows.example.target[rows.chosen]) - np.log1p(rows.prior.expected[rows.chosen])
    return torch.from_numpy(way * np.column_stack([miss, *[0 * miss] * 3])).float()
