"""`/openapi.json`: what clients are generated from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.service.page_shop import bare_project, page_shop, with_reports
from trail.service import ServiceSettings, create_app
from trail.service.guard import GuardSettings, guarded
from trail.service.keys import KeyRing, create
from trail.service.scorecards import ScorecardRead


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    bare = bare_project(tmp_path_factory.mktemp("bare") / "shop")
    return create_app(ServiceSettings(projects={"shop": bare}))


@pytest.fixture(scope="module")
def described(app: FastAPI) -> dict:
    return TestClient(app).get("/openapi.json").json()


def operations(described: dict):
    return [(path, each) for path, methods in described["paths"].items() for each in methods.values()]


def test_every_answer_has_a_shape(described: dict):
    assert described["openapi"].startswith("3.1.")
    for path, each in operations(described):
        for status, answer in each["responses"].items():
            shape = answer["content"]["application/json"]["schema"]
            kind = described["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
            assert kind["properties"], (path, status)
        assert "200" in each["responses"]


def test_it_says_how_a_key_is_shown_and_it_opens_so(app: FastAPI, described: dict, tmp_path: Path):
    keys = tmp_path / "keys.json"
    key = create(keys, "tests", ["read"])[1]
    strange = TestClient(guarded(app, GuardSettings(), KeyRing(keys), None))
    schemes = described["components"]["securitySchemes"].values()
    shown = [
        {"Authorization": f"{each['scheme']} {key}"} if each["type"] == "http" else {each["name"]: key}
        for each in schemes
        if each["type"] == "http" or each["in"] == "header"
    ]
    assert len(shown) == len(schemes) == 2
    named = [name for needed in described["security"] for name in needed]
    assert sorted(named) == sorted(described["components"]["securitySchemes"])
    for path, each in operations(described):
        needs_none = each.get("security") == []
        assert (strange.get(path.replace("{project}", "shop")).status_code != 401) == needs_none, path
    for headers in shown:
        assert strange.get("/v1/projects", headers=headers).status_code == 200


def test_a_scorecard_is_what_it_is_said_to_be(tmp_path: Path):
    folder = with_reports(page_shop(tmp_path / "shop"))
    with TestClient(create_app(ServiceSettings(projects={"shop": folder}))) as client:
        sent = client.get("/v1/projects/shop/scorecard").json()
    assert sent == json.loads((folder / "reports" / "scorecard" / "scorecard.json").read_text())
    read = ScorecardRead.model_validate(sent)
    assert read.model_fields_set == set(ScorecardRead.model_fields) == set(sent)
    for name in ("snapshots", "figures", "reasons"):
        each = getattr(read, name)[0]
        assert each.model_fields_set == set(type(each).model_fields) == set(sent[name][0]), (
            "no field is untold"
        )
