"""Invariants of the training loop on a tiny fp32 model."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from tests.tiny import tiny_backbone
from trail.errors import ModelError
from trail.model.backbone import load_backbone, prepare_tuning
from trail.model.joint import JointModel, score_states
from trail.model.keeper import Keeper, silent
from trail.model.loop import Stage, run_stage
from trail.model.losses import tweedie
from trail.model.optimizer import MasterAdamW
from trail.model.score_stage import rank_loss, score_loss
from trail.model.settings import ModelSettings
from trail.model.slates import Slate, Visit, decisive_pairs, plan_visits

ROWS = 8
SETTINGS = ModelSettings(tuning="full", learning_rate=1e-3)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    backbone = load_backbone(tiny_backbone(tmp_path_factory.mktemp("tiny")), torch.float32)
    torch.manual_seed(0)
    found = JointModel(backbone, 3)
    prepare_tuning(backbone, SETTINGS)
    found.head.view.fit(score_states(backbone, _slate()))
    return found


def _slate(seed: int = 0) -> Slate:
    rng = np.random.default_rng(seed)
    prompts = tuple(tuple(rng.integers(5, 200, 12).tolist()) for _ in range(ROWS))
    prior = np.tile(np.array([[2.0, 1.5, 2.1, 2.6]], dtype=np.float32), (ROWS, 1))
    numbers = rng.normal(size=(ROWS, 3)).astype(np.float32)
    return Slate(
        (3, 4), prompts, numbers, prior, np.array([1, 40, 3, 25, 8, 60, 0, 15.0]), np.zeros((0, 2), int)
    )


def _run(
    model: JointModel,
    slate: Slate,
    visits: list[Visit],
    accumulation: int,
    loss,
    tmp_path,
    rate: float = 1e-3,
):
    parameters = [each for each in model.parameters() if each.requires_grad]
    optimizer = MasterAdamW([(parameters, rate, 0.0)], len(visits) // accumulation)
    stage = Stage("score", visits, loss(model, slate), accumulation=accumulation)
    return run_stage(model, stage, optimizer, Keeper(tmp_path / "c.pt", "task", seconds=1e9), silent)[0]


def _count_term(model, slate):
    def loss(visit: Visit) -> dict[str, torch.Tensor]:
        text = model.score_visit(slate, visit, 32)
        return {"count": tweedie(text.log_mean, slate.target_of(visit.rows), 1.5).mean()}

    return loss


def _joint_terms(model, slate):
    def loss(visit: Visit) -> dict[str, torch.Tensor]:
        text = model.score_visit(slate, visit, 32)
        return {"score": score_loss(text, slate.target_of(visit.rows), SETTINGS, 1.0)}

    return loss


def test_eight_batches_of_one_are_one_batch_of_eight(model, tmp_path):
    """Gradients of a mean add up: accumulating 8 x 1 gives the step of 1 x 8."""
    one, many = copy.deepcopy(model), copy.deepcopy(model)
    slate = _slate()
    _run(one, slate, [Visit(0, np.arange(ROWS))], 1, _count_term, tmp_path)
    _run(many, slate, [Visit(0, np.array([row])) for row in range(ROWS)], ROWS, _count_term, tmp_path)
    moved = 0.0
    for (name, a), b, start in zip(
        one.named_parameters(), many.parameters(), model.parameters(), strict=True
    ):
        torch.testing.assert_close(a, b, atol=2e-5, rtol=1e-4, msg=name)
        moved = max(moved, float((a - start).detach().abs().max()))
    assert moved > 1e-4


def test_it_overfits_eight_rows_and_orders_their_pairs(model, tmp_path):
    learner, slate = copy.deepcopy(model), _slate()
    visit = Visit(0, np.arange(ROWS))
    terms = _run(learner, slate, [visit] * 80, 1, _joint_terms, tmp_path, rate=5e-3)
    assert terms[-1]["score"] < 0.5 * terms[0]["score"]
    with torch.no_grad():
        text = learner.score_visit(slate, visit)
    target = slate.target_of(visit.rows)
    winner, loser = decisive_pairs(target).unbind(dim=1)
    assert (text.log_mean[winner] > text.log_mean[loser]).float().mean() > 0.9


def test_a_stage_that_only_harms_is_left_where_it_started(model, tmp_path):
    learner = copy.deepcopy(model)
    before = {name: each.detach().clone() for name, each in learner.named_parameters()}
    looks = iter([1.0, 2.0, 3.0])
    stage = Stage(
        "score",
        [Visit(0, np.arange(ROWS))] * 4,
        _count_term(learner, _slate()),
        evaluate=lambda: {"text": [next(looks)]},
        parts={"text": bool},
        evaluations=2,
        from_start=True,
    )
    optimizer = MasterAdamW([([each for each in learner.parameters() if each.requires_grad], 1e-3, 0.0)], 4)
    _, best = run_stage(learner, stage, optimizer, Keeper(tmp_path / "c.pt", "task", seconds=1e9), silent)
    assert [each["batches"] for each in best.losses] == [[0], [2], [4]]
    assert all(torch.equal(each, before[name]) for name, each in learner.named_parameters())


def test_a_loss_that_is_not_finite_is_one_clear_error(model, tmp_path):
    def broken(learner, slate):
        return lambda visit: {"count": _count_term(learner, slate)(visit)["count"] * float("nan")}

    with pytest.raises(ModelError, match="batch 1 of the score stage"):
        _run(copy.deepcopy(model), _slate(), [Visit(0, np.arange(ROWS))], 1, broken, tmp_path)


def test_only_decisive_pairs_are_ranked():
    """(9 - 4)^2 = 25 < 3.84 * 13 = 49.9 is chance; (16 - 4)^2 = 144 > 3.84 * 20 = 76.8 is not."""
    assert decisive_pairs(torch.tensor([9.0, 4.0])).tolist() == []
    assert decisive_pairs(torch.tensor([4.0, 16.0])).tolist() == [[1, 0]]


def test_a_batch_without_pairs_costs_nothing(model):
    text = model.score_visit(_slate(), Visit(0, np.arange(2)))
    assert float(rank_loss(text, torch.tensor([5.0, 5.0]), 0.5).detach()) == 0.0


def test_the_plan_is_a_function_of_seed_and_epoch():
    slates = [_slate(0), _slate(1)]

    def rows(seed: int, epoch: int) -> list[list[int]]:
        return [v.rows.tolist() for v in plan_visits(slates, rows=32, batch=4, seed=seed, epoch=epoch)]

    assert rows(0, 0) == rows(0, 0)
    assert rows(0, 0) != rows(0, 1)
    assert rows(0, 0) != rows(1, 0)
    assert all(len(set(each)) == 4 for each in rows(0, 0))
