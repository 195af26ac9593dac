"""Errors of the routes as answers, all in the one shape."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from trail.errors import TrailError
from trail.service.keys import redacted
from trail.service.lines import one_line, trace_line
from trail.service.problems import Problem, error_response, problem_response, said_of
from trail.service.routes.known import meant, taken_by
from trail.service.wire import Refusal

_LOG = logging.getLogger("trail.service")
_CODES = {each.status: each for each in (Problem.NOT_FOUND, Problem.METHOD_NOT_ALLOWED, Problem.WRONG_TYPE)}
#: Of several mistakes, so many are named; of a name that nobody knows, so many characters.
_FIRST, _LONGEST = 5, 60
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


def problem_of(error: Exception) -> dict[str, Any]:
    """Returns an error as a stream of events tells it; of one that is none of this project's the log alone says more."""
    if not isinstance(error, TrailError):
        _LOG.error("an error that nobody foresaw, on a stream: %s", trace_line(error))
        error = TrailError("an error that nobody foresaw")
    problem, said = said_of(error)
    return {"error": {"code": problem.value, **said}}


def answer_errors(app: FastAPI) -> None:
    """Has an application answer every error in the one shape."""
    handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
        TrailError: _trail,
        RequestValidationError: _invalid,
        HTTPException: _http,
        Exception: _unforeseen,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


async def _trail(_: Request, error: Exception) -> Response:
    assert isinstance(error, TrailError)
    return error_response(error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = error.errors()[:_FIRST]
    unknown = [each["loc"][-1][:_LONGEST] for each in wrong if _is_unknown(each)]
    places = [
        f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
        for each in wrong
        if not _is_unknown(each)
    ]
    taken = taken_by(request) if unknown else ()
    only = f"only {', '.join(taken)}" if taken else "no parameter"
    return problem_response(
        Problem.INVALID,
        "; ".join([*(f"an unknown parameter {each!r}" for each in unknown), *places]),
        expected=only if unknown else "what /openapi.json says",
        fix=meant(unknown, taken),
    )


def _is_unknown(wrong: dict[str, Any]) -> bool:
    return bool(wrong["type"] == "extra_forbidden" and wrong["loc"][0] == "query")


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, Problem.BAD_REQUEST)
    if code is Problem.NOT_FOUND:  # the router's; what a route misses it names itself
        return problem_response(
            code, "no such address", expected="one that a page links to or /openapi.json describes"
        )
    return problem_response(code, str(error.detail), headers=error.headers)


async def _unforeseen(request: Request, error: Exception) -> Response:
    _LOG.error(
        "an error that nobody foresaw at %s: %s", redacted(one_line(request.url.path)), trace_line(error)
    )
    return problem_response(
        Problem.INTERNAL, "an error that nobody foresaw", fix="the service's log says more"
    )
