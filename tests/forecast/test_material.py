"""What training works on knew only what was known, and is validated as it is served."""

from dataclasses import replace

import numpy as np

from trail.baselines import BASELINES, LightGBMTweedie
from trail.forecast.material import gather
from trail.model.keeper import silent
from trail.signals import known_at


def test_validation_origins_have_the_prior_that_would_be_served(history, small):
    found = gather(history, small, silent)
    assert len(found.validation) == small.validation_origins
    for rows in found.validation:
        cards = rows.example.cards
        fresh = BASELINES[found.choice.forecaster.name]().fit(known_at(history, cards.cutoff)).predict(cards)
        np.testing.assert_array_equal(rows.prior.expected, fresh.expected)
        assert len(rows.chosen) == small.shortlist


def test_training_rows_end_before_the_first_validation_origin(history, small):
    found = gather(history, small, silent)
    first = found.validation[0].example.cards.cutoff
    assert found.train
    assert all(rows.example.known_from <= first for rows in found.train)


def test_a_prior_of_a_training_row_does_not_know_its_target(history, small, monkeypatch):
    """Targets of the latest training cutoff, and of all later ones, change nothing in the training priors.

    Trees would show it: they learn every target that they are given.
    """
    monkeypatch.setitem(BASELINES, "lightgbm", lambda: LightGBMTweedie(rounds=8, leaves=4))
    settings = replace(small, priors=("lightgbm",))
    whole = gather(history, settings, silent)
    assert set(whole.train[-1].prior.forecaster) == {"lightgbm"}
    last = whole.train[-1].example.cards.cutoff
    changed = [
        type(each)(each.cards, each.target * 100 if each.cards.cutoff >= last else each.target)
        for each in history
    ]
    for one, other in zip(whole.train, gather(changed, settings, silent).train, strict=True):
        np.testing.assert_array_equal(one.prior.expected, other.prior.expected)
        np.testing.assert_array_equal(one.prior.q90, other.prior.q90)


def test_looks_are_the_same_origins_with_fewer_rows(history, small):
    found = gather(history, small, silent)
    for look, rows in zip(found.looks(5), found.validation, strict=True):
        assert look.example is rows.example
        assert len(look.chosen) == 5
