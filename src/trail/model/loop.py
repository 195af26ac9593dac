"""One loop for every stage: visit batches in a planned order, step, keep, report, stop in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import torch

from trail.baselines import mean_loss
from trail.errors import ModelError
from trail.model.joint import JointModel
from trail.model.keeper import Keeper, Report, load_tuned, tuned_state
from trail.model.optimizer import MasterAdamW

Work = TypeVar("Work")


@dataclass
class Best:
    """The best state that a stage has seen, by the losses that `evaluate` returns.

    Attributes:
        losses: Every evaluation: batches done (one number) and the losses, one a validation origin, in order.
        state: Tuned parameters at the least mean loss of each name.
        least: Least mean loss of each name.
    """

    losses: list[dict[str, list[float]]] = field(default_factory=list)
    state: dict[str, dict[str, torch.Tensor]] = field(default_factory=dict)
    least: dict[str, float] = field(default_factory=dict)


@dataclass
class Stage(Generic[Work]):
    """A stage of training.

    Attributes:
        name: Name in progress bars and checkpoints.
        work: Batches in the order of the plan; a pure function of data and settings.
        loss: Returns a batch's terms by name; the sum is what is minimised.
        evaluate: Returns validation losses, one an origin, by the name of the part they judge; may be null.
        parts: Part name -> prefix-test of the parameters whose best state is kept on its own.
        evaluations: Times that `evaluate` runs, evenly spread; the last one at the end.
        from_start: Whether the state that the stage starts from is evaluated too, and kept if it is the best.
        accumulation: Batches an optimizer step.
    """

    name: str
    work: Sequence[Work]
    loss: Callable[[Work], dict[str, torch.Tensor]]
    evaluate: Callable[[], dict[str, list[float]]] | None = None
    parts: dict[str, Callable[[str], bool]] = field(default_factory=dict)
    evaluations: int = 1
    from_start: bool = False
    accumulation: int = 1

    def marks(self) -> set[int]:
        """Returns after which batches the stage is evaluated."""
        total = len(self.work)
        return {max(1, round(total * (k + 1) / self.evaluations)) for k in range(self.evaluations)}


def run_stage(
    model: JointModel, stage: Stage[Any], optimizer: MasterAdamW, keeper: Keeper, report: Report
) -> tuple[list[dict[str, float]], Best]:
    """Runs a stage from where the keeper left it and leaves the model at its best state.

    Returns:
        The terms of every batch, and what validation said.

    Raises:
        ModelError: If a loss is not finite.
    """
    terms: list[dict[str, float]] = []
    best = Best()
    if saved := keeper.state.get(stage.name):
        terms, best = saved["terms"], Best(**saved["best"])
        optimizer.restore(saved["optimizer"])
    marks = stage.marks() if stage.evaluate else set()
    if stage.from_start and not best.losses:
        _judge(model, stage, best, 0)
    while len(terms) < len(stage.work):
        found = _batch(model, stage, len(terms))
        terms.append(found)
        done = len(terms)
        if done % stage.accumulation == 0 or done == len(stage.work):
            optimizer.step()
        if done in marks and stage.evaluate:
            _judge(model, stage, best, done)
        report(stage.name, done, len(stage.work))
        if done % stage.accumulation == 0:
            keeper.keep(stage.name, lambda: _state(terms, best, optimizer), now=done == len(stage.work))
    _leave_best(model, stage, best, optimizer)
    return terms, best


def _batch(model: JointModel, stage: Stage[Any], index: int) -> dict[str, float]:
    model.train()
    found = stage.loss(stage.work[index])
    total = torch.stack(list(found.values())).sum()
    if not torch.isfinite(total):
        raise ModelError(
            f"a loss of {float(total.detach())} in batch {index + 1} of the {stage.name} stage",
            expected="a finite loss",
            fix="lower learning_rate in [model]",
        )
    (total / stage.accumulation).backward()  # type: ignore[no-untyped-call]
    return {name: float(value.detach()) for name, value in found.items()}


def _judge(model: JointModel, stage: Stage[Any], best: Best, done: int) -> None:
    """Evaluates and remembers the state of every part that has never been better."""
    assert stage.evaluate is not None
    found = stage.evaluate()
    best.losses.append({"batches": [float(done)], **found})
    for part, mine in stage.parts.items():
        loss = mean_loss(found[part])
        if loss < best.least.get(part, float("inf")):
            best.least[part] = loss
            best.state[part] = tuned_state(model, mine)


def _leave_best(model: JointModel, stage: Stage[Any], best: Best, optimizer: MasterAdamW) -> None:
    for part in stage.parts:
        load_tuned(model, best.state.get(part, {}))
    optimizer.read_in()


def _state(terms: list[dict[str, float]], best: Best, optimizer: MasterAdamW) -> dict[str, Any]:
    return {"terms": terms, "best": vars(best), "optimizer": optimizer.state()}
