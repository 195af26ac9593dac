"""Embeddings against dense algebra, what they remember, and nearest items against a loop."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from trail.baselines import embed, fit_basis, look_alikes
from trail.baselines.sample import sample_history
from trail.baselines.text import _MADE, _PLACED, terms_of, weighted
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
    found = weighted([terms_of(t or "") for t in TITLES], {t: at for at, t in enumerate(terms)}, basis.rarity)
    assert np.allclose(found.toarray(), slow)


def test_embeddings_are_the_strongest_directions_of_the_weights():
    """X V of the dense singular value decomposition, up to the sign, which makes V's largest number positive."""
    _, slow = slow_weights(TITLES)
    lines = np.linalg.svd(slow)[2][:3]
    lines *= np.sign([line[np.abs(line).argmax()] for line in lines])[:, None]
    found = embed(catalogue(TITLES), 3)
    assert np.allclose(found, slow @ lines.T, atol=1e-9)
    assert found[6].tolist() == [0.0, 0.0, 0.0]


def test_a_basis_reads_texts_it_was_not_made_from_one_by_one():
    basis = fit_basis(catalogue(TITLES), 3)
    others = catalogue(["red chair", "zzz", "blue mug"])
    found = basis.embed(others)
    assert found[1].tolist() == [0.0, 0.0, 0.0]
    assert np.array_equal(found[2], embed(catalogue(TITLES), 3)[2])
    assert np.array_equal(found[::2], basis.embed(others.take(np.array([0, 2]))))
    assert basis.embed(others.take(np.array([], dtype=np.int64))).shape == (0, 3)


@pytest.mark.parametrize("titles", [[None] * 5, ["mug"] * 5, ["a", "b", "c", "d"], ["mug"]])
def test_catalogues_without_directions_get_zeros_for_them(titles):
    found = embed(catalogue(titles), 4)
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
        embed(catalogue([f"red mug {number}", "red pan"]), 2)
    assert len(_MADE) == len(_PLACED) == 4
    again = fit_basis(catalogue(TITLES), 3)
    assert again is not first
    assert np.array_equal(again.directions, first.directions)


def slow_look_alikes(vectors, row, among, k):
    def cosine(a, b):
        return float(a @ b / np.sqrt(a @ a) / np.sqrt(b @ b))

    if not vectors[row].any():
        return []
    return sorted((-cosine(vectors[row], vectors[o]), o) for o in among if o != row and vectors[o].any())[:k]


@pytest.mark.parametrize("batch", [1, 3, 1000])
def test_look_alikes_against_a_loop(batch):
    vectors = np.random.default_rng(0).normal(size=(40, 5))
    vectors[[3, 20]] = 0.0
    rows, among = np.array([0, 3, 5, 8, 39]), np.arange(0, 40, 4)
    found, cosine = look_alikes(vectors, rows, among, 9, batch=batch)
    for at, row in enumerate(rows):
        slow = slow_look_alikes(vectors, row, among, 9)
        assert found[at].tolist() == [other for _, other in slow] + [-1] * (9 - len(slow))
        assert np.allclose(
            cosine[at], [-near for near, _ in slow] + [np.nan] * (9 - len(slow)), equal_nan=True
        )


def test_look_alikes_of_nothing_among_nothing():
    none = np.array([], dtype=np.int64)
    found, cosine = look_alikes(np.eye(3), none, np.arange(3), 2)
    assert found.shape == cosine.shape == (0, 2)
    assert look_alikes(np.eye(3), np.arange(3), none, 2)[0].tolist() == [[-1, -1]] * 3


def test_look_alikes_of_titles_share_words():
    vectors = embed(catalogue(TITLES), 3)
    found, _ = look_alikes(vectors, np.array([0, 3]), np.arange(8), 1)
    assert found.ravel().tolist() == [1, 4]
