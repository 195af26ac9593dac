"""Each loss against its formula by hand."""

from __future__ import annotations

import math

import pytest
import torch

from trail.model.losses import info_nce, pairwise_rank, pinball, preference, text_likelihood, tweedie


def test_tweedie_is_zero_at_the_target_and_matches_the_formula():
    """With p = 1.5: 2 sqrt(m) + 2 y / sqrt(m) - 4 sqrt(y); for y = 4, m = 4: 4 + 4 - 8 = 0; m = 1: 2 + 8 - 8 = 2."""
    found = tweedie(torch.tensor([math.log(4.0), 0.0]), torch.tensor([4.0, 4.0]), 1.5)
    assert found.tolist() == pytest.approx([0.0, 2.0], abs=1e-5)


def test_tweedie_of_a_zero_count_grows_with_the_forecast():
    """y = 0: 2 sqrt(m): 2 for m = 1, 4 for m = 4."""
    found = tweedie(torch.log(torch.tensor([1.0, 4.0])), torch.zeros(2), 1.5)
    assert found.tolist() == pytest.approx([2.0, 4.0], abs=1e-5)


def test_pinball_by_hand():
    """Target 2, quantiles 0.1 and 0.9 forecast as 1 and 4: 0.1 * 1 = 0.1 and 0.1 * 2 = 0.2, mean 0.15."""
    found = pinball(torch.tensor([[1.0, 4.0]]), torch.tensor([2.0]), torch.tensor([0.1, 0.9]))
    assert found.tolist() == pytest.approx([0.15])


def test_pairwise_rank_by_hand():
    """ln 2 for a tie; ln(1 + e^-2) for a lead of 1 at temperature 0.5."""
    found = pairwise_rank(torch.tensor([0.0, 1.0]), torch.tensor([0.0, 0.0]), 0.5)
    assert found.tolist() == pytest.approx([math.log(2), math.log(1 + math.exp(-2))], rel=1e-5)


def test_text_likelihood_of_uniform_logits():
    states, labels = torch.zeros(3, 5), torch.tensor([0, 3, 7])
    found = text_likelihood(states, labels, lambda some: some @ torch.ones(5, 8), chunk=2)
    assert found.tolist() == pytest.approx([-math.log(8)] * 3)


def test_preference_falls_as_the_true_text_leads():
    found = preference(torch.tensor([-10.0, -10.0]), torch.tensor([-10.0, -14.0]))
    assert found.tolist() == pytest.approx([math.log(2), math.log(1 + math.exp(-2))], rel=1e-5)


def test_info_nce_by_hand():
    """Two orthogonal pairs at temperature 1: each row's loss is ln(e + 1) - 1, both ways."""
    eye = torch.eye(2)
    expected = math.log(math.e + 1) - 1
    assert info_nce(3 * eye, eye, 1.0).tolist() == pytest.approx([expected] * 2, rel=1e-5)
    assert info_nce(eye.flip(0), eye, 1.0).tolist() == pytest.approx([expected + 1] * 2, rel=1e-5)


def test_a_card_that_comes_twice_is_no_stranger_to_itself():
    eye = torch.eye(2)
    twice, of = eye[[0, 1, 0]], torch.tensor([7, 3, 7])
    expected = [math.log(math.e + strangers) - 1 for strangers in (1, 2, 1)]
    assert info_nce(twice, twice, 1.0, of=of).tolist() == pytest.approx(expected, rel=1e-5)
    assert info_nce(twice, twice, 1.0)[0] > expected[0] + 0.2
