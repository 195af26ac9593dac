"""A client's personal list, blended with the forecast."""

from __future__ import annotations

import numpy as np
from fastapi import APIRouter

from trail.errors import DataError
from trail.evaluate.list_origin import standard
from trail.operations.blending import blend_weight
from trail.service.convert import period_of
from trail.service.state import Named
from trail.service.wire import Blended, Reranked, ToRerank
from trail.snapshots.mapped import Mapped

router = APIRouter(tags=["lists"])


@router.post("/v1/projects/{project}/rerank")
def rerank(project: Named, asked: ToRerank) -> Reranked:
    """Blends a personal list with the forecast, as `trail lists` measures blends, and returns it best first."""
    mapped = project.at(asked.at)
    weight, why = (
        (asked.weight, "asked for")
        if asked.weight is not None
        else blend_weight(project.workspace, mapped.snapshot.manifest.forecaster)
    )
    return Reranked(period=period_of(mapped), weight=weight, why=why, items=blended(mapped, asked, weight))


def blended(mapped: Mapped, asked: ToRerank, weight: float) -> list[Blended]:
    """Returns a blended list, best first; equal scores in the client's order.

    Raises:
        DataError: If an item is there twice, or none is forecast.
    """
    ids = [each.item_id for each in asked.items]
    if len(set(ids)) != len(ids):
        twice = next(item for item in ids if ids.count(item) > 1)
        raise DataError(f"the item {twice!r} twice", expected="each item once")
    rows = [_row(mapped, item) for item in ids]
    known = [row for row in rows if row is not None]
    if not known:
        raise DataError(
            "no item of the list is forecast", expected="items of this catalogue", where=mapped.name
        )
    counts = mapped.listing["expected"].take(known).to_numpy()
    expected = np.full(len(rows), -np.inf)
    expected[[at for at, row in enumerate(rows) if row is not None]] = np.log1p(counts)
    own = standard(np.array([each.score for each in asked.items]))
    scores = weight * own + (1.0 - weight) * standard(expected)
    places = np.empty(len(ids), dtype=np.int64)
    places[np.argsort([-each.score for each in asked.items], kind="stable")] = np.arange(1, len(ids) + 1)
    order = np.argsort(-scores, kind="stable")[: asked.limit]
    return [
        Blended(
            item_id=ids[at],
            score=float(scores[at]),
            own=int(places[at]),
            rank=None if (row := rows[at]) is None else row + 1,
        )
        for at in order
    ]


def _row(mapped: Mapped, item_id: str) -> int | None:
    try:
        return mapped.row_of(item_id)
    except DataError:
        return None
