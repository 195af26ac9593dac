"""The stages that learn scores: heads on states that are read once; where asked, head and backbone together."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch

from trail.forecast.run import Looked, Losses, Run
from trail.model import Visit, plan_visits
from trail.model.head import correct
from trail.model.loop import Stage, run_stage
from trail.model.optimizer import MasterAdamW
from trail.model.packing import padded_length
from trail.model.score_stage import score_loss

#: Where only heads learn: rows a step, passes over the training rows, looks at the validation origins, peak rate.
#: Steps cost next to nothing there.
ROWS, PASSES, LOOKS, RATE = 64, 20, 12, 2e-3
#: Corrections of rows of a slate, shape (members, rows, 4) or (rows, 4).
_Each = Callable[[Visit], torch.Tensor]
_Whole = Callable[[int], torch.Tensor]


def numbers_stage(run: Run) -> tuple[Losses, Looked]:
    """Trains the head without text and leaves it at its best validation state."""
    head = run.model.numbers_head
    return _heads_stage(
        run,
        "numbers",
        lambda visit: head.each(None, run.train[visit.slate].numbers_of(visit.rows)),
        lambda look: head(None, run.looks[look].numbers),
    )


def text_stage(run: Run, name: str = "text") -> tuple[Losses, Looked]:
    """Trains the head that sees the text, the backbone as it is, and leaves it at its best validation state.

    Every training row is read once; the many passes over the rows are the head's alone. It starts anew, since its
    view of the states is theirs. A head that fits the backbone is also the better start for tuning both: Kumar et
    al., Fine-Tuning can Distort Pretrained Features, 2022.

    Args:
        run: The run of training.
        name: Of the stage; "served" where the backbone has come to its end.
    """
    head = run.model.head
    head.restart(run.settings.seed)

    @cache
    def states() -> list[torch.Tensor]:
        found = run.read()
        assert head.view is not None
        head.view.fit(torch.cat(found))
        return found

    @cache
    def looked() -> list[torch.Tensor]:
        return run.states_of([look.slate for look in run.looks])

    return _heads_stage(
        run,
        name,
        lambda visit: head.each(
            states()[visit.slate][torch.from_numpy(visit.rows)], run.train[visit.slate].numbers_of(visit.rows)
        ),
        lambda look: head(looked()[look], run.looks[look].numbers),
    )


def score_stage(run: Run) -> tuple[Losses, Looked]:
    """Tunes the backbone and the head that reads it, and leaves them at their best validation state.

    That can be the one they start from.
    """
    settings, model = run.settings, run.model
    visits = _visits(run, epochs=settings.epochs, batch=settings.batch)
    longest = max(len(slate.common) + len(prompt) for slate in run.train for prompt in slate.prompts)
    length = padded_length(longest)

    def loss(visit: Visit) -> dict[str, torch.Tensor]:
        slate = run.train[visit.slate]
        forecast = model.score_visit(slate, visit, length)
        return {"score": score_loss(forecast, slate.target_of(visit.rows), settings, run.scale)}

    def judged() -> dict[str, list[float]]:
        states = run.states_of([look.slate for look in run.looks])
        return run.judged("text", lambda look: model.head(states[look], run.looks[look].numbers))

    stage = Stage(
        "score",
        visits,
        loss,
        evaluate=judged,
        parts={"text": lambda name: not name.startswith("numbers_head.")},
        evaluations=settings.evaluations,
        from_start=True,
        accumulation=settings.accumulation,
    )
    optimizer = run.optimizer(len(visits), settings.learning_rate, settings.accumulation)
    terms, best = run_stage(model, stage, optimizer, run.keeper, run.report)
    run.states = None
    return terms, best.losses


def _heads_stage(run: Run, name: str, each: _Each, whole: _Whole) -> tuple[Losses, Looked]:
    """Trains one head alone.

    Args:
        run: The run of training.
        name: Of the stage: "numbers" trains the head without text.
        each: Corrections of a batch by every member, shape (members, rows, 4).
        whole: Corrections of a look's rows, shape (rows, 4).
    """
    settings = run.settings
    visits = _visits(run, epochs=PASSES, batch=min(ROWS, max(len(slate) for slate in run.train)))
    prefix = "numbers_head." if name == "numbers" else "head."

    def loss(visit: Visit) -> dict[str, torch.Tensor]:
        slate = run.train[visit.slate]
        prior, target = slate.prior_of(visit.rows), slate.target_of(visit.rows)
        found = [
            score_loss(correct(prior, member), target, settings, run.scale) for member in each(visit).unbind()
        ]
        return {"score": torch.stack(found).mean()}

    stage = Stage(
        name,
        visits,
        loss,
        evaluate=lambda: run.judged(name, whole),
        parts={name: lambda parameter: parameter.startswith(prefix)},
        evaluations=LOOKS,
    )
    heads = [value for key, value in run.model.heads() if key.startswith(prefix) and value.requires_grad]
    optimizer = MasterAdamW([(heads, RATE, settings.weight_decay)], len(visits))
    terms, best = run_stage(run.model, stage, optimizer, run.keeper, run.report)
    return terms, best.losses


def _visits(run: Run, *, epochs: int, batch: int) -> list[Visit]:
    """Returns the batches of so many passes over the training slates."""
    return [
        visit
        for epoch in range(epochs)
        for visit in plan_visits(
            run.train, rows=run.settings.examples, batch=batch, seed=run.settings.seed, epoch=epoch
        )
    ]
