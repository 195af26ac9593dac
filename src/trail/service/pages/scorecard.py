"""How right the sealed forecasts were, overall and per reason given."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from trail.evaluate.scorecard.figures import LABELS, PRIOR, SERVED
from trail.evaluate.scorecard.words import FEW, number
from trail.service.pages.contents import Scored
from trail.service.pages.frame import framed
from trail.service.pages.render import shown
from trail.service.routes.snapshots import scorecard_of
from trail.service.state import Named

router = APIRouter()
#: Columns of the track record.
_METRICS = ("ndcg@50", "recall", "wape", "coverage")
#: What a reason argued for.
_SIGNS = {
    "": "any move",
    "rise": "a rise",
    "fall": "a fall",
    "level": "no move",
    "raised": "more",
    "lowered": "less",
}


@router.get("/p/{project}/scorecard.json")
@router.get("/p/{project}/scorecard")
def scorecard(request: Request, project: Named) -> Response:
    """Returns the scorecard as `trail scorecard` wrote it last."""
    card = scorecard_of(project)
    frame = framed(request, project, "Scorecard", place="scorecard")
    heads = [LABELS[metric] for metric in _METRICS]
    return shown(
        request,
        "scorecard",
        Scored(scorecard=card),
        frame,
        heads=heads,
        lines=_lines(card),
        few=FEW,
        signs=_SIGNS,
    )


def _lines(card: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Returns of each snapshot its figures on active items, as served and by the prior alone, the latest first."""
    rows = {
        (row["seal"], row["forecaster"], row["metric"]): row["value"]
        for row in card["figures"]
        if row["scope"] == "active"
    }

    def cell(seal: str, who: str, metric: str) -> str:
        return number(rows.get((seal, who, metric)), metric)

    return [
        (
            head["snapshot"],
            [(cell(head["seal"], SERVED, each), cell(head["seal"], PRIOR, each)) for each in _METRICS],
        )
        for head in reversed(card["snapshots"])
    ]
