"""An item's page: forecast, history, text with receipts, card."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi import Query as InQuery

from trail.operations.forecasting import plain_explanation
from trail.service.convert import text_of
from trail.service.desk import Order
from trail.service.pages.contents import ItemShown
from trail.service.pages.frame import framed
from trail.service.pages.render import shown
from trail.service.routes.items import At, Item, detail
from trail.service.state import Named, Shared, State
from trail.service.wire import Text
from trail.snapshots.mapped import Mapped

router = APIRouter()


@router.get("/p/{project}/items/{item_id:path}")
def item(
    request: Request,
    project: Named,
    state: Shared,
    item_id: Item,
    at: At = "",
    by: Annotated[Literal["", "plain"], InQuery(description="plain: render a text that is missing.")] = "",
) -> Response:
    """Returns all about an item; its text too, if it was sealed or written since, or is asked for plainly."""
    mapped = project.at(at)
    found = detail(mapped, item_id)
    if found.explanation is None:
        text = _written(state, mapped, (project.folder, mapped.name, item_id))
        text = text or (_plain(mapped, item_id) if by == "plain" else None)
        found = found.model_copy(update={"explanation": text})
    noun, model = mapped.snapshot.cards.horizon.noun, bool(mapped.snapshot.manifest.model)
    frame = framed(request, project, found.hit.title or item_id, at=mapped.name)
    return shown(request, "item", ItemShown(detail=found, noun=noun, model=model), frame)


def _written(state: State, mapped: Mapped, order: Order) -> Text | None:
    """Returns a text that was written on demand, as long as it is kept."""
    found = state.desk.written(order)
    return text_of(found.explanation, mapped.snapshot.cards, sealed=found.sealed) if found else None


def _plain(mapped: Mapped, item_id: str) -> Text:
    snapshot = mapped.snapshot
    made = plain_explanation(snapshot.card(item_id), snapshot.outlook(item_id))
    return text_of(made, snapshot.cards, sealed=False)
