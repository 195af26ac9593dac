"""What a list is, in words: what is predicted, when and by whom it was made, how right the last ones were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from trail.evaluate.scorecard.words import came_true
from trail.operations.naming import maker
from trail.operations.wording import day, days
from trail.service.convert import period_of
from trail.service.pages.contents import About
from trail.service.scorecards import latest_of, read_scorecard
from trail.service.shelf import Shelf
from trail.snapshots.mapped import Mapped


def about_of(shelf: Shelf, mapped: Mapped) -> About:
    """Returns what a snapshot's list is."""
    manifest, period = mapped.snapshot.manifest, period_of(mapped)
    made = datetime.fromisoformat(manifest.created)
    over = datetime.now(UTC).date() >= period.end
    return About(
        what=(
            f"How many {period.events} each of {period.items:,} items should get from {days(period.start, period.end)}."
        ),
        made=f"From what was known up to {day(period.cutoff)}; the first item's number is by {maker(manifest.forecaster)}.",
        right=_right(read_scorecard(shelf)),
        over="The period predicted is over." if over else "",
        runs=[
            f"Made on {day(made)}; the first item's number is by `{manifest.forecaster}`.",
            *([manifest.why] if manifest.why else []),
            *([f"A new forecast is made by `trail forecast {shelf.name}`."] if over else []),
        ],
    )


def _right(card: dict[str, Any] | None) -> str:
    """Returns what came of the latest snapshot scored; empty without one, or with a scorecard from before that was kept."""
    found = latest_of(card) if card else None
    if found is None:
        return ""
    head, latest = found
    said = "would have said" if head.afterwards else "said"
    lead = f"What it {said} of {days(head.cutoff.date(), head.until.date())}"
    made = " (it was made afterwards)" if head.afterwards else ""
    return f"{lead}{made}: {came_true(latest.said, latest.were, latest.active, latest.inside)}."
