"""The language stage: true texts made likely, corrupted ones unlikely, texts meet their cards.

One packed row holds the prompt, the story (forecast and drivers), the true text, the true text once more, which sees
nothing of the rest, and its corrupted texts: every term comes from one pass.

Shapes: B rows, L tokens, T labelled tokens, C corrupted texts a row, H width, E embedding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import torch

from trail.model.backbone import Backbone
from trail.model.joint import JointModel
from trail.model.losses import info_nce, preference, text_likelihood
from trail.model.packing import Packed, Segment, pack
from trail.model.score_stage import score_loss
from trail.model.settings import ModelSettings
from trail.model.slates import Slate

_PROMPT, _STORY, _TRUE, _ALONE, _FALSE = range(5)


@dataclass(frozen=True)
class Lesson:
    """One row of the language stage as token ids.

    Attributes:
        row: Row in the slate.
        story: Forecast, drivers and what stands before the text.
        true: The true text with its end token.
        false: Corrupted texts with their end tokens, as many in every lesson of a batch; empty where none applied.
    """

    row: int
    story: tuple[int, ...]
    true: tuple[int, ...]
    false: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Lessons:
    """A batch of lessons of one slate.

    Attributes:
        slate: Index of the slate.
        lessons: Its rows.
    """

    slate: int
    lessons: tuple[Lesson, ...]


def text_ids(backbone: Backbone, text: str) -> tuple[int, ...]:
    """Returns a text after its prompt as token ids, the end token too."""
    return (*backbone.encode(" " + text), backbone.end)


def segments_of(slate: Slate, lesson: Lesson) -> list[Segment]:
    """Returns a lesson's segments: four, and one a corrupted text, empty where there is none."""
    return [
        Segment((*slate.common, *slate.prompts[lesson.row])),
        Segment(lesson.story, sees=(_PROMPT,)),
        Segment(lesson.true, sees=(_PROMPT, _STORY)),
        Segment(lesson.true),
        *(Segment(each, sees=(_PROMPT, _STORY)) for each in lesson.false),
    ]


def lesson_length(slate: Slate, lesson: Lesson) -> int:
    """Returns the tokens of a lesson, all segments together."""
    return sum(len(segment.ids) for segment in segments_of(slate, lesson))


def longest_lesson(slates: Sequence[Slate], batches: Sequence[Lessons]) -> int:
    """Returns the tokens of the longest lesson, to which all are padded: one shape, one compile."""
    return max(lesson_length(slates[batch.slate], lesson) for batch in batches for lesson in batch.lessons)


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


@dataclass(frozen=True)
class Heard:
    """What one pass says of a batch of lessons.

    Attributes:
        state: Hidden state at the score position, shape (B, H).
        true: Log likelihood of the true texts, summed over their tokens, shape (B,).
        true_tokens: Their number of tokens, shape (B,).
        false: Log likelihood of the corrupted texts, shape (B, C).
        false_tokens: Their number of tokens, 0 where there is none, shape (B, C).
        text: Embedding of the true texts, read alone, shape (B, E).
        card: Embedding of the cards with what is told of them, shape (B, E).
    """

    state: torch.Tensor
    true: torch.Tensor
    true_tokens: torch.Tensor
    false: torch.Tensor
    false_tokens: torch.Tensor
    text: torch.Tensor
    card: torch.Tensor

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Returns several batches as one."""
        return cls(*(torch.cat([getattr(part, each.name) for part in parts]) for each in fields(cls)))

    def take(self, rows: torch.Tensor) -> Self:
        """Returns rows, in their order."""
        return type(self)(*(getattr(self, each.name)[rows] for each in fields(self)))


def hear(model: JointModel, slate: Slate, lessons: Sequence[Lesson], *, length: int) -> Heard:
    """Reads a batch of lessons in one pass.

    Args:
        model: Backbone and heads.
        slate: Whose rows they are.
        lessons: Rows of the batch.
        length: Tokens that every row is padded to.
    """
    packed = pack([segments_of(slate, each) for each in lessons], pad=model.backbone.pad, length=length)
    hidden = model.backbone(packed)  # (B, L, H)
    state = hidden[torch.arange(len(lessons)), packed.last(_PROMPT)]
    true, true_tokens = _likelihood(model, hidden, packed, _TRUE)
    false = [_likelihood(model, hidden, packed, _FALSE + at) for at in range(len(lessons[0].false))]
    return Heard(
        state=state,
        true=true,
        true_tokens=true_tokens,
        false=torch.stack([total for total, _ in false], dim=1),
        false_tokens=torch.stack([tokens for _, tokens in false], dim=1),
        text=model.meeting.text(hidden, packed.inside(_ALONE)),
        card=model.meeting.card(hidden, packed.inside(_PROMPT, _STORY, skip=len(slate.common))),
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
    heard = hear(model, slate, lessons, length=length)
    rows = np.array([each.row for each in lessons])
    text = model.with_text(slate, rows, heard.state)
    has = heard.false_tokens > 0  # (B, C)
    true = heard.true[:, None].expand_as(has)
    prefer = preference(true[has], heard.false[has]).mean() if bool(has.any()) else heard.true.sum() * 0
    meet = info_nce(heard.text, heard.card, settings.embedding_temperature, of=torch.from_numpy(rows)).mean()
    return {
        "score": score_loss(text, slate.target_of(rows), settings, scale),
        "language": settings.language * -heard.true.sum() / heard.true_tokens.sum(),
        "contrast": settings.contrast * (prefer + meet),
    }
