"""`trail judge read`, `ask` and `agree`: answers to a sheet, of people and of machines, and what they say."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from trail.engine import write_json
from trail.errors import ConfigError, DataError
from trail.evaluate.champion import finite
from trail.evaluate.judging import (
    FIGURES,
    KEY,
    Answers,
    Endpoint,
    Figures,
    Swaps,
    ask_machine,
    figures,
    keep_answers,
    kept_answers,
    kept_asked,
    of_machine,
    of_person,
    read_answers,
    read_sheet,
    swaps,
)
from trail.operations.workspace import Report, Workspace, moment_name, quiet
from trail.snapshots import open_snapshot

#: The environment variable that may hold the API key of a machine judge.
KEY_VARIABLE = "TRAIL_JUDGE_KEY"


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
