"""A scorecard as a value: every snapshot of a project scored, waiting or refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trail.evaluate.scorecard.figures import ACTIVE, SERVED, Figure, values_of
from trail.evaluate.scorecard.first import SHOWN, First
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
class Latest:
    """What the latest snapshot scored said of its first items, and what came of it.

    Attributes:
        seal: Its seal.
        said: Items that it said to be among the first K.
        were: Those of them that were, with an event; equal counts share a rank.
        active: Items with an event in the last eight windows.
        inside: Share of these whose outcome lay in its range; null without any.
        items: Its first items, `SHOWN` at most.
    """

    seal: str
    said: int
    were: int
    active: int
    inside: float | None
    items: tuple[First, ...]


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
    def pooled(self) -> tuple[Score, ...]:
        """Those that means and reasons are over: forecasts; where there is none, the backtests that were scored."""
        return tuple(each for each in self.scores if not each.head.afterwards) or self.scores

    @property
    def late(self) -> tuple[Score, ...]:
        """Those sealed when their period was over, where they are listed apart."""
        return tuple(each for each in self.scores if each not in self.pooled)

    @property
    def sorts(self) -> dict[tuple[int, int], tuple[Score, ...]]:
        """Days predicted and K -> those pooled that share them, in the order of their first snapshot."""
        found = dict.fromkeys(each.head.sort for each in self.pooled)
        return {sort: tuple(each for each in self.pooled if each.head.sort == sort) for sort in found}

    @property
    def latest(self) -> Latest | None:
        """The latest of those pooled; null without one, or where its first items were not kept."""
        if not self.scores or not self.pooled[-1].first:
            return None
        score = self.pooled[-1]
        said = score.first[: score.head.k]
        return Latest(
            seal=score.head.seal,
            said=len(said),
            were=sum(each.true_rank <= score.head.k and each.target > 0 for each in said),
            active=next(each.items for each in score.figures if each.scope == ACTIVE),
            inside=values_of(score.figures, ACTIVE, SERVED, "coverage")[0],
            items=score.first[:SHOWN],
        )

    @property
    def tallies(self) -> list[Tally]:
        """How often each sort of reason was right, over all that are pooled."""
        return tally([row for each in self.pooled for row in each.reasons])
