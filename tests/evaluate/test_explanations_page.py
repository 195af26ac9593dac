"""The page of explanations: figures of several origins joined, equal amounts compared, the poorest texts shown first."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from bench import joined, variety

from trail.baselines import Decayed
from trail.baselines.sample import sample_history, sample_log
from trail.evaluate.champion import finite
from trail.evaluate.faithfulness import Setting, Subject, faithfulness, plain_writer
from trail.evaluate.text_metrics import distinct, ngrams
from trail.events import Horizon
from trail.signals import cards_at

DOCS = Path(__file__).resolve().parents[2] / "docs" / "explanations"


@pytest.fixture
def explanations_page(monkeypatch):
    """The module, which imports its neighbours by their bare names."""
    monkeypatch.syspath_prepend(str(Path(joined.__file__).parent))
    from bench import explanations_page as module  # noqa: PLC0415 - as above

    return module


@pytest.fixture(scope="module")
def found():
    """The reasons of a fitted baseline, at one origin."""
    log, items = sample_log()
    history = sample_history()
    cards = history[-1].cards
    fitted = Decayed().fit(history[:-1])
    forecast = fitted.predict(cards)
    subject = Subject.of_forecaster(fitted, cards, forecast)
    rows = np.argsort(-forecast.score, kind="stable")[:8]

    def rebuild(some, catalogue):
        return cards_at(some, catalogue, cards.cutoff, Horizon(7))

    return faithfulness(
        Setting(log, items, cards, forecast, rows, rebuild), subject, plain_writer(subject, 10, 0)
    )


def test_one_origin_joined_is_what_was_measured_there(found):
    made = joined.joined([found])
    assert made["reasons"] == [finite(asdict(each)) for each in found.scores]
    assert made["shares"] == [finite(asdict(each)) for each in found.shares]
    assert made["areas"] == pytest.approx(dict(found.areas))
    assert made["reasons_origins"] == 1


def test_origins_are_joined_by_their_rows(found):
    """The second origin moved the other way: what was right there is wrong here, and areas are meaned by items."""
    other = replace(
        found,
        items=3 * found.items,
        moves=tuple(replace(each, move=-each.move) for each in found.moves),
        areas=dict.fromkeys(found.areas, 0.0),
    )
    made = joined.joined([found, other])
    named, alone = made["reasons"][0], found.scores[0]
    assert named["cases"] == 2 * alone.cases > 0
    assert 2 * named["right"] <= 1.0
    assert named["right"] == pytest.approx((alone.right + joined.joined([other])["reasons"][0]["right"]) / 2)
    assert [each["cases"] for each in made["shares"]] == [2 * each.cases for each in found.shares]
    assert made["areas"] == pytest.approx({name: value / 4 for name, value in found.areas.items()})


def test_figures_that_are_not_known_are_null_and_a_dash_on_the_page(found, explanations_page):
    made = joined.joined([replace(found, texts=())])
    assert {each["share"] for each in made["shares"]} == {None}
    json.dumps(made, allow_nan=False)
    assert "| changed: first driver edited | 0 | - |" in "\n".join(explanations_page._reasons(made))


def test_more_text_is_not_less_varied():
    """Of the same words in ten times as many texts distinct-2 falls; on an equal amount it does not."""
    few = [f"{name} rose by {number} last week" for name in "abc" for number in range(3)]
    many = few * 10
    assert distinct(ngrams(many, 2)) < distinct(ngrams(few, 2)) / 5
    made = variety.varied([few, few[:6]], few)
    assert made["bigrams"] == 6 * 5
    assert made["hand"] > distinct(ngrams(few, 2))
    assert variety.distinct_on(many, made["bigrams"]) < 1


def test_texts_by_hand_are_those_that_hold():
    hand = variety.by_hand()
    assert "It sold 98 last week." in hand
    assert "It sold 89 last week." not in hand
    assert len(hand) > 100


def test_the_poorest_are_fallbacks_then_many_tries_then_what_recurs(explanations_page):
    rows = [(("model", 1, 1),) * 40, [("model", 1, 4), ("model", 4, 1), ("model", 5, 1), ("plain", None, 1)]]
    texts = [
        {"text": str(at), "source": source, "tries": tries, "alike": alike}
        for at, (source, tries, alike) in enumerate(each for some in rows for each in some)
    ]
    chosen = [each["text"] for each in explanations_page.picked(texts)]
    assert chosen[:5] == ["43", "42", "41", "40", "0"]
    assert len(set(chosen)) == explanations_page.SHOWN


@pytest.mark.parametrize("name", ["online_retail_ii", "ml_1m"])
def test_figures_of_an_earlier_state_of_the_code_still_make_the_page(name, tmp_path, explanations_page):
    shutil.copy(DOCS / f"{name}.json", tmp_path)
    old = json.loads((tmp_path / f"{name}.json").read_text())
    for each in ("varied", "shares", "areas", "reasons_origins"):
        old.pop(each, None)
    old["texts"] = [{key: each[key] for key in ("text", "source", "verdicts")} for each in old["texts"]]
    (tmp_path / f"{name}.json").write_text(json.dumps(old))
    said = explanations_page.section(name, tmp_path)
    assert said.count("\n- ") == explanations_page.SHOWN
    assert "| named |" in said
    assert "rebuilt, at 1 origin:" in said
    plain = sum(each["source"] == "plain" for each in old["texts"])
    assert said.count("\n- (plain) ") >= min(plain, explanations_page.POOREST)
