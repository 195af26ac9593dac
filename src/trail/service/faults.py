"""Errors as answers: one shape, stable codes, nothing of the program's inside."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from trail.errors import ConfigError, DataError, TrailError
from trail.service.desk import FullError, LateError
from trail.service.lines import one_line
from trail.service.state import MissingError
from trail.service.wire import Refusal

_LOG = logging.getLogger("trail.service")
#: Kind of error -> status and stable code, the most special first.
_KINDS: tuple[tuple[type[TrailError], int, str], ...] = (
    (MissingError, 404, "not_found"),
    (FullError, 503, "busy"),
    (LateError, 504, "too_slow"),
    (DataError, 404, "not_found"),
    (ConfigError, 400, "bad_request"),
    (TrailError, 503, "unavailable"),
)
_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}
_FIRST = 5
#: What any address may answer, for its description.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refusal, "description": said}
    for status, said in (
        (400, "The request makes no sense."),
        (401, "A key is needed."),
        (403, "The key may not do that."),
        (404, "There is no such thing."),
        (413, "The request is too large."),
        (422, "A parameter is missing, of a wrong kind, or outside its bounds."),
        (429, "Too many requests; `Retry-After` says when to ask again."),
        (503, "It cannot be answered now."),
        (504, "It took too long."),
    )
}


def problem_of(error: TrailError) -> dict[str, Any]:
    """Returns an error as it is answered; where files lie is nobody's business outside."""
    _, code = _placed(error)
    return _body(code, error.found, error.expected, error.fix)


def _placed(error: TrailError) -> tuple[int, str]:
    return next((status, code) for kind, status, code in _KINDS if isinstance(error, kind))


def _body(code: str, found: str, expected: str = "", fix: str = "") -> dict[str, Any]:
    return {"error": {"code": code, "found": found, "expected": expected, "fix": fix}}


def answer_errors(app: FastAPI) -> None:
    """Has an application answer every error in the one shape."""
    app.add_exception_handler(TrailError, _trail)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


async def _trail(_: Request, error: Exception) -> Response:
    assert isinstance(error, TrailError)
    status, _code = _placed(error)
    return JSONResponse(problem_of(error), status)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    places = [
        f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors()[:_FIRST]
    ]
    return JSONResponse(_body("invalid", "; ".join(places), "what /openapi.json says"), 422)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "bad_request")
    return JSONResponse(_body(code, str(error.detail)), error.status_code, headers=error.headers)


async def _unforeseen(request: Request, error: Exception) -> Response:
    _LOG.error(
        "an error that nobody foresaw at %s",
        one_line(request.url.path),
        exc_info=error,
    )
    return JSONResponse(_body("internal", "an error that nobody foresaw", fix="see the server's log"), 500)
