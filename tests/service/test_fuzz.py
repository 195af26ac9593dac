"""Whatever is asked: no error that nobody foresaw, one shape of problem, and answers that fit their description."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import unquote

import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, settings

from tests.service.making import made, until
from tests.service.malformed import Bad, malformed
from trail.service import ServiceSettings, create_app

#: Bytes of a refusal at most, whatever was asked.
MOST = 8_000


def _app() -> FastAPI:
    folder = Path(mkdtemp(prefix="trail-fuzz-")) / "shop"
    made(folder)
    app = create_app(ServiceSettings(projects={"shop": folder}))
    app.state.trail.shelves["shop"].look()
    return app


schema = schemathesis.openapi.from_asgi("/openapi.json", _app())


@schema.parametrize()
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_answers_fit_their_description(case):
    case.call_and_validate()


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_fit_their_description_at_length(case):
    case.call_and_validate()


CODES = {
    "bad_request", "not_found", "method_not_allowed", "invalid", "too_large", "unsupported_media_type",
}  # fmt: skip


async def raw(app: FastAPI, bad: Bad) -> tuple[int, bytes]:
    """Hands a request to the application as a server would that checks nothing."""
    path, _, query = bad.target.partition(b"?")
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": bad.method, "scheme": "http",
        "path": unquote(path.decode("latin-1")), "raw_path": path, "query_string": query, "root_path": "",
        "headers": [(b"host", b"localhost"), *bad.headers], "client": ("127.0.0.1", 1), "server": ("localhost", 80), "state": {},
    }  # fmt: skip
    sent: list[Any] = []
    waiting = [{"type": "http.request", "body": bad.body, "more_body": False}]

    async def receive() -> Any:
        return waiting.pop() if waiting else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], b"".join(each.get("body", b"") for each in sent[1:])


def refused(bad: Bad, status: int, body: bytes) -> str:
    """Returns what is wrong with the answer to a malformed request; empty if nothing is."""
    if not 400 <= status < 500:
        return f"{status}: {body[:200]!r}"
    if bad.method == "HEAD":
        return ""
    error = json.loads(body)["error"]
    if set(error) != {"code", "found", "expected", "fix"} or error["code"] not in CODES:
        return f"another shape: {body[:200]!r}"
    return "" if len(body) < MOST else f"{len(body)} bytes said of it"


def _answers(app: FastAPI, number: int, seed: int) -> None:
    wrong = []

    async def go() -> None:
        for bad in malformed(number, seed):
            try:
                status, body = await raw(app, bad)
            except Exception as error:  # noqa: BLE001 - each is to be seen
                wrong.append((bad.kind, bad, repr(error)))
                continue
            if why := refused(bad, status, body):
                wrong.append((bad.kind, bad, why))

    asyncio.run(go())
    assert not wrong, f"{len(wrong)} of {number}, the first: {wrong[0]!r:.1500}"


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return _app()


def test_malformed_requests_are_refused_with_a_stable_code(app: FastAPI):
    _answers(app, 420, seed=1)


@pytest.mark.slow
def test_ten_thousand_malformed_requests(app: FastAPI):
    _answers(app, 10_000, seed=2)


@contextmanager
def listening(app: FastAPI) -> Iterator[int]:
    """Yields the port of a real server of the application."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="critical"))
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


_GOOD = b"GET /v1/projects/shop/hits?limit=1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
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


def test_a_real_server_refuses_nonsense_and_goes_on(app: FastAPI):
    with listening(app) as port:
        answers = [said(port, each, ends=True) for each in NONSENSE]
        assert not [each for each in answers if each and not each.startswith(b"HTTP/1.1 4")], (
            "none is answered"
        )
        for bad in malformed(70, seed=3):
            head = b"%s %s HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n"
            lines = b"".join(name + b": " + value + b"\r\n" for name, value in bad.headers)
            answer = said(
                port, head % (bad.method.encode(), bad.target, len(bad.body)) + lines + b"\r\n" + bad.body
            )
            assert answer.startswith(b"HTTP/1.1 4") or not answer, (bad, answer[:200])
        assert said(port, _GOOD + b"\r\n").startswith(b"HTTP/1.1 200")
