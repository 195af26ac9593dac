"""One snapshot scored: its figures, its reasons, and what must be said of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from trail.evaluate.scorecard.figures import Figure, figures
from trail.evaluate.scorecard.first import First, first
from trail.evaluate.scorecard.happened import Happened, happened
from trail.evaluate.scorecard.reasons import Reason, reasons
from trail.events import EventLog
from trail.snapshots import Snapshot


@dataclass(frozen=True)
class Head:
    """What a snapshot was, and against which data it was scored.

    Attributes:
        seal: Its seal.
        snapshot: Name of its folder.
        cutoff: First moment of its period.
        until: First moment after it.
        k: The K of its chance of the top.
        items: Items forecast.
        texts: Items explained.
        forecaster: Name of the forecaster that ranks the first item.
        model: Fingerprint of the model; empty without one.
        data: Fingerprint of the events and the catalogue that it was scored against.
        definitions: Hash of the code that scored it.
        afterwards: Whether it was sealed when its period was over already: a backtest, not a forecast.
        others: Items with an event in the period that it does not forecast.
        others_weight: Their part of all the period's events, 0 to 1; null where nothing happened.
        others_top: Those among the true top K.
        revised: Items shown whose last window the log now counts otherwise than their sealed card.
    """

    seal: str
    snapshot: str
    cutoff: datetime
    until: datetime
    k: int
    items: int
    texts: int
    forecaster: str
    model: str
    data: str
    definitions: str
    afterwards: bool
    others: int
    others_weight: float | None
    others_top: int
    revised: int

    @property
    def sort(self) -> tuple[int, int]:
        """Days predicted and K: means are over snapshots that share both."""
        return (self.until - self.cutoff).days, self.k

    @property
    def key(self) -> tuple[str, str, str]:
        """What decides every number of the score."""
        return self.seal, self.data, self.definitions


@dataclass(frozen=True)
class Score:
    """One snapshot scored.

    Attributes:
        head: What it was.
        figures: Its figures, one row a scope, forecaster and metric.
        reasons: Its reasons, one row each.
        first: Its first items; empty where it was scored before these were kept.
    """

    head: Head
    figures: tuple[Figure, ...]
    reasons: tuple[Reason, ...]
    first: tuple[First, ...]


def score(snapshot: Snapshot, log: EventLog, *, data: str, definitions: str) -> Score:
    """Scores a snapshot whose period is over against what happened.

    Args:
        snapshot: A snapshot that was verified.
        log: Events, which cover its period whole (`is_over`).
        data: Fingerprint of the events and the catalogue.
        definitions: Hash of the code.

    Raises:
        DataError: If the log cannot be laid beside the snapshot.
    """
    manifest, horizon = snapshot.manifest, snapshot.cards.horizon
    cutoff = manifest.moment.astimezone(UTC)
    item_ids = [str(item) for item in snapshot.forecast["item_id"].to_pylist()]
    found = happened(log, item_ids, cutoff, horizon)
    until = horizon.target_period(cutoff)[1]
    expected = dict(zip(item_ids, snapshot.forecast["expected"].to_pylist(), strict=True))
    last, target = (dict(zip(item_ids, map(float, each), strict=True)) for each in (found.last, found.target))
    head = Head(
        seal=manifest.seal,
        snapshot=snapshot.folder.name,
        cutoff=cutoff,
        until=until,
        k=manifest.k,
        items=manifest.items,
        texts=len(snapshot.explanations),
        forecaster=manifest.forecaster,
        model=manifest.model,
        data=data,
        definitions=definitions,
        afterwards=datetime.fromisoformat(manifest.created) >= until,
        others=len(found.others),
        others_weight=_part(found),
        others_top=found.others_in_top(manifest.k),
        revised=_revised(snapshot, last),
    )
    return Score(
        head,
        figures(snapshot.forecast, found, seal=manifest.seal, cutoff=cutoff, k=manifest.k),
        reasons(snapshot.explanations, expected, last, target, seal=manifest.seal, cutoff=cutoff),
        first(snapshot, found),
    )


def _part(found: Happened) -> float | None:
    outside = float(found.others.sum())
    total = outside + float(found.target.sum())
    return outside / total if total > 0 else None


def _revised(snapshot: Snapshot, last: Mapping[str, float]) -> int:
    sealed = np.nan_to_num(snapshot.cards.column("count_1"))
    now = np.array([last.get(item, 0.0) for item in snapshot.cards.item_ids])
    return int((~np.isclose(sealed, now, rtol=1e-9, atol=1e-9)).sum())
