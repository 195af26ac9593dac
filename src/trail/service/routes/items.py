"""One item: forecast, card, history, explanation; a text about it, verified; a text, written on demand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from fastapi import Query as InQuery
from fastapi.responses import JSONResponse, StreamingResponse

from trail.errors import TrailError
from trail.facts import verify
from trail.operations import ItemExplained
from trail.operations.forecasting import plain_explanation
from trail.service.convert import asked_text_of, detail_of, text_of
from trail.service.desk import Desk, Order
from trail.service.faults import problem_of
from trail.service.state import Named, Shared
from trail.service.wire import Detail, SnapshotName, Text, TextToVerify
from trail.snapshots import Explanation
from trail.snapshots.mapped import Mapped

router = APIRouter(tags=["items"])
At = Annotated[SnapshotName, InQuery(description="Name of a past snapshot; the published one by default.")]
Item = Annotated[str, InPath(min_length=1, max_length=500, description="The item's identifier.")]


@router.get("/v1/projects/{project}/items/{item_id:path}")
def item(project: Named, item_id: Item, at: At = "") -> Detail:
    """Returns one item's forecast, its card, its history, and its explanation with the receipt of each claim."""
    return detail(project.at(at), item_id)


def detail(mapped: Mapped, item_id: str) -> Detail:
    """Returns all about one item of a snapshot.

    Raises:
        DataError: If the snapshot does not forecast it.
    """
    row = mapped.listing.slice(mapped.row_of(item_id), 1).to_pylist()[0]
    return detail_of(mapped, row, _sealed(mapped, item_id))


def _sealed(mapped: Mapped, item_id: str) -> Text | None:
    found = mapped.snapshot.explanation(item_id)
    return text_of(found, mapped.snapshot.cards, sealed=True) if found else None


@router.post("/v1/projects/{project}/verify")
def verified(project: Named, asked: TextToVerify) -> Text:
    """Reads a text and tests each of its claims on an item's sealed card and forecast."""
    mapped = project.at(asked.at)
    mapped.row_of(asked.item_id)
    snapshot = mapped.snapshot
    found = verify(asked.text, snapshot.card(asked.item_id), snapshot.outlook(asked.item_id))
    return asked_text_of(asked.text, found, snapshot.cards)


@router.get("/v1/projects/{project}/explanations/{item_id:path}", responses={200: {"model": Text}, 202: {}})
async def explanation(
    request: Request,
    project: Named,
    state: Shared,
    item_id: Item,
    at: At = "",
    by: Annotated[
        Literal["any", "plain"], InQuery(description="plain: a rendering of the facts, at once.")
    ] = "any",
) -> Response:
    """Returns the explanation of any item; one that has none yet is written, and `text/event-stream` tells how far it is.

    Without a stream the answer is 202 while the text is written: ask again.
    """
    mapped = project.at(at)
    mapped.row_of(item_id)
    ready = at_once(mapped, item_id, plain=by == "plain")
    order = (project.folder, mapped.name, item_id)
    if "text/event-stream" in request.headers.get("accept", ""):
        events = _events(state.desk, order, mapped, ready)
        return StreamingResponse(
            events, media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )
    if ready is None:
        ready = await _polled(state.desk, order, mapped)
    if ready is None:
        return JSONResponse({"state": "being written"}, 202, headers={"Retry-After": "2"})
    return Response(ready.model_dump_json(by_alias=True), media_type="application/json")


def at_once(mapped: Mapped, item_id: str, *, plain: bool) -> Text | None:
    """Returns what needs no writing: the sealed text, or the plain one where it is asked for or nobody else writes."""
    snapshot = mapped.snapshot
    found: Explanation | None = snapshot.explanation(item_id)
    if found is None and (plain or not snapshot.manifest.model):
        found = plain_explanation(snapshot.card(item_id), snapshot.outlook(item_id))
        return text_of(found, snapshot.cards, sealed=False)
    return text_of(found, snapshot.cards, sealed=True) if found else None


async def _polled(desk: Desk, order: Order, mapped: Mapped) -> Text | None:
    async for news in desk.follow(order):
        return written(news.result, mapped) if news.state == "done" else None
    return None


def written(found: ItemExplained, mapped: Mapped) -> Text:
    """Returns a text that the desk had written."""
    return text_of(found.explanation, mapped.snapshot.cards, sealed=found.sealed)


async def _events(desk: Desk, order: Order, mapped: Mapped, ready: Text | None) -> AsyncIterator[str]:
    """Yields a stream of server-sent events: state, then explanation or problem."""
    if ready is not None:
        yield f"event: explanation\ndata: {ready.model_dump_json(by_alias=True)}\n\n"
        return
    try:
        async for news in desk.follow(order):
            if news.state == "beat":
                yield ": still there\n\n"
            elif news.state == "done":
                yield f"event: explanation\ndata: {written(news.result, mapped).model_dump_json(by_alias=True)}\n\n"
            else:
                yield f'event: state\ndata: {{"state": "{news.state}", "ahead": {news.ahead}}}\n\n'
    except TrailError as error:
        yield f"event: problem\ndata: {json.dumps(problem_of(error))}\n\n"
