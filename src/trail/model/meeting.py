"""Where texts and cards meet: each is gathered from its tokens into one embedding, and a text's is nearest to its card's.

Shapes: B rows, L tokens, H width of the backbone, G gatherers, E embedding (G times the numbers of each).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
import torch.nn.functional as F  # noqa: N812 - the name every reader of torch code knows
from torch import nn

from trail.model.backbone import Backbone
from trail.model.reading import read_rows

#: Gatherers of a tower, and numbers that each contributes to the embedding.
GATHERERS, NUMBERS = 16, 32
_LEAST_SPREAD, _CLIP = 1e-3, 5.0


class Tower(nn.Module):
    """Gathers tokens into one embedding: each gatherer weighs the tokens by what it looks for, and says what it found.

    A mean over the tokens drowns the few that tell one card from another, numbers and names. Reference: attention
    pooling with learned queries, Lee et al., Set Transformer, 2019, with one layer and no values of its own.

    Args:
        hidden: Width of the backbone, H.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.looks_for = nn.Parameter(torch.empty(GATHERERS, hidden))
        self.says = nn.Parameter(torch.empty(GATHERERS, hidden, NUMBERS))
        self.restart()

    def restart(self) -> None:
        """Draws everything anew."""
        nn.init.normal_(self.looks_for, std=self.looks_for.shape[1] ** -0.5)
        nn.init.normal_(self.says, std=self.says.shape[1] ** -0.5)

    def forward(self, states: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        """Returns embeddings of length 1, shape (B, E).

        Args:
            states: Standardised hidden states, shape (B, L, H).
            inside: Which tokens count, at least one a row, shape (B, L).
        """
        fit = torch.einsum("blh,gh->bgl", states, self.looks_for)
        weights = fit.masked_fill(~inside[:, None], float("-inf")).softmax(dim=2)
        found = torch.einsum("bgl,blh->bgh", weights, states)  # (B, G, H)
        return F.normalize(torch.einsum("bgh,ghn->bgn", found, self.says).flatten(1), dim=1)


class Meeting(nn.Module):
    """A tower for texts, read without sight of any card, and one for cards with what is told of them.

    Args:
        hidden: Width of the backbone, H.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.centre = nn.Parameter(torch.zeros(hidden), requires_grad=False)
        self.spread = nn.Parameter(torch.ones(hidden), requires_grad=False)
        self.of_text, self.of_card = Tower(hidden), Tower(hidden)

    @torch.no_grad()
    def fit(self, pairs: Sequence[Pairs]) -> None:
        """Takes centre and spread from the states of all tokens: a few dimensions are a hundred times as large."""
        count, total, squares = (
            0,
            torch.zeros_like(self.centre).double(),
            torch.zeros_like(self.centre).double(),
        )
        for part in (part for each in pairs for part in (each.texts, each.cards)):
            states = part.states[part.inside].double()  # a part at a time: all together would take gigabytes
            count, total, squares = (
                count + len(states),
                total + states.sum(dim=0),
                squares + (states**2).sum(dim=0),
            )
        centre = total / count
        self.centre.copy_(centre)
        self.spread.copy_((squares / count - centre**2).clamp_min(0).sqrt() + _LEAST_SPREAD)

    def restart(self, seed: int) -> None:
        """Forgets what was learned: fresh towers, as of the seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.of_text.restart()
            self.of_card.restart()

    def text(self, states: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        """Returns embeddings of texts, shape (B, E), from hidden states (B, L, H) and which of them count (B, L)."""
        found: torch.Tensor = self.of_text(self._standardised(states), inside)
        return found

    def card(self, states: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        """Returns embeddings of cards, shape (B, E), from hidden states (B, L, H) and which of them count (B, L)."""
        found: torch.Tensor = self.of_card(self._standardised(states), inside)
        return found

    def _standardised(self, states: torch.Tensor) -> torch.Tensor:
        return ((states.float() - self.centre) / self.spread).clamp(-_CLIP, _CLIP)


@dataclass(frozen=True)
class Tokens:
    """States of the tokens of rows of different lengths.

    Attributes:
        states: Hidden states, 0 beyond a row's end, shape (B, L, H).
        inside: Which tokens are a row's own, shape (B, L).
    """

    states: torch.Tensor
    inside: torch.Tensor

    @classmethod
    def of(cls, rows: Sequence[torch.Tensor]) -> Self:
        """Gathers rows, each of shape (its tokens, H)."""
        lengths = torch.tensor([len(each) for each in rows])
        states = nn.utils.rnn.pad_sequence(list(rows), batch_first=True)
        return cls(states, torch.arange(states.shape[1])[None] < lengths[:, None])


@dataclass(frozen=True)
class Pairs:
    """Cards of one cutoff and a text of each, as the backbone reads them.

    Attributes:
        texts: Texts, read alone.
        cards: Cards with what is told of them.
    """

    texts: Tokens
    cards: Tokens


def token_states(
    backbone: Backbone, rows: Sequence[Sequence[int]], start: Sequence[int] = (), *, batch: int = 64
) -> Tokens:
    """Returns the hidden states of rows of tokens, in the backbone's own type.

    Layers are not compiled for it: texts and cards come in many lengths, and building a kernel for each costs what is gained.

    Args:
        backbone: The language model.
        rows: Token ids of each row.
        start: Token ids that all rows follow and see, whose states are left out.
        batch: Rows a forward pass, those of like length together.
    """
    return Tokens.of(read_rows(backbone, rows, start, torch.clone, batch=batch))
