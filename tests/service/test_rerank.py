"""A personal list blended with the forecast, beside a loop."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean, pstdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.service.making import ITEMS, served
from trail.operations.mapping import opened_mapped
from trail.operations.workspace import Workspace
from trail.service.routes.rerank import blended
from trail.service.wire import ToRerank
from trail.snapshots.mapped import Mapped

ADDRESS = "/v1/projects/shop/rerank"


@pytest.fixture(scope="module")
def mapped(folder: Path) -> Mapped:
    return opened_mapped(Workspace.open(folder), folder / "snapshots" / "2026-03-03")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with served(folder, look_seconds=60) as client:
        yield client


def normal(values: list[float]) -> list[float]:
    """Each value with mean 0 and deviation 1; minus infinity counts as the lowest of the others."""
    lowest = min(each for each in values if math.isfinite(each))
    filled = [each if math.isfinite(each) else lowest for each in values]
    mean, spread = fmean(filled), pstdev(filled)
    return [(each - mean) / spread if spread > 1e-12 else 0.0 for each in filled]


def slow(rows: list[dict], asked: ToRerank, weight: float) -> dict[str, float]:
    """The blend of `trail lists`, item by item."""
    expected = {row["item_id"]: row["expected"] for row in rows}
    own = normal([each.score for each in asked.items])
    counts = normal(
        [
            math.log1p(expected[each.item_id]) if each.item_id in expected else -math.inf
            for each in asked.items
        ]
    )
    return {each.item_id: weight * own[at] + (1 - weight) * counts[at] for at, each in enumerate(asked.items)}


LISTS = st.lists(
    st.tuples(st.integers(0, ITEMS + 20), st.sampled_from([-1.5, 0.0, 0.25, 1.0, 7.0]) | st.floats(-50, 50)),
    min_size=1, max_size=30, unique_by=lambda pair: pair[0],
)  # fmt: skip


@given(pairs=LISTS, weight=st.sampled_from([0.0, 0.3, 1.0]))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_a_blend_is_what_a_loop_makes_of_it(mapped: Mapped, pairs, weight: float):
    rows = mapped.listing.select(["item_id", "expected", "rank"]).to_pylist()
    names = [row["item_id"] for row in rows] + [f"unknown {at}" for at in range(21)]
    pairs = list({0: 0.5, **dict(pairs)}.items())  # one that is forecast at least
    asked = ToRerank(items=[{"item_id": names[at], "score": score} for at, score in pairs])
    found, expected = blended(mapped, asked, weight), slow(rows, asked, weight)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert {each.item_id for each in found} == set(expected)
    assert np.allclose([each.score for each in found], [expected[each.item_id] for each in found], atol=1e-6)
    ranks = {row["item_id"]: row["rank"] for row in rows}
    best_first = sorted(asked.items, key=lambda each: -each.score)
    own = {each.item_id: at for at, each in enumerate(best_first, start=1)}
    assert all((each.rank, each.own) == (ranks.get(each.item_id), own[each.item_id]) for each in found)


def test_weight_one_keeps_the_clients_order_and_weight_none_the_forecasts(client: TestClient, mapped: Mapped):
    ids = mapped.listing["item_id"].to_pylist()[:20]
    asked = {"items": [{"item_id": item, "score": float(at)} for at, item in enumerate(ids)]}
    own = client.post(ADDRESS, json=asked | {"weight": 1}).json()
    assert [each["item_id"] for each in own["items"]] == ids[::-1]
    theirs = client.post(ADDRESS, json=asked | {"weight": 0, "limit": 3}).json()
    assert [each["item_id"] for each in theirs["items"]] == ids[:3]
    assert theirs["period"]["snapshot"] == "2026-03-03"
    half = client.post(ADDRESS, json=asked).json()
    assert (half["weight"], half["why"]) == (0.5, "half and half: `trail lists` has not measured it yet")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"items": []}, 422, "invalid"),
        ({"items": [{"item_id": "a", "score": 1}, {"item_id": "a", "score": 2}]}, 422, "invalid"),
        ({"items": [{"item_id": "a", "score": 1}], "weight": 1.01}, 422, "invalid"),
        ({"items": [{"item_id": "a", "score": "NaN"}]}, 422, "invalid"),
        ({"items": [{"item_id": "a", "score": 1e308}, {"item_id": "b", "score": -1e308}]}, 422, "invalid"),
        ({"items": [{"item_id": "a", "score": 1}], "limit": 0}, 422, "invalid"),
        ({"items": [{"item_id": "nothing here", "score": 1}]}, 422, "invalid"),
        ({"items": [{"item_id": "a", "score": 1}], "at": "2020-01-01"}, 404, "not_found"),
    ],
)
def test_what_cannot_be_blended_has_a_stable_code(client: TestClient, body: dict, status: int, code: str):
    answer = client.post(ADDRESS, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_the_largest_scores_are_blended(client: TestClient, mapped: Mapped):
    first, second, third = mapped.listing["item_id"].to_pylist()[:3]
    pairs = ((first, -1e100), (second, 1e100), (third, 0.0))
    asked = {"items": [{"item_id": item, "score": score} for item, score in pairs], "weight": 1}
    answer = client.post(ADDRESS, json=asked)
    assert answer.status_code == 200
    assert [each["item_id"] for each in answer.json()["items"]] == [second, third, first]


def test_of_a_thousand_faults_the_first_few_are_told(client: TestClient):
    answer = client.post(ADDRESS, json={"items": [{"item_id": "", "score": "x"}] * 1000})
    assert answer.status_code == 422
    assert len(answer.content) < 2_000
