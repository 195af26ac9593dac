"""Puts clauses together into a text and remembers where each statement went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trail.facts.slots import Clause, Slot


@dataclass(frozen=True)
class Statement:
    """One filled wording inside a text.

    Attributes:
        signal: Signal, or part of the forecast, it speaks of.
        relation: `=`, `up`, `down` or `flat`.
        value: Its true value, unrounded; null for statements without a number.
        start: First character in the text.
        end: Character after the last.
        slots: Every number and time in it, at the text's own positions.
        template: The wording it was made from.
    """

    signal: str
    relation: str
    value: float | None
    start: int
    end: int
    slots: tuple[Slot, ...]
    template: str


@dataclass(frozen=True)
class Rendered:
    """A text with its statements in order.

    Attributes:
        text: Two or three sentences.
        statements: What they state.
    """

    text: str
    statements: tuple[Statement, ...]


Piece = str | Clause


def assemble(sentences: Sequence[Sequence[Piece]], values: dict[str, float | None]) -> Rendered:
    """Joins the pieces of each sentence, with capitals and full stops.

    Args:
        sentences: Literal glue and clauses.
        values: True value of each signal spoken of.
    """
    text, statements = "", []
    for pieces in sentences:
        text += " " if text else ""
        opening = len(text)
        for piece in pieces:
            if isinstance(piece, Clause):
                statements.append(_placed(piece, len(text), values.get(piece.signal)))
            text += piece if isinstance(piece, str) else piece.text
        text = text[:opening] + text[opening : opening + 1].upper() + text[opening + 1 :] + "."
    return Rendered(text, tuple(statements))


def _placed(clause: Clause, at: int, value: float | None) -> Statement:
    slots = tuple(replace(each, start=each.start + at, end=each.end + at) for each in clause.slots)
    return Statement(clause.signal, clause.relation, value, at, at + len(clause.text), slots, clause.template)
