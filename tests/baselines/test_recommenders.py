"""Recommenders against loops and hand-made logs; those of a library are skipped where it is absent."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from trail.baselines.interactions import Interactions
from trail.baselines.recommenders import BPR, IALS, RECOMMENDERS, ItemKNN, MostPop, lacking
from trail.baselines.sequence import SelfAttention
from trail.errors import ModelError

WINDOW = 100


def log_of(user, item, items, micros=None):
    moments = np.arange(len(user)) if micros is None else np.array(micros)
    return Interactions(np.array(user), np.array(item), moments, items, WINDOW, int(moments.max()) + 1)


def two_groups(seed=0):
    """40 users who touch four of five items each: half of them of items 0 to 4, half of items 5 to 9."""
    rng = np.random.default_rng(seed)
    chosen = [(user, int(item) + 5 * (user % 2)) for user in range(40) for item in rng.permutation(5)[:4]]
    return log_of([user for user, _ in chosen], [item for _, item in chosen], 11)


def test_most_pop_counts_the_last_windows():
    known = log_of([0, 1, 0, 2, 1], [0, 0, 1, 2, 2], 4, micros=[0, 150, 199, 200, 299])
    assert MostPop(1).fit(known).score(np.arange(2)).tolist() == [[0, 0, 2, 0]] * 2
    for windows in (1, 2, 3):
        slow = [
            sum(
                i == item and m >= known.end - windows * WINDOW
                for i, m in zip(known.item, known.micros, strict=True)
            )
            for item in range(4)
        ]
        assert MostPop(windows).fit(known).score(np.arange(2)).tolist() == [slow, slow]


def test_item_knn_is_the_sum_of_cosines():
    pytest.importorskip("implicit")
    rng = np.random.default_rng(1)
    user, item = np.nonzero(rng.random((12, 6)) < 0.4)
    known = log_of(user, item, 7)
    touched = known.pairs.toarray()
    norm = np.sqrt((touched**2).sum(axis=0))
    slow = np.zeros((known.users, 7))
    for u in range(known.users):
        for i in range(7):
            for j in np.flatnonzero(touched[u]):
                both = float((touched[:, i] * touched[:, j]).sum())
                slow[u, i] += both / (norm[i] * norm[j]) if both else 0.0
    found = ItemKNN(neighbours=7).fit(known).score(np.arange(known.users))
    assert found == pytest.approx(slow, abs=1e-6)


LEARNED = (ItemKNN(), IALS(factors=2), BPR(factors=4, learning_rate=0.05))


@pytest.mark.parametrize("recommender", LEARNED, ids=lambda each: each.name)
def test_learns_which_items_go_together(recommender):
    pytest.importorskip("implicit")
    known = two_groups()
    users = np.arange(known.users)
    found = recommender.fit(known).score(users)
    best = np.where(known.pairs.toarray() > 0, -np.inf, found)[:, :10].argmax(axis=1)
    assert (best // 5 == users % 2).mean() > 0.9


SEQUENCE = SelfAttention(epochs=3, factors=8, length=4, batch=16, negatives=0)
#: One of each method, small.
EVERY = (MostPop(), *LEARNED, SEQUENCE)


def test_every_method_is_held_to_the_suite():
    assert {each.name for each in EVERY} == set(RECOMMENDERS)


@pytest.fixture(params=EVERY, ids=lambda each: each.name)
def recommender(request):
    for package in request.param.needs:
        pytest.importorskip(package)
    return request.param


def test_scores_every_item_for_the_users_asked_about(recommender):
    known = two_groups()
    fitted = recommender.fit(known)
    found = fitted.score(np.arange(known.users))
    assert (found.shape, found.dtype) == ((known.users, known.items), np.float32)
    assert np.isfinite(found).all()
    # whoever else is asked about, in whatever order
    assert np.array_equal(fitted.score(np.array([17, 3, 4])), found[[17, 3, 4]])
    assert recommender.personal == (len(np.unique(found.round(6), axis=0)) > 1)


def test_fits_a_copy_and_the_same_twice(recommender):
    known, users = two_groups(), np.arange(40)
    fitted = recommender.fit(known)
    found = fitted.score(users)
    assert (fitted.name, fitted.needs, fitted.personal) == (
        recommender.name,
        recommender.needs,
        recommender.personal,
    )
    assert fitted == recommender  # what was learned is no setting
    with pytest.raises(ModelError, match="call fit first"):
        recommender.score(users)  # the original is as it was
    fitted.fit(two_groups(seed=5))
    assert np.array_equal(fitted.score(users), found)
    assert np.array_equal(recommender.fit(known).score(users), found)


def test_leaves_the_events_alone(recommender):
    known = two_groups()
    before = [each.copy() for each in (known.user, known.item, known.micros, known.pairs.toarray())]
    recommender.fit(known).score(np.arange(known.users))
    after = (known.user, known.item, known.micros, known.pairs.toarray())
    assert all(np.array_equal(*each) for each in zip(before, after, strict=True))


def test_is_sent_to_another_process_fitted(recommender):
    known, users = two_groups(), np.arange(40)
    fitted = recommender.fit(known)
    assert np.array_equal(pickle.loads(pickle.dumps(fitted)).score(users), fitted.score(users))


def test_events_after_the_cutoff_change_nothing(recommender):
    known = two_groups()
    cutoff = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=known.end)
    later = replace(
        known,
        user=np.concatenate([known.user, np.arange(35, 60)]),  # some of them new
        item=np.concatenate([known.item, np.full(25, 10)]),
        micros=np.concatenate([known.micros, known.end + np.arange(25)]),
        end=known.end + 1000,
    )
    one, other = (recommender.fit(each.before(cutoff)).score(np.arange(40)) for each in (known, later))
    assert np.array_equal(one, other)


def test_self_attention_learns_what_comes_next():
    pytest.importorskip("cornac")
    pytest.importorskip("transformers")
    length, items = 6, 12
    starts = np.arange(60) % items
    user = np.repeat(np.arange(60), length)
    item = (np.repeat(starts, length) + np.tile(np.arange(length), 60)) % items
    known = log_of(user, item, items)
    recommender = SelfAttention(epochs=30, factors=16, length=8, batch=16, negatives=0, learning_rate=0.01)
    found = recommender.fit(known).score(np.arange(60))
    assert (found.argmax(axis=1) == (starts + length) % items).mean() > 0.9


def test_settings_to_choose_from_share_a_name_and_differ():
    for name, options in RECOMMENDERS.items():
        assert {each.name for each in options} == {name}
        assert len(set(options)) == len(options)


def test_says_which_package_is_lacking(monkeypatch):
    monkeypatch.setattr("trail.baselines.recommenders.find_spec", lambda _: None)
    assert lacking(MostPop()) == []
    assert lacking(ItemKNN()) == ["implicit", "threadpoolctl"]
