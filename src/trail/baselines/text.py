"""Embeddings of items from their catalogue texts, and the items nearest to one: latent semantic analysis.

Words and parts of words are counted, weighted by rarity, and projected onto the strongest directions of the
catalogue (Deerwester et al. 1990). No weights are downloaded, and a catalogue of ten thousand items takes
seconds.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from threading import RLock
from typing import TypeVar

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

from trail.baselines.scope import WORDS
from trail.signals import Cards

#: Numbers an item.
DIMS = 24
#: Terms kept at most, those of the most items first; each must occur in two items.
TERMS = 30_000
#: Characters of a text that are read; descriptions can be pages.
LENGTH = 400
#: Lengths of the parts of words.
_PARTS = (3, 4)
_WORD = re.compile(r"\w+")
_Kept = TypeVar("_Kept")
#: Bases kept lately, and of each the places of texts seen lately; a hundred thousand texts take about 40 MB.
_BASES = 4
_PLACES = 200_000
_MADE: OrderedDict[str, TextBasis] = OrderedDict()
_PLACED: OrderedDict[str, dict[str, np.ndarray]] = OrderedDict()
#: Held while texts are read: copies that learn side by side get the same basis, made once.
_READING = RLock()


@dataclass(frozen=True)
class TextBasis:
    """The directions onto which texts are projected, made from one catalogue and applied to any.

    Attributes:
        key: Hash of the texts that made it.
        terms: Terms in the order of the rows of `directions`.
        rarity: Weight of each term: ln((1 + texts) / (1 + texts with the term)) + 1, shape (terms,).
        directions: Right singular vectors, shape (terms, dims); columns of zeros where the catalogue has
            fewer directions.
    """

    key: str
    terms: tuple[str, ...] = field(repr=False)
    rarity: np.ndarray = field(repr=False, compare=False)
    directions: np.ndarray = field(repr=False, compare=False)

    @property
    def dims(self) -> int:
        """Numbers an item."""
        return int(self.directions.shape[1])

    def embed(self, cards: Cards) -> np.ndarray:
        """Returns each item's place in the catalogue's space, shape (items, dims); zeros without a known term.

        An item's numbers depend on its own text alone, and texts asked for lately are not read again: a
        catalogue is embedded once, whatever the number of cutoffs.
        """
        texts = texts_of(cards)
        with _READING:
            placed = _kept(_PLACED, self.key, dict)
            if len(placed) > _PLACES:
                placed.clear()
            new = [text for text in dict.fromkeys(texts) if text not in placed]
            placed.update(zip(new, self._places(new), strict=True))
            return np.array([placed[text] for text in texts]).reshape(len(texts), self.dims)

    def _places(self, texts: Sequence[str]) -> np.ndarray:
        if not texts:
            return np.zeros((0, self.dims))
        place = {term: at for at, term in enumerate(self.terms)}
        return np.asarray(weighted([terms_of(text) for text in texts], place, self.rarity) @ self.directions)


def embed(cards: Cards, dims: int = DIMS) -> np.ndarray:
    """Returns the embeddings of the cards' items in their own catalogue's space, shape (items, dims)."""
    return fit_basis(cards, dims).embed(cards)


def fit_basis(cards: Cards, dims: int = DIMS) -> TextBasis:
    """Returns the basis made from the cards' texts; the same one for equal texts asked for lately.

    Args:
        cards: The cards of one cutoff.
        dims: Numbers an item, 1 or more.
    """
    texts = texts_of(cards)
    key = fingerprint(texts, dims)
    with _READING:
        return _kept(_MADE, key, lambda: _fitted(texts, dims, key))


def _fitted(texts: Sequence[str], dims: int, key: str) -> TextBasis:
    documents = [terms_of(text) for text in texts]
    spread = Counter(term for document in documents for term in document)
    often = [term for term, number in spread.items() if number > 1]
    terms = sorted(sorted(often, key=lambda term: (-spread[term], term))[:TERMS])
    rarity = np.log((1 + len(texts)) / (1 + np.array([spread[term] for term in terms], dtype=np.float64))) + 1
    matrix = weighted(documents, {term: at for at, term in enumerate(terms)}, rarity)
    return TextBasis(key, tuple(terms), rarity, _directions(matrix, dims))


def _directions(matrix: sparse.csr_matrix, dims: int) -> np.ndarray:
    """Returns the strongest right singular vectors, strongest first, shape (terms, dims).

    The iteration starts from fixed numbers, and the largest number of each vector is positive, so that the
    same texts give the same vectors.
    """
    found = np.zeros((matrix.shape[1], dims))
    most = min(dims, min(matrix.shape) - 1)
    if most < 1 or not matrix.nnz:
        return found
    start = np.random.default_rng(0).standard_normal(min(matrix.shape))
    _, strength, lines = svds(matrix, k=most, v0=start, return_singular_vectors="vh", solver="arpack")
    kept = [at for at in np.argsort(-strength) if strength[at] > 1e-6 * strength.max()]
    lines = lines[kept]
    signs = np.sign(lines[np.arange(len(kept)), np.abs(lines).argmax(axis=1)])
    found[:, : len(kept)] = (lines * signs[:, None]).T
    return found


def texts_of(cards: Cards) -> list[str]:
    """Returns each item's text: title, categories, brand and the start of the description, a line each."""
    columns = [cards.table[name].to_pylist() for name in WORDS]
    return ["\n".join(str(value)[:LENGTH] for value in row if value) for row in zip(*columns, strict=True)]


def terms_of(text: str) -> Counter[str]:
    """Returns how often each word, pair of words and part of a word occurs in a text.

    Parts are taken from words with their borders marked, so that "mug" and "mugs" share some. Their terms
    start with "#", which no word does.
    """
    terms: Counter[str] = Counter()
    for line in text.casefold().splitlines():
        words = _WORD.findall(line)
        terms.update(words)
        terms.update(f"{one} {other}" for one, other in pairwise(words))
        for word in words:
            marked = f"^{word}$"
            terms.update(f"#{marked[at : at + n]}" for n in _PARTS for at in range(len(marked) - n + 1))
    return terms


def weighted(
    documents: Sequence[Counter[str]], place: dict[str, int], rarity: np.ndarray
) -> sparse.csr_matrix:
    """Returns (1 + ln count) * rarity of each known term, each row of length 1, shape (documents, terms).

    Rows without a known term are zero.
    """
    rows: list[np.ndarray] = []
    numbers: list[np.ndarray] = []
    for document in documents:
        known = sorted((place[term], count) for term, count in document.items() if term in place)
        at = np.array([column for column, _ in known], dtype=np.int64)
        value = (1.0 + np.log(np.array([count for _, count in known], dtype=np.float64))) * rarity[at]
        rows.append(at)
        numbers.append(value / max(float(np.sqrt((value**2).sum())), np.finfo(float).tiny))
    ends = np.cumsum([0, *(len(at) for at in rows)])
    flat = [np.concatenate([np.empty(0, dtype), *parts]) for dtype, parts in ((float, numbers), (int, rows))]
    return sparse.csr_matrix((*flat, ends), shape=(len(documents), len(place)))


def fingerprint(texts: Sequence[str], dims: int) -> str:
    """Returns a hash of texts in their order and of the number of dimensions."""
    digest = hashlib.sha256(str(dims).encode())
    for text in texts:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()


def _kept(memory: OrderedDict[str, _Kept], key: str, make: Callable[[], _Kept]) -> _Kept:
    """Returns what was made for the key lately, or makes it; the oldest of more than `_BASES` is forgotten."""
    if key not in memory:
        memory[key] = make()
    memory.move_to_end(key)
    while len(memory) > _BASES:
        memory.popitem(last=False)
    return memory[key]


def look_alikes(
    vectors: np.ndarray, rows: np.ndarray, among: np.ndarray, k: int, *, batch: int = 1024
) -> tuple[np.ndarray, np.ndarray]:
    """Finds the nearest items by cosine, nearest first; the first row of equals.

    Args:
        vectors: Embeddings, shape (items, dims).
        rows: Items to find neighbours of.
        among: Items that may be neighbours, ascending; an item is never its own.
        k: Neighbours an item, 1 or more.
        batch: Items compared at once; memory is `batch` times `among` numbers.

    Returns:
        Rows of the neighbours, -1 where there are fewer, and their cosines, NaN there; both of shape
        (rows, k). An item without a text (all zeros) has no neighbour and is none.
    """
    length = np.sqrt((vectors**2).sum(axis=1))
    unit = vectors / np.where(length > 0, length, 1.0)[:, None]
    among = among[length[among] > 0]
    found = np.full((len(rows), k), -1, dtype=np.int64)
    cosine = np.full((len(rows), k), np.nan)
    most = min(k, len(among))
    for start in range(0, len(rows) if most else 0, batch):
        asked = rows[start : start + batch]
        near = unit[asked] @ unit[among].T  # (asked, among)
        near[(asked[:, None] == among) | (length[asked] == 0)[:, None]] = -np.inf
        order = np.argsort(-near, axis=1, kind="stable")[:, :most]
        best = np.take_along_axis(near, order, axis=1)
        real = np.isfinite(best)
        found[start : start + batch, :most] = np.where(real, among[order], -1)
        cosine[start : start + batch, :most] = np.where(real, best, np.nan)
    return found, cosine
