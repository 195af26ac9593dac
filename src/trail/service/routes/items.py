"""One item: forecast, card, history, explanation; a text about it, verified; a text, written on demand."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Path as InPath
from fastapi import Query as InQuery
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from trail.errors import DataError
from trail.facts import verify
from trail.operations import ItemExplained
from trail.operations.explaining import FACTS_ALONE, NO_LOG, NOT_HELD
from trail.operations.making import plain_explanation
from trail.operations.recalling import has_log
from trail.service.convert import detail_of, text_of
from trail.service.desk import News, Order
from trail.service.faults import problem_of
from trail.service.lines import one_line
from trail.service.routes.known import only_known
from trail.service.shelf import Shelf
from trail.service.state import Named, Shared
from trail.service.wire import Awaited, Detail, SnapshotName, Text, TextToVerify
from trail.signals import Card
from trail.snapshots import Explained
from trail.snapshots.mapped import Mapped

_LOG = logging.getLogger("trail.service")
router = APIRouter(tags=["items"], dependencies=[Depends(only_known)])
#: Seconds after which to ask again for a text that is being written: twelve times a minute, where thirty are allowed.
_AGAIN = "5"
At = Annotated[SnapshotName, InQuery(description="Name of a past snapshot; the published one by default.")]
Item = Annotated[str, InPath(min_length=1, max_length=500, description="The item's identifier.")]
ItemAsked = Annotated[
    str,
    InQuery(
        alias="id",
        min_length=1,
        max_length=500,
        description="The item's identifier, also one that no path carries, such as `..`.",
    ),
]
_TEXTS: dict[int | str, dict[str, Any]] = {
    200: {"model": Text},
    202: {"model": Awaited, "description": "It is being written: ask again, as `Retry-After` says."},
}
By = Annotated[Literal["any", "plain"], InQuery(description="plain: a rendering of the facts, at once.")]


@router.get("/v1/projects/{project}/items/{item_id:path}")
def item(project: Named, item_id: Item, at: At = "") -> Detail:
    """Returns one item's forecast, its card, its history, and its explanation with the receipt of each claim."""
    return detail(project.at(at), item_id)


@router.get("/v1/projects/{project}/items")
def item_asked(project: Named, item_id: ItemAsked, at: At = "") -> Detail:
    """Returns the same of an item whose identifier is a parameter."""
    return item(project, item_id, at)


def detail(mapped: Mapped, item_id: str) -> Detail:
    """Returns all about one item of a snapshot.

    Raises:
        DataError: If the snapshot does not forecast it.
    """
    row = mapped.listing.slice(mapped.row_of(item_id), 1).to_pylist()[0]
    return detail_of(mapped, row, _sealed(mapped, item_id))


def _sealed(mapped: Mapped, item_id: str) -> Text | None:
    found = mapped.texts.get(item_id)
    return text_of(found, mapped.snapshot.cards, sealed=True) if found else None


@router.post("/v1/projects/{project}/verify")
async def verified(project: Named, state: Shared, asked: TextToVerify) -> Text:
    """Reads a text and tests each of its claims on an item's sealed card and forecast."""
    async with state.checks:
        return await run_in_threadpool(_verified, project, asked)


def _verified(project: Shelf, asked: TextToVerify) -> Text:
    mapped = project.at(asked.at)
    found = verify(asked.text, _card(mapped, asked.item_id), mapped.outlook(asked.item_id))
    said = Explained(asked.item_id, asked.text, found, (), "asked")
    return text_of(said, mapped.snapshot.cards, sealed=False)


def _card(mapped: Mapped, item_id: str) -> Card:
    """Returns an item's card.

    Raises:
        DataError: If the snapshot does not forecast the item, or is older than sealed cards of all items.
    """
    card = mapped.card(item_id)
    if card is None:
        raise DataError(
            f"no card of the item {item_id!r}",
            expected="a snapshot that seals the cards of all items",
            fix="forecast again",
        )
    return card


@router.get("/v1/projects/{project}/explanations/{item_id:path}", responses=_TEXTS)
async def explanation(
    request: Request,
    project: Named,
    state: Shared,
    item_id: Item,
    at: At = "",
    by: By = "any",
) -> Response:
    """Returns the explanation of any item; one that has none yet is written, and `text/event-stream` tells how far it is.

    Without a stream the answer is 202 while the text is written: ask again.
    """
    mapped, ready = await run_in_threadpool(_looked_up, project, at, item_id, plain=by == "plain")
    order = order_of(project, mapped, item_id)
    who = str(getattr(request.state, "key_id", None) or "")
    if ready is None and not state.desk.knows(order) and (refusal := _may_not(request)):
        return refusal
    if "text/event-stream" in request.headers.get("accept", ""):
        events = _events(state.desk.follow(order, who), mapped, ready)
        return StreamingResponse(
            events, media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )
    if ready is None:
        ready = await _polled(state.desk.follow(order, who), mapped)
    if ready is None:
        return JSONResponse(Awaited(state="being written").model_dump(), 202, headers={"Retry-After": _AGAIN})
    return Response(ready.model_dump_json(by_alias=True), media_type="application/json")


@router.get("/v1/projects/{project}/explanations", responses=_TEXTS)
async def explanation_asked(
    request: Request, project: Named, state: Shared, item_id: ItemAsked, at: At = "", by: By = "any"
) -> Response:
    """Returns the same of an item whose identifier is a parameter."""
    return await explanation(request, project, state, item_id, at, by)


def order_of(project: Shelf, mapped: Mapped, item_id: str) -> Order:
    """Returns what a text of an item of a snapshot is ordered and kept by."""
    return project.folder, mapped.name, item_id, mapped.snapshot.manifest.seal


def _may_not(request: Request) -> Response | None:
    """Counts a text that is to be written; returns why it may not be. Without a guard all may."""
    explaining: Callable[[], Response | None] = getattr(request.state, "explaining", lambda: None)
    return explaining()


def _looked_up(project: Shelf, at: str, item_id: str, *, plain: bool) -> tuple[Mapped, Text | None]:
    mapped = project.at(at)
    mapped.row_of(item_id)
    if item_id in mapped.texts:
        return mapped, _sealed(mapped, item_id)
    return mapped, at_once(project, mapped, item_id) if plain or not has_log(project.folder) else None


def at_once(project: Shelf, mapped: Mapped, item_id: str) -> Text:
    """Returns the plain rendering of an item's sealed facts, without what moved its forecast; the note says why.

    Where the log never was, as on a mirror, nobody could say more.
    """
    note = FACTS_ALONE if has_log(project.folder) else NO_LOG
    found = plain_explanation(_card(mapped, item_id), mapped.outlook(item_id))
    return text_of(found, mapped.snapshot.cards, sealed=False, note=note)


async def _polled(followed: AsyncIterator[News], mapped: Mapped) -> Text | None:
    async for news in followed:
        return await run_in_threadpool(written, news.result, mapped) if news.state == "done" else None
    return None


def written(found: ItemExplained, mapped: Mapped) -> Text:
    """Returns a written text, read again on the sealed card; one that does not hold there is replaced by the plain one."""
    explanation, card, note = found.explanation, mapped.card(found.item_id), found.note
    if card is not None:
        outlook = mapped.outlook(found.item_id)
        if not verify(explanation.text, card, outlook).holds:
            _LOG.error("a written text of %s does not hold: the plain one is shown", one_line(found.item_id))
            explanation, note = plain_explanation(card, outlook, explanation.drivers), NOT_HELD
    return text_of(explanation, mapped.snapshot.cards, sealed=found.sealed, note=note)


async def _events(followed: AsyncIterator[News], mapped: Mapped, ready: Text | None) -> AsyncIterator[str]:
    """Yields a stream of server-sent events: state, then explanation or problem."""
    if ready is not None:
        yield f"event: explanation\ndata: {ready.model_dump_json(by_alias=True)}\n\n"
        return
    try:
        async for news in followed:
            if news.state == "beat":
                yield ": still there\n\n"
            elif news.state == "done":
                text = await run_in_threadpool(written, news.result, mapped)
                yield f"event: explanation\ndata: {text.model_dump_json(by_alias=True)}\n\n"
            else:
                yield f'event: state\ndata: {{"state": "{news.state}", "ahead": {news.ahead}}}\n\n'
    except Exception as error:  # noqa: BLE001 - half a stream cannot become another answer: it ends with the problem
        yield f"event: problem\ndata: {json.dumps(problem_of(error))}\n\n"
