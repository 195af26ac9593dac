"""The latest backtest: what it says, its champion, its table, and its own page in a sandbox."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from trail.errors import MissingError
from trail.evaluate.champion import CHAMPION
from trail.evaluate.methods import label
from trail.evaluate.metrics import METRICS
from trail.evaluate.summary import cell, method_of
from trail.service.files import read_json
from trail.service.pages.contents import Backtested
from trail.service.pages.frame import framed
from trail.service.pages.render import HEADERS, shown
from trail.service.shelf import Shelf
from trail.service.state import Named

router = APIRouter()
_SHOWN = ("loss", "ndcg@50", "wape", "rmsle", "risers@50", "coverage")
_PAGE, _TWIN = "report.html", "report.json"
#: A report carries its styles and drawings in itself: it may do nothing but show them.
_SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"


@router.get("/p/{project}/backtest.json")
@router.get("/p/{project}/backtest")
def backtest(request: Request, project: Named) -> Response:
    """Returns the latest backtest."""
    content = _backtested(project)
    frame = framed(request, project, "Backtest", place="backtest")
    metrics = [METRICS[name] for name in _SHOWN if name in METRICS]
    return shown(
        request,
        "backtest",
        content,
        frame,
        metrics=metrics,
        cell=cell,
        name=lambda line: label(method_of(line)),
    )


@router.get("/p/{project}/backtest/report.html")
def report(project: Named) -> Response:
    """Returns the latest backtest's own page; whatever it holds, no script of it runs and nothing is fetched."""
    path = latest(project) / _PAGE
    if not path.is_file():
        raise _missing(project)
    return FileResponse(path, media_type="text/html", headers=HEADERS | {"Content-Security-Policy": _SANDBOX})


def latest(shelf: Shelf) -> Path:
    """Returns the folder of the latest backtest.

    Raises:
        MissingError: If there is none.
    """
    found = newest_champion(shelf)
    if found is None:
        raise _missing(shelf)
    return found.parent


def newest_champion(shelf: Shelf) -> Path | None:
    """Returns the file in which the latest backtest names its champion; null without one."""
    found = [path for path in (shelf.folder / "reports").glob(f"*/{CHAMPION}") if path.is_file()]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def _missing(shelf: Shelf) -> MissingError:
    return MissingError(
        f"no backtest of {shelf.name}",
        expected="a report of how TRAIL and its rivals did at past cutoffs",
        fix=f"run `trail backtest {shelf.name}`",
    )


def _backtested(shelf: Shelf) -> Backtested:
    folder = latest(shelf)
    champion, twin = read_json(folder / CHAMPION) or {}, read_json(folder / _TWIN) or {}
    return Backtested(
        name=folder.name,
        title=twin.get("title", "Backtest"),
        written=datetime.fromtimestamp((folder / CHAMPION).stat().st_mtime, UTC),
        verdict=twin.get("verdict", []),
        champion=champion.get("words", []),
        lines=_lines(twin),
        page=(folder / _PAGE).is_file(),
    )


def _lines(twin: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns the methods on test, active items, lowest joint loss first."""
    found = [line for line in twin.get("summary", []) if (line["split"], line["scope"]) == ("test", "active")]
    return sorted(found, key=lambda line: (line["loss"] is None, line["loss"] or 0.0))
