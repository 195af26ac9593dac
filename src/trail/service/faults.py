"""Errors as answers: one shape, stable codes, nothing of the program's inside."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from trail.errors import ConfigError, DataError, TrailError
from trail.service.desk import FullError, LateError
from trail.service.state import MissingError

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


def problem_of(error: TrailError) -> dict[str, Any]:
    """Returns an error as it is answered; where files lie is nobody's business outside."""
    _, code = _placed(error)
    return _body(code, error.found, error.expected, error.fix)


def _placed(error: TrailError) -> tuple[int, str]:
    return next((status, code) for kind, status, code in _KINDS if isinstance(error, kind))


def _body(code: str, found: str, expected: str = "", fix: str = "") -> dict[str, Any]:
    return {"error": {"code": code, "found": found, "expected": expected, "fix": fix}}


#: An error's answer and status as a page; null where the request is not a browser's.
ErrorPage = Callable[[Request, dict[str, Any], int], Response | None]
_Handler = Callable[[Request, Exception], Awaitable[JSONResponse]]


def answer_errors(app: FastAPI, page: ErrorPage) -> None:
    """Has an application answer every error in the one shape: as JSON, and to a browser as a page.

    Args:
        app: The application.
        page: Makes the page.
    """
    handlers: dict[type[Exception], _Handler] = {
        TrailError: _trail,
        RequestValidationError: _invalid,
        HTTPException: _http,
        Exception: _unforeseen,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, _paged(handler, page))


def _paged(handler: _Handler, page: ErrorPage) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        found = await handler(request, error)
        return page(request, json.loads(bytes(found.body)), found.status_code) or found

    return answer


async def _trail(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TrailError)
    status, _code = _placed(error)
    return JSONResponse(problem_of(error), status)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    places = [
        f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors()[:_FIRST]
    ]
    return JSONResponse(_body("invalid", "; ".join(places), "what /openapi.json says"), 422)


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "bad_request")
    return JSONResponse(_body(code, str(error.detail)), error.status_code, headers=error.headers)


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    _LOG.error(
        "an error that nobody foresaw at %s",
        request.url.path.encode("unicode_escape").decode(),
        exc_info=error,
    )
    return JSONResponse(_body("internal", "an error that nobody foresaw", fix="see the server's log"), 500)
