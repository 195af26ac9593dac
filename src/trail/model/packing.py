"""Several texts in one row of a batch: segments, what each may see, and where it starts.

Shapes: B rows, L tokens (a multiple of the step), P tokens of a common start kept aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

#: Lengths are rounded up to multiples of it: every new shape costs a compile or a kernel build, and attention to a number of
#: keys that is no multiple of 16 is half as fast in bf16.
STEP = 16


@dataclass(frozen=True)
class Segment:
    """A run of tokens.

    Attributes:
        ids: Token ids.
        sees: Earlier segments of the row that its tokens attend to; its positions follow on from them.
    """

    ids: Sequence[int]
    sees: tuple[int, ...] = ()


@dataclass(frozen=True)
class Packed:
    """A batch of packed rows.

    Attributes:
        ids: Token ids, padded at the end, shape (B, L).
        positions: Position of every token in its own line of segments, shape (B, L).
        allowed: Whether a token (row) may attend to another (column), shape (B, L, L).
        spans: Start and end of every segment in its row.
    """

    ids: torch.Tensor
    positions: torch.Tensor
    allowed: torch.Tensor
    spans: tuple[tuple[tuple[int, int], ...], ...]

    def last(self, segment: int) -> torch.Tensor:
        """Returns the place of the last token of a segment in every row, shape (B,)."""
        return torch.tensor([spans[segment][1] - 1 for spans in self.spans])

    def inside(self, *segments: int, skip: int = 0) -> torch.Tensor:
        """Returns which tokens are of some segments, the first tokens of every row apart, shape (B, L)."""
        places = torch.arange(self.ids.shape[1])
        found = torch.zeros(self.ids.shape, dtype=torch.bool)
        for row, spans in enumerate(self.spans):
            for start, end in (spans[each] for each in segments):
                found[row] |= (places >= max(start, skip)) & (places < end)
        return found


def padded_length(length: int) -> int:
    """Rounds a length up to a multiple of the step."""
    return -(-length // STEP) * STEP


def pack(rows: Sequence[Sequence[Segment]], *, pad: int, length: int | None = None) -> Packed:
    """Packs rows of segments into one batch.

    A token sees itself, the earlier tokens of its segment and all tokens of the segments its own one sees.
    Padding sees only itself, so that no row of the attention is empty.

    Args:
        rows: Segments of each row.
        pad: Id of the padding token.
        length: Fixed length instead.
    """
    longest = max(sum(len(segment.ids) for segment in row) for row in rows)
    width = length or padded_length(longest)
    ids = torch.full((len(rows), width), pad, dtype=torch.long)
    positions = torch.zeros((len(rows), width), dtype=torch.long)
    allowed = torch.eye(width, dtype=torch.bool).expand(len(rows), width, width).clone()
    spans = []
    for index, row in enumerate(rows):
        found: list[tuple[int, int]] = []
        ends: list[int] = []
        start = 0
        for segment in row:
            end = start + len(segment.ids)
            first = max((ends[seen] for seen in segment.sees), default=0)
            ids[index, start:end] = torch.tensor(segment.ids, dtype=torch.long)
            positions[index, start:end] = torch.arange(first, first + end - start)
            allowed[index, start:end, start:end] |= torch.ones(
                end - start, end - start, dtype=torch.bool
            ).tril()
            for seen in segment.sees:
                allowed[index, start:end, slice(*found[seen])] = True
            found.append((start, end))
            ends.append(first + end - start)
            start = end
        spans.append(tuple(found))
    return Packed(ids, positions, allowed, tuple(spans))
