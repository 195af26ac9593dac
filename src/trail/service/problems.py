"""Refusals: one enumeration of codes, and one shape for all of them, which a browser gets as a page."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from trail.errors import ConfigError, DataError, EngineError, MissingError, ModelError, TrailError
from trail.service.keys import redacted
from trail.service.lines import one_line

_LOG = logging.getLogger("trail.service")


class Problem(StrEnum):
    """What can be wrong; a code never changes its meaning."""

    BAD_REQUEST = "bad_request"
    UNAUTHENTICATED = "unauthenticated"
    SCOPE_MISSING = "scope_missing"
    CROSS_SITE = "cross_site"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    BODY_TOO_LARGE = "body_too_large"
    URL_TOO_LONG = "url_too_long"
    WRONG_TYPE = "wrong_type"
    WRONG_HOST = "wrong_host"
    INVALID = "invalid"
    TOO_MANY_REQUESTS = "too_many_requests"
    INTERNAL = "internal"
    ENGINE_FAILED = "engine_failed"
    MODEL_FAILED = "model_failed"
    NOT_READY = "not_ready"
    BUSY = "busy"
    TIMED_OUT = "timed_out"

    @property
    def status(self) -> int:
        """The HTTP status."""
        return _STATUS[self]


_STATUS: Mapping[Problem, int] = {
    Problem.BAD_REQUEST: HTTPStatus.BAD_REQUEST,
    Problem.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Problem.SCOPE_MISSING: HTTPStatus.FORBIDDEN,
    Problem.CROSS_SITE: HTTPStatus.FORBIDDEN,
    Problem.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Problem.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    Problem.CONFLICT: HTTPStatus.CONFLICT,
    Problem.BODY_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Problem.URL_TOO_LONG: HTTPStatus.REQUEST_URI_TOO_LONG,
    Problem.WRONG_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Problem.WRONG_HOST: HTTPStatus.MISDIRECTED_REQUEST,
    Problem.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Problem.TOO_MANY_REQUESTS: HTTPStatus.TOO_MANY_REQUESTS,
    Problem.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
    Problem.ENGINE_FAILED: HTTPStatus.SERVICE_UNAVAILABLE,
    Problem.MODEL_FAILED: HTTPStatus.SERVICE_UNAVAILABLE,
    Problem.NOT_READY: HTTPStatus.SERVICE_UNAVAILABLE,
    Problem.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Problem.TIMED_OUT: HTTPStatus.GATEWAY_TIMEOUT,
}


#: Where it lies in a request's scope what makes the page of a refusal; without it all get JSON.
PAGE = "trail.page"


class Refused(Response):
    """A refusal: JSON for programs, a page for a browser.

    Attributes:
        said: What is wrong: code, found, expected, fix.
        beside: Headers beside those of the body, which JSON and page both carry.
    """

    media_type = "application/json"

    def __init__(self, status: int, said: Mapping[str, str], beside: Mapping[str, str]) -> None:
        self.said, self.beside = said, beside
        # escaped to ASCII, unlike Starlette's own: what a client sent may hold halves of characters, which no UTF-8 has
        super().__init__(json.dumps({"error": said}).encode("ascii"), status, headers=beside)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        make: ErrorPage | None = scope.get(PAGE)
        page = make(Request(scope), self) if make else None
        if page is None:
            await super().__call__(scope, receive, send)
        else:
            await page(scope, receive, send)


#: Returns a refusal as a page; null where the request is not a browser's.
ErrorPage = Callable[[Request, Refused], Response | None]


def problem_response(
    problem: Problem,
    found: str,
    *,
    expected: str = "",
    fix: str = "",
    headers: Mapping[str, str] | None = None,
) -> Refused:
    """Returns a refusal.

    Args:
        problem: Its code, which decides the status.
        found: What was found, as a sentence without its full stop.
        expected: What was expected instead.
        fix: The one thing to do next.
        headers: Headers beside those of the body.
    """
    said = {"code": problem.value, "found": found, "expected": expected, "fix": fix}
    return Refused(problem.status, said, headers or {})


class NotReadyError(TrailError):
    """There is nothing to serve yet."""


class FullError(TrailError):
    """So many wait for the same that no more are taken."""


class LateError(TrailError):
    """A text was not written in time."""


#: Kind of error -> code, the most special first.
_KINDS: tuple[tuple[type[TrailError], Problem], ...] = (
    (MissingError, Problem.NOT_FOUND),
    (NotReadyError, Problem.NOT_READY),
    (FullError, Problem.BUSY),
    (LateError, Problem.TIMED_OUT),
    (ConfigError, Problem.BAD_REQUEST),
    (DataError, Problem.INVALID),
)
#: Those of which the log alone says more: their words name files of this machine.
_INSIDE: tuple[tuple[type[TrailError], Problem, str], ...] = (
    (EngineError, Problem.ENGINE_FAILED, "the database or the disk failed"),
    (ModelError, Problem.MODEL_FAILED, "the language model failed"),
    (TrailError, Problem.INTERNAL, "an error of the service"),
)


#: A part of a path, in which single spaces may stand, and a path from the root of more than one; not of an address.
_PART = r"[^\s/'\"`;,|<>]+(?: [^\s/'\"`;,|<>]+){0,2}"
_FOLDERS = re.compile(rf"(?<![\w./:])/(?:{_PART}/+)+")


def without_folders(text: str) -> str:
    """Returns words with each path from the root cut down to its last part: where files lie is nobody else's business."""
    return _FOLDERS.sub("", text)


def said_of(error: TrailError) -> tuple[Problem, dict[str, str]]:
    """Returns one of this project's errors as a refusal: its code, and what is said."""
    for kind, problem in _KINDS:
        if isinstance(error, kind):
            return problem, {
                name: without_folders(getattr(error, name)) for name in ("found", "expected", "fix")
            }
    problem, found = next((code, words) for kind, code, words in _INSIDE if isinstance(error, kind))
    _LOG.error("%s: %s", problem, redacted(one_line(str(error))))
    return problem, {"found": found, "expected": "", "fix": "try again later; the service's log says more"}


def error_response(error: TrailError) -> Refused:
    """Returns one of this project's errors as a refusal."""
    problem, said = said_of(error)
    return problem_response(problem, said["found"], expected=said["expected"], fix=said["fix"])
