"""`trail explain`: why one item stands where it stands, with the receipt of every claim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import numpy as np

from trail.baselines import Launch, nearest_launches
from trail.baselines.scope import is_new
from trail.errors import ConfigError, DataError, TrailError
from trail.evaluate.faithfulness import Subject
from trail.facts import Driver, Language, Style, translated
from trail.facts.claims import Checked, Outlook
from trail.operations.making import plain_explanation
from trail.operations.mapping import readable
from trail.operations.recalling import PassingError, as_read_last, history_of, no_log, recalled
from trail.operations.workspace import Report, Workspace, moment_name, quiet
from trail.signals import BY_NAME, Cards
from trail.snapshots import Explained, Explanation, Snapshot, forecast_from, open_snapshot

#: Said of a text that was asked for at once, or in a form of its own.
FACTS_ALONE = "Rendered from the sealed facts alone; what moved the forecast was not looked up."
#: Said where the model wrote, and nothing of it could be shown.
NOT_HELD = "No text that the model wrote held, so the facts are rendered plainly."


def _untold(error: TrailError) -> str:
    why = "; ".join(filter(None, (error.found, error.fix)))
    return f"Rendered from the sealed facts alone; what moved the forecast cannot be told: {why}."


#: Said where the log never was.
NO_LOG = _untold(no_log())


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
        note: Why the text is not by the model that made the forecast, or names no driver; empty where it is and does.
        passing: Whether that may be otherwise in a few minutes.
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
    note: str = ""
    passing: bool = False


def explain(
    folder: Path,
    item_id: str,
    *,
    at: datetime | None = None,
    style: Style | None = None,
    report: Report = quiet,
) -> ItemExplained:
    """Returns the explanation of any item of a sealed forecast, writing it now if it was not shown.

    What is sealed is enough for a plain text. The drivers, and so the model's text, need who made the forecast as it
    was fitted then: where log or model do not give that any more, the text is plain and the note says why. Nothing in the
    project is written.

    Args:
        folder: The project.
        item_id: The item.
        at: Cutoff of the snapshot; the latest by default.
        style: Form in which to tell the sealed facts anew; null for the text as it is kept.
        report: Told what goes on.

    Raises:
        ConfigError: If nothing is forecast yet.
        DataError: If the snapshot does not forecast the item, or does not seal its card.
    """
    workspace = Workspace.open(folder)
    snapshot = snapshot_of(workspace, at)
    outlook = snapshot.outlook(item_id)
    kept = snapshot.explanation(item_id)
    if kept is not None:
        found = _Text(kept)
    elif style is not None:
        found = _Text(plain_explanation(snapshot.card(item_id), outlook), FACTS_ALONE)
    else:
        found = _written(workspace, snapshot, item_id, report)
    card, explanation, translation = snapshot.card(item_id), found.explanation, ""
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
        receipts=tuple(receipts(explanation, snapshot.cards)),
        sealed=kept is not None and style is None,
        launches=_launches(workspace, snapshot, item_id, report),
        translation=translation,
        note=found.note,
        passing=found.passing,
    )


def _launches(workspace: Workspace, snapshot: Snapshot, item_id: str, report: Report) -> tuple[Launch, ...]:
    """Returns the launches most like an item, as they were sealed, else looked up now.

    None where it is not new, or where they were not sealed and the log is gone or changed since.
    """
    cards, manifest = snapshot.cards, snapshot.manifest
    if sealed := snapshot.launches(item_id):
        return sealed
    row = cards.row_of(item_id)
    if not is_new(cards.take(np.array([row])))[0]:
        return ()
    try:
        with as_read_last(workspace) as (data, own):
            if data.fingerprint != manifest.data:
                return ()
            return nearest_launches(history_of(data, own, manifest, report), cards, row)
    except DataError:
        return ()


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
    """Opens the snapshot of a cutoff, or the latest one whose manifest can be read.

    Raises:
        ConfigError: If there is none.
        DataError: If it is damaged.
    """
    if at is not None and (folder := workspace.snapshots / moment_name(at)).is_dir():
        return open_snapshot(folder)
    found = [each for each, _ in readable(workspace)]
    if not found:
        raise ConfigError(
            f"no snapshot in {workspace.folder}",
            expected="a forecast to explain",
            fix=f"run `trail forecast {workspace.folder}` first",
        )
    if at is not None:
        there = ", ".join(each.name for each in reversed(found))
        raise ConfigError(f"no snapshot of {at:%Y-%m-%d}", expected=there)
    return open_snapshot(found[0])


@dataclass(frozen=True)
class _Text:
    """A text, and what must be said of it; fields as in `ItemExplained`."""

    explanation: Explanation
    note: str = ""
    passing: bool = False

    @classmethod
    def of(cls, explanation: Explanation, model: str) -> Self:
        """Returns a text with its drivers, and says so where it has none or the model's did not hold."""
        notes = []
        if model and explanation.source != "model":
            notes.append(NOT_HELD)
        if not explanation.drivers:
            notes.append("No group of signals moved this forecast enough to be named.")
        return cls(explanation, " ".join(notes))


def _written(workspace: Workspace, snapshot: Snapshot, item_id: str, report: Report) -> _Text:
    """Writes a text now, about the sealed forecast, by who made it; plainly where that cannot be."""
    cards, manifest = snapshot.cards, snapshot.manifest
    card, outlook = snapshot.card(item_id), snapshot.outlook(item_id)
    try:
        forecast, chances = forecast_from(snapshot.forecast, cards)
        maker, writer = recalled(workspace, snapshot, report)
        rows = np.array([cards.row_of(item_id)])
        drivers: tuple[Driver, ...] = ()
        if not manifest.corrected:
            picked = cards.take(rows)
            drivers = Subject.of_forecaster(maker, cards, forecast).effects(picked).drivers(picked, 0)
        if writer is None:
            return _Text.of(plain_explanation(card, outlook, drivers), "")
        from trail.explain import put_in_words, tell  # noqa: PLC0415 - loads torch; only this path needs it
        from trail.forecast import tell as told_by  # noqa: PLC0415 - as above

        if manifest.corrected:
            told = tell(maker, cards, forecast, chances, rows.tolist(), k=manifest.k)
        else:
            told = told_by(cards, forecast, chances, rows, [drivers], k=manifest.k)
        text = put_in_words(writer, told, seed=manifest.seed)[0]
        # as a snapshot keeps it: whoever gets it from the process that writes loads no torch to read it
        kept = Explained(text.item_id, text.text, text.verification, text.drivers, text.source)
        return _Text.of(kept, manifest.model)
    except TrailError as error:
        return _Text(plain_explanation(card, outlook), _untold(error), isinstance(error, PassingError))
