"""Embeddings against dense algebra, what they remember, and what memory they take."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from trail.baselines import fit_basis
from trail.baselines.sample import sample_history
from trail.baselines.text import _MADE, _PLACED, _kept_terms, terms_of, texts_of, weighted
from trail.signals import Cards

TITLES = [
    "red mug",
    "red mugs",
    "blue mug",
    "garden chair",
    "garden chairs",
    "wooden garden table",
    None,
    "red pan",
]


def catalogue(titles) -> Cards:
    """Cards of the sample whose only text is the title."""
    cards = sample_history()[0].cards.take(np.arange(len(titles)))
    table = cards.table
    for name, values in {"title": titles, "categories": None, "brand": None, "description": None}.items():
        column = pa.array(values or [None] * len(titles), pa.string())
        table = table.set_column(table.column_names.index(name), name, column)
    return replace(cards, table=table)


def embed(titles, dims) -> np.ndarray:
    """Embeddings of a catalogue's items in its own space."""
    cards = catalogue(titles)
    return fit_basis(cards, dims).embed(cards)


def slow_weights(texts):
    """(1 + ln count) * (ln((1 + texts) / (1 + texts with the term)) + 1), each row of length 1; terms of two texts."""
    documents = [terms_of(text or "") for text in texts]
    terms = sorted({t for d in documents for t in d if sum(t in other for other in documents) > 1})
    matrix = np.zeros((len(texts), len(terms)))
    for row, document in enumerate(documents):
        for column, term in enumerate(terms):
            if term in document:
                inside = sum(term in other for other in documents)
                rarity = np.log((1 + len(texts)) / (1 + inside)) + 1
                matrix[row, column] = (1 + np.log(document[term])) * rarity
        matrix[row] /= np.sqrt((matrix[row] ** 2).sum()) or 1.0
    return terms, matrix


def test_terms_are_words_pairs_and_parts():
    assert terms_of("Mug mug\nÄx") == Counter(
        {"mug": 2, "mug mug": 1, "#^mu": 2, "#mug": 2, "#ug$": 2, "#^mug": 2, "#mug$": 2}
        | {"äx": 1, "#^äx": 1, "#äx$": 1, "#^äx$": 1}
    )


def test_weights_against_a_loop():
    terms, slow = slow_weights(TITLES)
    basis = fit_basis(catalogue(TITLES), 3)
    assert list(basis.terms) == terms
    found = weighted([title or "" for title in TITLES], terms, basis.rarity)
    assert np.allclose(found.toarray(), slow)


def test_only_the_terms_of_the_most_items_are_kept(monkeypatch):
    documents = [terms_of(title or "") for title in TITLES]
    inside = Counter(term for document in documents for term in document)
    often = sorted((-number, term) for term, number in inside.items() if number > 1)
    monkeypatch.setattr("trail.baselines.text.TERMS", 7)
    monkeypatch.setattr("trail.baselines.text._MADE", type(_MADE)())
    assert list(fit_basis(catalogue(TITLES), 3).terms) == sorted(term for _, term in often[:7])
    assert often[6][0] == often[7][0]  # a tie at the border


def test_memory_grows_with_kept_terms_not_with_all_that_is_read(monkeypatch):
    """Twelve bytes a kept term of a text; all terms of all texts at once take over a hundred bytes each."""
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("abcdefghijklmnop"), 8)) for _ in range(400)]
    titles = [" ".join(rng.choice(words, 40)) for _ in range(len(sample_history()[0].cards))]
    texts = texts_of(catalogue(titles)) * 2
    monkeypatch.setattr("trail.baselines.text.TERMS", 100)
    terms, rarity = _kept_terms(texts)
    tracemalloc.start()
    matrix = weighted(texts, terms, rarity)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * matrix.nnz + 400_000


def test_embeddings_are_the_strongest_directions_of_the_weights():
    """X V of the dense singular value decomposition, up to the sign, which makes V's largest number positive."""
    _, slow = slow_weights(TITLES)
    lines = np.linalg.svd(slow)[2][:3]
    lines *= np.sign([line[np.abs(line).argmax()] for line in lines])[:, None]
    found = embed(TITLES, 3)
    assert np.allclose(found, slow @ lines.T, atol=1e-9)
    assert found[6].tolist() == [0.0, 0.0, 0.0]


def test_a_basis_reads_texts_it_was_not_made_from_one_by_one():
    basis = fit_basis(catalogue(TITLES), 3)
    others = catalogue(["red chair", "zzz", "blue mug"])
    found = basis.embed(others)
    assert found[1].tolist() == [0.0, 0.0, 0.0]
    assert np.array_equal(found[2], embed(TITLES, 3)[2])
    assert np.array_equal(found[::2], basis.embed(others.take(np.array([0, 2]))))
    assert basis.embed(others.take(np.array([], dtype=np.int64))).shape == (0, 3)


@pytest.mark.parametrize("titles", [[None] * 5, ["mug"] * 5, ["a", "b", "c", "d"], ["mug"]])
def test_catalogues_without_directions_get_zeros_for_them(titles):
    found = embed(titles, 4)
    assert found.shape == (len(titles), 4)
    assert np.isfinite(found).all()
    assert not found[:, 1:].any()


def test_equal_catalogues_are_read_once_and_memory_is_bounded(monkeypatch):
    first = fit_basis(catalogue(TITLES), 3)
    first.embed(catalogue(TITLES))
    monkeypatch.setattr("trail.baselines.text.terms_of", lambda _: pytest.fail("read again"))
    assert fit_basis(catalogue(TITLES), 3) is first
    assert first.embed(catalogue(TITLES[::-1])).shape == (8, 3)
    monkeypatch.undo()
    for number in range(9):
        embed([f"red mug {number}", "red pan"], 2)
    assert len(_MADE) == len(_PLACED) == 4
    again = fit_basis(catalogue(TITLES), 3)
    assert again is not first
    assert np.array_equal(again.directions, first.directions)


def test_titles_that_share_words_are_near():
    places = embed(TITLES, 3)
    near = places @ places.T
    mugs, gardens = [0, 1, 2], [3, 4, 5]
    for group, others in ((mugs, gardens), (gardens, mugs)):
        assert near[np.ix_(group, group)].min() > 2 * near[np.ix_(group, others)].max()
