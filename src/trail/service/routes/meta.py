"""Of the server itself: is it alive, can it answer, what runs, what was counted."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from trail import __version__
from trail.service.gauges import REGISTRY
from trail.service.routes.known import only_known
from trail.service.state import Shared
from trail.service.wire import State, Version

# probes and scrapers may add parameters of their own, such as a number against caches: of them none is refused
router = APIRouter(tags=["server"])


@router.get("/health")
async def health() -> State:
    """Returns whether the process answers."""
    return State(status="ok", projects={})


@router.get("/ready", responses={200: {"model": State}, 503: {"model": State}})
async def ready(request: Request, state: Shared) -> Response:
    """Returns whether each project has a snapshot to serve: 200 if all have, else 503; which, to whoever has a key alone."""
    found = {
        name: shelf.current.name if shelf.ready else shelf.refused or "no snapshot yet"
        for name, shelf in state.shelves.items()
    }
    whole = all(shelf.ready for shelf in state.shelves.values())
    # without a guard around it nobody says who asks, and all is told
    told = getattr(request.state, "scopes", True)
    body = State(status="ready" if whole else "not ready", projects=found if told else {})
    return JSONResponse(body.model_dump(), 200 if whole else 503)


@router.get("/version", dependencies=[Depends(only_known)])
async def version() -> Version:
    """Returns what runs here."""
    return Version(name="trail", version=__version__, api="v1")


@router.get("/metrics", include_in_schema=False)
def metrics() -> Response:
    """Returns what was counted, for Prometheus."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
