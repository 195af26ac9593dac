"""The correction: nothing at the start, bounded, shrinkable, quantiles in order."""

from __future__ import annotations

import pytest
import torch

from trail.model.head import MEMBERS, Prior, ScoreHead, View, correct


def _prior() -> Prior:
    return Prior(*torch.tensor([[2.0, 1.0, 2.0, 3.0], [0.0, 0.1, 0.1, 0.1]]).unbind(dim=1))


def test_a_new_head_corrects_nothing():
    head = ScoreHead(8, 3)
    correction = head(torch.randn(2, 8), torch.randn(2, 3))
    assert correction.abs().max() == 0
    assert correct(_prior(), correction).log_mean.tolist() == [2.0, 0.0]


def test_shrinkage_zero_is_the_prior_and_one_the_whole_correction():
    correction = torch.full((2, 4), 0.5)
    none, whole = correct(_prior(), correction, 0.0), correct(_prior(), correction, 1.0)
    assert none.log_mean.tolist() == [2.0, 0.0]
    assert none.quantiles[0].tolist() == pytest.approx([1.0, 2.0, 3.0])
    expected = 2 * torch.tanh(torch.tensor(0.25))
    assert whole.log_mean.tolist() == pytest.approx([2.0 + expected.item(), expected.item()])


def test_quantiles_rise_and_stay_above_zero_and_corrections_are_bounded():
    found = correct(_prior(), torch.randn(2, 4) * 50)
    assert (found.quantiles.diff(dim=1) >= 0).all()
    assert (found.quantiles >= 0).all()
    assert (found.log_mean - _prior().log_mean).abs().max() <= 2


def test_the_ablation_has_no_text_and_the_text_head_needs_it():
    assert ScoreHead(0, 3)(None, torch.zeros(2, 3)).shape == (2, 4)
    with pytest.raises(ValueError, match="hidden state"):
        ScoreHead(8, 3)(None, torch.zeros(2, 3))


def test_a_head_is_the_mean_of_members_that_start_apart():
    head = ScoreHead(0, 3)
    numbers = torch.randn(5, 3)
    with torch.no_grad():
        for at, member in enumerate(head.members):
            member[-1].bias.fill_(at)
    assert len({float(member[0].weight.detach().sum()) for member in head.members}) == MEMBERS
    assert head.each(None, numbers).shape == (MEMBERS, 5, 4)
    torch.testing.assert_close(head(None, numbers).detach(), torch.full((5, 4), (MEMBERS - 1) / 2))


def test_a_view_is_white_whatever_the_scale_of_a_dimension_and_empty_where_there_is_no_spread():
    """Three independent dimensions, one a thousand times as large, one constant: spread 1 and no correlation."""
    states = torch.randn(400, 4, generator=torch.Generator().manual_seed(1)) * torch.tensor(
        [1.0, 1000.0, 0.1, 0.0]
    )
    view = View(4, 4)
    view.fit(states + 7)
    seen = view(states + 7)
    torch.testing.assert_close(torch.cov(seen[:, :3].T), torch.eye(3), atol=0.05, rtol=0)
    assert seen[:, 3].abs().max() == 0
    assert not any(each.requires_grad for each in view.parameters())


def test_a_view_of_few_rows_has_no_more_directions_than_they_span():
    view = View(6, 6)
    view.fit(torch.randn(3, 6, generator=torch.Generator().manual_seed(1)))
    assert int((view.axes.abs().max(dim=0).values > 0).sum()) == 2
