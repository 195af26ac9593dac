"""Constrained decoding: the only numbers that can be written are those that were read.

Reference: Willard and Louf 2023 (Efficient Guided Generation), for the idea of masking tokens that no allowed text continues.
Here the allowed texts are the numbers of the prompt, with any words between them.

Shapes: B rows, L tokens, V vocabulary.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import torch

from trail.model.backbone import Backbone

#: A number as it is written: digits, with points and commas inside.
NUMBER = re.compile(r"[0-9](?:[0-9,.]*[0-9])?")
_DIGIT = re.compile(r"[0-9]")
_BEGUN = re.compile(r"[0-9][0-9,.]*$")
_PIECE = re.compile(r"([^0-9]*)([0-9][0-9,.]*)")
#: What stands in the vocabulary's name of a token that holds a digit, a point or a comma.
_MATTERS = re.compile(r"[0-9.,]")
#: Characters that may stand inside a number and after it.
_INSIDE = ",."
#: Tokens of the longest number.
_LONGEST = 24


@dataclass(frozen=True)
class Numerals:
    """The tokens of a vocabulary that write numbers.

    Attributes:
        digits: Which tokens hold a digit, shape (V,).
        begin: Digits of a token -> the tokens that write them, other characters before them or not.
        go_on: Digits, a point or a comma -> the tokens that write them and nothing before them.
    """

    digits: torch.Tensor
    begin: Mapping[str, Sequence[int]] = field(repr=False)
    go_on: Mapping[str, Sequence[int]] = field(repr=False)

    @classmethod
    def of(cls, backbone: Backbone) -> Self:
        """Reads a tokenizer's vocabulary; a token with a letter behind its digits is never written."""
        size = int(backbone.causal.get_output_embeddings().weight.shape[0])
        digits = torch.zeros(size, dtype=torch.bool)
        begin: dict[str, list[int]] = defaultdict(list)
        go_on: dict[str, list[int]] = defaultdict(list)
        for token, at in backbone.tokenizer.get_vocab().items():
            if at >= size or not _MATTERS.search(token):
                continue
            text = _after_a_word(backbone.tokenizer, at)
            digits[at] = bool(_DIGIT.search(text))
            found = _PIECE.fullmatch(text)
            if found:
                begin[found[2]].append(at)
            if (found and not found[1]) or text in tuple(_INSIDE):
                go_on[text].append(at)
        return cls(digits, begin, go_on)

    def allowed(self, written: str, numbers: frozenset[str]) -> torch.Tensor:
        """Returns which tokens may follow what is written, shape (V,).

        Args:
            written: Text so far.
            numbers: The numbers that may be written.
        """
        open_ = _BEGUN.search(written)
        begun = open_[0] if open_ else ""
        free = not begun or begun.rstrip(_INSIDE) in numbers
        found = ~self.digits if free else torch.zeros_like(self.digits)
        for number in numbers:
            if begun and number.startswith(begun):
                for length in range(len(begun) + 1, len(number) + 1):
                    found[list(self.go_on.get(number[len(begun) : length], ()))] = True
            if not begun:
                for length in range(1, len(number) + 1):
                    found[list(self.begin.get(number[:length], ()))] = True
        return found if bool(found.any()) else ~self.digits  # a vocabulary without single digits


def _after_a_word(tokenizer: Any, token: int) -> str:
    """Returns what a token adds to a text: decoded alone, some tokenizers take its space away."""
    word = tokenizer("a", add_special_tokens=False).input_ids
    return str(tokenizer.decode([*word, token]))[len(tokenizer.decode(word)) :]


class OnlyNumbers:
    """A logits processor of `transformers`: row by row, only numbers of the row's own prompt can be written.

    Args:
        backbone: Whose tokens they are.
        numerals: Of its vocabulary.
        numbers: What each row may write, B of them.
        width: Tokens of the prompts, padding included: what comes after is written.
    """

    def __init__(
        self, backbone: Backbone, numerals: Numerals, numbers: Sequence[frozenset[str]], width: int
    ) -> None:
        self.backbone, self.numerals, self.numbers, self.width = backbone, numerals, numbers, width

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Returns the scores, minus infinity where a token may not follow; ids (B, L), scores (B, V)."""
        late = input_ids[:, self.width :][:, -_LONGEST:].tolist()
        written = self.backbone.tokenizer.batch_decode(late)
        allowed = [self.numerals.allowed(*each) for each in zip(written, self.numbers, strict=True)]
        return scores.masked_fill(~torch.stack(allowed), float("-inf"))
