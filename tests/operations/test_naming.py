"""Whoever makes numbers and whatever a receipt speaks of has words that a shop understands."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from trail.baselines import LINE_UP
from trail.facts import quantities
from trail.operations.naming import MAKERS, maker, named
from trail.service.wire import Period
from trail.signals import BY_NAME

PERIOD = Period(
    snapshot="2011-11-18",
    seal="s",
    cutoff=datetime(2011, 11, 18, tzinfo=UTC),
    start=date(2011, 11, 18),
    end=date(2011, 11, 25),
    k=50,
    events="orders",
    items=3,
    before="",
)


def test_every_forecaster_has_words():
    assert set(LINE_UP) <= set(MAKERS)
    assert maker("lightgbm_median") == "decision trees that aim at the middle outcome"
    assert maker("somebody") == "somebody"


@pytest.mark.parametrize(
    "name", sorted({*BY_NAME, *quantities._DERIVED, *quantities._OUTLOOK, "sum_4", "peak_12"})
)
def test_every_signal_has_words(name):
    said = named(name, PERIOD, "week")
    assert "_" not in said
    assert "{" not in said
    assert said.lower() != name.replace("_", " ")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("count_1", "Orders, 11 to 17 Nov 2011"),
        ("count_3", "Orders, 28 Oct to 3 Nov 2011"),
        ("mean_4", "Mean orders a week, 21 Oct to 17 Nov 2011"),
        ("expected", "Orders expected, 18 to 24 Nov 2011"),
        ("last_year", "Orders a year before, 19 to 25 Nov 2010"),
        ("p_top", "Chance of the top 50, 18 to 24 Nov 2011"),
        ("title", "Title"),
    ],
)
def test_signals_are_named_with_their_days(name, said):
    assert named(name, PERIOD, "week") == said
