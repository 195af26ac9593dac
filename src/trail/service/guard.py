"""What stands around the routes: ids, the access log, sizes, times, names, headers; then the door."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from dataclasses import dataclass, field

import anyio
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trail.errors import ConfigError, TrailError
from trail.service.access import log_request
from trail.service.audit import Audit
from trail.service.door import HEADERS, Door
from trail.service.gauges import count_refusal
from trail.service.hosts import check_open, check_origins, host_check
from trail.service.keys import KeyRing
from trail.service.limits import Limits, LimitSettings
from trail.service.lines import trace_line
from trail.service.pages import error_page
from trail.service.policy import POLICY
from trail.service.problems import PAGE, Problem, error_response, problem_response
from trail.service.rules import route_path
from trail.service.sessions import Sessions
from trail.service.signing import SignIn

_LOG = logging.getLogger("trail.service")
_NO_SNIFF = (b"x-content-type-options", b"nosniff")
_HTTPS = (b"strict-transport-security", b"max-age=31536000")
#: Headers that a route may set otherwise.
_POLICY = (b"content-security-policy", POLICY.encode())
_REFERRER, _CACHE = (b"referrer-policy", b"no-referrer"), (b"cache-control", b"no-store")
#: Headers of which a second one makes it unclear who asks for what.
_SINGLE = (b"host", b"authorization", b"x-api-key", b"origin", b"content-length", b"sec-fetch-site")
#: More digits than any body has bytes.
_LENGTH_DIGITS = 20

__all__ = ["GuardSettings", "check_open", "guarded"]


@dataclass(frozen=True)
class GuardSettings:
    """What the guard lets through.

    Attributes:
        max_body: Bytes of a request's body.
        max_url: Bytes of its path and query; the server itself bounds headers.
        seconds: How long an answer may take, unless it is a stream of events.
        allowed_hosts: Names that the service answers to, `*.example.org` for all under one; none for any. Without
            keys it answers to this machine's names alone.
        allowed_origins: Other sites whose pages may ask, as `https://example.org`; with keys also `*`.
        session_hours: How long somebody stays signed in.
        sessions: How many may be signed in at once.
        limits: How often is too often.
    """

    max_body: int = 1_000_000
    max_url: int = 8192
    seconds: float = 10.0
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    session_hours: float = 12.0
    sessions: int = 10_000
    limits: LimitSettings = field(default_factory=LimitSettings)

    def __post_init__(self) -> None:
        if min(self.max_body, self.max_url, self.seconds, self.session_hours, self.sessions) <= 0:
            raise ConfigError(
                "a limit of nothing", expected="more than 0 of each", where="the guard's settings"
            )


def guarded(app: ASGIApp, settings: GuardSettings, ring: KeyRing | None, audit: Audit | None) -> ASGIApp:
    """Returns an application with everything around it that guards it.

    Routes find `request_id`, `key_id` (null without one) and `scopes` in `request.state`, and those that explain
    `explaining`, to be called before a text is written: it counts that and returns the refusal of one too many, or of a key
    that may only read.

    Args:
        app: The routes.
        settings: What is let through.
        ring: The keys; null for a service without, which reads and explains for this machine alone (`check_open`).
        audit: Where signing in and out is noted; null for nowhere.

    Raises:
        ConfigError: If a host or an origin could not be one, or every origin is to read a service without keys.
    """
    if ring is None and "*" in settings.allowed_origins:
        raise ConfigError(
            "every origin allowed to a service without keys", expected="the origins by their names"
        )
    check_origins(settings.allowed_origins)
    sessions = Sessions(settings.session_hours, settings.sessions)
    desk = SignIn(ring, sessions, settings.session_hours, audit)
    inner: ASGIApp = Door(app, ring, Limits(settings.limits), desk, settings.allowed_origins)
    if settings.allowed_origins:
        inner = CORSMiddleware(
            inner,
            allow_origins=settings.allowed_origins,
            allow_methods=("GET", "POST"),
            allow_headers=("Authorization", "X-API-Key", "Content-Type"),
            expose_headers=("X-Request-ID", "Retry-After", "ETag"),
        )
    return _Guard(inner, app, settings, loopback_only=ring is None)


class _Guard:
    """ASGI: one exchange for each request; what is no request of HTTP passes or is closed."""

    def __init__(self, inner: ASGIApp, app: ASGIApp, settings: GuardSettings, *, loopback_only: bool) -> None:
        self._inner, self._app, self._settings = inner, app, settings
        self._answers = host_check(settings.allowed_hosts, loopback_only=loopback_only)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._exchange(scope, receive, send)
        else:  # no route speaks WebSocket, and no rule here would hold for one
            count_refusal(403)
            await send({"type": "websocket.close", "code": 1008})

    async def _exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, path = time.perf_counter(), route_path(scope)  # routes that are mounted change it in the scope
        scope.setdefault("state", {})["request_id"] = request_id = secrets.token_hex(8)
        scope[HEADERS] = headers = dict(scope["headers"])
        scope[PAGE] = error_page
        exchange = _Exchange(
            receive, send, request_id.encode(), self._settings, https=scope.get("scheme") == "https"
        )
        try:
            refusal = self._refused(scope, headers)
            await exchange.run(refusal or self._inner, scope)
        finally:
            count_refusal(exchange.status, scope)
            log_request(scope, path, exchange.status, began)

    def _refused(self, scope: Scope, headers: dict[bytes, bytes]) -> Response | None:
        """Returns why a request is refused before anybody asks whose it is."""
        if len(headers) < len(scope["headers"]) and (twice := _joined(scope, headers)):
            return problem_response(Problem.BAD_REQUEST, f"two headers {twice}", expected="one")
        settings, length = self._settings, headers.get(b"content-length", b"0")
        if not length.isdigit():
            return problem_response(Problem.BAD_REQUEST, "a length that is none", expected="digits")
        if len(length) > _LENGTH_DIGITS or int(length) > settings.max_body:
            return _too_large(settings.max_body)
        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > settings.max_url:
            return problem_response(
                Problem.URL_TOO_LONG, "a longer URL", expected=f"up to {settings.max_url} bytes"
            )
        if not self._answers(headers.get(b"host", b"")):
            return problem_response(
                Problem.WRONG_HOST,
                "a name that this service does not answer to",
                expected="localhost, or a name that it was told",
                fix="ask by its own name, or start it with the name among its allowed hosts",
            )
        return None


class _Exchange:
    """One request and its answer on their way through: what is counted, added and noted of them.

    A route that runs in a thread cannot be stopped: the client is told in time that it is too late, and the thread keeps its
    place among those that may run until it ends, so that there are never more of them.
    """

    __slots__ = (
        "_clock",
        "_https",
        "_id",
        "_late",
        "_max",
        "_receive",
        "_seconds",
        "_send",
        "_size",
        "_within",
        "status",
    )

    def __init__(
        self, receive: Receive, send: Send, request_id: bytes, settings: GuardSettings, *, https: bool
    ) -> None:
        self._receive, self._send, self._id, self._https = receive, send, request_id, https
        self._max, self._seconds = settings.max_body, settings.seconds
        self._size = 0
        self._within = anyio.CancelScope()
        self._clock: asyncio.TimerHandle | None = None
        self._late: asyncio.Task[None] | None = None
        self.status: int | None = None

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Lets an application answer within its time; what goes wrong before it begins to is a refusal."""
        problem: Response | None = None
        with self._within:
            self._clock = asyncio.get_running_loop().call_later(self._seconds, self._expire, scope)
            try:
                await app(scope, self.receive, self.send)
            except Exception as error:
                if self._late is None and self._size <= self._max:
                    if self.status is not None:
                        raise
                    problem = self._failed(error)
            finally:
                self._clock.cancel()
        if self._late is not None:
            await self._late
            return
        if self._size > self._max:
            problem = _too_large(self._max)
        # half an answer cannot be taken back: the server sees that it does not end, and closes the connection
        if self.status is None and problem is not None:
            await problem(scope, self._receive, self._answer)

    def _expire(self, scope: Scope) -> None:
        """Stops what can be stopped, and tells the client."""
        _LOG.warning("request %s was stopped after %g s", self._id.decode(), self._seconds)
        self._late = asyncio.get_running_loop().create_task(self._tell_late(scope))
        self._within.cancel()

    async def _tell_late(self, scope: Scope) -> None:
        if self.status is None:
            await _too_late(self._seconds)(scope, self._receive, self._answer)

    def _failed(self, error: Exception) -> Response:
        """Returns what to say of an error that no route turned into an answer."""
        if isinstance(error, TrailError):
            return error_response(error)
        _LOG.error("request %s failed: %s", self._id.decode(), trace_line(error))
        return problem_response(Problem.INTERNAL, "an error of the service", fix="its log says more")

    async def receive(self) -> Message:
        """Passes on what the client sends, and no more than a body may have."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._size += len(message.get("body", b""))
            if self._size > self._max:
                raise _TooLargeError
        return message

    async def send(self, message: Message) -> None:
        """Passes on an answer, unless it answers a body that was cut off, or comes too late."""
        if self._late is None and (self._size <= self._max or self.status is not None):
            await self._answer(message)

    async def _answer(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._add_headers(message)
        await self._send(message)

    def _add_headers(self, message: Message) -> None:
        """Adds what every answer carries; a stream of events gets all the time there is."""
        headers = list(message.get("headers", ()))
        found = dict(headers)
        if _REFERRER[0] not in found:
            headers.append(_REFERRER)
        if _CACHE[0] not in found:
            headers.append(_CACHE)
        if self._https:
            headers.append(_HTTPS)
        if _POLICY[0] not in found:
            headers.append(_POLICY)
        message["headers"] = [*headers, _NO_SNIFF, (b"x-request-id", self._id)]
        if self._clock is not None and found.get(b"content-type", b"").startswith(b"text/event-stream"):
            self._clock.cancel()


class _TooLargeError(Exception):
    """The body was cut off; whatever the routes make of it, the client is told so."""


def _joined(scope: Scope, headers: dict[bytes, bytes]) -> str:
    """Joins the cookies of several headers; returns which header stands twice that must not, empty for none."""
    names = [name for name, _ in scope["headers"]]
    if b"cookie" in headers:
        headers[b"cookie"] = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    return next((each.decode() for each in _SINGLE if names.count(each) > 1), "")


def _too_large(most: int) -> Response:
    return problem_response(Problem.BODY_TOO_LARGE, "a larger body", expected=f"up to {most} bytes")


def _too_late(seconds: float) -> Response:
    return problem_response(
        Problem.TIMED_OUT,
        f"no answer within {seconds:g} s",
        fix="ask for less at once, or again later",
    )
