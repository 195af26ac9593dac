"""`trail explain`: why one item stands where it stands, with the receipt of every claim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from trail.baselines import Launch, nearest_launches
from trail.baselines.scope import is_new
from trail.errors import ConfigError, DataError
from trail.facts import Language, Style, translated
from trail.facts.claims import Checked, Outlook
from trail.operations.data import Data, prepare
from trail.operations.history import cards_of, cutoffs_before, labelled
from trail.operations.making import plain_explanation
from trail.operations.models import record_of
from trail.operations.workspace import Report, Workspace, moment_name, quiet
from trail.signals import BY_NAME, Cards, known_at
from trail.snapshots import Explanation, Manifest, Snapshot, forecast_from, open_snapshot, snapshots_in


@dataclass(frozen=True)
class Receipt:
    """One claim of a text, and what it rests on.

    Attributes:
        said: The words of the claim.
        signal: Signal, or field of the forecast, that it is about; empty if it is about none.
        meaning: What the signal is.
        start: First day of the window that the claim names or that the signal covers last; null without one.
        end: Day after its last; null without one.
        stated: The number or word stated.
        actual: The sealed value.
        verdict: supported, contradicted, unverifiable or context.
    """

    said: str
    signal: str
    meaning: str
    start: datetime | None
    end: datetime | None
    stated: float | str | None
    actual: float | str | None
    verdict: str


@dataclass(frozen=True)
class ItemExplained:
    """An item's forecast in words.

    Attributes:
        item_id: The item.
        title: Its title; empty without one.
        snapshot: Folder of the forecast it explains.
        outlook: Its forecast.
        explanation: The text with its claims and drivers.
        receipts: One a claim, in the order of the text.
        sealed: Whether the text is part of the snapshot, or was written just now.
        launches: Of a new item, the past launches most like it: context beside the text, no claim of it.
        translation: The same facts in the language asked for; empty where that is English.
    """

    item_id: str
    title: str
    snapshot: Path
    outlook: Outlook
    explanation: Explanation
    receipts: tuple[Receipt, ...]
    sealed: bool
    launches: tuple[Launch, ...] = ()
    translation: str = ""


def explain(
    folder: Path,
    item_id: str,
    *,
    at: datetime | None = None,
    style: Style | None = None,
    report: Report = quiet,
) -> ItemExplained:
    """Returns the explanation of any item of a sealed forecast, writing it now if it was not shown.

    Args:
        folder: The project.
        item_id: The item.
        at: Cutoff of the snapshot; the latest by default.
        style: Form in which to tell the sealed facts anew; null for the text as it is kept.
        report: Told what goes on.

    Raises:
        ConfigError: If nothing is forecast yet.
        DataError: If the snapshot does not forecast the item, or the log changed since.
        ModelError: If the text must be written and the model is gone.
    """
    workspace = Workspace.open(folder)
    snapshot = snapshot_of(workspace, at)
    outlook = snapshot.outlook(item_id)
    explanation: Explanation
    kept = snapshot.explanation(item_id)
    if kept is not None:
        cards, explanation = snapshot.cards, kept
    elif (style is not None or not snapshot.manifest.model) and snapshot.shows(item_id):
        cards, explanation = snapshot.cards, plain_explanation(snapshot.card(item_id), outlook)
    else:
        cards, explanation = _written(workspace, snapshot, item_id, report)
    card, translation = cards.card(cards.row_of(item_id)), ""
    if style is not None:
        drivers = explanation.drivers
        explanation = plain_explanation(card, outlook, drivers, style)
        if style.language is not Language.ENGLISH:
            translation = translated(card, outlook, drivers, style).text
    title = card.metadata["title"]
    return ItemExplained(
        item_id=item_id,
        title=str(title or ""),
        snapshot=snapshot.folder,
        outlook=outlook,
        explanation=explanation,
        receipts=tuple(receipts(explanation, cards)),
        sealed=kept is not None and style is None,
        launches=_launches(workspace, snapshot, item_id, cards, report),
        translation=translation,
    )


def _launches(
    workspace: Workspace, snapshot: Snapshot, item_id: str, cards: Cards, report: Report
) -> tuple[Launch, ...]:
    """Returns the launches most like an item, as they were sealed, else looked up now.

    None where it is not new, or where they were not sealed and the log changed since.
    """
    if sealed := snapshot.launches(item_id):
        return sealed
    if not is_new(cards.take(np.array([cards.row_of(item_id)])))[0]:
        return ()
    data, cutoff = prepare(workspace, report), snapshot.manifest.moment
    if data.fingerprint != snapshot.manifest.data:
        return ()
    history = known_at(labelled(data, cutoffs_before(data, cutoff, workspace), workspace, report), cutoff)
    return nearest_launches(history, cards, cards.row_of(item_id))


def receipts(explanation: Explanation, cards: Cards) -> Iterator[Receipt]:
    """Yields the receipt of every claim of a text."""
    for checked in explanation.verification.checked:
        yield receipt_of(checked, explanation.text, cards)


def receipt_of(checked: Checked, text: str, cards: Cards) -> Receipt:
    """Returns the receipt of one claim of a text."""
    claim = checked.claim
    signal = BY_NAME.get(claim.signal)
    start = end = None
    if claim.window is not None:
        start, end = cards.horizon.window(cards.cutoff, claim.window)
    return Receipt(
        said=text[claim.start : claim.end],
        signal=claim.signal,
        meaning=signal.doc if signal else "",
        start=start,
        end=end,
        stated=claim.stated if claim.stated is not None else claim.relation,
        actual=checked.actual,
        verdict=checked.verdict.value,
    )


def snapshot_of(workspace: Workspace, at: datetime | None) -> Snapshot:
    """Opens the snapshot of a cutoff, or the latest one.

    Raises:
        ConfigError: If there is none.
    """
    found = snapshots_in(workspace.snapshots)
    if not found:
        raise ConfigError(
            f"no snapshot in {workspace.folder}",
            expected="a forecast to explain",
            fix=f"run `trail forecast {workspace.folder}` first",
        )
    if at is None:
        return open_snapshot(found[-1])
    folder = workspace.snapshots / moment_name(at)
    if folder not in found:
        raise ConfigError(f"no snapshot of {at:%Y-%m-%d}", expected=", ".join(each.name for each in found))
    return open_snapshot(folder)


def _written(
    workspace: Workspace, snapshot: Snapshot, item_id: str, report: Report
) -> tuple[Cards, Explanation]:
    """Writes a text now, about the sealed forecast, with the model that made it."""
    data, manifest = prepare(workspace, report), snapshot.manifest
    if data.fingerprint != manifest.data:
        raise DataError(
            f"the log changed since the forecast of {manifest.moment:%Y-%m-%d}",
            expected="the log that it was made from",
            fix="explain an item that the snapshot shows, or forecast again",
        )
    whole = len(snapshot.cards) == snapshot.forecast.num_rows
    cards = snapshot.cards if whole else cards_of(data, manifest.moment, workspace)
    row = cards.row_of(item_id)
    if not manifest.model:
        return cards, plain_explanation(cards.card(row), snapshot.outlook(item_id))
    record = record_of(workspace, manifest.model)
    forecast, chances = forecast_from(snapshot.forecast, cards)
    from trail.explain import explain as write  # noqa: PLC0415 - loads torch; only this path needs it

    model = _fitted(workspace, data, manifest, record.name, report)
    return cards, write(model, cards, forecast, chances, [row], k=manifest.k, seed=manifest.seed)[0]


#: The model that wrote last, by folder, name and seal of the snapshot: a process that writes many texts loads it once.
_LAST: dict[tuple[Path, str, str], Any] = {}


def _fitted(workspace: Workspace, data: Data, manifest: Manifest, name: str, report: Report) -> Any:
    """Returns the model of a snapshot with its prior fitted at the snapshot's cutoff."""
    key = (workspace.folder.resolve(), name, manifest.seal)
    if key not in _LAST:
        from trail.forecast import load  # noqa: PLC0415 - loads torch; only this path needs it

        cutoffs = cutoffs_before(data, manifest.moment, workspace)
        history = known_at(labelled(data, cutoffs, workspace, report), manifest.moment)
        made = load(workspace.models / name).fit(history)
        _LAST.clear()
        _LAST[key] = made
    return _LAST[key]
