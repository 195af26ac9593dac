"""The champion is chosen on validation only; the test says by what margin, and whether it objects."""

from __future__ import annotations

import json
from math import nan

import pytest
from handmade import rows_for

from trail.evaluate import OwnValidation, Results, compare, judge, write_report
from trail.evaluate.ablations import ABLATIONS
from trail.evaluate.champion import crown

BASE = {"last_window": 1.0, "decayed": 0.8, "lightgbm": 0.9}


def champion(validation, test, own=None):
    return crown(rows_for(validation, test), ours="trail", own=own)


def test_ours_with_validation_rows_is_judged_by_them_alone():
    won = champion(BASE | {"trail": 0.7}, BASE | {"trail": 3.0})
    assert (won.method, won.against) == (("trail", "every"), ("decayed", "every"))
    lost = champion(BASE | {"trail": 0.85}, BASE | {"trail": 0.1})
    assert (lost.method, lost.against) == (("decayed", "every"), ("trail", "every"))
    assert "the validation origins of this backtest (trail 0.8" in lost.basis


@pytest.mark.parametrize(
    ("loss", "error", "served"),
    [(0.75, 0.01, "trail"), (0.795, 0.01, "decayed"), (0.8, 0.0, "decayed"), (0.7, nan, "decayed")],
)
def test_without_them_its_own_figures_count_above_one_standard_error(loss, error, served):
    own = OwnValidation(loss, "decayed", 0.8, error, 4, 0.5)
    found = champion(BASE, BASE | {"trail": 0.5}, own)
    assert found.method == (served, "every")
    assert "4 validation origins of the training of trail" in found.basis
    assert "one standard error" in found.basis
    # without any baseline's validation row the rival is the prior that it corrected
    alone = champion({}, BASE | {"trail": 0.5}, own)
    assert {alone.method[0], alone.against[0]} == {"trail", "decayed"}


@pytest.mark.parametrize(("best", "served"), [(0.7, "decayed"), (0.79, "decayed"), (0.84, "trail")])
@pytest.mark.parametrize("weeks", [0.0, -0.2, 0.1])
def test_ours_must_beat_the_best_baseline_too_by_more_than_its_error(best, served, weeks):
    """Ours gains .1 on its prior, the best baseline .2 to .06; weeks of the backtest that are harder for all change nothing."""
    own = OwnValidation(0.7, "lightgbm", 0.8, 0.01, 4, 0.5)
    tried = {name: loss + weeks for name, loss in (BASE | {"decayed": best}).items()}
    found = champion(tried, tried | {"trail": 0.5}, own)
    assert found.method == (served, "every")
    assert "on those of this backtest decayed has 0." in found.basis


def test_a_baseline_is_served_where_ours_was_never_validated():
    found = champion(BASE, BASE | {"trail": 0.1})
    assert (found.method, found.against) == (("decayed", "every"), ("trail", "every"))
    assert found.basis.endswith("trail was not tried there")
    plain = champion(BASE, BASE)
    assert (plain.method, plain.against) == (("decayed", "every"), ("lightgbm", "every"))
    for name in ABLATIONS:
        assert champion(BASE | {name: 0.1}, BASE | {name: 0.1}).method == ("decayed", "every")


def test_without_validation_there_is_no_champion():
    found = champion({}, BASE)
    assert (found.method, found.against, found.margins) == (None, None, ())
    assert "No champion: nothing was tried on validation origins." in judge(rows_for({}, BASE)).sentences


def test_the_margin_is_that_of_the_test_and_a_loss_is_said():
    rows = rows_for(BASE | {"trail": 0.5}, BASE | {"trail": 1.5})
    verdict = judge(rows)
    margin = {each.metric: each for each in verdict.champion.margins}["wape"]
    assert margin == compare(rows, "trail", "decayed", "wape")
    assert margin.winner == "decayed"
    words = " ".join(verdict.sentences)
    assert "Champion, to be served: trail, chosen by joint loss on the validation origins" in words
    assert "% worse), t " in words
    assert "The test objects: decayed is better in NDCG@50 of counts and WAPE" in words
    fine = " ".join(judge(rows_for(BASE | {"trail": 0.5}, BASE | {"trail": 0.2})).sentences)
    assert "objects" not in fine
    assert "% better), t " in fine


def test_champion_json_is_written_beside_the_report(tmp_path):
    rows = tuple(rows_for(BASE | {"trail": 0.5}, BASE | {"trail": 0.4}))
    write_report(Results(rows), tmp_path, model="2024-05-01")
    found = json.loads((tmp_path / "champion.json").read_text())
    assert (found["forecaster"], found["refit"], found["model"], found["task"]) == (
        "trail",
        "every",
        "2024-05-01",
        "task",
    )
    assert found["against"] == {"forecaster": "decayed", "refit": "every"}
    assert [each["metric"] for each in found["margins"]] == ["ndcg@50", "wape"]
    assert all(each["t_low"] < each["difference"] < each["t_high"] for each in found["margins"])
    assert json.loads((tmp_path / "report.json").read_text())["champion"] == found
    write_report(Results(tuple(rows_for({}, BASE))), tmp_path)
    assert json.loads((tmp_path / "champion.json").read_text())["forecaster"] is None
