"""The texts that are compared: as shown, plain, with all signals, shuffled, and given from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from trail.errors import DataError
from trail.facts import Outlook, plain
from trail.facts.draft import assemble
from trail.facts.slots import Facts
from trail.facts.speak import clauses
from trail.signals import SIGNALS, Card
from trail.snapshots import Explained, Snapshot

#: Names of the sources; the ceiling is what the others are measured by.
SHOWN, PLAIN, CEILING, SHUFFLED = "shown", "plain", "all signals", "shuffled"


@dataclass(frozen=True)
class Case:
    """An item of a snapshot that has a text.

    Attributes:
        card: Its card.
        outlook: Its forecast, which a surrogate must tell and may not see.
        explanation: The sealed text with its drivers.
    """

    card: Card
    outlook: Outlook
    explanation: Explained

    @property
    def key(self) -> tuple[datetime, str]:
        """Cutoff and item."""
        return self.card.cutoff, self.card.item_id


#: Texts from elsewhere, by cutoff and item.
Given = Mapping[tuple[datetime, str], str]


def cases_of(snapshots: Sequence[Snapshot]) -> list[Case]:
    """Returns every explained item of snapshots.

    Raises:
        DataError: If there is no text, or two snapshots are of one cutoff.
    """
    found = [
        Case(each.card(text.item_id), each.outlook(text.item_id), text)
        for each in snapshots
        for text in each.explanations
    ]
    if not found:
        raise DataError("snapshots without a text", expected="explained items", fix="forecast with --explain")
    if len({case.key for case in found}) < len(found):
        raise DataError("an item explained twice at one cutoff", expected="snapshots of different cutoffs")
    return found


def sources(cases: Sequence[Case], given: Mapping[str, Given], seed: int) -> dict[str, list[str]]:
    """Returns the texts of every source, in the order of the cases, by name.

    Args:
        cases: The items.
        given: Texts from elsewhere, by name of their source.
        seed: Seed of the shuffle.

    Raises:
        DataError: If a given source lacks the text of an item, or has the name of another source.
    """
    shown = [case.explanation.text for case in cases]
    found = {
        SHOWN: shown,
        PLAIN: [plain(each.card, each.outlook, each.explanation.drivers) for each in cases],
        CEILING: [everything(each) for each in cases],
        SHUFFLED: [shown[at] for at in _shuffled(cases, np.random.default_rng(seed))],
    }
    for name, texts in given.items():
        missing = [case.key for case in cases if case.key not in texts]
        if missing or name in found:
            what = (
                f"no text of item {missing[0][1]} at {missing[0][0]:%Y-%m-%d}" if missing else "a name taken"
            )
            raise DataError(what, expected="a text for every item shown, and a name of its own", where=name)
        found[name] = [texts[case.key] for case in cases]
    return found


def everything(case: Case) -> str:
    """Returns the plain rendering with all signals: after it a sentence for each that is worth one."""
    facts = Facts(case.card, case.outlook)
    first = plain(case.card, case.outlook, case.explanation.drivers)
    said = [[found[0]] for signal in SIGNALS if (found := clauses(signal.name, facts))]
    return f"{first} {assemble(said, dict(case.card.values)).text}".strip()


def _shuffled(cases: Sequence[Case], rng: np.random.Generator) -> list[int]:
    """Returns whose text each item gets: another's of the same cutoff, by one step round a random circle."""
    found = list(range(len(cases)))
    for cutoff in dict.fromkeys(case.card.cutoff for case in cases):
        circle = rng.permutation([at for at, case in enumerate(cases) if case.card.cutoff == cutoff]).tolist()
        for at, other in zip(circle, [*circle[1:], *circle[:1]], strict=True):
            found[at] = other
    return found


def texts_of_origins(path: Path) -> dict[tuple[datetime, str], str]:
    """Reads texts from elsewhere: JSON lines with `cutoff` (ISO with its zone), `item_id` and `text`.

    Raises:
        DataError: If a line is none of these.
    """
    return dict(_lines(path))


def _lines(path: Path) -> Iterator[tuple[tuple[datetime, str], str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            cutoff = datetime.fromisoformat(row["cutoff"])
            if cutoff.tzinfo is None:
                raise ValueError("a time without its zone")  # noqa: TRY301 - one place says what a line is
            yield (cutoff, str(row["item_id"])), str(row["text"])
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"a line that is no text: {error!r}",
                expected='{"cutoff": "2011-12-05T00:00:00+00:00", "item_id": ..., "text": ...}',
                where=f"{path}, line {number}",
            ) from error
