"""What a list is, in words: what is predicted, when and by whom it was made, how right the last ones were."""

from __future__ import annotations

from datetime import UTC, datetime
from statistics import fmean
from typing import Any

from trail.evaluate.scorecard.words import FEW
from trail.service.convert import period_of
from trail.service.pages.contents import About
from trail.service.pages.names import maker
from trail.service.pages.words import day, days
from trail.service.scorecards import read_scorecard
from trail.service.shelf import Shelf
from trail.snapshots.mapped import Mapped

#: Snapshots of the scorecard that a list speaks of, the latest.
_LAST = 8


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
    """Returns how right the latest scored snapshots were; empty without one."""
    if card is None:
        return ""
    figures = [row for row in card["figures"] if (row["scope"], row["forecaster"]) == ("active", "served")]
    found = {name: [row for row in figures if row["metric"] == name and row["value"] is not None][-_LAST:]
             for name in ("recall", "coverage")}  # fmt: skip
    if not found["recall"]:
        return ""
    number = len(found["recall"])
    k, hits = found["recall"][-1]["k"], fmean(row["value"] * row["k"] for row in found["recall"])
    said = [f"of the true top {k} they had {hits:.1f} in their own top {k}"]
    if found["coverage"]:
        said.append(
            f"{fmean(row['value'] for row in found['coverage']):.0%} of the outcomes lay in the range"
        )
    said += _texts(card["reasons"])
    last = "the last forecast" if number == 1 else f"the last {number} forecasts"
    return f"Of {last} whose period is over, on average: {'; '.join(said)}."


def _texts(tallies: list[dict[str, Any]]) -> list[str]:
    """Returns how often texts as a whole were right, where there are enough to say."""
    return [
        f"texts argued the right way {each['right'] / each['cases']:.0%} of {each['cases']:,} times"
        for each in tallies
        if (each["basis"], each["about"], each["sign"]) == ("text", "", "") and each["cases"] >= FEW
    ]
