"""`trail judge`: explanations compared blind, by people and by machines, and what their answers say."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from trail.engine import write_json
from trail.errors import ConfigError, DataError
from trail.evaluate.champion import finite
from trail.evaluate.judging import (
    FIGURES,
    KEY,
    SHEET,
    Answers,
    Endpoint,
    Figures,
    Sheet,
    Swaps,
    ask_machine,
    figures,
    keep_answers,
    kept_answers,
    kept_asked,
    make_sheet,
    of_machine,
    of_person,
    read_answers,
    read_sheet,
    read_texts,
    swaps,
    write_sheet,
)
from trail.operations.explaining import snapshot_of
from trail.operations.lineup import UNTUNED
from trail.operations.models import records
from trail.operations.untuned import untuned_texts
from trail.operations.workspace import Report, Workspace, moment_name, quiet
from trail.snapshots import Snapshot, open_snapshot, open_unaltered

#: The environment variable that may hold the API key of a machine judge.
KEY_VARIABLE = "TRAIL_JUDGE_KEY"
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


@dataclass(frozen=True)
class MachineAsked:
    """What a machine answered.

    Attributes:
        folder: The judging's folder.
        model: Its name.
        comparisons: Comparisons on the sheet, each asked about twice.
        asked_now: Answers of this run; the others were kept from before.
        swaps: How its answers depend on the order of the texts, by question.
    """

    folder: Path
    model: str
    comparisons: int
    asked_now: int
    swaps: tuple[Swaps, ...]


@dataclass(frozen=True)
class Agreed:
    """A judging in numbers, written down.

    Attributes:
        path: The file.
        figures: What it says.
    """

    path: Path
    figures: Figures


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


def read(folder: Path, files: Sequence[Path], *, at: datetime | None = None) -> list[Answers]:
    """Keeps the answers of people; all files are read before any is kept.

    Args:
        folder: The project.
        files: What the sheet's page downloaded, one a person.
        at: Cutoff of the snapshot; that of the latest sheet by default.

    Raises:
        ConfigError: If there is no sheet.
        DataError: If a file is bad or about another sheet, or two are of one person.
    """
    target = _target(Workspace.open(folder), at)
    known = read_sheet(target)
    found = [read_answers(path, known) for path in files]
    names = [each.judge for each in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"two files of the judge {twice!r}", expected="one file a judge")
    keep_answers(found, target)
    return found


def ask(
    folder: Path,
    url: str,
    model: str,
    *,
    at: datetime | None = None,
    timeout: float = 120.0,
    report: Report = quiet,
) -> MachineAsked:
    """Asks a language model about every comparison of a sheet, in both orders, and keeps each answer as it comes.

    The API key is read from the environment variable `TRAIL_JUDGE_KEY`, if it is set.

    Args:
        folder: The project.
        url: Address of a server that speaks `/v1/chat/completions`.
        model: Name of the model there.
        at: Cutoff of the snapshot; that of the latest sheet by default.
        timeout: Seconds that one answer may take.
        report: Told what goes on.

    Raises:
        ConfigError: If there is no sheet, or the server refuses.
        EngineError: If the server gives no answer; what it answered is kept.
    """
    target = _target(Workspace.open(folder), at)
    known = read_sheet(target)
    endpoint = Endpoint(url, model, os.environ.get(KEY_VARIABLE, ""), timeout=timeout)
    before = sum(len(each) for each in kept_asked(target, known) if each[0].judge == model)
    answers = ask_machine(known, endpoint, target, report)
    return MachineAsked(target, model, len(known.comparisons), len(answers) - before, tuple(swaps(answers)))


def agree(folder: Path, *, at: datetime | None = None) -> Agreed:
    """Computes win rates, agreement, position bias and measures of the texts, and writes them to `figures.json`.

    Args:
        folder: The project.
        at: Cutoff of the snapshot; that of the latest sheet by default.

    Raises:
        ConfigError: If there is no sheet, no answer, or no longer the snapshot.
        DataError: If a file of answers was damaged.
    """
    workspace = Workspace.open(folder)
    target = _target(workspace, at)
    known = read_sheet(target)
    people, machines = kept_answers(target, known), kept_asked(target, known)
    votes = [
        *(vote for each in people for vote in of_person(each)),
        *(vote for each in machines for vote in of_machine(each)),
    ]
    if not votes:
        raise ConfigError(
            f"no answer that can be read in {target}" if machines else f"no answer in {target}",
            expected="answers of people or of a machine",
            fix="run `trail judge read` on files of answers, or `trail judge ask` with "
            + ("another model" if machines else "a model"),
        )
    snapshot = open_snapshot(workspace.snapshots / known.snapshot)
    if snapshot.manifest.seal != known.seal:
        raise DataError(
            f"another snapshot in {snapshot.folder}",
            expected=f"the one with the seal {known.seal[:16]}, which the sheet was made from",
        )
    found = figures(known, votes, [line for each in machines for line in swaps(each)], snapshot)
    write_json(finite(found.as_dict()), target / FIGURES)
    return Agreed(target / FIGURES, found)


def _target(workspace: Workspace, at: datetime | None) -> Path:
    """Returns the folder of a snapshot's sheet, or of the latest one.

    Raises:
        ConfigError: If there is none.
    """
    there = sorted(path.parent for path in workspace.judging.glob(f"*/{KEY}"))
    wanted = [each for each in there if at is None or each.name == moment_name(at)]
    if not wanted:
        raise ConfigError(
            f"no sheet{f' of {at:%Y-%m-%d}' if at else ''} in {workspace.folder}",
            expected=", ".join(each.name for each in there) or "comparisons to judge",
            fix=f"run `trail judge sheet {workspace.folder}` first",
        )
    return wanted[-1]
