"""Which parameters a route takes, by its own description; others are refused rather than passed over."""

from __future__ import annotations

from difflib import get_close_matches

from fastapi import Request
from fastapi.exceptions import RequestValidationError

from trail.service.routes.hits import Asked


async def only_known(request: Request) -> None:
    """Refuses parameters that a route does not take: a misspelt one would be answered as if it had not been there.

    Raises:
        RequestValidationError: If there is one.
    """
    if not request.query_params:
        return
    taken = taken_by(request)
    unknown = [name for name in request.query_params if name not in taken]
    if unknown:
        raise RequestValidationError(
            [{"type": "extra_forbidden", "loc": ("query", each)} for each in unknown]
        )


def taken_by(request: Request) -> tuple[str, ...]:
    """Returns the names of the parameters of a request's route, as it is described; of a page those of a list."""
    described = request.app.openapi()["paths"].get(request.scope["route"].path_format, {})
    operation = described.get(request.method.lower())
    if operation is None:
        return tuple(Asked.model_fields)
    return tuple(each["name"] for each in operation.get("parameters", ()) if each["in"] == "query")


def meant(unknown: list[str], taken: tuple[str, ...]) -> str:
    """Returns what to do about parameters that a route does not take; empty without any."""
    close = [near for each in unknown for near in get_close_matches(each.lower(), taken, n=1)]
    if close:
        return f"did you mean {' and '.join(dict.fromkeys(close))}?"
    return "leave it out" if unknown else ""
