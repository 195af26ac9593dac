"""The Recommender protocol, and recommenders for single users from kept libraries."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from trail.baselines.interactions import Interactions
from trail.baselines.sequence import SelfAttention
from trail.errors import ModelError


class Recommender(Protocol):
    """Anything that scores every item for a user.

    `fit` is given only what was known at the cutoff, returns a fitted copy and leaves the original as it
    was; the same events give the same scores.
    """

    @property
    def name(self) -> str:
        """Short name in tables, shared by all settings of a method."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """Packages without which it cannot be fitted."""
        ...

    @property
    def personal(self) -> bool:
        """Whether two users may get different scores."""
        ...

    def fit(self, known: Interactions) -> Self:
        """Returns a copy fitted on the events before the cutoff."""
        ...

    def score(self, users: np.ndarray) -> np.ndarray:
        """Returns what ranks the items for some of the known users, float32 of shape (users, items)."""
        ...


@dataclass(frozen=True)
class MostPop:
    """Counts of the last windows before the cutoff, the same for everybody: popularity at the time of use.

    Reference: Ji et al. 2020 ("A Re-visit of the Popularity Baseline in Recommender Systems").

    Attributes:
        windows: Windows counted, 1 or more.
        counts: Events of each item, shape (items,); null before `fit`.
    """

    windows: int = 1
    counts: np.ndarray | None = field(default=None, repr=False, compare=False)
    name: ClassVar[str] = "most_pop"
    needs: ClassVar[tuple[str, ...]] = ()
    personal: ClassVar[bool] = False

    def fit(self, known: Interactions) -> Self:
        """Returns a copy with the counts."""
        return replace(self, counts=known.lately(self.windows).astype(np.float32))

    def score(self, users: np.ndarray) -> np.ndarray:
        """Returns the counts once a user."""
        if self.counts is None:
            raise _unfitted(self.name)
        return np.broadcast_to(self.counts, (len(users), len(self.counts)))


@dataclass(frozen=True, kw_only=True)
class _Product:
    """A recommender whose scores are a product of a matrix by user and one by item.

    Attributes:
        left: Shape (users, inner), dense or sparse; null before `fit`.
        right: Shape (inner, items), dense or sparse.
    """

    left: Any = field(default=None, repr=False, compare=False)
    right: Any = field(default=None, repr=False, compare=False)
    needs: ClassVar[tuple[str, ...]] = ("implicit", "threadpoolctl")
    personal: ClassVar[bool] = True

    def score(self, users: np.ndarray) -> np.ndarray:
        """Returns the rows of the product, float32 of shape (users, items)."""
        if self.left is None:
            raise _unfitted(type(self).__name__)
        found = self.left[users] @ self.right
        return np.asarray(found if isinstance(found, np.ndarray) else found.toarray(), dtype=np.float32)


@dataclass(frozen=True)
class ItemKNN(_Product):
    """Sums the cosine similarity of an item to each item that the user touched, nearest neighbours only.

    Reference: Sarwar et al. 2001; library: `implicit`.

    Attributes:
        neighbours: Neighbours kept of each item, 1 or more.
        weighting: `cosine`, or `tfidf`, which counts users with few items for more.
    """

    neighbours: int = 20
    weighting: str = "cosine"
    name: ClassVar[str] = "item_knn"

    def fit(self, known: Interactions) -> Self:
        """Returns a copy with the similarities of items, sparse of shape (items, items)."""
        from implicit.nearest_neighbours import CosineRecommender, TFIDFRecommender  # noqa: PLC0415 - an extra

        kind = {"cosine": CosineRecommender, "tfidf": TFIDFRecommender}[self.weighting]
        model = _learned(kind, known, K=self.neighbours)
        return replace(self, left=known.pairs, right=model.similarity)


@dataclass(frozen=True)
class IALS(_Product):
    """Matrix factorisation of touched and untouched pairs by weighted alternating least squares.

    Reference: Hu, Koren and Volinsky 2008; library: `implicit`.

    Attributes:
        factors: Length of a user's and an item's vector.
        regularization: Penalty on their squares.
        alpha: Weight of a touched pair; an untouched one weighs 1.
        iterations: Rounds over users and items.
        seed: Seed of the start.
    """

    factors: int = 64
    regularization: float = 5.0
    alpha: float = 10.0
    iterations: int = 15
    seed: int = 0
    name: ClassVar[str] = "ials"

    def fit(self, known: Interactions) -> Self:
        """Returns a copy with the vectors."""
        from implicit.cpu.als import AlternatingLeastSquares  # noqa: PLC0415 - an extra

        model = _learned(
            AlternatingLeastSquares,
            known,
            factors=self.factors,
            regularization=self.regularization,
            alpha=self.alpha,
            iterations=self.iterations,
            random_state=self.seed,
        )
        left, right = _factors(model)
        return replace(self, left=left, right=right)


@dataclass(frozen=True)
class BPR(_Product):
    """Matrix factorisation that puts a touched item before an untouched one.

    Reference: Rendle et al. 2009; library: `implicit`.

    Attributes:
        factors: Length of a user's and an item's vector.
        learning_rate: Size of a step.
        regularization: Penalty on squares.
        iterations: Rounds over the events.
        seed: Seed of the start and of the pairs.
    """

    factors: int = 64
    learning_rate: float = 0.01
    regularization: float = 0.01
    iterations: int = 100
    seed: int = 0
    name: ClassVar[str] = "bpr"

    def fit(self, known: Interactions) -> Self:
        """Returns a copy with the vectors."""
        from implicit.cpu.bpr import BayesianPersonalizedRanking  # noqa: PLC0415 - an extra

        model = _learned(
            BayesianPersonalizedRanking,
            known,
            factors=self.factors,
            learning_rate=self.learning_rate,
            regularization=self.regularization,
            iterations=self.iterations,
            random_state=self.seed,
        )
        left, right = _factors(model)
        return replace(self, left=left, right=right)


def _learned(kind: Callable[..., Any], known: Interactions, **settings: Any) -> Any:
    """Returns an `implicit` model made with settings and fitted on the pairs, on one thread.

    It looks at the threads of the linear algebra when it is made, and warns of more than one.
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with implicit

    with threadpool_limits(1, "blas"), warnings.catch_warnings():
        # the library warns of a conversion that it makes itself
        warnings.filterwarnings("ignore", message="Method expects CSR input")
        model = kind(num_threads=1, **settings)
        model.fit(known.pairs, show_progress=False)
    return model


def _factors(model: Any) -> tuple[np.ndarray, np.ndarray]:
    """Returns the vectors of a fitted factorisation as the two sides of a product."""
    return np.asarray(model.user_factors), np.asarray(model.item_factors).T


def _unfitted(name: str) -> ModelError:
    return ModelError("a recommender that was never fitted", where=name, fix="call fit first")


#: Name -> the settings to choose from on validation origins.
RECOMMENDERS: Mapping[str, Sequence[Recommender]] = {
    "most_pop": tuple(MostPop(windows) for windows in (1, 2, 4, 8, 10_000)),
    "item_knn": (ItemKNN(20), ItemKNN(100)),
    "ials": (IALS(), IALS(regularization=0.05, alpha=1.0)),
    "bpr": (BPR(), BPR(regularization=0.1)),
    "self_attention": (SelfAttention(),),
}


def drawing(recommender: Recommender, seed: int) -> Recommender:
    """Returns a copy that draws with a seed; the recommender itself where it has none."""
    given: Any = recommender  # the protocol asks for no dataclass
    found: Recommender = replace(given, seed=seed) if hasattr(given, "seed") else recommender
    return found


def lacking(recommender: Recommender) -> list[str]:
    """Returns the packages that a recommender needs and this environment lacks."""
    return [package for package in recommender.needs if find_spec(package) is None]
