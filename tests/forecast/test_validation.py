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
from trail.forecast.validation import halved, uncorrected, validate
from trail.model import Keeper, silent


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
    found = validate(forecaster, [rows, silence])
    assert found.relative_loss == validate(forecaster, [rows]).relative_loss
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
    assert one == both
    assert one == {"prior": uncorrected(rows), "text": halved(forecaster, rows, torch.ones(10, 4))}
