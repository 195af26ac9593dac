"""The latest backtest: what it says, its champion, its table, and its own page in a sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from trail.errors import MissingError
from trail.evaluate.methods import label
from trail.evaluate.metrics import METRICS
from trail.evaluate.summary import cell, method_of
from trail.service.backtests import champions
from trail.service.files import read_json
from trail.service.pages.contents import Backtested
from trail.service.pages.frame import framed
from trail.service.pages.render import HEADERS, shown
from trail.service.shelf import Shelf
from trail.service.state import Named

router = APIRouter()
_METRICS = [
    METRICS[name] for name in ("loss", "ndcg@50", "wape", "rmsle", "risers@50", "coverage") if name in METRICS
]
_PAGE, _TWIN = "report.html", "report.json"
#: A report carries its styles and drawings in itself: it may do nothing but show them.
_SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"


@router.get("/p/{project}/backtest.json")
@router.get("/p/{project}/backtest")
def backtest(request: Request, project: Named) -> Response:
    """Returns the latest backtest."""
    try:
        content = _backtested(project)
        rows = list(_rows(content.lines))
    except (LookupError, TypeError, AttributeError, ValueError) as error:  # of another shape
        raise _missing(project) from error
    frame = framed(request, project, "Backtest", place="backtest")
    return shown(request, "backtest", content, frame, metrics=_METRICS, rows=rows)


@router.get("/p/{project}/backtest/report.html")
def report(project: Named) -> Response:
    """Returns the latest backtest's own page; whatever it holds, no script of it runs and nothing is fetched."""
    _, champion = _latest(project)
    try:  # at once: a file that is removed while it is sent would be half an answer
        page = champion.with_name(_PAGE).read_bytes()
    except OSError as error:
        raise _missing(project) from error
    return HTMLResponse(page, headers=HEADERS | {"Content-Security-Policy": _SANDBOX})


def _latest(shelf: Shelf) -> tuple[int, Path]:
    """Returns when the latest backtest named its champion, in nanoseconds since 1970, and the file in which it did.

    Raises:
        MissingError: If there is none.
    """
    found = champions(shelf)
    if not found:
        raise _missing(shelf)
    return found[0]


def champion_words(shelf: Shelf) -> list[str]:
    """Returns what the latest backtest says of its champion, in sentences; nothing without one."""
    found = champions(shelf)
    return _words(read_json(found[0][1])) if found else []


def _words(champion: dict[str, Any] | None) -> list[str]:
    found = (champion or {}).get("words")
    return [str(each) for each in found] if isinstance(found, list) else []


def _missing(shelf: Shelf) -> MissingError:
    return MissingError(
        f"no backtest of {shelf.name} was run yet",
        expected="a report of how TRAIL and its rivals did at past cutoffs",
        fix=f"run `trail backtest {shelf.name}`",
    )


def _backtested(shelf: Shelf) -> Backtested:
    changed, path = _latest(shelf)
    folder, champion = path.parent, read_json(path)
    twin = read_json(folder / _TWIN) or {}
    return Backtested(
        name=folder.name,
        title=twin.get("title", "Backtest"),
        written=datetime.fromtimestamp(changed / 1e9, UTC),
        verdict=twin.get("verdict", []),
        champion=_words(champion),
        lines=_lines(twin),
        page=(folder / _PAGE).is_file(),
    )


def _lines(twin: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns the methods on test, active items, lowest joint loss first."""
    found = [line for line in twin.get("summary", []) if (line["split"], line["scope"]) == ("test", "active")]
    return sorted(found, key=lambda line: (line.get("loss") is None, line.get("loss") or 0.0))


def _rows(lines: list[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """Yields each method's name and figures as they are shown."""
    for line in lines:
        yield label(method_of(line)), [cell(line.get(each.name)) for each in _METRICS]
