"""A scorecard as a value: every snapshot of a project scored, waiting or refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trail.evaluate.scorecard.figures import Figure
from trail.evaluate.scorecard.reasons import Tally, tally
from trail.evaluate.scorecard.score import Score


@dataclass(frozen=True)
class Refused:
    """A snapshot that was not scored because something is wrong with it.

    Attributes:
        snapshot: Name of its folder.
        why: What is wrong, one sentence.
    """

    snapshot: str
    why: str


@dataclass(frozen=True)
class Waiting:
    """A snapshot whose period is not over in the log.

    Attributes:
        snapshot: Name of its folder.
        until: First moment after its period.
        known_on: The day that the log must reach.
    """

    snapshot: str
    until: datetime
    known_on: datetime


@dataclass(frozen=True)
class Scorecard:
    """Every snapshot of a project: scored, waiting or refused.

    Attributes:
        title: Heading.
        data: Fingerprint of the events and the catalogue.
        ends: The moment up to which the log is whole.
        scores: Those scored, oldest cutoff first.
        waiting: Those not due.
        refused: Those that are not what was sealed, or cannot be laid beside the log.
    """

    title: str
    data: str
    ends: datetime
    scores: tuple[Score, ...]
    waiting: tuple[Waiting, ...]
    refused: tuple[Refused, ...]

    @property
    def figures(self) -> list[Figure]:
        """Every figure, oldest snapshot first."""
        return [row for each in self.scores for row in each.figures]

    @property
    def tallies(self) -> list[Tally]:
        """How often each sort of reason was right, over all snapshots scored."""
        return tally([row for each in self.scores for row in each.reasons])
