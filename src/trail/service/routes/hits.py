"""Ranked lists: filtered, paged, of now or of a past snapshot."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi import Query as InQuery
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from trail.service.answers import Key
from trail.service.convert import hits_of
from trail.service.query import MOST, Query, answer
from trail.service.shelf import Shelf
from trail.service.state import Named, Shared, State
from trail.service.wire import Hits, SnapshotName
from trail.service.zipping import encoded, encoding_of, headers_of
from trail.snapshots.mapped import Mapped

JSON = "application/json"
router = APIRouter(tags=["hits"])
_Word = Annotated[str, Field(max_length=200)]
_Words = Annotated[
    str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")
]  # a line each of title and identifier is searched


class Asked(BaseModel):
    """The parameters of a list."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    at: SnapshotName = Field("", description="Name of a past snapshot; the published one by default.")
    category: _Word = Field("", description="Only items of this category.")
    brand: _Word = Field("", description="Only items of this brand.")
    price_min: float | None = Field(None, ge=0, description="Only items that cost so much at least.")
    price_max: float | None = Field(None, ge=0, description="Only items that cost so much at most.")
    new: bool = Field(default=False, description="Only new items.")
    risers: bool = Field(default=False, description="Only items on the rise, the strongest rise first.")
    search: _Words = Field("", description="Only items with these words in title or identifier.")
    offset: int = Field(0, ge=0, le=100_000_000, description="Items left out from the start.")
    limit: int = Field(50, ge=1, le=MOST, description="Items at most.")

    @property
    def query(self) -> Query:
        """The question, without the snapshot."""
        return Query(**self.model_dump(exclude={"at"}))


@router.get("/v1/projects/{project}/hits", responses={200: {"model": Hits}})
async def hits(
    request: Request, project: Named, state: Shared, asked: Annotated[Asked, InQuery()]
) -> Response:
    """Returns the items expected to be the most popular in the coming period, best first, every row of one snapshot."""
    encoding = encoding_of(request.scope)
    mapped, body = await run_in_threadpool(_body, project, asked, encoding)
    if not asked.at and mapped is project.current:
        state.answers.keep(key_of(project, mapped, encoding, request.scope["query_string"]), body)
    return Response(body, media_type=JSON, headers=headers(encoding))


def _body(project: Shelf, asked: Asked, encoding: str) -> tuple[Mapped, bytes]:
    mapped = project.at(asked.at)
    return mapped, encoded(body_of(project, mapped, asked.query), encoding)


def body_of(project: Shelf, mapped: Mapped, query: Query) -> bytes:
    """Returns a page of a list as JSON."""
    total, rows = answer(mapped, query)
    path = f"/v1/projects/{quote(project.name)}/hits"
    return hits_of(mapped, query, total, rows, path).model_dump_json(by_alias=True).encode()


def headers(encoding: str) -> dict[str, str]:
    """Returns the headers of a list, which may be kept by nobody but the one who asked, and asked for again."""
    return {"Cache-Control": "private, no-cache"} | headers_of(encoding)


def key_of(project: Shelf, mapped: Mapped, encoding: str, query_string: bytes) -> Key:
    """Returns what an answer depends on."""
    seal = mapped.snapshot.manifest.seal
    return (project.name, seal, mapped.before, encoding, query_string.decode("latin-1"))


def kept(state: State, project: str, encoding: str, query_string: bytes) -> bytes | None:
    """Returns the kept answer of a list of the published snapshot; null without."""
    shelf = state.shelves.get(project)
    if shelf is None or not shelf.ready:
        return None
    return state.answers.get(key_of(shelf, shelf.current, encoding, query_string))
