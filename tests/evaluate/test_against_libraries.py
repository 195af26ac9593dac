"""Metrics equal those of ir-measures (trec_eval's own code) and utilsforecast, where these have them.

Gain is linear in the count, as in trec_eval. Rankings here have no ties, which trec_eval breaks by name and
this project shares; graded relevance is a whole number there.
"""

from __future__ import annotations

import ir_measures
import numpy as np
import pandas as pd
import pytest
from handmade import random_outcome
from ir_measures import Qrel, ScoredDoc, nDCG
from utilsforecast import losses

from trail.baselines import ndcg
from trail.evaluate import METRICS
from trail.evaluate.outcome import growth, quantile_loss, usual_change

EXACT = {"rel": 1e-9, "abs": 1e-12}


def measured(measure, gain, score):
    """What ir-measures finds for one query whose documents are the items."""
    names = [f"item-{number:04d}" for number in range(len(gain))]
    wanted = [Qrel("q", name, int(each)) for name, each in zip(names, gain, strict=True)]
    found = [ScoredDoc("q", name, float(each)) for name, each in zip(names, score, strict=True)]
    return ir_measures.calc_aggregate([measure], wanted, found)[measure]


def frame(outcome):
    """One series an item, one step each, as utilsforecast wants it."""
    columns = {"expected": outcome.expected, "q10": outcome.q10, "q50": outcome.q50, "q90": outcome.q90}
    named = {"m": outcome.expected, "m-lo-80": outcome.q10, "m-hi-80": outcome.q90}
    items = np.arange(len(outcome.target))
    return pd.DataFrame({"unique_id": items, "ds": 12, "y": outcome.target, **columns, **named})


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("k", [10, 50])
def test_ndcg_and_recall(seed, k):
    outcome = random_outcome(seed)
    assert METRICS[f"ndcg@{k}"].measure(outcome) == pytest.approx(
        measured(nDCG @ k, outcome.target, outcome.score), **EXACT
    )
    top = np.argsort(-outcome.target, kind="stable")[:k]
    clear = np.zeros(len(outcome.target))
    clear[top] = np.arange(k, 0, -1) + 1.0  # the k-th count has no equal, so the true top k is one set
    border = outcome.take(np.arange(len(clear)))
    object.__setattr__(border, "target", clear)
    assert METRICS[f"recall@{k}"].measure(border) == pytest.approx(
        measured(ir_measures.R @ k, clear > 0, border.score), **EXACT
    )


@pytest.mark.parametrize("seed", range(3))
def test_ndcg_of_growth(seed):
    outcome = random_outcome(seed)
    hope = outcome.expected - outcome.last
    found = measured(nDCG @ 50, growth(outcome), hope)
    assert METRICS["risers@50"].measure(outcome) == pytest.approx(found, **EXACT)
    assert ndcg(growth(outcome), hope, 50) == pytest.approx(found, **EXACT)


@pytest.mark.parametrize("seed", range(3))
def test_errors_and_quantiles(seed):
    outcome = random_outcome(seed)
    data = frame(outcome)
    levels = np.array([0.1, 0.5, 0.9])
    found = losses.mqloss(data, {"m": ["q10", "q50", "q90"]}, levels)["m"].mean()
    assert METRICS["pinball"].measure(outcome) == pytest.approx(found, **EXACT)
    for level, name in zip(levels, ("q10", "q50", "q90"), strict=True):
        one = losses.quantile_loss(data, {"m": name}, q=level)["m"].to_numpy()
        np.testing.assert_allclose(
            quantile_loss(outcome.target, getattr(outcome, name), level), one, rtol=1e-9, atol=1e-12
        )
    inside = losses.coverage(data, ["m"], level=80)["m"].mean()
    assert METRICS["coverage"].measure(outcome) == pytest.approx(inside, **EXACT)
    # the log of a count plus one turns the root mean squared error of a single series into RMSLE
    logs = pd.DataFrame({"unique_id": 0, "y": np.log1p(data["y"]), "m": np.log1p(data["expected"])})
    assert METRICS["rmsle"].measure(outcome) == pytest.approx(losses.rmse(logs, ["m"])["m"][0], **EXACT)
    whole = data.assign(unique_id=0)
    assert METRICS["wape"].measure(outcome) == pytest.approx(losses.nd(whole, ["m"])["m"][0], **EXACT)


@pytest.mark.parametrize("seed", range(3))
def test_scaled_error(seed):
    outcome = random_outcome(seed)
    outcome = outcome.take(usual_change(outcome) > 0)
    covered = ~np.isnan(outcome.history)
    item, ago = np.nonzero(covered)
    past = pd.DataFrame({"unique_id": item, "ds": 11 - ago, "y": outcome.history[covered]})
    past = past.sort_values(["unique_id", "ds"])
    found = losses.mase(frame(outcome), ["m"], seasonality=1, train_df=past)["m"].mean()
    assert METRICS["mase"].measure(outcome) == pytest.approx(found, **EXACT)
