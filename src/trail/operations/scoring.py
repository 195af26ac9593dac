"""`trail scorecard`: every sealed snapshot whose period is over, scored against what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trail.errors import ConfigError, TrailError
from trail.evaluate.origins import end_of
from trail.evaluate.scorecard import (
    PAGE,
    Refused,
    Score,
    Scorecard,
    Waiting,
    is_over,
    known_on,
    read_scores,
    renamed,
    score,
    write_scorecard,
)
from trail.events import Horizon
from trail.operations.data import Data, prepare
from trail.operations.source import MEASURING, source_hash
from trail.operations.workspace import Report, Workspace, quiet
from trail.snapshots import (
    Manifest,
    altered,
    folders_in,
    open_snapshot,
    read_manifest,
    verify_snapshot,
)

_Known = Mapping[tuple[str, str, str], Score]


@dataclass(frozen=True)
class Scored:
    """A scorecard that is written down.

    Attributes:
        folder: Its folder: rows, JSON, Markdown and one HTML file.
        card: What it says.
        fresh: Names of the snapshots that this run scored; the others were scored before.
        written: Whether the folder changed.
    """

    folder: Path
    card: Scorecard
    fresh: tuple[str, ...]
    written: bool

    @property
    def page(self) -> Path:
        """The self-contained HTML file."""
        return self.folder / PAGE


def scorecard(folder: Path, *, data: Data | None = None, report: Report = quiet) -> Scored:
    """Scores every snapshot of a project whose period the log now covers whole, overall and per reason given.

    A snapshot that was scored before against the same data by the same code is not scored again; its
    hashes are checked all the same. One that fails verification is refused and stops no other. The score of a
    snapshot whose folder is gone stays as it was: against the data, and by the code, of its day.

    Args:
        folder: The project.
        data: Its log and catalogue, where they are open already; else its sources are read.
        report: Told what goes on.

    Raises:
        ConfigError: If the project has no snapshot.
        DataError: If the log cannot be read.
    """
    workspace = Workspace.open(folder)
    there = folders_in(workspace.snapshots)
    if not there:
        raise ConfigError(
            f"no snapshot in {folder}",
            expected="a sealed forecast to score",
            fix=f"run `trail forecast {folder}` first",
        )
    data = data or prepare(workspace, report)
    target = workspace.reports / "scorecard"
    _recover(target)
    before = read_scores(target)
    known = {each.head.key: each for each in before if each.first}  # without them it is made anew
    found, fresh = [], []
    for done, each in enumerate(_once(there)):
        report("scorecard", done, len(there))
        one = each if isinstance(each, Refused) else _placed(each, data, known)
        found.append(one)
        if isinstance(one, Score) and one.head.key not in known:
            fresh.append(one.head.snapshot)
    report("scorecard", len(there), len(there))
    found += _gone(before, there)
    card = Scorecard(
        title=f"Scorecard of {folder.resolve().name}",
        data=data.fingerprint,
        ends=end_of(data.log),
        scores=tuple(
            sorted((each for each in found if isinstance(each, Score)), key=lambda each: each.head.cutoff)
        ),
        waiting=tuple(
            sorted((each for each in found if isinstance(each, Waiting)), key=lambda each: each.until)
        ),
        refused=tuple(each for each in found if isinstance(each, Refused)),
    )
    return Scored(target, card, tuple(fresh), write_scorecard(card, target))


def _gone(before: Iterable[Score], there: Iterable[Path]) -> list[Score]:
    """Returns the scores of snapshots that were moved out since: neither their name nor their seal is there."""
    names, seals = set(), set()
    for folder in there:
        names.add(folder.name)
        with suppress(TrailError):  # one that cannot be read is refused, by its name
            seals.add(read_manifest(folder).seal)
    return [each for each in before if each.head.snapshot not in names and each.head.seal not in seals]


def _recover(target: Path) -> None:
    """Takes back the scores of a run that was killed while it replaced them: those of snapshots moved out are nowhere else."""
    for aside in sorted(target.parent.glob(f".{target.name}.old.*/was")):
        if not target.exists():
            aside.rename(target)


def _once(there: list[Path]) -> Iterator[tuple[Path, Manifest] | Refused]:
    """Yields each snapshot with its manifest once; a copy and what cannot be read are refused."""
    seen: dict[str, str] = {}
    for folder in there:
        try:
            manifest = read_manifest(folder)
        except TrailError as error:
            yield Refused(folder.name, str(error))
            continue
        first = seen.setdefault(manifest.seal, folder.name)
        yield (
            (folder, manifest)
            if first == folder.name
            else Refused(folder.name, f"a copy of {first}: the same seal, scored once")
        )


def _placed(sealed: tuple[Path, Manifest], data: Data, known: _Known) -> Score | Waiting | Refused:
    """Returns a snapshot's score where its period is over, else when it will be, or why it is refused."""
    folder, manifest = sealed
    if problems := altered(folder):
        return Refused(folder.name, f"{problems[0].where}: {problems[0].what}")
    try:
        horizon = Horizon(manifest.horizon_days)
        if not is_over(data.log, manifest.moment, horizon):
            due = known_on(data.log, manifest.moment, horizon)
            return Waiting(folder.name, horizon.target_period(manifest.moment)[1], due)
        definitions = source_hash(*MEASURING)
        before = known.get((manifest.seal, data.fingerprint, definitions))
        if before is not None:
            return renamed(before, folder.name)
        found = verify_snapshot(folder)
        if not found.holds:
            return Refused(folder.name, f"{found.problems[0].where}: {found.problems[0].what}")
        return score(open_snapshot(folder), data.log, data=data.fingerprint, definitions=definitions)
    except TrailError as error:
        return Refused(folder.name, str(error))
