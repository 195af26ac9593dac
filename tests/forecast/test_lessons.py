"""What lessons hold, and what is kept from them so that what was learned can be measured."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from trail.baselines import p_top
from trail.baselines.occlusion import Effects
from trail.facts import Driver
from trail.forecast import held_out, tell
from trail.forecast.lessons import plan_lessons
from trail.pairs import HELD_OUT, Corruption
from trail.pairs import corrupt as corrupt_one
from trail.signals import Group

EPOCHS = 6


@pytest.fixture(scope="module")
def told(trained, history):
    """Cards of a busy cutoff, told with random drivers."""
    cards = history[-1].cards
    forecast = trained[0].fit(history[:-1]).prior_forecast(cards)
    rows = np.argsort(-forecast.score, kind="stable")[:24]
    groups = (Group.LEVEL, Group.MOMENTUM, Group.STANDING)
    found = Effects(groups, np.random.default_rng(0).normal(size=(len(rows), len(groups))))
    drivers = found.every(cards.take(rows))
    return tell(cards, forecast, p_top(forecast, 5, seed=0), rows, drivers, k=5)


def test_lessons_never_hold_the_kinds_kept_for_tests(trained, told, monkeypatch):
    """Every corrupted text of six epochs is made by a kind that may be taught, and all of these are; a change shows its side."""
    moved = [replace(each, drivers=(Driver("growth", each.card["growth"] or 1.0),)) for each in told]
    made = {}

    def watched(rendered, card, outlook, kind, rng, **options):
        text = corrupt_one(rendered, card, outlook, kind, rng, **options)
        if text is not None:
            made[text] = Corruption(kind)
        return text

    monkeypatch.setattr(import_module("trail.pairs.corrupt"), "corrupt", watched)
    reader = trained[0].reader
    found = {
        reader.backbone.tokenizer.decode(ids, skip_special_tokens=True).strip()
        for epoch in range(EPOCHS)
        for batch in plan_lessons([moved], reader, seed=0, epoch=epoch, batch=8)
        for lesson in batch.lessons
        for ids in lesson.false
        if ids
    }
    kinds = {made[text] for text in found}
    assert kinds == set(Corruption) - set(HELD_OUT)


def test_one_item_in_ten_is_kept_from_lessons():
    share = np.mean([held_out(f"item {at}") for at in range(5000)])
    assert 0.08 < share < 0.12


def test_a_batch_is_filled_up_with_other_lessons_as_far_as_there_are_any(trained, told):
    for number, batch in ((20, 8), (5, 8), (24, 8)):
        planned = plan_lessons([told[:number]], trained[0].reader, seed=0, epoch=0, batch=batch)
        rows = [[each.row for each in lessons.lessons] for lessons in planned]
        assert {len(each) for each in rows} == {batch}
        assert {len(set(each)) for each in rows} == {min(number, batch)}
        assert {row for each in rows for row in each} == {each.row for each in told[:number]}
