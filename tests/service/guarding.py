"""A little application behind the guard, and clients of it."""

import asyncio
import threading
import time
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

HERE = "https://trail.example.org"


def who(request):
    state = request.state
    return JSONResponse({"key": state.key_id, "scopes": sorted(state.scopes), "id": state.request_id})


def explained(request):
    """Says the same where a text is sealed, or may be written."""
    refusal = None if "sealed" in request.query_params else request.state.explaining()
    return refusal or who(request)


async def echo(request):
    return PlainTextResponse(str(len(await request.body())))


async def swallowing(request):
    """Reads a body as a framework does that takes every failure for a bad body."""
    try:
        return PlainTextResponse(str(len(await request.body())))
    except Exception:  # noqa: BLE001 - as above
        return PlainTextResponse("bad body", 400)


async def slow(request):
    try:
        await asyncio.sleep(30)
    except asyncio.CancelledError:
        request.app.state.stopped.append(request.url.path)
        raise


def threaded(request):
    """A route in a thread, which nobody can stop."""
    state = request.app.state
    with state.counting:
        state.running += 1
        state.most = max(state.most, state.running)
    time.sleep(0.5)
    with state.counting:
        state.running -= 1
    return PlainTextResponse("done")


async def stuck(request):
    async def pieces():
        yield b"one"
        await asyncio.sleep(30)

    return StreamingResponse(pieces(), media_type="text/plain")


async def events(request):
    async def pieces():
        for number in range(3):
            await asyncio.sleep(0.12)
            yield f"data: {number}\n\n".encode()

    return StreamingResponse(pieces(), media_type="text/event-stream")


async def cached(request):
    return PlainTextResponse("x", headers={"Cache-Control": "max-age=60", "Referrer-Policy": "same-origin"})


def application():
    """The routes, each of which says who asks or does one odd thing."""
    odd = {
        "/v1/echo": echo,
        "/v1/swallowing": swallowing,
        "/v1/slow": slow,
        "/v1/stuck": stuck,
        "/v1/threaded": threaded,
        "/v1/events": events,
        "/v1/cached": cached,
        "/v1/projects/{project}/explanations": explained,
        "/v1/projects/{project}/explanations/{item}": explained,
    }
    plain = ["/", "/health", "/ready", "/version", "/static/trail.css", "/metrics", "/items/{item}"]
    plain += ["/v1/items/{item}", "/v1/projects/{project}/{what}/{item}"]
    both = ["GET", "POST"]
    app = Starlette(
        routes=[Route(path, do, methods=both) for path, do in (odd | dict.fromkeys(plain, who)).items()]
    )
    app.state.stopped = []
    app.state.counting, app.state.running, app.state.most = threading.Lock(), 0, 0
    return app


@dataclass
class Served:
    """An application behind the guard.

    Attributes:
        keys: A key by its scope.
        path: The file of keys.
        audit: The audit log's file.
    """

    app: Starlette
    asgi: object
    path: object = None
    audit: object = None
    keys: dict = field(default_factory=dict)

    def client(self, scope="", base=HERE, **headers):
        """A client that shows a key of a scope, or none."""
        shown = {"Authorization": f"Bearer {self.keys[scope]}"} if scope else {}
        return TestClient(self.asgi, base, headers=shown | headers, follow_redirects=False)
