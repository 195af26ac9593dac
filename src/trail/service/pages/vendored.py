"""The page's own files, served as they lie in the package; the chart's library is there if the build fetched it."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
_LIBRARY = ("uPlot.iife.min.js", "uPlot.min.css", "LICENSE")


def has_chart() -> bool:
    """Whether the chart's library was vendored; where it was not, the drawing without script stands alone."""
    return all((STATIC / "vendor" / name).is_file() for name in _LIBRARY)


class OwnFiles(StaticFiles):
    """Files that a browser keeps and asks about each time, so that a new version is seen at once."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Returns a file, or that it has not changed."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
