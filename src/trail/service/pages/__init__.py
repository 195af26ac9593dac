"""The pages for people: each a template over the values that its JSON twin is."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from trail.service.pages import backtest, front, health, item, listing, moves, scorecard
from trail.service.pages.render import error_page
from trail.service.pages.vendored import STATIC, OwnFiles

__all__ = ["add_pages", "error_page"]


def add_pages(app: FastAPI) -> None:
    """Gives an application its pages, which are no part of its schema, and their files under `/static`."""
    routes = APIRouter(include_in_schema=False)
    for page in (front, listing, item, moves, scorecard, backtest, health):
        routes.include_router(page.router)
    app.include_router(routes)
    app.mount("/static", OwnFiles(directory=STATIC), name="static")
