"""Content as a page or as its JSON twin, with the headers that both carry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from trail.operations import naming, wording
from trail.service.pages import marked, sparkline, words
from trail.service.pages.frame import Frame, absent, is_twin, path_of, root_of
from trail.service.pages.vendored import has_chart
from trail.service.policy import POLICY
from trail.service.problems import Refused
from trail.service.shelf import Shelf
from trail.service.wire import Wire
from trail.service.zipping import Zipped, encoding_of, headers_of

_FILTERS = (
    wording.count,
    words.signed,
    words.chance,
    wording.figure,
    words.meaning,
    wording.group,
    wording.effect,
    words.reason,
    wording.day,
    wording.days,
    words.where,
    words.standing,
    words.rise,
    naming.maker,
    naming.named,
    words.subject,
    words.moved,
    words.ago,
    words.exact,
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


_zipped = Zipped()


def shown(
    request: Request, template: str, content: Wire, frame: Frame, *, status: int = 200, **beside: Any
) -> Response:
    """Returns content by its template, or as it is where the twin is asked for.

    Args:
        request: What is answered.
        template: Name of the template, without its suffix.
        content: What the page says; the whole twin.
        frame: What stands around it.
        status: HTTP status.
        beside: What the page needs besides, such as the values of its form.
    """
    if is_twin(request):
        body, kind = content.model_dump_json(by_alias=True), "application/json"
    else:
        body, kind = _filled(template, content=content, frame=frame, **beside), "text/html"
    encoding = encoding_of(request.scope)
    sent = _zipped.of(body.encode(), encoding)
    return Response(sent, status, media_type=kind, headers=HEADERS | headers_of(encoding))


def error_page(request: Request, refused: Refused) -> Response | None:
    """Returns a refusal as a page for a browser; null for programs, which get it as JSON."""
    if (
        path_of(request).startswith("/v1/")
        or "text/html" not in request.headers.get("accept", "")
        or is_twin(request)
    ):
        return None
    status, shelf = refused.status_code, _project(request)
    name, gone = (shelf.name, absent(shelf)) if shelf else ("", frozenset())
    frame = Frame(title=f"{status} · TRAIL", root=root_of(request), project=name, absent=gone)
    page = _filled("error", content=refused.said, frame=frame, status=status)
    return HTMLResponse(page, status, headers={**HEADERS, **refused.beside})


def _project(request: Request) -> Shelf | None:
    """Returns the project that an address names; null if there is none, or the routes were not asked: no stranger hears of it."""
    if "app" not in request.scope:
        return None
    shelves: Mapping[str, Shelf] = request.app.state.trail.shelves
    return shelves.get(unquote(path_of(request)).removeprefix("/p/").partition("/")[0])


def _filled(template: str, **values: Any) -> str:
    return _environment().get_template(f"{template}.html.j2").render(values)


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("trail.service.pages", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {each.__name__: each for each in _FILTERS}
    made.filters["compact"] = lambda values: json.dumps(values, separators=(",", ":"), allow_nan=False)
    made.globals |= {
        "runs_of": marked.runs_of,
        "run_numbers": marked.run_numbers,
        "Outlook": sparkline.Outlook,
        "drawn": sparkline.drawn,
        "large": sparkline.LARGE,
        "has_chart": has_chart,
    }
    return made
