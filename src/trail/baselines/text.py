"""Embeddings of items from their catalogue texts: latent semantic analysis.

Words and parts of words are counted, weighted by rarity, and projected onto the strongest directions of the
catalogue (Deerwester et al. 1990). No weights are downloaded, and a catalogue of ten thousand items takes
seconds.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import pairwise
from threading import RLock
from typing import TypeVar

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, svds

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
#: Texts whose weights are held at once while they are placed.
_BATCH = 1_024
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
        batches = (texts[at : at + _BATCH] for at in range(0, len(texts), _BATCH))
        placed = (weighted(batch, self.terms, self.rarity) @ self.directions for batch in batches)
        return np.concatenate([np.zeros((0, self.dims)), *placed])


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
    terms, rarity = _kept_terms(texts)
    return TextBasis(key, terms, rarity, _directions(weighted(texts, terms, rarity), dims))


def _kept_terms(texts: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """Returns the terms of a basis and their rarity, as `TextBasis` has them."""
    spread = Counter(term for text in texts for term in terms_of(text))
    often = (term for term, number in spread.items() if number > 1)
    terms = tuple(sorted(nsmallest(TERMS, often, key=lambda term: (-spread[term], term))))
    inside = np.array([spread[term] for term in terms], dtype=np.float64)
    return terms, np.log((1 + len(texts)) / (1 + inside)) + 1


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
    # given the matrix itself, svds would hold a transposed copy beside it
    across = matrix.T
    applied = LinearOperator(
        matrix.shape,
        matrix.dot,
        rmatvec=across.dot,
        matmat=matrix.dot,
        rmatmat=across.dot,
        dtype=matrix.dtype,
    )
    _, strength, lines = svds(applied, k=most, v0=start, return_singular_vectors="vh", solver="arpack")
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


def weighted(texts: Iterable[str], terms: Sequence[str], rarity: np.ndarray) -> sparse.csr_matrix:
    """Returns (1 + ln count) * rarity of each text's known terms, each row of length 1, shape (texts, terms).

    Rows without a known term are zero. Texts are read one at a time: what stays of each is its row, twelve bytes
    a known term, where all its terms would take ten times as much.
    """
    place = {term: at for at, term in enumerate(terms)}
    columns, values, ends = array("i"), array("d"), array("q", [0])
    for text in texts:
        known = sorted((place[term], count) for term, count in terms_of(text).items() if term in place)
        at = np.array([column for column, _ in known], dtype=np.int32)
        value = (1.0 + np.log(np.array([count for _, count in known], dtype=np.float64))) * rarity[at]
        value /= max(float(np.sqrt((value**2).sum())), np.finfo(float).tiny)
        columns.frombytes(at.tobytes())
        values.frombytes(value.tobytes())
        ends.append(len(columns))
    flat = (np.asarray(values), np.asarray(columns), np.asarray(ends))
    return sparse.csr_matrix(flat, shape=(len(ends) - 1, len(place)))


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
