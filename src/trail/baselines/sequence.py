"""A recommender that reads what a user touched in order."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np

from trail.baselines.interactions import Interactions
from trail.errors import ModelError


@dataclass(frozen=True)
class SelfAttention:
    """Causal self-attention over the user's last items that predicts the next one at every position.

    Of SASRec's class (Kang and McAuley 2018), with GPT-2 blocks and a sampled softmax; library: `cornac`,
    `TransformerRec`, which trains on whole sequences and so costs a hundredth of its own `SASRec`, which
    trains on every prefix.

    Attributes:
        epochs: Rounds over the users.
        factors: Length of an item's vector.
        length: Latest items of a user that are read.
        batch: Users in a batch.
        negatives: Items sampled beside those of the batch.
        learning_rate: Adam's.
        seed: Seed of weights, order and samples.
        model: The library's fitted model; null before `fit`.
        histories: Items of each user, oldest first.
    """

    epochs: int = 20
    factors: int = 64
    length: int = 50
    batch: int = 64
    negatives: int = 512
    learning_rate: float = 0.001
    seed: int = 0
    model: Any = field(default=None, repr=False, compare=False)
    histories: list[np.ndarray] = field(default_factory=list, repr=False, compare=False)
    name: ClassVar[str] = "self_attention"
    needs: ClassVar[tuple[str, ...]] = ("cornac", "torch", "transformers")
    personal: ClassVar[bool] = True

    def fit(self, known: Interactions) -> Self:
        """Returns a copy fitted on the sequence of every user."""
        from cornac.data.dataset import SequentialDataset  # noqa: PLC0415 - an extra
        from cornac.models import TransformerRec  # noqa: PLC0415 - as above

        model = TransformerRec(
            backbone="gpt2",
            objective="clm",
            n_epochs=self.epochs,
            embedding_dim=self.factors,
            max_len=self.length,
            batch_size=self.batch,
            n_sample=self.negatives,
            learning_rate=self.learning_rate,
            seed=self.seed,
        )
        users, items = (OrderedDict((each, each) for each in range(n)) for n in (known.users, known.items))
        triples = (known.user, known.item, np.ones(len(known.user)))
        sizes = (known.users, known.users, known.items)
        data = SequentialDataset(
            *sizes, users, users, items, triples, session_indices=known.user, timestamps=known.micros
        )
        return replace(self, model=model.fit(data), histories=_histories(known))

    def score(self, users: np.ndarray) -> np.ndarray:
        """Returns what ranks the items for some of the known users, float32 of shape (users, items)."""
        if self.model is None:
            raise ModelError("a recommender that was never fitted", where=self.name, fix="call fit first")
        rows = [self.model.score(int(user), self.histories[user].tolist()) for user in users]
        return np.asarray(rows, dtype=np.float32).reshape(len(users), -1)


def _histories(known: Interactions) -> list[np.ndarray]:
    """Returns the items of each user, oldest first, one array a user."""
    order = np.argsort(known.user, kind="stable")
    starts = np.searchsorted(known.user[order], np.arange(1, known.users))
    return np.split(known.item[order], starts)
