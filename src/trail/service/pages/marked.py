"""A text in runs: claims that touch or lie in each other share one, so that what is underlined never overlaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from trail.service.wire import ClaimRead, Text

_WORST = ("contradicted", "unverifiable", "supported", "context")


@dataclass(frozen=True)
class Piece:
    """Characters that the same claims cover.

    Attributes:
        said: The characters.
        verdict: The worst verdict of these claims; empty without one.
        deep: Whether more than one claim covers them.
    """

    said: str
    verdict: str
    deep: bool = False


@dataclass(frozen=True)
class Run:
    """A stretch of the text: bare, or claims that hang together, whose receipts are shown together.

    Attributes:
        pieces: Its pieces, in order.
        claims: Places of its claims in the text's list; none of a bare stretch.
    """

    pieces: tuple[Piece, ...]
    claims: tuple[int, ...] = ()


def runs_of(text: Text) -> list[Run]:
    """Returns a text as runs that, put together, are the text; spans that lie outside of it are cut to it."""
    spans = _spans(text)
    found, at = [], 0
    for start, end, claims in _together(spans):
        if start > at:
            found.append(Run((Piece(text.text[at:start], ""),)))
        found.append(Run(tuple(_pieces(text, spans, start, end)), claims))
        at = end
    if at < len(text.text):
        found.append(Run((Piece(text.text[at:], ""),)))
    return found


def run_numbers(runs: Sequence[Run]) -> dict[int, int]:
    """Returns of each claim that is underlined the number of its run, counting runs with claims from 0."""
    marked = [run for run in runs if run.claims]
    return {claim: number for number, run in enumerate(marked) for claim in run.claims}


_Span = tuple[int, int, int]  # start, end, place of the claim


def _spans(text: Text) -> list[_Span]:
    most = len(text.text)
    cut = [(max(0, each.start), min(most, each.end), at) for at, each in enumerate(text.claims)]
    return sorted(each for each in cut if each[0] < each[1])


def _together(spans: Sequence[_Span]) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Yields start, end and claims of each group of spans that share a character."""
    group: list[_Span] = []
    for each in spans:
        if group and each[0] >= max(span[1] for span in group):
            yield _bounds(group)
            group = []
        group.append(each)
    if group:
        yield _bounds(group)


def _bounds(group: Sequence[_Span]) -> tuple[int, int, tuple[int, ...]]:
    return group[0][0], max(each[1] for each in group), tuple(sorted(each[2] for each in group))


def _pieces(text: Text, spans: Sequence[_Span], start: int, end: int) -> Iterator[Piece]:
    inside = [each for each in spans if start <= each[0] and each[1] <= end]
    cuts = sorted({edge for each in inside for edge in each[:2]})
    for left, right in pairwise(cuts):
        over = [text.claims[at] for begin, stop, at in inside if begin <= left and right <= stop]
        yield Piece(text.text[left:right], _worst(over), deep=len(over) > 1)


def _worst(claims: Sequence[ClaimRead]) -> str:
    found = {each.verdict for each in claims}
    return next((each for each in _WORST if each in found), "")
