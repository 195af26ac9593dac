"""The snapshots of a project, what moved between two of them, and how right they were."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi import Query as InQuery
from fastapi.responses import JSONResponse

from trail.errors import MissingError
from trail.operations.causes import parts_of
from trail.service.convert import difference_of, period_of
from trail.service.routes.known import only_known
from trail.service.scorecards import ScorecardRead, read_scorecard
from trail.service.shelf import Shelf
from trail.service.state import Named, Shared
from trail.service.wire import Difference, Period, Projects, SnapshotName, Snapshots
from trail.snapshots import compare

router = APIRouter(tags=["snapshots"], dependencies=[Depends(only_known)])


@router.get("/v1/projects")
def projects(state: Shared) -> Projects:
    """Returns what is served here."""
    return Projects(projects=list(state.shelves))


@router.get("/v1/projects/{project}/snapshots")
def snapshots(project: Named) -> Snapshots:
    """Returns the snapshots of a project, and which one is served."""
    return Snapshots(
        project=project.name,
        published=project.current.name if project.ready else "",
        names=project.names(),
        refused=project.refused,
    )


@router.get("/v1/projects/{project}/period")
def period(project: Named, at: SnapshotName = "") -> Period:
    """Returns what a snapshot is about."""
    return period_of(project.at(at))


@router.get("/v1/projects/{project}/diff")
def diff(
    project: Named,
    older: Annotated[SnapshotName, InQuery(description="Default the one that moves are counted from.")] = "",
    newer: Annotated[SnapshotName, InQuery(description="Default the published one.")] = "",
    top: Annotated[int, InQuery(ge=1, le=1000, description="Items of the top of either.")] = 50,
) -> Difference:
    """Returns who moved between two snapshots, for every item in the top of either."""
    after = project.at(newer)
    if not older and not after.before:
        raise MissingError(
            f"no snapshot before {after.name}",
            expected="an older one, which moves are counted from",
            fix="wait for the next forecast, or name one by older=",
        )
    if not older and after.before not in project.names():
        raise MissingError(
            f"{after.before}, which moves of {after.name} are counted from, was removed",
            fix="name another by older=",
        )
    before = project.at(older or after.before)
    moves = compare(before.snapshot, after.snapshot, top=top)
    seals = (before.snapshot.manifest.seal, after.snapshot.manifest.seal)
    return difference_of(before, after, moves, parts_of(project.workspace, before.name, after.name, seals))


@router.get("/v1/projects/{project}/scorecard", responses={200: {"model": ScorecardRead}})
def scorecard(project: Named) -> Response:
    """Returns how right the snapshots were whose period is over, overall and per reason given."""
    return JSONResponse(scorecard_of(project))


def scorecard_of(project: Shelf) -> dict[str, Any]:
    """Returns the scorecard as it was written last.

    Raises:
        MissingError: If there is none that can be read.
    """
    found = read_scorecard(project)
    if found is None:
        raise MissingError(
            f"no scorecard of {project.name} that can be read",
            expected="a sealed forecast whose period is over",
            fix=f"run `trail scorecard {project.name}` then",
        )
    return found
