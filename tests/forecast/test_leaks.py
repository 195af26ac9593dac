"""The leak alarm on a trained model: nothing moves it, until its titles tell of the period predicted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.telling import told
from trail.baselines.sample import sample_log
from trail.evaluate import PLANTS, Method, find_leaks
from trail.events import Horizon
from trail.signals import cards_at

WEEK = Horizon(7)
LOG, ITEMS = sample_log()
CUTOFF = LOG.last_cutoff() - WEEK.span


def cards(log, items, cutoff):
    return cards_at(log, items, cutoff, WEEK)


@pytest.fixture
def method(trained):
    """Forecasts by the model, which keeps its whole correction."""
    model = replace(trained[0], shrinkage={"text": 1.0, "numbers": 1.0})
    learned = (CUTOFF - timedelta(weeks=1),)
    return Method(CUTOFF, WEEK, learned, cards, lambda *given: model.fit(given[-1]), rounding=1e-4)


def test_the_model_does_not_leak(method):
    found = find_leaks(LOG, ITEMS, method)
    assert found.findings == ()
    assert found.tried == tuple(plant.name for plant in PLANTS if plant.name not in found.skipped)
    assert set(found.skipped) == {"late_arrivals"}  # the log does not say when its events arrived
    assert found.forecaster == "trail"


def test_titles_that_tell_of_the_period_predicted_are_found(method):
    leaky = replace(method, cards=lambda log, items, cutoff: told(log, cards(log, items, cutoff)))
    names = ("nothing", "future_bursts", "no_future")
    found = find_leaks(LOG, ITEMS, leaky, plants=[each for each in PLANTS if each.name in names])
    # no signal moves, for a title is none; the model has read it all the same
    assert {each.of for each in found.findings} == {"forecast"}
    assert {each.plant for each in found.findings} == {"future_bursts", "no_future"}
