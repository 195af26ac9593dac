"""The application: addresses of programs and of people over one state."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from trail import __version__
from trail.service.audit import Audit
from trail.service.described import Described
from trail.service.faults import PROBLEMS, answer_errors
from trail.service.gauges import Counted
from trail.service.pages import add_pages, error_page
from trail.service.problems import PAGE
from trail.service.routes import hits, items, meta, rerank, snapshots
from trail.service.settings import ServiceSettings
from trail.service.state import State, keep_state
from trail.service.traces import trace
from trail.service.zipping import GZIP, encoding_of

_LISTS, _HITS = "/v1/projects/", "/hits"
#: Encoding -> headers of a list, as they are sent.
_HEADERS = {
    encoding: [
        (name.lower().encode(), value.encode())
        for name, value in ({"Content-Type": hits.JSON} | hits.headers(encoding)).items()
    ]
    for encoding in ("", GZIP)
}


def create_app(settings: ServiceSettings, audit: Audit | None = None) -> FastAPI:
    """Returns the application, without guard: `trail.service.serving` puts that around it.

    Args:
        settings: What the server is told.
        audit: Where it is noted which snapshot became the served one; null for nowhere.
    """
    state = State.of(settings, audit)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with state.running():
            yield

    app = Described(
        title="TRAIL",
        version=__version__,
        summary="Which items will be popular next, and why, in words that were checked.",
        lifespan=lifespan,
        docs_url=None,  # its page loads scripts from other hosts
        redoc_url=None,
        responses=PROBLEMS,
    )
    keep_state(app, state)
    for routes in (meta, snapshots, hits, items, rerank):
        app.include_router(routes.router)
    add_pages(app)
    answer_errors(app)
    app.add_middleware(Remembering, state=state)
    app.add_middleware(Counted)
    if settings.traces:
        trace(app)
    app.add_middleware(Headed)
    return app


class Headed:
    """Answers HEAD as GET, of which the server sends the head alone; a browser gets refusals as pages.

    Args:
        app: What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        scope[PAGE] = error_page
        scope.setdefault("state", {})  # shared by the two scopes of a HEAD
        asked = scope.get("method") == "HEAD"
        await self._app({**scope, "method": "GET"} if asked else scope, receive, send)


class Remembering:
    """Answers a list that was asked for before in the very words, as long as its snapshot is served.

    Args:
        app: What answers the rest.
        state: What all requests share.
    """

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app, self._state = app, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        found = self._kept(scope)
        if found is None:
            await self._app(scope, receive, send)
            return
        encoding, body = found
        scope["trail.route"] = f"{_LISTS}{{project}}{_HITS}"
        headers = [(b"content-length", str(len(body)).encode()), *_HEADERS[encoding]]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _kept(self, scope: Scope) -> tuple[str, bytes] | None:
        """Returns the encoding and the bytes of a list that is kept; null without."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        path: str = scope["path"]
        if not (path.startswith(_LISTS) and path.endswith(_HITS)):
            return None
        encoding = encoding_of(scope)
        body = hits.kept(self._state, path[len(_LISTS) : -len(_HITS)], encoding, scope["query_string"])
        return None if body is None else (encoding, body)
