"""`trail judge sheet`: explanations laid side by side for judges who do not know whose they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from trail.errors import DataError
from trail.evaluate.judging import KEY, SHEET, Sheet, make_sheet, read_texts, write_sheet
from trail.operations.explaining import snapshot_of
from trail.operations.lineup import UNTUNED
from trail.operations.models import records
from trail.operations.untuned import untuned_texts
from trail.operations.workspace import Report, Workspace, quiet
from trail.snapshots import Snapshot, open_unaltered

#: Items on a sheet: with three sources sixty comparisons, about an hour for a person.
ITEMS = 20


@dataclass(frozen=True)
class Prepared:
    """Comparisons that are ready to be judged.

    Attributes:
        folder: Where the sheet and its key lie.
        sheet: What is compared.
        stepped_in: Explained items whose own text is the plain rendering that stepped in for the model.
        unused: Items of the files of texts that the snapshot does not explain.
        already: Whether the same sheet lay there before.
    """

    folder: Path
    sheet: Sheet
    stepped_in: int
    unused: tuple[str, ...]
    already: bool

    @property
    def page(self) -> Path:
        """The page for people."""
        return self.folder / SHEET

    @property
    def key(self) -> Path:
        """Whose text is which; not for the eyes of judges."""
        return self.folder / KEY


def sheet(
    folder: Path,
    *,
    at: datetime | None = None,
    texts: Sequence[Path] = (),
    untuned: bool = False,
    items: int = ITEMS,
    seed: int = 0,
    report: Report = quiet,
) -> Prepared:
    """Prepares blind pairwise comparisons of a sealed snapshot's explanations: a page for people and its key.

    Compared are what the model wrote, the plain rendering of the same facts, the backbone without any tuning, and the
    sources of the files.

    Args:
        folder: The project.
        at: Cutoff of the snapshot; the latest by default.
        texts: Files of item_id, source and text, in Parquet or JSON lines.
        untuned: Whether the backbone without any tuning writes of the explained items now, as it comes; an item that it
            writes nothing of is compared without it.
        items: Items drawn, at most.
        seed: Seed of all that is drawn.
        report: Told what goes on.

    Raises:
        ConfigError: If nothing is forecast yet, or answers to other comparisons lie there.
        DataError: If the snapshot was altered, a file of texts is no such thing, or there is nothing to compare.
        ModelError: If the backbone's weights are missing.
    """
    workspace = Workspace.open(folder)
    snapshot = open_unaltered(snapshot_of(workspace, at).folder)
    others: Mapping[str, Mapping[str, str]] = read_texts(texts)
    _check_explained(snapshot)
    if untuned:
        report("untuned texts", 0, 1)
        others = _joined(others, _untuned(workspace, snapshot))
        report("untuned texts", 1, 1)
    _check_two_sides(snapshot, others)
    made = make_sheet(snapshot, others, items=items, seed=seed)
    target = workspace.judging / snapshot.folder.name
    written = write_sheet(made, target)
    explained = {each.item_id for each in snapshot.explanations}
    stepped_in = sum(each.source != "model" for each in snapshot.explanations)
    return Prepared(target, made, stepped_in, tuple(sorted(others.keys() - explained)), not written)


def _untuned(workspace: Workspace, snapshot: Snapshot) -> dict[str, str]:
    """Returns item -> text of the backbone whose tuning made the snapshot, else of the project's."""
    from trail.model.settings import ModelSettings  # noqa: PLC0415 - loads torch; only this path needs it

    made = (each.settings for each in records(workspace) if each.fingerprint == snapshot.manifest.model)
    kept = next(made, None)
    settings = ModelSettings.from_dict(kept) if kept else workspace.project.model
    return untuned_texts(snapshot, settings)


def _joined(
    others: Mapping[str, Mapping[str, str]], untuned: Mapping[str, str]
) -> Mapping[str, Mapping[str, str]]:
    """Returns the texts of files with the untuned ones; empty ones are left out.

    Raises:
        DataError: If a file has texts of that name too.
    """
    if any(UNTUNED in texts for texts in others.values()):
        raise DataError(
            f"texts of the source {UNTUNED!r} in a file, and --untuned",
            expected="one of the two",
            fix="leave out --untuned, or give the source of the file another name",
        )
    written = {item: {**others.get(item, {}), UNTUNED: text} for item, text in untuned.items() if text}
    return {**others, **written}


def _check_explained(snapshot: Snapshot) -> None:
    """Refuses a snapshot that explains nothing.

    Raises:
        DataError: If it is one.
    """
    if not snapshot.explanations:
        raise DataError(
            "a snapshot without a text",
            expected="explained items",
            where=snapshot.folder.name,
            fix="name another with --at, or forecast at another cutoff with --explain",
        )


def _check_two_sides(snapshot: Snapshot, others: Mapping[str, Mapping[str, str]]) -> None:
    """Refuses a snapshot of plain renderings alone, with nothing beside them.

    Raises:
        DataError: If it is one.
    """
    if all(each.source != "model" and each.item_id not in others for each in snapshot.explanations):
        raise DataError(
            f"nothing to compare: all {len(snapshot.explanations)} texts are plain renderings",
            expected="texts of another source beside them",
            where=snapshot.folder.name,
            fix="add --untuned, or texts with --texts FILE; texts by the model need a snapshot of another cutoff by "
            "`trail forecast --by trail`, for a sealed one never changes",
        )
