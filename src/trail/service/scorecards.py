"""The scorecard as it was written last; one that is damaged, or of another shape, is none."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from trail.service.files import read_json
from trail.service.shelf import Shelf


class _Head(BaseModel):
    snapshot: str
    seal: str


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
    verdict: list[str]
    snapshots: list[_Head]
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
