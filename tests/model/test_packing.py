"""Packed segments give what separate passes give: nothing leaks between them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.tiny import tiny_backbone
from trail.model.backbone import load_backbone
from trail.model.joint import score_states
from trail.model.packing import Segment, pack, padded_length
from trail.model.slates import Slate


@pytest.fixture(scope="module", params=["llama", "qwen", "gemma", "capped"])
def backbone(request, tmp_path_factory):
    folder = tiny_backbone(tmp_path_factory.mktemp(request.param), request.param)
    return load_backbone(folder, torch.float32).eval()


@torch.inference_mode()
def test_segments_see_only_what_they_may(backbone):
    prompt, story, true, false = [5, 6, 7, 8], [9, 10], [11, 12, 13], [14, 15]
    row = [
        Segment(prompt),
        Segment(story, sees=(0,)),
        Segment(true, sees=(0, 1)),
        Segment(false, sees=(0, 1)),
        Segment(true),
    ]
    packed = pack([row, row[:3]], pad=0)
    hidden = backbone(packed)
    plain = backbone.causal.get_decoder()
    with_true = plain(input_ids=torch.tensor([prompt + story + true])).last_hidden_state[0]
    with_false = plain(input_ids=torch.tensor([prompt + story + false])).last_hidden_state[0]
    alone = plain(input_ids=torch.tensor([true])).last_hidden_state[0]
    spans = packed.spans[0]
    torch.testing.assert_close(hidden[0, : spans[2][1]], with_true, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(hidden[0, slice(*spans[3])], with_false[-2:], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(hidden[0, slice(*spans[4])], alone, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(hidden[1, : spans[2][1]], with_true, atol=1e-4, rtol=1e-4)


def _slate(rows: int) -> Slate:
    rng = np.random.default_rng(0)
    prompts = tuple(tuple(rng.integers(2, 200, rng.integers(3, 20)).tolist()) for _ in range(rows))
    nothing = np.zeros((rows, 4), dtype=np.float32)
    return Slate((5, 6, 7), prompts, nothing, nothing, np.zeros(rows), np.zeros((0, 2), dtype=np.int64))


def test_states_do_not_depend_on_batches_or_on_sharing_the_start(backbone):
    slate = _slate(9)
    one_by_one = torch.stack(
        [
            backbone.causal.get_decoder()(
                input_ids=torch.tensor([[*slate.common, *prompt]])
            ).last_hidden_state[0, -1]
            for prompt in slate.prompts
        ]
    ).detach()
    for batch, share in ((4, True), (4, False), (32, True)):
        found = score_states(backbone, slate, batch=batch, share_start=share)
        torch.testing.assert_close(found, one_by_one, atol=1e-4, rtol=1e-4)


def test_lengths_are_rounded_up():
    assert [padded_length(n) for n in (1, 16, 17)] == [16, 16, 32]
