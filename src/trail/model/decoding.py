"""Token sequences continued by the backbone, many at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import torch

from trail.model.backbone import Backbone


def continued(
    backbone: Backbone,
    starts: Sequence[Sequence[int]],
    *,
    most: int,
    temperature: float = 0.0,
    barred: Sequence[Collection[int]] = (),
    batch: int = 32,
) -> list[list[int]]:
    """Returns what follows each sequence, up to its end token, which is kept where it came.

    Sequences are sorted by length and always cut into batches the same way.

    Args:
        backbone: The language model.
        starts: Token ids to continue.
        most: Tokens of a continuation at most.
        temperature: 0 takes the likeliest token; above, tokens are drawn by torch's own chance.
        barred: Tokens that each may not begin with; none where none are given.
        batch: Sequences continued at once.
    """
    order = sorted(range(len(starts)), key=lambda at: len(starts[at]))
    found: list[list[int]] = [[] for _ in starts]
    for begin in range(0, len(order), batch):
        rows = order[begin : begin + batch]
        begun, not_first = [starts[row] for row in rows], [barred[row] for row in rows] if barred else []
        for row, ids in zip(rows, _continued(backbone, begun, most, temperature, not_first), strict=True):
            found[row] = ids
    return found


class NotFirst:
    """A logits processor of `transformers`: row by row, the first token written is none of some.

    Args:
        barred: Those tokens, of each row.
        width: Tokens of the prompts, padding included.
    """

    def __init__(self, barred: Sequence[Collection[int]], width: int) -> None:
        self.barred, self.width = barred, width

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Returns the scores, minus infinity where a token may not follow; ids (B, L), scores (B, V)."""
        if input_ids.shape[1] == self.width:
            for row, tokens in enumerate(self.barred):
                scores[row, list(tokens)] = float("-inf")
        return scores


def _continued(
    backbone: Backbone,
    starts: Sequence[Sequence[int]],
    most: int,
    temperature: float,
    barred: Sequence[Collection[int]],
) -> list[list[int]]:
    """Continues a batch, padded on the left."""
    width = max(len(each) for each in starts)
    ids = torch.tensor([[backbone.pad] * (width - len(each)) + list(each) for each in starts])
    mask = torch.tensor([[0] * (width - len(each)) + [1] * len(each) for each in starts])
    drawn = (
        {"do_sample": True, "temperature": temperature, "top_p": 0.95}
        if temperature
        else {"do_sample": False}
    )
    with backbone.reading():
        out = backbone.model.generate(
            input_ids=ids,
            attention_mask=mask,
            max_new_tokens=most,
            pad_token_id=backbone.pad,
            eos_token_id=backbone.end,
            logits_processor=[NotFirst(barred, width)] if any(barred) else [],
            **drawn,
        )
    return [_ended(row[width:].tolist(), backbone.end) for row in out]


def _ended(ids: list[int], end: int) -> list[int]:
    """Returns token ids up to the first end token."""
    return ids[: ids.index(end) + 1] if end in ids else ids
