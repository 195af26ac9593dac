"""The TRAIL forecaster: the shortlist, the prior, the ablation, the folder."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from trail.baselines import Conformal
from trail.baselines.scope import ABSTAINED
from trail.errors import ModelError
from trail.forecast import load, shortlist, trail


@pytest.fixture
def fitted(trained, history):
    return trained[0].fit(history[:-1])


def test_the_model_corrects_the_shortlist_and_the_prior_the_rest(fitted, history):
    forecaster = replace(
        fitted, shrinkage={"text": 1.0, "numbers": 1.0}, settings=replace(fitted.settings, shortlist=5)
    )
    cards = history[-1].cards
    prior, found = forecaster.prior_forecast(cards), forecaster.predict(cards)
    rows = forecaster.shortlisted(cards, prior)
    rest = np.setdiff1d(np.arange(len(cards)), rows)
    assert len(rows) == 5
    assert set(found.forecaster[rows]) == {"trail"}
    assert set(found.forecaster[rest]) == set(prior.forecaster[rest])
    np.testing.assert_array_equal(found.expected[rest], prior.expected[rest])
    assert np.abs(found.expected[rows] - prior.expected[rows]).max() > 0


def test_who_abstains_in_the_prior_abstains_after_the_correction(fitted, history):
    cards = history[-1].cards
    prior = fitted.prior_forecast(cards)
    silent = np.arange(0, len(cards), 3)
    names = prior.forecaster.copy()
    names[silent] = ABSTAINED
    on = replace(fitted, shrinkage={"text": 1.0, "numbers": 1.0})
    found = on.correct_rows(cards, replace(prior, forecaster=names))
    assert set(np.flatnonzero(found.forecaster == ABSTAINED)) == set(silent)
    np.testing.assert_array_equal(found.expected[silent], prior.expected[silent])
    np.testing.assert_array_equal(found.q90[silent], prior.q90[silent])
    assert set(np.delete(found.forecaster, silent)) == {"trail"}


def test_no_shrinkage_is_the_prior_itself(fitted, history):
    forecaster = replace(fitted, shrinkage={"text": 0.0, "numbers": 0.0})
    cards = history[-1].cards
    np.testing.assert_array_equal(
        forecaster.predict(cards).expected, forecaster.prior_forecast(cards).expected
    )


def test_the_whole_correction_is_there_whatever_validation_kept(fitted, history):
    cards, kept = history[-1].cards, {"text": 0.0, "numbers": 0.5}
    moved = {head: Conformal((0.0, 3.0), (0.3, 0.3), (0.3, 0.3)) for head in kept}
    off = replace(fitted, shrinkage=kept, conformal=moved)
    whole, prior = off.whole().predict(cards), off.prior_forecast(cards)
    on = replace(fitted, shrinkage={"text": 1.0, "numbers": 1.0}, conformal={}).predict(cards)
    for name in ("expected", "q10", "q90", "score"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(on, name))
    assert np.abs(whole.expected - prior.expected).max() > 0
    assert set(whole.forecaster) - set(prior.forecaster) == {off.whole().name} == {"trail_full"}
    # the head without text keeps what validation said of it
    one, other = off.whole().without_text(), off.without_text()
    assert (one.name, one.shrinkage["numbers"], one.conformal) == (
        other.name,
        0.5,
        {"numbers": moved["numbers"]},
    )
    # and titles are hidden from the whole correction too
    hidden = off.whole().without_titles()
    assert (hidden.name, hidden.shrinkage["text"]) == ("trail_hidden", 1.0)


def test_copies_that_read_once_forecast_the_same_bytes(fitted, history, monkeypatch):
    read = []

    def counted(backbone, slate, **options):
        read.append(slate.prompts)
        return score_states(backbone, slate, **options)

    score_states = trail.score_states
    monkeypatch.setattr(trail, "score_states", counted)
    ours = replace(fitted, shrinkage={"text": 0.5, "numbers": 0.5})

    def forecasts(first):
        parts = [first, first.without_text(), first.whole(), first.whole().without_titles()]
        return [part.fit(known.known).predict(known.cards) for known in windows for part in parts]

    windows = [SimpleNamespace(known=history[:at], cards=history[at].cards) for at in (-2, -1)]
    apart = forecasts(ours)
    assert len(read) == 6
    read.clear()
    once = forecasts(ours.reading_once())
    assert len(read) == len(set(read)) == 4  # at each of two origins, with titles and without
    for one, other in zip(apart, once, strict=True):
        for name in ("expected", "q10", "q50", "q90", "score"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_loaded_model_forecasts_the_same(trained, fitted, history):
    again = load(trained[1]).fit(history[:-1])
    cards = history[-1].cards
    for name in ("expected", "q10", "q50", "q90", "score"):
        np.testing.assert_array_equal(
            getattr(again.predict(cards), name), getattr(fitted.predict(cards), name)
        )


def test_altered_weights_are_refused(trained, tmp_path):
    for path in trained[1].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="altered weights"):
        load(tmp_path)
    with pytest.raises(ModelError, match="no model"):
        load(tmp_path / "nothing")


def test_the_ablation_ignores_titles_and_the_text_head_reads_them(fitted, history):
    forecaster = replace(fitted, shrinkage={"text": 1.0, "numbers": 1.0})
    cards = history[-1].cards
    titles = cards.table.column_names.index("title")
    other = replace(cards, table=cards.table.set_column(titles, "title", cards.table["category"]))
    numbers = forecaster.without_text()
    np.testing.assert_array_equal(numbers.predict(other).expected, numbers.predict(cards).expected)
    assert np.abs(forecaster.predict(other).expected - forecaster.predict(cards).expected).max() > 0
    masked = forecaster.without_titles()
    assert (masked.name, masked.without_text().name) == ("trail_hidden", "no_llm_head")
    assert masked.without_text().whole().name == "no_llm_full"
    np.testing.assert_array_equal(masked.predict(other).expected, masked.predict(cards).expected)
    assert np.abs(masked.predict(cards).expected - forecaster.predict(cards).expected).max() > 0


def test_the_shortlist_takes_leaders_and_risers(history, fitted):
    cards = history[-1].cards
    prior = fitted.prior_forecast(cards)
    rows = shortlist(cards, prior, 8)
    assert len(rows) == 8
    assert sorted(rows) == list(rows)
    assert np.argmax(prior.expected) in rows
    assert np.argmax(np.nan_to_num(cards.column("count_1"))) in rows
    rising = np.nan_to_num(cards.column("count_1")) - np.nan_to_num(cards.column("mean_4"))
    assert np.argmax(rising) in rows
    assert len(shortlist(cards, prior, 0)) == len(cards)


def test_occlusion_moves_only_what_is_there(fitted, history):
    forecaster = replace(fitted, shrinkage={"text": 1.0, "numbers": 1.0})
    cards = history[-1].cards
    found = forecaster.effects(cards.take(np.arange(4)), cards)
    assert found.values.shape == (4, len(found.groups))
    level = found.groups.index("level")
    assert np.abs(found.values[:, level]).max() > 0.05
    drivers = found.drivers(cards.take(np.arange(4)), 0)
    assert all(abs(each.effect) >= 0.02 for each in drivers)
    assert [abs(each.effect) for each in drivers] == sorted(
        (abs(each.effect) for each in drivers), reverse=True
    )
