"""Preference and retrieval: one packed pass says what separate passes say; who memorised beats chance, who knows nothing does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from trail.explain import align, examine, without_tuning
from trail.explain.alignment import _lessons
from trail.facts import Driver
from trail.forecast import held_out
from trail.model import load_backbone
from trail.model.language_stage import hear, lesson_length
from trail.model.losses import info_nce, preference
from trail.model.packing import padded_length
from trail.pairs import HELD_OUT, Corruption

SIZE = 30


@pytest.fixture(scope="module")
def exam(trained, history):
    """Thirty cards of the last cutoff, told by the tiny model; a change, whose side it shows, moved them all."""
    found = examine(trained[0].fit(history[:-1]), history[-1].cards, k=5, size=SIZE)
    told = [replace(each, drivers=(Driver("growth", each.card["growth"] or 1.0),)) for each in found.told]
    return replace(found, told=told)


@pytest.fixture(scope="module")
def blank(trained, tiny_folder):
    """The tiny model before any tuning, in float32, so that passes can be compared to many digits."""
    found = without_tuning(trained[0])
    backbone = load_backbone(tiny_folder, torch.float32)
    found.model.backbone = backbone
    return replace(found, reader=replace(found.reader, backbone=backbone))


def few(exam, items):
    return replace(
        exam,
        cards=exam.cards.take(np.arange(items)),
        prior=exam.prior.take(np.arange(items)),
        told=exam.told[:items],
    )


def share(rows, kind):
    mine = [row for row in rows if row.kind == kind]
    return np.mean([row.true > row.false for row in mine]), len(mine)


def test_an_exam_begins_with_items_that_no_lesson_spoke_of(exam, history):
    cards, unseen = history[-1].cards, [held_out(each.card.item_id) for each in exam.told]
    everywhere = sum(held_out(item) for item in cards.item_ids)
    assert 3 < everywhere < SIZE
    assert unseen == [True] * everywhere + [False] * (SIZE - everywhere)
    assert [each.row for each in exam.told] == list(range(SIZE))
    assert [each.card.item_id for each in exam.told] == exam.cards.item_ids
    ranks = [each.outlook.rank for each in exam.told]
    assert ranks[:everywhere] == sorted(ranks[:everywhere])
    assert ranks[everywhere:] == sorted(ranks[everywhere:])


@torch.inference_mode()
def test_one_packed_pass_is_as_many_separate_ones(blank, exam):
    """log p(text | prompt, story), token by token from a plain forward pass; the embedding from a pass of the text alone."""
    some = few(exam, 3)
    rows, places = align(blank, [some], model="blank", batch=2)
    slate = blank.reader.slate(some.cards, some.prior)
    lessons = _lessons(blank, some, np.random.default_rng([0, 0]))
    kinds, model = list(Corruption), blank.model
    by_key = {(row.item_id, row.kind): row for row in rows}
    texts, cards = [], []
    for at, lesson in enumerate(lessons):
        start = [*slate.common, *slate.prompts[at], *lesson.story]
        for kind, false in zip(kinds, lesson.false, strict=True):
            row = by_key.pop((some.told[at].card.item_id, kind.value), None)
            assert (row is None) == (not false)
            if row is not None:
                assert row.true == pytest.approx(_likelihood(model, start, lesson.true), rel=1e-4)
                assert row.false == pytest.approx(_likelihood(model, start, false), rel=1e-4)
                assert (row.true_tokens, row.false_tokens) == (len(lesson.true), len(false))
        decoder = model.backbone.causal.get_decoder()
        alone = decoder(input_ids=torch.tensor([lesson.true])).last_hidden_state
        told = decoder(input_ids=torch.tensor([start])).last_hidden_state[:, len(slate.common) :]
        texts.append(model.meeting.text(alone, torch.ones(alone.shape[:2], dtype=torch.bool))[0])
        cards.append(model.meeting.card(told, torch.ones(told.shape[:2], dtype=torch.bool))[0])
    assert not by_key
    cosine = torch.nn.functional.cosine_similarity(torch.stack(texts)[:, None], torch.stack(cards), dim=2)
    assert [row.place for row in places] == [
        int((line >= line[at] - 1e-6).sum()) for at, line in enumerate(cosine)
    ]


def _likelihood(model, start, text):
    ids = torch.tensor([[*start, *text]])
    logits = model.backbone.causal(input_ids=ids).logits[0].log_softmax(dim=1)
    return float(sum(logits[len(start) + at - 1, token] for at, token in enumerate(text)))


def test_every_kind_is_asked_and_marked(blank, exam):
    rows, places = align(blank, [exam], model="blank")
    assert {row.kind for row in rows} == set(Corruption)
    assert {row.kind for row in rows if row.untaught} == set(HELD_OUT)
    assert len({row.item_id for row in rows}) == len(places) == SIZE
    assert all(1 <= row.place <= row.pool == SIZE for row in places)
    assert all(row.true < 0 and row.false < 0 for row in rows)
    assert all(row.unseen == held_out(row.item_id) for row in (*rows, *places))


def test_a_model_that_knows_nothing_is_near_chance(blank, exam):
    """Another item's text is as often the likelier one round the circle of donors, whatever the model likes to say."""
    rows, places = align(blank, [exam], model="blank")
    found, number = share(rows, "item")
    assert number > SIZE // 2
    assert 0.2 < found < 0.8
    assert np.mean([row.place == 1 for row in places]) < 0.2
    assert 0.3 < np.mean([row.place for row in places]) / SIZE < 0.75


@pytest.mark.slow
def test_a_model_that_memorised_beats_chance(blank, exam):
    """Taught these very texts, it prefers each to its corrupted ones and finds each card; the same seed makes the same texts."""
    some, model = few(exam, 6), blank.model
    lessons = _lessons(blank, some, np.random.default_rng([0, 0]))
    slate = blank.reader.slate(some.cards, some.prior)
    length = padded_length(max(lesson_length(slate, each) for each in lessons))
    before = {name: each.clone() for name, each in model.state_dict().items()}
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    try:
        for _ in range(400):
            heard = hear(model, slate, lessons, length=length)
            has = heard.false_tokens > 0
            prefer = preference(heard.true[:, None].expand_as(has)[has], heard.false[has]).mean()
            meet = info_nce(heard.text, heard.card, 0.2).mean()
            if max(prefer, meet) < 0.1:  # memorised: machines differ in when, by how they round
                break
            (prefer + 3 * meet).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
        rows, places = align(blank, [some], model="memorised")
    finally:
        model.load_state_dict(before)
    assert np.mean([row.true > row.false for row in rows]) > 0.9
    assert np.mean([row.place == 1 for row in places]) > 0.5  # chance is one in six


def test_neither_batches_nor_the_order_of_models_change_an_answer(blank, exam):
    some = few(exam, 5)
    one, other = (align(blank, [some], model="blank", batch=batch)[0] for batch in (2, 5))
    assert [(row.item_id, row.kind, row.false_tokens) for row in one] == [
        (row.item_id, row.kind, row.false_tokens) for row in other
    ]
    assert [row.false for row in one] == pytest.approx([row.false for row in other], rel=1e-4)


def test_before_tuning_nothing_is_tuned(trained, tiny_folder):
    found = without_tuning(trained[0])
    start = load_backbone(tiny_folder)
    for name, value in start.state_dict().items():
        assert torch.equal(found.model.backbone.state_dict()[name], value)
    assert found.reader.backbone is found.model.backbone
    assert not torch.equal(found.model.meeting.of_text.says, trained[0].model.meeting.of_text.says)
