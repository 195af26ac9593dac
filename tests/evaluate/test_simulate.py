"""Simulatability: what is masked, who must reach the top, who must stay at chance, and that no item is known before."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bench import simulate
from tests.facts.cases import card as card_of
from tests.facts.cases import cards, drivers
from tests.snapshots.making import sealed

from trail.baselines import Forecast
from trail.errors import DataError
from trail.evaluate.simulate import (
    CEILING,
    DIRECTION,
    HIDDEN,
    ORDER,
    PLAIN,
    SHOWN,
    SHUFFLED,
    masked,
    simulatability,
    simulated_table,
    texts_of_origins,
)
from trail.evaluate.simulate.measure import _asked
from trail.evaluate.simulate.surrogate import learn_order, learn_side, sides
from trail.evaluate.simulate.texts import cases_of
from trail.events import Horizon
from trail.facts import Audience, Driver, Length, Outlook, Style, plain, read, render, scene_for, verify
from trail.facts.grammar_clause import OUTLOOK
from trail.facts.render import stated
from trail.facts.slots import FORECAST
from trail.signals import METADATA, SIGNALS, Cards, calendar_of
from trail.snapshots import Explained, Manifest, Snapshot, forecast_table, outlook_of
from trail.snapshots.tables import ranking

#: Numbers that hardly any card has.
STRANGE = Outlook(expected=70123.0, q10=60377.0, q90=81299.0, p_top=0.3737, k=5903, rank=7321)
SHOWN_ITEMS, CUTOFFS = 30, 4


def test_no_number_of_the_forecast_survives(synthetic, opened):
    """Expected count, range, chance, K, rank and comparison, in all wordings and forms, at cards of four logs."""
    rng, hidden = np.random.default_rng(0), 0
    for at, card in enumerate(cards(synthetic, opened)[::2]):
        reasons = drivers(card, rng)
        style = Style(list(Length)[at % 3], list(Audience)[at % 3])
        texts = [render(card, STRANGE, reasons, rng, held_out=held) for held in (False, True)]
        for text in (*texts, stated(card, STRANGE, reasons, style)):
            left = masked(text.text, card)
            slots = [slot for said in text.statements for slot in said.slots]
            of_card = [slot.shown for slot in slots if slot.name not in (*FORECAST, "k")]
            for slot in (each for each in slots if each.name in (*FORECAST, "k")):
                number = re.search(r"[\d.,]*\d", slot.shown)[0]
                assert numbers(left.text).count(number) <= numbers(" ".join(of_card)).count(number), text.text
                hidden += 1
            assert not any({each.signal, each.other} & OUTLOOK for each in left.claims)
            assert not any({each.signal, each.other} & OUTLOOK for each in read(left.text, scene_for(card)))
    assert hidden > 300


def numbers(text) -> list[str]:
    return re.findall(r"[\d.,]*\d", text)


def test_what_is_said_of_the_card_stays():
    card = card_of({"title": "Lamp"}, count_1=98.0, count_2=75.0, growth=0.307)
    left = masked(
        "We expect 1 order next week, up from 98 last week. Orders rose 31% on the week before.", card
    )
    assert left.text == f"We expect {HIDDEN} next week, {HIDDEN}. Orders rose 31% on the week before."
    assert [(each.signal, each.stated) for each in left.claims] == [("growth", 0.31)]
    assert left.words == (("orders", "rose", "on", "the", "week", "before"),)


def test_names_are_their_kind_and_what_is_not_understood_is_hidden():
    card = card_of({"title": "Lamp", "category": "Light"}, count_1=98.0)
    text = 'For "Lamp", it had 98 orders last week. Strong demand of 137 units is likely. It had 98 orders last week.'
    left = masked(text, card)
    assert left.text == f'For "<title>", it had 98 orders last week.{HIDDEN}. It had 98 orders last week.'
    assert [each.signal for each in left.claims] == ["count_1", "count_1"]


def test_the_words_in_front_of_a_claim_are_read_and_those_of_the_forecast_are_not():
    card = card_of(count_1=98.0, growth=0.307)
    text = "It has a 72% chance of the top 50. It is held back by the fact that orders rose 31% on the week before."
    (words,) = masked(text, card).words
    assert words[:7] == ("is", "held", "back", "by", "the", "fact", "that")
    assert "chance" not in words


@pytest.fixture(scope="module")
def snapshots():
    """Four weeks of thirty items whose forecast is the mean of four weeks, with plain texts of two drivers."""
    return [_snapshot(week) for week in range(CUTOFFS)]


def _snapshot(week):
    rng, items = np.random.default_rng(week), np.arange(SHOWN_ITEMS)
    level = np.random.default_rng(0).lognormal(3.5, 0.8, SHOWN_ITEMS)
    counts = rng.poisson(level * rng.lognormal(0, 0.3, (12, SHOWN_ITEMS))) + 1.0  # (windows, items)
    expected = counts[:4].mean(axis=0)
    known = {f"count_{ago}": counts[ago - 1] for ago in range(1, 13)} | {
        "mean_4": expected,
        "mean_12": counts.mean(axis=0),
        "growth": counts[0] / counts[1] - 1,
        "change": counts[0] - counts[1],
        "rank": (-counts[0]).argsort().argsort() + 1.0,
        "total": counts.sum(axis=0),
    }
    cutoff, horizon = datetime(2024, 3, 4, tzinfo=UTC) + timedelta(weeks=week), Horizon(7)
    columns = {
        "item_id": [f"item-{at:02d}" for at in items],
        **{name: [None] * len(items) for name in METADATA},
    }
    columns |= {
        each.name: pa.array(known.get(each.name, [None] * len(items)), pa.float64()) for each in SIGNALS
    }
    cards = Cards(pa.table(columns), cutoff, horizon, calendar_of(cutoff, horizon))
    made = np.array(["decayed"] * len(items), dtype=object)
    forecast = Forecast(expected, 0.7 * expected, expected, 1.3 * expected, score=expected, forecaster=made)
    table = forecast_table(cards, forecast, np.full(len(items), 0.3), expected)
    texts = []
    for row in ranking(expected, cards.item_ids):
        card, side = cards.card(int(row)), np.sign(expected[row] - counts[0, row])
        outlook = outlook_of(table, card.item_id, 10)
        names = rng.permutation(["count_1", "growth", "mean_4", "rank"])[:2]
        reasons = tuple(Driver(str(name), float(side * rng.uniform(0.1, 1))) for name in names)
        text = plain(card, outlook, reasons)
        texts.append(Explained(card.item_id, text, verify(text, card, outlook), reasons, "plain"))
    manifest = Manifest(cutoff.isoformat(), 7, 10, 0, cards.events, SHOWN_ITEMS, "d")
    return Snapshot(Path("none"), manifest, table, cards, tuple(texts))


def given(snapshots, say):
    return {case.key: say(case) for case in cases_of(snapshots)}


def told(case) -> str:
    """States outright what the forecast is made of, and by a word whether it rises."""
    mean, last = case.card["mean_4"], case.card["count_1"]
    risen = "What supports it is that" if case.outlook.expected > last else "What holds it back:"
    return f"{risen} over four weeks it averaged {mean:.1f} events a week."


def nameless(case) -> str:
    """Gives no reason: the number is masked, and a name is nothing to go by."""
    return f'For "{case.card.item_id}", expect {case.outlook.expected:.1f} events next week.'


@pytest.fixture(scope="module")
def measured(snapshots):
    parrot = "We expect 12 events next week. It had 3 events last week."
    texts = {
        "told": given(snapshots, told),
        "parrot": given(snapshots, lambda _: parrot),
        "nameless": given(snapshots, nameless),
    }
    return {(row.source, row.task): row for row in simulatability(snapshots, texts)}


def test_texts_that_state_order_and_side_are_read(measured):
    assert measured["told", ORDER].accuracy > 0.95
    assert measured["told", DIRECTION].accuracy > 0.95
    assert measured[CEILING, ORDER].accuracy > 0.9
    assert measured[CEILING, DIRECTION].accuracy > 0.75


def test_shuffled_texts_are_at_chance(snapshots):
    """Over shuffles: the interval of one is that of other items, and holds no other shuffle and no other folds."""
    shuffles = [
        {row.task: row.accuracy for row in simulatability(snapshots, seed=seed) if row.source == SHUFFLED}
        for seed in range(8)
    ]
    for task in (ORDER, DIRECTION):
        assert np.mean([each[task] for each in shuffles]) == pytest.approx(0.5, abs=0.06)


def test_a_parrot_and_texts_without_a_reason_are_at_chance(measured):
    """The same text for all, or nothing left to read: every pair is a tie, and every side a guess at one."""
    for source in ("parrot", "nameless"):
        assert measured[source, ORDER].accuracy == 0.5
        assert measured[source, DIRECTION].accuracy == pytest.approx(0.5, abs=0.03)


def test_two_reasons_tell_less_than_all_signals(measured):
    assert 0.55 < measured[PLAIN, ORDER].accuracy < measured[CEILING, ORDER].accuracy
    assert measured[PLAIN, DIRECTION].accuracy > 0.55
    for task in (ORDER, DIRECTION):
        assert measured[SHOWN, task] == replace(measured[PLAIN, task], source=SHOWN)
        assert measured[CEILING, task].share == 1
    row = measured[PLAIN, ORDER]
    assert row.share == pytest.approx(row.accuracy / measured[CEILING, ORDER].accuracy)
    assert row.share_low < row.share < row.share_high
    assert row.low < row.accuracy < row.high
    assert (row.texts, row.by_model, row.cutoffs) == (SHOWN_ITEMS * CUTOFFS, 0, CUTOFFS)


def test_one_seed_one_result(snapshots):
    assert simulatability(snapshots[:2], seed=3) == simulatability(snapshots[:2], seed=3)


def test_an_item_is_in_one_fold_at_every_cutoff(snapshots):
    cases = cases_of(snapshots)
    asked = _asked(cases, 0)
    for row in asked.folds:
        folds = {}
        for case, fold in zip(cases, row, strict=True):
            assert folds.setdefault(case.card.item_id, fold) == fold
        assert len(set(row)) == 5


def test_both_sides_of_every_cutoff_weigh_the_same(snapshots):
    asked = _asked(cases_of(snapshots), 0)
    for number in set(asked.cutoff):
        up = asked.balance[(asked.cutoff == number) & (asked.side > 0)].sum()
        assert up == pytest.approx(asked.balance[(asked.cutoff == number) & (asked.side < 0)].sum())
        assert up == pytest.approx(asked.balance.sum() / 2 / CUTOFFS)


def test_the_slopes_are_those_of_the_losses():
    """At the least of a convex penalised loss every slope is zero: sum over pairs of p * (x_j - x_i) plus w."""
    rng = np.random.default_rng(0)
    features, height, group = rng.normal(size=(12, 3)), rng.normal(size=12), np.repeat([0, 1], 6)
    found = learn_order(features, height, group)
    slope, pairs = np.zeros(3), 0
    for one in range(12):
        for other in range(12):
            if group[one] == group[other] and height[one] > height[other]:
                gap = (features[one] - features[other]) @ found
                slope -= (features[one] - features[other]) / (1 + np.exp(gap))
                pairs += 1
    np.testing.assert_allclose(slope * 12 / pairs + found, 0, atol=1e-4)
    up, weight = rng.random(12) < 0.5, rng.uniform(0.5, 2, 12)
    found = learn_side(features, np.where(up, 1, -1), weight)
    missed = weight * (1 / (1 + np.exp(-sides(features, found))) - up)
    np.testing.assert_allclose(missed @ features + found[:-1], 0, atol=1e-4)
    assert missed.sum() == pytest.approx(0, abs=1e-4)


def test_a_source_must_speak_of_every_item(snapshots):
    texts = given(snapshots, told)
    texts.popitem()
    with pytest.raises(DataError, match="no text of item"):
        simulatability(snapshots, {"told": texts})
    with pytest.raises(DataError, match="explained twice"):
        simulatability([snapshots[0], snapshots[0]])
    with pytest.raises(DataError, match="a name taken"):
        simulatability(snapshots, {SHOWN: given(snapshots, told)})


def test_texts_are_read_from_a_file(tmp_path):
    path = tmp_path / "texts.jsonl"
    row = {"cutoff": "2011-12-05T00:00:00+00:00", "item_id": "a", "text": "It rose."}
    path.write_text(json.dumps(row))
    assert texts_of_origins(path) == {(datetime(2011, 12, 5, tzinfo=UTC), "a"): "It rose."}
    path.write_text(json.dumps(row) + "\n" + json.dumps({**row, "cutoff": "2011-12-05"}))
    with pytest.raises(DataError, match="line that is no text") as error:
        texts_of_origins(path)
    assert "line 2" in str(error.value)


def test_the_table_has_a_line_a_source(measured):
    lines = simulated_table(list(measured.values())).splitlines()
    assert len(lines) == 2 + len({source for source, _ in measured})
    assert all(line.count("|") == 6 for line in lines)


def test_the_script_reads_sealed_snapshots_and_refuses_altered_ones(tmp_path, monkeypatch, capsys):
    folder = sealed(tmp_path / "one").folder
    rows = tmp_path / "rows.parquet"
    monkeypatch.setattr(sys, "argv", ["simulate", str(folder), "--to", str(rows)])
    simulate.main()
    assert "| all signals |" in capsys.readouterr().out
    assert pq.read_table(rows).num_rows == 4 * 2
    (folder / "explanations.parquet").write_bytes(b"other")
    with pytest.raises(SystemExit) as done:
        simulate.main()
    assert done.value.code == 3
    assert "was altered" in capsys.readouterr().err
