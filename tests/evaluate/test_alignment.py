"""Figures of alignment by hand: shares by kind, places, intervals over items of a cutoff."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from trail.evaluate.alignment import alignment_figures, alignment_table
from trail.evaluate.resampling import interval, item_weights, weighted_means
from trail.explain import Preferred, Retrieved

START = datetime(2024, 1, 1, tzinfo=UTC)


def pair(item, kind, true, false, *, unseen=True, week=0, tokens=(10, 10)):
    moment = START + timedelta(weeks=week)
    return Preferred(
        "m", "f", moment, item, unseen, kind, kind in ("signal", "date"), true, tokens[0], false, tokens[1]
    )


def place(item, at, *, unseen=True, pool=4):
    return Retrieved("m", "f", START, item, unseen, at, pool)


def figure(figures, measure, kind="", items="unseen"):
    (found,) = (each for each in figures if (each.measure, each.kind, each.items) == (measure, kind, items))
    return found


def test_shares_by_kind_and_places():
    """Of three number pairs one is a tie: (1 + 0 + .5) / 3; places 1 and 4: recall 1/2, reciprocals (1 + 1/4) / 2."""
    rows = [pair("a", "number", -10, -20), pair("b", "number", -20, -10), pair("c", "number", -5, -5)]
    rows += [pair("a", "date", -10, -11), pair("d", "number", -9, -1, unseen=False)]
    found = alignment_figures(rows, [place("a", 1), place("b", 4), place("d", 2, unseen=False)])
    assert figure(found, "total", "number").value == pytest.approx(0.5)
    assert figure(found, "total", "number", "all").value == pytest.approx(1.5 / 4)
    assert figure(found, "total", "date").value == 1
    assert figure(found, "total", "all").value == pytest.approx(2.5 / 4)
    assert figure(found, "total", "signal").cases == 0
    assert figure(found, "recall@1").value == pytest.approx(0.5)
    assert figure(found, "mrr").value == pytest.approx(0.625)
    assert figure(found, "recall@1").chance == pytest.approx(0.25)
    assert figure(found, "mrr").chance == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert figure(found, "recall@1", items="all").cases == 3


def test_the_mean_a_token_and_the_total_can_disagree():
    """A false text half as long has the higher total and the lower mean."""
    found = alignment_figures([pair("a", "item", -20, -15, tokens=(20, 10))], [])
    assert figure(found, "total", "item").value == 0
    assert figure(found, "mean", "item").value == 1


def test_an_interval_holds_the_mean_and_narrows_with_items():
    rng = np.random.default_rng(0)
    widths = []
    for items in (20, 500):
        rows = [pair(f"{at}", "number", float(rng.random() < 0.8), 0.5, week=at % 2) for at in range(items)]
        found = figure(alignment_figures(rows, []), "total", "number")
        assert found.low < found.value < found.high
        assert found.cutoffs == 2
        widths.append(found.high - found.low)
    assert widths[1] < widths[0] / 3


def test_the_rows_of_an_item_are_drawn_together():
    weights = item_weights(["a", "b", "a", "c"], draws=200)
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, [0, 1, 3]].sum(axis=1) == 3).all()
    assert len(np.unique(weights[:, 0])) > 2
    # asked twice about the same items, one knows no more than asked once
    once = item_weights([str(at) for at in range(20)])
    twice = item_weights([str(at % 20) for at in range(40)])
    right = np.arange(20) % 2.0
    assert interval(weighted_means(np.tile(right, 2), twice)) == interval(weighted_means(right, once))


def test_the_table_has_two_lines_a_model_and_says_what_was_not_taught():
    lines = alignment_table(alignment_figures([pair("a", "number", -1, -2)], [place("a", 1)])).splitlines()
    assert "item (not taught)" in lines[0]
    assert "date (not taught)" in lines[0]
    assert "number |" in lines[0]
    assert [line.split("|")[2].strip() for line in lines[2:]] == ["mean", "total"]
    assert "1.000 (1.000 to 1.000; 1)" in lines[2]
