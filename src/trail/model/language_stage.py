"""The last stage of training: true texts made likely, corrupted ones unlikely, texts meet their cards.

One packed row holds the prompt, the story (forecast and drivers), the true text, a corrupted text and the
true text once more, which sees nothing of the rest: every term comes from one pass.

Shapes: B rows, L tokens, T labelled tokens, H width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from trail.model.joint import JointModel
from trail.model.losses import info_nce, preference, text_likelihood
from trail.model.packing import Packed, Segment, pack
from trail.model.score_stage import score_loss
from trail.model.settings import ModelSettings
from trail.model.slates import Slate

_PROMPT, _STORY, _TRUE, _FALSE, _ALONE = range(5)


@dataclass(frozen=True)
class Lesson:
    """One row of the language stage as token ids.

    Attributes:
        row: Row in the slate.
        story: Forecast, drivers and what stands before the text.
        true: The true text with its end token.
        false: A corrupted text with its end token; empty where none applied.
    """

    row: int
    story: tuple[int, ...]
    true: tuple[int, ...]
    false: tuple[int, ...]


@dataclass(frozen=True)
class Lessons:
    """A batch of lessons of one slate.

    Attributes:
        slate: Index of the slate.
        lessons: Its rows.
    """

    slate: int
    lessons: tuple[Lesson, ...]


def segments_of(slate: Slate, lesson: Lesson) -> list[Segment]:
    """Returns a lesson's five segments; an absent corrupted text is empty."""
    return [
        Segment((*slate.common, *slate.prompts[lesson.row])),
        Segment(lesson.story, sees=(_PROMPT,)),
        Segment(lesson.true, sees=(_PROMPT, _STORY)),
        Segment(lesson.false, sees=(_PROMPT, _STORY)),
        Segment(lesson.true),
    ]


def longest_lesson(slates: Sequence[Slate], batches: Sequence[Lessons]) -> int:
    """Returns the tokens of the longest lesson, to which all are padded: one shape, one compile."""
    return max(
        sum(len(segment.ids) for segment in segments_of(slates[batch.slate], lesson))
        for batch in batches
        for lesson in batch.lessons
    )


def labelled(packed: Packed, segment: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Returns row, place and label of every token of a segment, each of shape (T,).

    The place is where the token is predicted: the end of the story for the first, the token before for
    the rest.
    """
    rows, places, labels = [], [], []
    for index, spans in enumerate(packed.spans):
        start, end = spans[segment]
        if end > start:
            rows += [index] * (end - start)
            places += [spans[_STORY][1] - 1, *range(start, end - 1)]
            labels += packed.ids[index, start:end].tolist()
    return torch.tensor(rows), torch.tensor(places), torch.tensor(labels)


def _likelihood(
    model: JointModel, hidden: torch.Tensor, packed: Packed, segment: int
) -> tuple[torch.Tensor, ...]:
    """Returns each row's log likelihood of a segment and its number of tokens, both of shape (B,)."""
    rows, places, labels = labelled(packed, segment)
    totals = torch.zeros(len(packed.spans))
    counts = torch.zeros(len(packed.spans))
    if not len(rows):
        return totals, counts
    found = text_likelihood(hidden[rows, places], labels, model.backbone.logits)
    return totals.index_add(0, rows, found), counts.index_add(0, rows, torch.ones(len(rows)))


def _mean_state(hidden: torch.Tensor, packed: Packed, segment: int) -> torch.Tensor:
    """Returns the mean hidden state of a segment, shape (B, H)."""
    return torch.stack(
        [hidden[i, slice(*spans[segment])].float().mean(dim=0) for i, spans in enumerate(packed.spans)]
    )


def language_terms(
    model: JointModel,
    slate: Slate,
    lessons: tuple[Lesson, ...],
    settings: ModelSettings,
    *,
    scale: float,
    length: int,
) -> dict[str, torch.Tensor]:
    """Returns the joint loss of a batch by term, each with its weight.

    Score terms are kept on; `language` is the mean likelihood a token of the true
    texts; `contrast` the preference over corrupted texts and the meeting of texts and cards.

    Args:
        model: Backbone and heads.
        slate: Whose rows they are.
        lessons: Rows of the batch.
        settings: Weights and temperatures.
        scale: What divides the count term.
        length: Tokens that every row is padded to.
    """
    rows_of = [segments_of(slate, each) for each in lessons]
    packed = pack(rows_of, pad=model.backbone.pad, length=length)
    rows = np.array([each.row for each in lessons])
    hidden = model.backbone(packed)  # (B, L, H)
    state = hidden[torch.arange(len(lessons)), packed.last(_PROMPT)]
    text = model.with_text(slate, rows, state)
    true, true_tokens = _likelihood(model, hidden, packed, _TRUE)
    false, false_tokens = _likelihood(model, hidden, packed, _FALSE)
    has = false_tokens > 0
    prefer = preference(true[has], false[has]).mean() if bool(has.any()) else true.sum() * 0
    meet = info_nce(
        model.text_embedding(_mean_state(hidden, packed, _ALONE)),
        model.card_embedding(state.float()),
        settings.embedding_temperature,
    ).mean()
    return {
        "score": score_loss(text, slate.target_of(rows), settings, scale),
        "language": settings.language * -true.sum() / true_tokens.sum(),
        "contrast": settings.contrast * (prefer + meet),
    }
