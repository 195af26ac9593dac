"""The reasons of a language model go through the same measure, with texts that it writes itself."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

import trail.explain
import trail.forecast
from trail.baselines.sample import sample_log
from trail.evaluate.faithfulness import Setting, faithfulness
from trail.events import Horizon
from trail.operations import reasoning
from trail.project import ForecastSettings
from trail.signals import cards_at

REAL = (trail.forecast, trail.explain)


def test_a_models_reasons_are_those_of_its_explanations(trained, history, monkeypatch, tmp_path):
    for module in REAL:  # other tests of the session may have put stand-ins there
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr("trail.forecast.load", lambda _: trained[0])
    monkeypatch.setattr("trail.explain.explanation.TRIES", ((0.0, 1),))
    project = SimpleNamespace(forecast=ForecastSettings(top=5))
    workspace, record = SimpleNamespace(models=tmp_path, project=project), SimpleNamespace(name="any")
    cards = history[-1].cards
    model = trained[0].fit(history[:-1])
    forecast, subject, write = reasoning._of_model(workspace, record, history[:-1], cards, rewrite=True)
    assert subject.name == "trail"
    assert np.array_equal(forecast.expected, model.predict(cards).expected)
    rows = np.argsort(-forecast.score, kind="stable")[:2]
    # the drivers tested are those that explanations name
    shortlisted = cards.take(model.shortlisted(cards, model.prior_forecast(cards)))
    expected = model.effects(cards.take(rows), shortlisted)
    assert subject.effects(cards.take(rows)).values == pytest.approx(expected.values)
    log, items = sample_log()
    setting = Setting(
        log,
        items,
        cards,
        forecast,
        rows,
        lambda events, some: cards_at(events, some, cards.cutoff, Horizon(7)),
    )
    found = faithfulness(setting, subject, write)
    assert found.items == 2
    moves = {(each.item_id, each.group): each.move for each in found.moves}
    assert np.isfinite([moves[cards.item_ids[row], "level"] for row in rows]).all()
    for text in found.texts:
        assert text.before
        assert text.after
