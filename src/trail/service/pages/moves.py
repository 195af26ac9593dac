"""Who moved between two snapshots."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Query as InQuery

from trail.service.pages.contents import Moved
from trail.service.pages.frame import framed
from trail.service.pages.render import shown
from trail.service.routes.items import At
from trail.service.routes.snapshots import diff
from trail.service.state import Named
from trail.service.wire import SnapshotName

router = APIRouter()


@router.get("/p/{project}/moves.json")
@router.get("/p/{project}/moves")
def moves(
    request: Request,
    project: Named,
    at: At = "",
    older: Annotated[SnapshotName, InQuery(description="The one that moves are counted from.")] = "",
    top: Annotated[int, InQuery(ge=1, le=1000, description="Items of the top of either.")] = 50,
) -> Response:
    """Returns who moved between two snapshots, for every item in the top of either."""
    frame = framed(request, project, "Moves", place="moves", at=project.at(at).name)
    return shown(request, "moves", Moved(difference=diff(project, older, at, top), top=top), frame)
