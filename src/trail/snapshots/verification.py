"""`trail verify`: whether a snapshot is what was sealed, and whether what it says is true.

Two checks that know nothing of each other. The hashes find any changed byte, but somebody who changes a
file can write new hashes. The second check does not read them: it reads every text again, decides every
claim on the sealed card and forecast, holds what it calls a reason against the sealed drivers, and compares
verdicts and numbers with those kept beside the text; it recomputes ranks from scores and chances from
quantiles, and tests each number's bounds. So a text that the card contradicts, a number that a claim states, a rank or a quantile out of order is found even under fresh hashes. What no
check inside the folder can find is a wholesale replacement: card, forecast and texts changed together
into another consistent story. For that, note the seal when the snapshot is made and pass it here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from trail.baselines import Forecast, p_top
from trail.baselines.protocol import ARRAYS
from trail.baselines.scope import is_new
from trail.engine import file_hash
from trail.errors import DataError
from trail.facts import verify, wrong_sides
from trail.facts.claims import Checked
from trail.snapshots.folder import Snapshot, open_snapshot, read_manifest
from trail.snapshots.manifest import FILES, MANIFEST, Manifest
from trail.snapshots.tables import FORECAST_SCHEMA, LAUNCHES, claim_row, launches_of, ranking, shared_of

_SLACK = 1e-9
#: Characters that are quoted of a reason with a wrong side.
_SHOWN = 40
#: Another release of numpy may draw other numbers; 2,000 draws then lie this close (five standard errors).
_CHANCE_SLACK = 0.08


@dataclass(frozen=True)
class Problem:
    """Something that is not as it was sealed, or not true.

    Attributes:
        where: File, and item if it is about one.
        what: One sentence.
    """

    where: str
    what: str


@dataclass(frozen=True)
class SnapshotReport:
    """What the checks of a snapshot found.

    Attributes:
        folder: The snapshot.
        seal: The seal in its manifest.
        items: Items forecast.
        texts: Texts read again.
        claims: Claims decided again.
        problems: What is wrong, empty if nothing is.
    """

    folder: Path
    seal: str
    items: int
    texts: int
    claims: int
    problems: tuple[Problem, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify_snapshot(folder: Path, *, seal: str = "") -> SnapshotReport:
    """Checks a snapshot offline, by its hashes and by what it says.

    Args:
        folder: The snapshot.
        seal: The seal noted when it was made (or its first digits); empty to trust the manifest's own.

    Raises:
        DataError: If the folder is no snapshot at all.
    """
    manifest = read_manifest(folder)
    problems = list(_hashes(folder, manifest, seal))
    try:
        snapshot = open_snapshot(folder)
    except DataError as error:
        problems.append(Problem(str(folder), error.found))
        return SnapshotReport(folder, manifest.seal, 0, 0, 0, tuple(problems))
    problems += _forecast(snapshot)
    if not problems or set(snapshot.forecast.column_names) >= set(FORECAST_SCHEMA.names):
        problems += [*_cards(snapshot), *_launches(snapshot), *_texts(snapshot)]
    claims = sum(len(each.verification.checked) for each in snapshot.explanations)
    return SnapshotReport(
        folder,
        manifest.seal,
        snapshot.forecast.num_rows,
        len(snapshot.explanations),
        claims,
        tuple(problems),
    )


def altered(folder: Path) -> tuple[Problem, ...]:
    """Returns what the hashes alone find wrong, in a moment: any changed byte, unless new hashes were written.

    Raises:
        DataError: If the folder is no snapshot at all.
    """
    return tuple(_hashes(folder, read_manifest(folder), ""))


def open_unaltered(folder: Path) -> Snapshot:
    """Opens a snapshot whose files are those that were sealed, by their hashes.

    Raises:
        DataError: If the folder is no snapshot, or a byte of it was altered.
    """
    refuse_altered(folder)
    return open_snapshot(folder)


def refuse_altered(folder: Path) -> None:
    """Refuses a snapshot of which a byte was altered, by its hashes; raises as `open_unaltered`."""
    if problems := altered(folder):
        raise DataError(
            f"an altered snapshot: {problems[0].where}: {problems[0].what}",
            expected="the files as they were sealed",
            where=str(folder),
        )


def _hashes(folder: Path, manifest: Manifest, seal: str) -> Iterator[Problem]:
    if manifest.seal != manifest.computed_seal():
        yield Problem(MANIFEST, "the seal does not fit the manifest: a key was altered")
    if seal and not manifest.seal.startswith(seal.lower()):
        yield Problem(MANIFEST, f"the seal is {manifest.seal[:16]}, not the one noted: it was replaced")
    if set(manifest.files) != set(FILES):
        yield Problem(MANIFEST, f"vouches for other files than {', '.join(FILES)}")
    for name, expected in manifest.files.items():
        try:
            same = file_hash(folder / name) == expected
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            yield Problem(name, "the file is missing")
        else:
            if not same:
                yield Problem(name, "the file was altered: its SHA-256 is not the sealed one")


def _forecast(snapshot: Snapshot) -> Iterator[Problem]:
    table, file = snapshot.forecast, FILES[0]
    if table.schema.remove_metadata() not in (FORECAST_SCHEMA, FORECAST_SCHEMA.append(LAUNCHES)):
        yield Problem(file, "columns other than those of a forecast")
        return
    try:
        shared_of(table)
    except DataError as error:
        yield Problem(file, str(error))
        return
    columns = {name: table[name].to_numpy() for name in FORECAST_SCHEMA.names}
    item_ids = [str(item) for item in table["item_id"].to_pylist()]
    if len(set(item_ids)) != len(item_ids) or len(item_ids) != snapshot.manifest.items:
        yield Problem(file, f"{len(item_ids)} rows, {snapshot.manifest.items} different items sealed")
    order = ranking(columns["score"], item_ids)
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(1, len(order) + 1)
    low, middle, high = columns["q10"], columns["q50"], columns["q90"]
    tests = {
        "the rank is not the score's": columns["rank"] != ranks,
        "the expected count is negative or not finite": ~(
            np.isfinite(columns["expected"]) & (columns["expected"] >= 0)
        ),
        "the quantiles are negative or out of order": ~(
            (low >= 0) & (low <= middle + _SLACK) & (middle <= high + _SLACK)
        ),
        "the chance of the top is not between 0 and 1": ~((columns["p_top"] >= 0) & (columns["p_top"] <= 1)),
    }
    if not any(broken.any() for broken in tests.values()):
        moved = np.abs(_chances(snapshot, item_ids) - columns["p_top"]) > _CHANCE_SLACK
        tests["the chance of the top is not the one that the quantiles give"] = moved
    for what, broken in tests.items():
        if broken.any():
            first = item_ids[int(np.argmax(broken))]
            yield Problem(f"{file}, item {first}", f"{what} ({int(broken.sum())} items)")


def _chances(snapshot: Snapshot, item_ids: list[str]) -> np.ndarray:
    """Draws the chances of the top K again, shape (items,), in the table's row order."""
    order = np.argsort(np.asarray(item_ids, dtype=str), kind="stable")
    columns = {name: snapshot.forecast[name].to_numpy() for name in ARRAYS}
    forecast = Forecast(**columns, shared=shared_of(snapshot.forecast))
    found = np.empty(len(order))
    found[order] = p_top(forecast.take(order), snapshot.manifest.k, seed=snapshot.manifest.seed)
    return found


def _cards(snapshot: Snapshot) -> Iterator[Problem]:
    cards, manifest = snapshot.cards, snapshot.manifest
    if cards.cutoff != manifest.moment or cards.horizon.days != manifest.horizon_days:
        yield Problem(FILES[1], "the cards are about another period than the manifest")
    if cards.events != manifest.events:
        yield Problem(FILES[1], f"the cards count {cards.events}, the manifest {manifest.events}")
    twice = [item for item, times in Counter(cards.item_ids).items() if times > 1]
    if twice:
        yield Problem(f"{FILES[1]}, item {twice[0]}", "more than one card")


def _launches(snapshot: Snapshot) -> Iterator[Problem]:
    """Yields launches that are named beside an item that is not new, or that nobody could know of at the cutoff."""
    table, cards, manifest = snapshot.forecast, snapshot.cards, snapshot.manifest
    if LAUNCHES.name not in table.column_names:
        return
    new = dict(zip(cards.item_ids, is_new(cards), strict=True))
    for row in np.flatnonzero(np.asarray(table[LAUNCHES.name].is_valid())):
        item, named = str(table["item_id"][int(row)]), launches_of(table, int(row))
        where = f"{FILES[0]}, item {item}"
        if not new.get(item, False):
            yield Problem(where, "launches beside an item that is not new")
        if any(each.cutoff + cards.horizon.span > manifest.moment for each in named):
            yield Problem(where, "a launch whose period was not over at the cutoff")
        if any(each.item_id == item or each.count < 0 or not 0 < each.similarity <= 1 for each in named):
            yield Problem(where, "a launch that is the item itself, or a count or likeness that cannot be")


def _texts(snapshot: Snapshot) -> Iterator[Problem]:
    expected = min(snapshot.manifest.explained, snapshot.manifest.items)
    if len(snapshot.explanations) != expected:
        yield Problem(FILES[2], f"{len(snapshot.explanations)} texts, {expected} sealed")
    for each in snapshot.explanations:
        where = f"{FILES[2]}, item {each.item_id}"
        try:
            card, outlook = snapshot.card(each.item_id), snapshot.outlook(each.item_id)
        except DataError as error:
            yield Problem(where, f"a text about nothing: {error.found} has no card or no forecast")
            continue
        found = verify(each.text, card, outlook)
        for checked in found.checked:
            if checked.verdict not in ("supported", "context"):
                said = each.text[checked.claim.start : checked.claim.end]
                yield Problem(where, f"{said!r} is {checked.verdict}: {checked.reason}".rstrip(": "))
        if not found.checked or not found.holds:
            yield Problem(where, "the text does not hold against its card")
        for start in wrong_sides(each.text, found, each.drivers):
            yield Problem(
                where,
                f"{each.text[start : start + _SHOWN]!r}... is given a side that its driver did not have",
            )
        if not _same(found.checked, each.verification.checked):
            yield Problem(where, "the claims kept beside the text are not those it makes")


def _same(found: tuple[Checked, ...], kept: tuple[Checked, ...]) -> bool:
    """Whether two readings agree in every claim, verdict and number; reasons may be reworded."""
    rows = [claim_row(each) for each in found], [claim_row(each) for each in kept]
    return len(found) == len(kept) and all(
        all(_equal(a[key], b[key]) for key in a if key != "reason") for a, b in zip(*rows, strict=True)
    )


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=_SLACK, abs_tol=_SLACK) or (math.isnan(a) and math.isnan(b))
    return bool(a == b)
