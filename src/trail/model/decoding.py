"""Token sequences continued by the backbone, many at once."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from trail.model.backbone import Backbone
from trail.model.numerals import Numerals, OnlyNumbers


def continued(
    backbone: Backbone,
    starts: Sequence[Sequence[int]],
    *,
    most: int,
    temperature: float = 0.0,
    numbers: Sequence[frozenset[str]] = (),
    batch: int = 32,
) -> list[list[int]]:
    """Returns what follows each sequence, up to its end token, which is kept where it came.

    Sequences are sorted by length and always cut into batches the same way.

    Args:
        backbone: The language model.
        starts: Token ids to continue.
        most: Tokens of a continuation at most.
        temperature: 0 takes the likeliest token; above, tokens are drawn by torch's own chance.
        numbers: The only numbers that each may go on with; any where none are given.
        batch: Sequences continued at once.
    """
    order = sorted(range(len(starts)), key=lambda at: len(starts[at]))
    numerals = Numerals.of(backbone) if numbers else None
    found: list[list[int]] = [[] for _ in starts]
    for begin in range(0, len(order), batch):
        rows = order[begin : begin + batch]
        begun, width = [starts[row] for row in rows], max(len(starts[row]) for row in rows)
        rules = [OnlyNumbers(backbone, numerals, [numbers[row] for row in rows], width)] if numerals else []
        for row, ids in zip(rows, _continued(backbone, begun, most, temperature, rules), strict=True):
            found[row] = ids
    return found


def _continued(
    backbone: Backbone,
    starts: Sequence[Sequence[int]],
    most: int,
    temperature: float,
    rules: Sequence[OnlyNumbers],
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
            logits_processor=list(rules),
            **drawn,
        )
    return [_ended(row[width:].tolist(), backbone.end) for row in out]


def _ended(ids: list[int], end: int) -> list[int]:
    """Returns token ids up to the first end token."""
    return ids[: ids.index(end) + 1] if end in ids else ids
