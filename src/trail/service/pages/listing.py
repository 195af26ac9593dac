"""The list, the risers and the new items: one page, filtered and paged by the server."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from trail.service.convert import hits_of, text_of
from trail.service.pages.about import about_of
from trail.service.pages.contents import Listed
from trail.service.pages.frame import Frame, framed, is_twin
from trail.service.pages.render import shown
from trail.service.pages.words import standing
from trail.service.query import answer
from trail.service.routes.hits import Asked
from trail.service.shelf import Shelf
from trail.service.state import Named
from trail.service.wire import Hits, Text
from trail.snapshots.mapped import Mapped

router = APIRouter()
_TITLES = {"": "What will be popular", "risers": "Risers", "new": "New items"}


@router.get("/p/{project}")
@router.get("/p/{project}.json")  # registered first: any name may hold a dot
def ranked(request: Request, project: Named) -> Response:
    """Returns the items expected to be the most popular, best first."""
    return _listed(request, project, "", _asked(request))


@router.get("/p/{project}/risers.json")
@router.get("/p/{project}/risers")
def risers(request: Request, project: Named) -> Response:
    """Returns the items expected above their last window, the strongest rise first."""
    return _listed(request, project, "risers", _asked(request, risers=True))


@router.get("/p/{project}/new.json")
@router.get("/p/{project}/new")
def new(request: Request, project: Named) -> Response:
    """Returns the new items, best first."""
    return _listed(request, project, "new", _asked(request, new=True))


def _asked(request: Request, **fixed: bool) -> Asked:
    """Returns what a form asks for; its empty fields ask for nothing.

    Raises:
        RequestValidationError: If a field is unknown or holds what it cannot.
    """
    given: dict[str, Any] = {name: value for name, value in request.query_params.items() if value}
    given.pop("format", None)
    try:
        return Asked(**(given | fixed))
    except ValidationError as error:
        problems = [each | {"loc": ("query", *each["loc"])} for each in error.errors(include_url=False)]
        raise RequestValidationError(problems) from error


def _listed(request: Request, shelf: Shelf, place: str, asked: Asked) -> Response:
    mapped = shelf.at(asked.at)
    frame = framed(request, shelf, _TITLES[place], place=place, at=mapped.name)
    query = asked.query
    total, rows = answer(mapped, query)
    path = f"{frame.to(place).partition('?')[0]}{'.json' if is_twin(request) else ''}"
    hits = hits_of(mapped, query, total, rows, path)
    content = Listed(about=about_of(shelf, mapped), hits=hits, texts=_texts(mapped, hits))
    form = Form(asked, place, hits, frame)
    noun = mapped.snapshot.cards.horizon.noun
    return shown(
        request,
        "list",
        content,
        frame,
        form=form,
        offered=mapped.offered,
        noun=noun,
        heading=_TITLES[place],
        standings=Counter(standing(each) for each in content.texts.values()).most_common(),
    )


def _texts(mapped: Mapped, hits: Hits) -> dict[str, Text]:
    """Returns the sealed texts of the rows."""
    wanted = {hit.item_id for hit in hits.items if hit.text is not None}
    if not wanted:
        return {}
    cards = mapped.snapshot.cards
    explained = (each for each in mapped.snapshot.explanations if each.item_id in wanted)
    return {each.item_id: text_of(each, cards, sealed=True) for each in explained}


@dataclass(frozen=True)
class Form:
    """The filters as they were asked for, and the pages before and after.

    Attributes:
        asked: What was asked for.
        place: Which list.
        hits: What was found.
        frame: What stands around it.
    """

    asked: Asked
    place: str
    hits: Hits
    frame: Frame

    @property
    def narrowed(self) -> bool:
        """Whether a filter leaves something out."""
        kept = {"at", "offset", "limit", *([self.place] if self.place else [])}
        return bool(self._told().keys() - kept)

    @property
    def previous(self) -> str:
        """Address of the page before; empty on the first."""
        offset, limit = self.asked.offset, self.asked.limit
        return self._page(max(0, min(offset, self.hits.total) - limit)) if offset else ""

    @property
    def first(self) -> str:
        """Address of the first page."""
        return self._page(0)

    @property
    def next(self) -> str:
        """Address of the next page; empty on the last."""
        upto = self.asked.offset + len(self.hits.items)
        return self._page(upto) if self.hits.items and upto < self.hits.total else ""

    def options(self, name: str, offered: list[tuple[str, int]]) -> list[tuple[str, int | None, bool]]:
        """Returns value, number of items and whether it is chosen, of a filter's choices; a rare one that was asked for first."""
        chosen = getattr(self.asked, name)
        found: list[tuple[str, int | None, bool]] = [(value, of, value == chosen) for value, of in offered]
        return found if not chosen or any(each[2] for each in found) else [(chosen, None, True), *found]

    def _told(self) -> dict[str, Any]:
        return self.asked.model_dump(exclude_defaults=True)

    def _page(self, offset: int) -> str:
        told = self._told() | {"at": self.hits.period.snapshot, "offset": offset or None}
        if self.place:
            told.pop(self.place)
        return self.frame.to(self.place, **told)
