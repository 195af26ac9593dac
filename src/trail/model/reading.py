"""Reading many rows of tokens without learning: those of like length together, their common start computed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from trail.model.backbone import Backbone
from trail.model.packing import Segment, pack


def read_rows(
    backbone: Backbone,
    rows: Sequence[Sequence[int]],
    start: Sequence[int],
    keep: Callable[[torch.Tensor], torch.Tensor],
    *,
    batch: int = 64,
    share_start: bool = True,
    compiled: bool = False,
) -> list[torch.Tensor]:
    """Returns what is kept of the hidden states of each row, in order.

    Args:
        backbone: The language model.
        rows: Token ids of each row.
        start: Token ids that all rows follow and see, whose own states nobody is given.
        keep: Makes what is kept from a row's states, shape (its tokens, H), which are gone after the call.
        batch: Rows a forward pass; fewer where that fills all passes equally.
        share_start: Whether to compute the common start once; without, every row repeats it.
        compiled: Whether to use the compiled layers.
    """
    shared = tuple(start) if share_start and backbone.can_share else ()
    repeated = () if shared else tuple(start)
    order = np.argsort([len(row) for row in rows], kind="stable")
    if not compiled:
        # passes of one size, and no row for nothing; where compiled, a size for every slate would be built
        batch = max(1, -(-len(order) // max(1, -(-len(order) // batch))))
    found: dict[int, torch.Tensor] = {}
    with backbone.reading(compiled=compiled), backbone.after(shared):
        for begin in range(0, len(order), batch):
            some = order[begin : begin + batch]
            segments = [[Segment((*repeated, *rows[row]))] for row in np.resize(some, batch).tolist()]
            hidden = backbone(pack(segments, pad=backbone.pad))
            for at, row in enumerate(some.tolist()):
                found[row] = keep(hidden[at, len(repeated) : len(repeated) + len(rows[row])])
    return [found[row] for row in range(len(rows))]
