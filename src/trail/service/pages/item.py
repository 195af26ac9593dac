"""An item's page: forecast, history, text with receipts, card."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi import Query as InQuery

from trail.service.keys import Scope
from trail.service.pages.contents import ItemShown
from trail.service.pages.frame import framed
from trail.service.pages.render import shown
from trail.service.routes.items import At, Item, ItemAsked, at_once, detail, order_of, written
from trail.service.state import Named, Shared

router = APIRouter()
_By = Annotated[Literal["", "plain"], InQuery(description="plain: render a text that is missing.")]


@router.get("/p/{project}/items")
def item_asked(
    request: Request, project: Named, state: Shared, item_id: ItemAsked, at: At = "", by: _By = ""
) -> Response:
    """Returns the page of an item whose identifier is a parameter, as of one that no path carries."""
    return item(request, project, state, item_id, at, by)


@router.get("/p/{project}/items/{item_id:path}")
def item(
    request: Request, project: Named, state: Shared, item_id: Item, at: At = "", by: _By = ""
) -> Response:
    """Returns all about an item; its text too, if it was sealed or written since, or is asked for plainly."""
    mapped = project.at(at)
    found = detail(mapped, item_id)
    if found.explanation is None:
        made = state.desk.written(order_of(project, mapped, item_id))
        plain = at_once(project, mapped, item_id) if by == "plain" else None
        text = written(made, mapped) if made else plain
        found = found.model_copy(update={"explanation": text})
    noun, model = mapped.snapshot.cards.horizon.noun, bool(mapped.snapshot.manifest.model)
    frame = framed(request, project, found.hit.title or item_id, at=mapped.name)
    may_write = Scope.EXPLAIN in getattr(request.state, "scopes", Scope)  # without a guard all may
    return shown(request, "item", ItemShown(detail=found, noun=noun, model=model), frame, may_write=may_write)
