"""What was said and what happened: the first items, how often each reason was right, and the technical figures."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from trail.evaluate.scorecard.figures import ACTIVE, LABELS, PRIOR, SERVED
from trail.evaluate.scorecard.reasons import CLAIM
from trail.evaluate.scorecard.record import FEW, OVERALL
from trail.evaluate.scorecard.words import beside, came_true, number
from trail.service.pages.contents import Scored
from trail.service.pages.frame import framed
from trail.service.pages.render import shown
from trail.service.routes.snapshots import scorecard_of
from trail.service.scorecards import latest_of
from trail.service.state import Named

router = APIRouter()
#: Technical figures, and what they mean.
_METRICS = {
    "ndcg@50": "How well the first 50 were ordered, the largest counts weighing most; 1 is the perfect order.",
    "recall": "Share of the items that were first in the end that were said to be; 1 is all of them.",
    "wape": "All errors in the counts added up, as a share of all that happened; 0 is no error.",
    "coverage": "Share of the outcomes inside their range; about 0.8 is right, 1 is a range too wide.",
}
_PRIOR = "The same of the best plain forecast, without the model."


@router.get("/p/{project}/scorecard.json")
@router.get("/p/{project}/scorecard")
def scorecard(request: Request, project: Named) -> Response:
    """Returns the scorecard as `trail scorecard` wrote it last."""
    card = scorecard_of(project)
    frame = framed(request, project, "Scorecard", place="scorecard")
    head, latest = latest_of(card) or (None, None)
    return shown(
        request,
        "scorecard",
        Scored(scorecard=card),
        frame,
        head=head,
        latest=latest,
        linked=head is not None and head.snapshot in project.names(),
        said=latest and came_true(latest.said, latest.were, latest.active, latest.inside),
        beside=beside,
        record=_record(card),
        few=FEW,
        heads=[(LABELS[metric], meaning) for metric, meaning in _METRICS.items()],
        prior=_PRIOR,
        lines=_lines(card),
    )


def _record(card: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns the tallies over all moves and over none, the most frequent first; signs and kinds are in the twin."""
    found = [each for each in card["reasons"] if each["basis"] != CLAIM and each["sign"] in OVERALL]
    return sorted(found, key=lambda each: -each["cases"])


def _lines(card: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Returns of each snapshot its figures on active items, as served and by the prior alone, the latest first."""
    rows = {
        (row["seal"], row["forecaster"], row["metric"]): row["value"]
        for row in card["figures"]
        if row["scope"] == ACTIVE
    }

    def cell(seal: str, who: str, metric: str) -> str:
        return number(rows.get((seal, who, metric)), metric)

    return [
        (
            head["snapshot"] + ", a backtest" * bool(head["afterwards"]),
            [(cell(head["seal"], SERVED, each), cell(head["seal"], PRIOR, each)) for each in _METRICS],
        )
        for head in reversed(card["snapshots"])
    ]
