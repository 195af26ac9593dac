"""Towers gather what counts and nothing else; token states are those of a plain pass; texts learn to meet their cards."""

from __future__ import annotations

import pytest
import torch

from tests.tiny import tiny_backbone
from trail.model.backbone import load_backbone
from trail.model.losses import info_nce
from trail.model.meeting import GATHERERS, NUMBERS, Meeting, Pairs, Tokens, Tower, token_states

H = 8


@pytest.fixture(scope="module", params=["llama", "gemma", "capped"])
def backbone(request, tmp_path_factory):
    folder = tiny_backbone(tmp_path_factory.mktemp(request.param), request.param)
    return load_backbone(folder, torch.float32).eval()


@pytest.mark.parametrize("shares", [True, False])
def test_token_states_are_those_of_one_row_at_a_time(backbone, shares, monkeypatch):
    """Whatever the lengths, the batches and how the start is read."""
    monkeypatch.setattr(type(backbone), "can_share", property(lambda _: shares))
    rows, start = [(5, 6, 7), (8,), (9, 10, 11, 12, 13), (14, 15)], (3, 4)
    for given in ((), start):
        found = token_states(backbone, rows, given, batch=3)
        assert found.inside.sum(dim=1).tolist() == [3, 1, 5, 2]
        for at, row in enumerate(rows):
            with torch.inference_mode():
                whole = backbone.causal.get_decoder()(input_ids=torch.tensor([[*given, *row]]))
            expected = whole.last_hidden_state[0, len(given) :]
            torch.testing.assert_close(found.states[at][found.inside[at]], expected, atol=1e-4, rtol=1e-4)
    assert int(found.inside.sum()) == 11


def test_a_tower_is_a_weighted_sum_by_hand_and_blind_to_what_is_outside():
    """Embedding = for each gatherer g: sum over tokens of softmax(state . looks_for_g) state, times says_g; of length 1."""
    torch.manual_seed(0)
    tower, states = Tower(H), torch.randn(1, 4, H)
    inside = torch.tensor([[True, False, True, True]])
    parts = []
    for gatherer in range(GATHERERS):
        weights = torch.softmax(states[0, inside[0]] @ tower.looks_for[gatherer], dim=0)
        parts.append((weights @ states[0, inside[0]]) @ tower.says[gatherer])
    by_hand = torch.cat(parts) / torch.cat(parts).norm()
    found = tower(states, inside)
    assert found.shape == (1, GATHERERS * NUMBERS)
    torch.testing.assert_close(found[0], by_hand)
    states[0, 1] = 1e3
    torch.testing.assert_close(tower(states, inside)[0], by_hand)


def test_texts_learn_to_meet_cards_that_share_one_token_of_many():
    """Each pair shares one token among six drawn ones: a mean hides it, a gatherer that learned to look for it does not."""
    torch.manual_seed(0)
    pairs, mark = 12, 5 * torch.eye(H)[0]
    own = torch.randn(pairs, 1, H) + mark

    def tokens():
        return Tokens.of(list(torch.cat([own, torch.randn(pairs, 6, H)], dim=1)))

    meeting = Meeting(H)
    some = Pairs(tokens(), tokens())
    meeting.fit([some])
    every = torch.cat([each.states[each.inside] for each in (some.texts, some.cards)])
    torch.testing.assert_close(meeting.centre.data, every.mean(dim=0))
    torch.testing.assert_close(meeting.spread.data, every.std(dim=0, correction=0) + 1e-3)
    learned = [each for each in meeting.parameters() if each.requires_grad]
    optimizer = torch.optim.Adam(learned, 1e-2)

    def places():
        text, card = tokens(), tokens()
        found = meeting.text(text.states, text.inside) @ meeting.card(card.states, card.inside).T
        return (found >= found.diagonal()[:, None]).sum(dim=1).float().mean()

    before = places()
    for _ in range(150):
        text, card = tokens(), tokens()
        loss = info_nce(
            meeting.text(text.states, text.inside), meeting.card(card.states, card.inside), 0.07
        ).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert before > 4
    assert places() < 2
    meeting.restart(1)
    first = meeting.of_text.says.clone()
    meeting.restart(1)
    assert torch.equal(first, meeting.of_text.says)
