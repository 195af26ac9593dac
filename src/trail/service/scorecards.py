"""The scorecard as it was written last, which goes over the wire as it is; one that is damaged, or of another shape, is none."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from trail.service.files import read_json
from trail.service.problems import without_folders
from trail.service.shelf import Shelf


class _Part(BaseModel):
    """A part of it; a later version may say more. What may be null may be absent too, in one from before it was kept."""

    model_config = ConfigDict(allow_inf_nan=False)


class SnapshotScored(_Part):
    """A snapshot whose period is over.

    Attributes:
        snapshot: Name of its folder.
        seal: Its seal.
        cutoff: First moment of its period.
        until: First moment after it.
        afterwards: Whether it was sealed when its period was over already: a backtest, not a forecast.
        k: The K of its chance of the top.
        items: Items forecast.
        texts: Items explained.
        forecaster: Who ranks the first item.
        model: Fingerprint of the model; empty without one.
        data: Fingerprint of the events and the catalogue that it was scored against.
        definitions: Hash of the code that scored it.
        others: Items with an event in the period that it does not forecast.
        others_weight: Their part of all the period's events, 0 to 1; null where nothing happened.
        others_top: Those among the true top K.
        revised: Items shown whose last window the log now counts otherwise than their sealed card.
    """

    snapshot: str
    seal: str
    cutoff: datetime
    until: datetime
    afterwards: bool
    k: int | None = None
    items: int | None = None
    texts: int | None = None
    forecaster: str | None = None
    model: str | None = None
    data: str | None = None
    definitions: str | None = None
    others: int | None = None
    others_weight: float | None = None
    others_top: int | None = None
    revised: int | None = None


class FirstItem(_Part):
    """One of the first items of the snapshot with that seal: its rank and forecast as they were sealed, the count and the rank that came true."""

    seal: str | None = None
    item_id: str
    title: str
    rank: int
    expected: float
    q10: float
    q90: float
    target: float
    true_rank: int


class LatestScored(_Part):
    """What the latest snapshot scored said of its first items, and what came of it.

    Attributes:
        seal: Its seal.
        said: Items that it said to be among the first K.
        were: Those of them that were.
        active: Items with an event in the last eight windows.
        inside: Share of these whose outcome lay in its range; null without any.
        items: Its first items.
    """

    seal: str
    said: int
    were: int
    active: int
    inside: float | None
    items: list[FirstItem]


class FigureScored(_Part):
    """One number of one snapshot.

    Attributes:
        seal: The snapshot's seal.
        cutoff: Its cutoff.
        scope: `active` (an event in the last eight windows) or `all` items of the forecast.
        forecaster: `served`, `prior` or `last_window`.
        items: Items in the scope.
        k: The K of `recall`, `brier` and `log_score`.
        metric: What was measured.
        value: Null where undefined, or where the forecaster says nothing of it.
    """

    seal: str
    cutoff: datetime | None = None
    scope: str
    forecaster: str
    items: int | None = None
    k: int
    metric: str
    value: float | None


class ReasonScored(_Part):
    """How often one sort of reason was right.

    Attributes:
        basis: `text` for all, `cited` for a group of signals that a text cites, `claim` for a kind of claim, `driver`.
        about: The group or the kind.
        sign: The move that it argued for; empty for all of them.
        cases: Reasons given.
        right: Those that were right.
        ties: Those whose outcome lay on the turning point; among the cases, not among the right ones.
        share: Right over cases.
        low: Lower end of Wilson's 95% interval of it.
        high: Upper end.
    """

    basis: str
    about: str
    sign: str
    cases: int
    right: int
    ties: int
    share: float | None
    low: float | None
    high: float | None


class SnapshotWaiting(_Part):
    """A snapshot whose period is not over, and the day that the log must reach."""

    snapshot: str
    until: str
    known_on: str


class SnapshotRefused(_Part):
    """A snapshot that was not scored, and what is wrong with it."""

    snapshot: str
    why: str


class ScorecardRead(_Part):
    """How right the snapshots were whose period is over.

    Attributes:
        title: Its heading.
        data: Fingerprint of the events and the catalogue.
        log_whole_until: The moment up to which the log is whole.
        latest: The first items of the latest snapshot scored.
        verdict: What it says besides, in sentences.
        snapshots: Those scored, oldest first.
        figures: Every figure of each.
        reasons: How often each sort of reason was right, over all of them.
        waiting: Those not due.
        refused: Those that are not what was sealed, or cannot be laid beside the log.
    """

    title: str
    data: str | None = None
    log_whole_until: datetime | None = None
    latest: LatestScored | None = None
    verdict: list[str]
    snapshots: list[SnapshotScored]
    figures: list[FigureScored]
    reasons: list[ReasonScored]
    waiting: list[SnapshotWaiting]
    refused: list[SnapshotRefused]


def read_scorecard(shelf: Shelf) -> dict[str, Any] | None:
    """Returns what `trail scorecard` wrote of a project, a `ScorecardRead`; null where there is none that can be read."""
    found = read_json(shelf.folder / "reports" / "scorecard" / "scorecard.json")
    try:
        ScorecardRead.model_validate(found)
    except ValidationError:
        return None
    assert found is not None  # or it would be no scorecard
    refused = [each | {"why": without_folders(each["why"])} for each in found["refused"]]
    return found | {"refused": refused}


def latest_of(card: dict[str, Any]) -> tuple[SnapshotScored, LatestScored] | None:
    """Returns the latest snapshot of a scorecard that was read; null where its first items were not kept."""
    found = ScorecardRead.model_validate(card)
    latest = found.latest
    return next(((head, latest) for head in found.snapshots if latest and head.seal == latest.seal), None)
