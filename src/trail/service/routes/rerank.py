"""A client's personal list, blended with the forecast."""

from __future__ import annotations

import numpy as np
from fastapi import APIRouter, Depends

from trail.errors import DataError
from trail.evaluate.list_origin import standard
from trail.operations.blending import blend_weight
from trail.service.convert import period_of
from trail.service.routes.known import only_known
from trail.service.state import Named
from trail.service.wire import Blended, Reranked, ToRerank
from trail.snapshots.mapped import Mapped

router = APIRouter(tags=["lists"], dependencies=[Depends(only_known)])


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
        DataError: If no item is forecast.
    """
    ids = [each.item_id for each in asked.items]
    rows = mapped.rows_of(ids)
    known = rows >= 0
    if not known.any():
        raise DataError(
            "no item of the list is forecast", expected="items of this catalogue", where=mapped.name
        )
    expected = np.full(len(rows), -np.inf)
    expected[known] = np.log1p(mapped.listing["expected"].to_numpy()[rows[known]])
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
            rank=int(rows[at]) + 1 if known[at] else None,
        )
        for at in order
    ]
