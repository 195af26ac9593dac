"""The guard around the routes: sizes, times, names, headers, log; who may do what is in test_door."""

import asyncio
import json
import logging

import anyio.to_thread
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.service.guarding import HERE, application
from trail.errors import ConfigError
from trail.service.guard import GuardSettings, check_open, guarded
from trail.service.problems import Problem


def code(answer):
    error = answer.json()["error"]
    assert set(error) == {"code", "found", "expected", "fix"}
    assert Problem(error["code"]).status == answer.status_code
    return error["code"]


def lines(caplog):
    return [json.loads(each.getMessage()) for each in caplog.records if each.name == "trail.access"]


def test_every_answer_carries_the_headers(served):
    client = served().client("read")
    for answer in (
        client.get("/v1/items/a"),
        client.get("/health"),
        client.get("/v1/none"),
        client.get("/v1/x" * 3000),
    ):
        found = answer.headers
        policy = dict(each.split(" ", 1) for each in found["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert "unsafe" not in found["content-security-policy"]
        assert (policy["frame-ancestors"], policy["base-uri"]) == ("'none'", "'none'")
        assert found["x-content-type-options"] == "nosniff"
        assert found["referrer-policy"] == "no-referrer"
        assert found["cache-control"] == "no-store"
        assert "strict-transport-security" in found
        assert "access-control-allow-origin" not in found
    cached = client.get("/v1/cached").headers
    assert (cached["cache-control"], cached["referrer-policy"]) == ("max-age=60", "same-origin")
    plain = served().client("read", "http://trail.example.org").get("/v1/items/a")
    assert "strict-transport-security" not in plain.headers


def test_the_request_id_is_made_here(served):
    client = served().client("read", **{"X-Request-ID": "forged"})
    first, second = client.get("/v1/items/a"), client.get("/v1/items/a")
    assert first.headers["x-request-id"] == first.json()["id"]
    assert len({first.json()["id"], second.json()["id"], "forged"}) == 3


def test_the_log_has_a_line_a_request_and_nothing_secret(served, caplog):
    made = served()
    client = made.client("read")
    secret = made.keys["admin"]
    with caplog.at_level(logging.DEBUG):
        client.get("/v1/items/a", params={"key": secret, "q": "private"})
        client.get(f"/v1/items/{secret}")
        client.get("/v1/items/%0A%1B%5B2J%7F%E2%80%A8", headers={"X-API-Key": secret})
        client.get("/v1/none", headers={"Authorization": f"Bearer {secret}x"})
        client.get("/", headers={"Authorization": f"Basic {secret}", "Cookie": f"trail_session={secret}"})
        signed = client.post(
            "/login", data={"key": secret, "next": f"/?key={secret}"}, headers={"Origin": HERE}
        )
        client.post("/login", data={"key": secret + "x"}, headers={"Origin": HERE})
    found = lines(caplog)
    assert [each["status"] for each in found] == [200, 200, 200, 401, 401, 303, 401]
    assert set(found[0]) == {"id", "method", "path", "status", "ms", "key"}
    assert (found[0]["method"], found[0]["path"]) == ("GET", "/v1/items/a")
    assert found[0]["key"] == made.keys["read"].split("_")[1]
    assert found[0]["id"] in {each["id"] for each in found}
    assert found[3]["key"] is None
    assert found[1]["path"] == f"/v1/items/trail_{secret.split('_')[1]}_***"
    assert found[2]["path"] == "/v1/items/\n\x1b[2J\x7f\u2028"
    session = signed.headers["set-cookie"].partition("=")[2].partition(";")[0]
    for record in caplog.records:
        if record.name.startswith("trail"):
            text = record.getMessage() + str(record.args)
            assert text.isprintable()
            assert text.isascii()
            for private in (secret.split("_", 2)[2], made.keys["read"].split("_", 2)[2], session, "private"):
                assert private not in text


def test_a_body_has_a_size(served):
    client = served(max_body=100).client("read")

    def pieces():
        yield from (b"x" * 60, b"x" * 60)

    for path in ("/v1/echo", "/v1/swallowing"):
        assert client.post(path, content=b"x" * 100).text == "100"
        assert code(client.post(path, content=b"x" * 101)) == "body_too_large"
        assert code(client.post(path, content=pieces())) == "body_too_large"
    assert (
        code(client.post("/v1/echo", content=b"", headers={"Content-Length": "9" * 5000})) == "body_too_large"
    )
    assert code(client.post("/v1/echo", content=b"", headers={"Content-Length": "-1"})) == "bad_request"


def test_a_body_that_is_too_large_is_not_read_on():
    read, pieces = [], iter([b"x" * 60] * 100)

    async def greedy(scope, receive, send):
        while (message := await receive())["more_body"]:
            read.append(len(message["body"]))

    async def receive():
        return {"type": "http.request", "body": next(pieces), "more_body": True}

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/echo", "query_string": b"", "client": None}
    scope["headers"] = [(b"host", b"localhost")]
    asyncio.run(guarded(greedy, GuardSettings(max_body=100), None, None)(scope, receive, send))
    assert read == [60]
    assert len(list(pieces)) == 98
    assert sent[0]["status"] == 413


def test_a_url_has_a_length(served):
    client = served(max_url=50).client("read")
    assert client.get("/v1/items/" + "a" * 40).status_code == 200
    assert code(client.get("/v1/items/" + "a" * 41)) == "url_too_long"
    assert code(client.get("/v1/items/a", params={"q": "a" * 40})) == "url_too_long"


def test_an_answer_has_its_time_and_is_stopped_after_it(served, caplog):
    made = served(seconds=0.3)
    client = made.client("read")
    assert code(client.get("/v1/slow")) == "timed_out"
    assert made.app.state.stopped == ["/v1/slow"]
    assert client.get("/v1/events").text == "data: 0\n\ndata: 1\n\ndata: 2\n\n", "events have all the time"
    with caplog.at_level(logging.INFO):
        client.get("/v1/stuck")
    assert [each["status"] for each in lines(caplog)] == [200]
    assert any("stopped after" in each.getMessage() for each in caplog.records)


def test_a_route_in_a_thread_is_answered_in_time_and_keeps_its_place(served):
    made, places = served(seconds=0.1), 5
    sent: list[int] = []

    async def ask():
        anyio.to_thread.current_default_thread_limiter().total_tokens = places
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/v1/threaded",
            "query_string": b"",
            "scheme": "http",
        }
        scope["headers"] = [(b"host", b"trail.example.org"), (b"x-api-key", made.keys["read"].encode())]
        began = asyncio.get_running_loop().time()
        told: list[float] = []

        async def send(message):
            if message["type"] == "http.response.start":
                sent.append(message["status"])
                told.append(asyncio.get_running_loop().time() - began)

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        await asyncio.gather(*(made.asgi(dict(scope), receive, send) for _ in range(4 * places)))
        return told

    told = asyncio.run(ask())
    assert sent == [504] * (4 * places)
    assert max(told) < 0.5, "before the threads end"
    assert made.app.state.most <= places


def test_half_an_answer_is_not_ended(served):
    made = served(seconds=0.3)
    sent = []

    async def ask():
        scope = {"type": "http", "method": "GET", "path": "/v1/stuck", "query_string": b"", "scheme": "https"}
        scope["headers"] = [(b"host", b"trail.example.org"), (b"x-api-key", made.keys["read"].encode())]

        async def receive():
            await asyncio.sleep(30)

        async def send(message):
            sent.append(message)

        await made.asgi(scope, receive, send)

    asyncio.run(ask())
    assert [each["type"] for each in sent] == ["http.response.start", "http.response.body"]
    assert sent[-1]["more_body"], "the server sees that more should have come, and closes the connection"


def test_what_an_application_lets_fall_is_a_refusal(caplog):
    async def bare(scope, receive, send):
        await fails[scope["path"]](scope | {"send": send})

    async def config(_):
        raise ConfigError("no such item", expected="one of the log")

    async def timeout(_):
        raise TimeoutError("of its own")

    async def other(_):
        raise RuntimeError("with details")

    async def late(scope):
        await scope["send"]({"type": "http.response.start", "status": 200, "headers": []})
        raise ConfigError("after the answer began")

    fails = {"/late": late, "/config": config, "/timeout": timeout, "/other": other}
    client = TestClient(guarded(bare, GuardSettings(), None, None), "http://localhost")
    assert code(client.get("/config")) == "bad_request"
    assert client.get("/config").json()["error"]["expected"] == "one of the log"
    for path in ("/timeout", "/other"):
        answer = client.get(path)
        assert code(answer) == "internal"
        assert "details" not in answer.text
    with pytest.raises(ConfigError):  # the server's own log has it, and the connection is closed
        client.get("/late")
    assert sum("failed" in each.getMessage() for each in caplog.records) == 2


def test_hosts_are_those_allowed(served):
    made = served(allowed_hosts=("trail.example.org", "*.shop.example"))
    for host, status in {
        "trail.example.org": 200,
        "TRAIL.example.org:8443": 200,
        "a.shop.example": 200,
        "shop.example": 421,
        "evil.example": 421,
        "trail.example.org.evil.example": 421,
        "trail.example.org@evil.example": 421,
        "trail.example.org:80:80": 421,
        "evilshop.example": 421,
        "": 421,
    }.items():
        assert made.client("read").get("/v1/items/a", headers={"Host": host}).status_code == status, host
    assert served().client("read").get("/v1/items/a", headers={"Host": "any.thing"}).status_code == 200


def test_two_headers_that_must_be_one_are_refused(served):
    made = served()
    for name, value in (("Host", "trail.example.org"), ("Authorization", "Bearer x"), ("X-API-Key", "x")):
        answer = made.client().get("/v1/items/a", headers=[(name, value), (name, value)])
        assert code(answer) == "bad_request"


def test_other_sites_ask_only_where_they_may(served):
    origin = "https://page.example"
    made = served(allowed_origins=(origin,))
    client = made.client("read")
    answer = client.get("/v1/items/a", headers={"Origin": origin})
    assert answer.headers["access-control-allow-origin"] == origin
    assert "access-control-allow-credentials" not in answer.headers
    refused = made.client().get("/v1/items/a", headers={"Origin": origin})
    assert (code(refused), refused.headers["access-control-allow-origin"]) == ("unauthenticated", origin)
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    before = made.client().options(
        "/v1/items/a", headers=asked | {"Access-Control-Request-Headers": "Authorization"}
    )
    assert (before.status_code, before.headers["access-control-allow-origin"]) == (200, origin)
    assert before.headers["x-content-type-options"] == "nosniff"
    other = client.get("/v1/items/a", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


def test_only_http_passes(served):
    async def talking(scope, receive, send):
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "hello"})

    client = TestClient(guarded(talking, GuardSettings(), None, None), "http://localhost")
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/v1/items/a"):
        pass
    with served().client("read") as client:  # the application's own start and end
        assert client.get("/v1/items/a").status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_a_service_without_keys_is_this_machines(host):
    check_open(host)


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",
        "::",
        "",
        "192.168.0.4",
        "trail.example.org",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
    ],
)
def test_a_service_without_keys_is_nobody_elses(host):
    with pytest.raises(ConfigError, match="trail keys create"):
        check_open(host)


def test_settings_that_cannot_be_meant_are_refused():
    for wrong in ({"seconds": 0}, {"max_body": -1}):
        with pytest.raises(ConfigError):
            GuardSettings(**wrong)
    for settings in (
        {"allowed_origins": ("*",)},
        {"allowed_hosts": ("a:80",)},
        {"allowed_hosts": ("*",)},
        {"allowed_origins": ("nonsense",)},
        {"allowed_origins": ("ftp://a",)},
    ):
        with pytest.raises(ConfigError):
            guarded(application(), GuardSettings(**settings), None, None)
