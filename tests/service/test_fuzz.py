"""Whatever is asked: no error that nobody foresaw, one shape of problem, and answers that fit their description."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import unquote

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings

from tests.service.making import made
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
