"""The scorecard as it was written last; one that is damaged, or of another shape, is none."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from trail.service.files import read_json
from trail.service.shelf import Shelf


class Head(BaseModel):
    """A snapshot scored; its period, and whether it was sealed when that was over."""

    snapshot: str
    seal: str
    cutoff: datetime
    until: datetime
    afterwards: bool


class Item(BaseModel):
    """One of the first items: what was said, and what happened."""

    model_config = ConfigDict(allow_inf_nan=False)

    item_id: str
    title: str
    rank: int
    expected: float
    q10: float
    q90: float
    target: float
    true_rank: int


class Latest(BaseModel):
    """What the latest snapshot scored said of its first items, and how many of them were; `inside` is of active items."""

    seal: str
    said: int
    were: int
    active: int
    inside: float | None
    items: list[Item]


class _Figure(BaseModel):
    seal: str
    forecaster: str
    scope: str
    metric: str
    k: int
    value: float | None


class _Tally(BaseModel):
    basis: str
    about: str
    sign: str
    cases: int
    right: int
    ties: int
    share: float | None
    low: float | None
    high: float | None


class _Waiting(BaseModel):
    snapshot: str
    until: str
    known_on: str


class _Refused(BaseModel):
    snapshot: str
    why: str


class _Scorecard(BaseModel):
    """What the pages read of it, and whoever asks for it may rely on."""

    title: str
    latest: Latest | None = None  # a scorecard from before it was kept has none
    verdict: list[str]
    snapshots: list[Head]
    figures: list[_Figure]
    reasons: list[_Tally]
    waiting: list[_Waiting]
    refused: list[_Refused]


def read_scorecard(shelf: Shelf) -> dict[str, Any] | None:
    """Returns what `trail scorecard` wrote of a project; null where there is none that can be read."""
    found = read_json(shelf.folder / "reports" / "scorecard" / "scorecard.json")
    try:
        _Scorecard.model_validate(found)
    except ValidationError:
        return None
    return found


def latest_of(card: dict[str, Any]) -> tuple[Head, Latest] | None:
    """Returns the latest snapshot of a scorecard that was read; null where its first items were not kept."""
    found = _Scorecard.model_validate(card)
    latest = found.latest
    return next(((head, latest) for head in found.snapshots if latest and head.seal == latest.seal), None)
