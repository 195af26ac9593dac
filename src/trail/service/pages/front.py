"""The first page: what is served here; where that is one project, its list at once."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from trail.service.pages.about import about_of
from trail.service.pages.contents import Front, Standing
from trail.service.pages.frame import Frame, is_twin, root_of
from trail.service.pages.render import shown
from trail.service.shelf import Shelf
from trail.service.state import Shared

router = APIRouter()


@router.get("/")
@router.get("/index.json")
def front(request: Request, state: Shared) -> Response:
    """Returns the projects, or leads to the only one."""
    root, names = root_of(request), list(state.shelves)
    frame = Frame(title="TRAIL", root=root, twin=f"{root}/index.json")
    if len(names) == 1 and not is_twin(request):
        return RedirectResponse(Frame(title="", root=root, project=names[0]).to(), 307)
    content = Front(projects=[_standing(shelf) for shelf in state.shelves.values()])
    return shown(request, "front", content, frame)


def _standing(shelf: Shelf) -> Standing:
    current = shelf.current if shelf.ready else None
    return Standing(
        name=shelf.name,
        snapshot=current.name if current else "",
        about=about_of(shelf, current) if current else None,
        refused=shelf.refused,
    )
