"""Of the server itself: alive, ready, its version, what it counted."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.service.making import bring, made, point, served, third, until
from trail import __version__
from trail.service import ServiceSettings, create_app
from trail.service.gauges import REGISTRY
from trail.service.guard import GuardSettings, guarded
from trail.service.keys import KeyRing, create
from trail.service.limits import LimitSettings


def _counted(client, name: str) -> float:
    lines = client.get("/metrics").text.splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(name))


def _refused(status: int) -> float:
    return REGISTRY.get_sample_value("trail_refusals_total", {"status": str(status)}) or 0.0


def test_without_a_snapshot_it_is_alive_and_not_ready_until_there_is_one(tmp_path: Path):
    made(tmp_path / "shop", 0)
    with served(tmp_path / "shop") as client:
        assert client.get("/health").json()["status"] == "ok"
        answer = client.get("/ready")
        assert (answer.status_code, answer.json()["projects"]) == (503, {"shop": "no snapshot yet"})
        assert client.get("/v1/projects/shop/hits").json()["error"]["fix"] == "run `trail forecast shop`"
        bring(tmp_path / "shop", third())
        until(lambda: client.get("/ready").status_code == 200)
        assert client.get("/ready").json() == {"status": "ready", "projects": {"shop": third()}}
        assert client.get("/version").json() == {"name": "trail", "version": __version__, "api": "v1"}


def test_probes_may_add_parameters_and_programs_may_not(tmp_path: Path):
    made(tmp_path / "shop", 1)
    with served(tmp_path / "shop") as client:
        for address in ("/health", "/ready", "/metrics"):
            assert client.get(address, params={"_": "17"}).status_code == 200
        refused = client.get("/version", params={"_": "17"})
        assert refused.status_code == 422
        assert refused.json()["error"]["fix"] == "leave it out"


def test_strangers_hear_whether_it_is_ready_and_no_names(tmp_path: Path):
    made(tmp_path / "shop", 1)
    keys = tmp_path / "keys.json"
    shown = {"X-API-Key": create(keys, "tests", ["read"])[1]}
    app = create_app(ServiceSettings(projects={"shop": tmp_path / "shop"}, look_seconds=60))
    with TestClient(guarded(app, GuardSettings(), KeyRing(keys), None), "http://localhost") as client:
        for headers, named in (({}, False), ({"X-API-Key": "trail_1_2"}, False), (shown, True)):
            answer = client.get("/ready", headers=headers)
            assert (answer.status_code, answer.json()["status"]) == (200, "ready")
            assert bool(answer.json()["projects"]) == named
        opened = TestClient(guarded(app, GuardSettings(), None, None), "http://localhost")
        assert opened.get("/ready").json()["projects"]


def test_swaps_and_refusals_are_counted(tmp_path: Path):
    first, second = made(tmp_path / "shop", 2)
    point(tmp_path / "shop", first)
    with served(tmp_path / "shop") as client:
        served_before = _counted(client, 'trail_snapshots_served_total{project="shop"}')
        cutoff = _counted(client, "trail_snapshot_cutoff_seconds{")
        point(tmp_path / "shop", second)
        until(lambda: _counted(client, "trail_snapshots_served_total{") == served_before + 1)
        assert _counted(client, "trail_snapshot_cutoff_seconds{") == cutoff + 86_400
        assert _counted(client, "trail_snapshot_refused{") == 0
        shutil.rmtree(first)
        point_at_nothing = (tmp_path / "shop" / "published.json").read_text().replace(second.name, first.name)
        (tmp_path / "shop" / "published.json").write_text(point_at_nothing)
        until(lambda: _counted(client, "trail_snapshot_refused{") == 1)
        assert client.get("/v1/projects/shop/hits").json()["period"]["snapshot"] == second.name
        assert first.name in client.get("/v1/projects/shop/snapshots").json()["refused"]


def test_labels_are_routes_never_what_a_client_said(tmp_path: Path):
    made(tmp_path / "shop", 1)
    with served(tmp_path / "shop") as client:
        for address in (
            "/v1/projects/shop/hits",
            "/v1/projects/shop/hits",
            "/v1/projects/secret/hits",
            "/secret",
            "/v1/projects/shop/items/secret",
        ):
            client.get(address)
        client.request("SECRET", "/health")
        text = client.get("/metrics").text
        assert "secret" not in text.lower()
        assert 'route="/v1/projects/{project}/hits"' in text
        assert 'method="other"' in text


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        (401, {"url": "/v1/projects/secret"}),
        (401, {"url": "/login", "method": "POST", "data": {"key": "trail_secret"}}),
        (403, {"url": "/metrics", "key": True}),
        (400, {"url": "/health", "headers": {"Content-Length": "secret"}}),
        (413, {"url": "/v1/projects/shop/verify", "method": "POST", "content": b"x" * 2000, "key": True}),
        (414, {"url": "/v1/projects/shop/hits?search=" + "secret" * 2000}),
        (421, {"url": "/health", "headers": {"Host": "secret.example"}}),
        (429, {"url": "/v1/projects", "key": True, "times": 3}),
    ],
)
def test_what_no_route_saw_is_counted_by_status_alone(tmp_path: Path, status: int, asked: dict):
    made(tmp_path / "shop", 1)
    key, method = create(tmp_path / "keys.json", "tests", ["read"])[1], asked.pop("method", "GET")
    shown = {"X-API-Key": key} if asked.pop("key", False) else {}
    times, headers = asked.pop("times", 1), asked.pop("headers", {})
    settings = GuardSettings(
        max_body=1000, allowed_hosts=("localhost",), limits=LimitSettings(reads_per_minute=2)
    )
    app = create_app(ServiceSettings(projects={"shop": tmp_path / "shop"}, look_seconds=60))
    before, admin = _refused(status), TestClient(app)
    with TestClient(
        guarded(app, settings, KeyRing(tmp_path / "keys.json"), None), "http://localhost"
    ) as client:
        answers = [client.request(method, headers=shown | headers, **asked) for _ in range(times)]
        assert answers[-1].status_code == status
        assert _refused(status) == before + 1
        assert client.get("/v1/projects/none/hits", headers={"X-API-Key": key}).status_code in (404, 429)
    assert "secret" not in admin.get("/metrics").text


@pytest.mark.parametrize(
    ("status", "code", "asked"),
    [
        (401, "unauthenticated", {"headers": {"X-API-Key": "wrong"}}),
        (403, "scope_missing", {"url": "/metrics"}),
        (404, "not_found", {"url": "/p/none"}),
        (405, "method_not_allowed", {"url": "/logout"}),
        (413, "body_too_large", {"content": b"x" * 2000}),
        (414, "url_too_long", {"url": "/p/shop?search=" + "x" * 9000}),
        (421, "wrong_host", {"headers": {"Host": "secret.example"}}),
        (429, "too_many_requests", {"times": 4}),
        (504, "timed_out", {"url": "/late"}),
    ],
)
def test_a_browser_gets_every_refusal_as_a_page_and_a_program_as_json(
    tmp_path: Path, status: int, code: str, asked: dict
):
    made(tmp_path / "shop", 1)
    shown = {"X-API-Key": create(tmp_path / "keys.json", "tests", ["read"])[1]} | asked.pop("headers", {})
    settings = GuardSettings(1000, seconds=0.2, allowed_hosts=("localhost",), limits=LimitSettings(3))
    app = create_app(ServiceSettings(projects={"shop": tmp_path / "shop"}, look_seconds=60))
    times, asked = asked.pop("times", 1), {"url": "/p/shop"} | asked

    @app.get("/late")
    async def late() -> None:
        await asyncio.sleep(30)

    def answers(accept: str):
        asgi = guarded(app, settings, KeyRing(tmp_path / "keys.json"), None)
        with TestClient(asgi, "http://localhost", headers=shown | {"Accept": accept}) as client:
            return [client.request("GET", **asked) for _ in range(times)][-1]

    page, plain = answers("text/html,*/*;q=0.8"), answers("application/json")
    assert (page.status_code, plain.status_code) == (status, status)
    assert plain.json()["error"]["code"] == code
    assert page.headers["content-type"].startswith("text/html")
    assert f"Status {status}, {code}." in page.text
    assert "<h1>Something went wrong" not in page.text
    for name in ("Retry-After", "Allow", "WWW-Authenticate"):
        assert (name in page.headers) == (name in plain.headers)
    assert ("Retry-After" in page.headers) == (status == 429)
    assert ("shop" in page.text) == (status == 404), "who is refused by the guard hears no names"


def test_refusals_of_routes_are_counted_once_and_late_answers_as_late(tmp_path: Path):
    made(tmp_path / "shop", 1)
    app = create_app(ServiceSettings(projects={"shop": tmp_path / "shop"}, look_seconds=60))

    @app.get("/slow")
    async def slow() -> None:
        await asyncio.sleep(30)

    before = {status: _refused(status) for status in (404, 500, 504)}
    with TestClient(guarded(app, GuardSettings(seconds=0.2), None, None), "http://localhost") as client:
        assert client.get("/v1/projects/none/hits").status_code == 404
        assert client.get("/slow").status_code == 504
        assert _counted(client, 'trail_requests_total{method="GET",route="/slow",status="504"}') == 1
        for address in ("/v1/projects/none/hits", "/nowhere"):
            assert client.head(address).status_code == 404
        assert {status: _refused(status) for status in before} == before


@pytest.mark.parametrize("address", ["/health", "/v1/projects/shop/hits", "/p/shop", "/no"])
def test_head_is_answered_like_get_without_the_body(client: TestClient, address: str):
    got, head = client.get(address), client.head(address)
    assert (head.status_code, head.content) == (got.status_code, b"")
    same = ("content-type", "content-length", "etag", "cache-control", "vary")
    assert [head.headers.get(each) for each in same] == [got.headers.get(each) for each in same]


def test_head_of_what_is_posted_is_refused(client: TestClient):
    assert client.head("/v1/projects/shop/rerank").status_code == 405
