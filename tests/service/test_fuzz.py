"""Whatever is asked, with whatever key: no error that nobody foresaw, one shape of problem, and answers that fit their description."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from starlette.types import ASGIApp

from tests.service.making import made, until
from tests.service.malformed import BASE, TOO_MANY, Bad, malformed
from trail.service import ServiceSettings, create_app
from trail.service.connection import Bounded
from trail.service.guard import GuardSettings, guarded
from trail.service.keys import KeyRing, create
from trail.service.limits import LimitSettings
from trail.service.problems import Problem
from trail.service.rules import is_open

#: Bytes of a refusal at most, whatever was asked; bytes of a body that come at once.
MOST, PIECE = 8_000, 200_000


#: Removed when Python ends: what is tested is made when this module is read.
_TEMPORARY = TemporaryDirectory(prefix="trail-fuzz-")


def _app() -> FastAPI:
    folder = Path(_TEMPORARY.name) / "shop"
    made(folder)
    app = create_app(ServiceSettings(projects={"shop": folder}))
    app.state.trail.shelves["shop"].look()
    return app


def _locked(app: FastAPI, often: int = 10**9) -> ASGIApp:
    """Returns the application as `trail serve` has it: behind its guard, with keys."""
    limits = LimitSettings(often, often, often)
    return guarded(app, GuardSettings(TOO_MANY - 1, seconds=60, limits=limits), KeyRing(KEYS), None)


APP = _app()
KEYS = Path(_TEMPORARY.name) / "keys.json"
GOOD = [create(KEYS, scope, [scope])[1] for scope in ("read", "explain", "admin")]
LOCKED = _locked(APP)
#: What is shown beside a request, and whether it is a key.
SHOWN = (
    ((), False),
    *(((b"authorization", f"Bearer {key}".encode()), True) for key in GOOD[:2]),
    ((b"authorization", b"Bearer trail_0123abcd_" + b"x" * 43), False),
    ((b"x-api-key", GOOD[2].encode()), True),
    ((b"x-api-key", GOOD[0][:-1].encode()), False),
    ((b"cookie", b"trail_session=" + GOOD[0].encode()), False),
)
CODES = {each.value: each.status for each in Problem if 400 <= each.status < 500}
#: What may be said to somebody without a key: the first three before anybody looks for one.
LOCKED_OUT = {"bad_request", "body_too_large", "url_too_long", "unauthenticated"}
#: Too large a body is refused too, and nobody looks whether it is wrong besides.
CHECKS = {"negative_data_rejection": {"expected-statuses": ["4xx"]}}
schema = schemathesis.openapi.from_asgi(
    "/openapi.json",
    LOCKED,
    config=SchemathesisConfig.from_dict({"checks": CHECKS}),
    headers={"X-API-Key": GOOD[1]},
)


def _fits(case: schemathesis.Case) -> None:
    case.call_and_validate(headers={"X-API-Key": GOOD[1]})
    for shown in ({"X-API-Key": "none"}, {"Authorization": f"Bearer {GOOD[0]}x"}):
        answer = case.call(headers=shown)
        if not is_open(urlsplit(answer.request.url).path):
            code = answer.json()["error"]["code"]
            assert code in LOCKED_OUT
            assert answer.status_code == CODES[code]


@schema.parametrize()
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_answers_fit_their_description(case):
    _fits(case)


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_fit_their_description_at_length(case):
    _fits(case)


#: What reads a body.
BODIES = {BASE + b"/verify", BASE + b"/rerank"}


async def raw(app: ASGIApp, bad: Bad) -> tuple[int, bytes]:
    """Hands a request to the application as a server would that checks nothing; its body comes in pieces."""
    path, _, query = bad.target.partition(b"?")
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": bad.method, "scheme": "http",
        "path": unquote(path.decode("latin-1")), "raw_path": path, "query_string": query, "root_path": "",
        "headers": [(b"host", b"localhost"), *bad.headers], "client": ("127.0.0.1", 1), "server": ("localhost", 80), "state": {},
    }  # fmt: skip
    sent: list[Any] = []
    pieces = [bad.body[at : at + PIECE] for at in range(0, len(bad.body), PIECE)] or [b""]
    waiting = [
        {"type": "http.request", "body": each, "more_body": at > 0} for at, each in enumerate(pieces[::-1])
    ]

    async def receive() -> Any:
        return waiting.pop() if waiting else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], b"".join(each.get("body", b"") for each in sent[1:])


def _shown(number: int, seed: int) -> Iterator[tuple[Bad, bool]]:
    """Yields malformed requests, each kind with each way to show a key or none, and whether it is a good one."""
    for at, bad in enumerate(malformed(number, seed)):
        header, good = SHOWN[at % len(SHOWN)]
        yield replace(bad, headers=(header, *bad.headers) if header else bad.headers), good


def refused(bad: Bad, status: int, body: bytes, *, good: bool, limited: bool = False) -> str:
    """Returns what is wrong with the answer to a malformed request; empty if nothing is."""
    error = json.loads(body)["error"] if 400 <= status < 500 else {}
    if set(error) != {"code", "found", "expected", "fix"} or CODES.get(error["code"]) != status:
        return f"another answer, {status}: {body[:200]!r}"
    code = error["code"]
    if limited and code == "too_many_requests":
        return ""
    known = code not in {"unauthenticated", "too_many_requests"} if good else code in LOCKED_OUT
    if not known:
        return f"{code}, with a {'good' if good else 'bad'} key"
    told = any(name == b"content-length" for name, _ in bad.headers)
    read = good and bad.method == "POST" and bad.target in BODIES
    if bad.kind == "large" and (told or read) and code != "body_too_large":
        return f"{code} of too large a body"
    return "" if len(body) < MOST else f"{len(body)} bytes said of it"


def _answers(app: ASGIApp, number: int, seed: int, *, limited: bool = False) -> Counter[str]:
    """Sends malformed requests; returns how often each code was answered."""
    wrong: list[tuple[str, Bad, str]] = []
    codes: Counter[str] = Counter()

    async def go() -> None:
        for bad, good in _shown(number, seed):
            try:
                status, body = await raw(app, bad)
                codes[json.loads(body)["error"]["code"]] += 1
                why = refused(bad, status, body, good=good, limited=limited)
            except Exception as error:  # noqa: BLE001 - each is to be seen
                why = repr(error)
            if why:
                wrong.append((bad.kind, bad, why))

    asyncio.run(go())
    assert not wrong, f"{len(wrong)} of {number}, the first: {wrong[0]!r:.1500}"
    return codes


def test_malformed_requests_are_refused_with_a_stable_code():
    codes = _answers(LOCKED, 420, seed=1)
    assert codes.keys() >= {"unauthenticated", "body_too_large", "invalid", "not_found", "method_not_allowed"}


def test_malformed_requests_past_the_limit_are_told_so():
    assert _answers(_locked(APP, often=20), 150, seed=4, limited=True)["too_many_requests"] > 10


@pytest.mark.slow
def test_ten_thousand_malformed_requests():
    _answers(LOCKED, 10_000, seed=2)


@contextmanager
def listening(app: ASGIApp) -> Iterator[int]:
    """Yields the port of a real server of the application."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="critical", http=Bounded))
        thread = threading.Thread(target=server.run, args=([bound],))
        thread.start()
        until(lambda: server.started)
        try:
            yield bound.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def said(port: int, sent: bytes, *, ends: bool = False) -> bytes:
    """Returns what a server answers to bytes until it hangs up; `ends`: after which the client sends no more."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        try:
            connection.sendall(sent)
            if ends:
                connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65_536), b""))
        except ConnectionError:  # it may hang up on nonsense before it has read all of it
            return b""


_GOOD = (
    b"GET /v1/projects/shop/hits?limit=1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-api-key: %s\r\n"
    % GOOD[0].encode()
)
NONSENSE = (
    b"", b"\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200, b"GET\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\nhost: x\r\n\r\n", b"GET /health HTTP/9.9\r\nhost: x\r\n\r\n", b"\xff" * 1000, _GOOD[:40],
    b"POST /v1/projects/shop/verify HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n{}",
    b"POST /v1/projects/shop/verify HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n{}",
    b"POST /v1/projects/shop/verify HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /v1/projects/shop/verify HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    b"POST /v1/projects/shop/verify HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{}",
    _GOOD + b"a b c\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)  # fmt: skip


def test_a_real_server_refuses_nonsense_and_goes_on():
    with listening(LOCKED) as port:
        answers = [said(port, each, ends=True) for each in NONSENSE]
        assert not [each for each in answers if each and not each.startswith(b"HTTP/1.1 4")], (
            "none is answered"
        )
        for bad, _ in _shown(75, seed=3):
            head = b"%s %s HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n"
            lines = b"".join(name + b": " + value + b"\r\n" for name, value in bad.headers)
            answer = said(
                port, head % (bad.method.encode(), bad.target, len(bad.body)) + lines + b"\r\n" + bad.body
            )
            assert answer.startswith(b"HTTP/1.1 4") or not answer, (bad, answer[:200])
        assert said(port, _GOOD + b"\r\n").startswith(b"HTTP/1.1 200")
