"""Answers of people: files that the sheet's page downloads, checked before anything is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trail.engine import write_json
from trail.errors import DataError
from trail.evaluate.judging.comparisons import CHOICES, QUESTIONS, Sheet
from trail.evaluate.judging.folder import PEOPLE, file_name

_LONGEST_NAME = 60


@dataclass(frozen=True)
class Answers:
    """What one person answered.

    Attributes:
        sheet: Fingerprint of the sheet.
        judge: Who answered.
        answers: Number of the comparison -> question -> choice; what was left open is absent.
    """

    sheet: str
    judge: str
    answers: Mapping[str, Mapping[str, str]]

    @property
    def count(self) -> int:
        """Questions answered."""
        return sum(len(each) for each in self.answers.values())


def read_answers(path: Path, sheet: Sheet) -> Answers:
    """Reads one file of answers.

    Raises:
        DataError: If it is no file of answers, is about another sheet, names no judge, or answers what was not
            asked. The message says the first thing that is wrong.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"answers that cannot be read: {error}",
            expected="the file that the sheet's page downloads",
            where=str(path),
        ) from error
    trouble = _trouble(values, sheet)
    if trouble:
        found, expected = trouble
        raise DataError(found, expected=expected, where=str(path), fix="download the answers again")
    return Answers(sheet.id, values["judge"].strip(), values["answers"])


def _trouble(values: Any, sheet: Sheet) -> tuple[str, str] | None:
    """Returns what is wrong with a file of answers and what was expected; null where nothing is."""
    if not isinstance(values, dict) or set(values) != {"sheet", "judge", "answers"}:
        return "no answers to a sheet", "an object with sheet, judge and answers"
    if values["sheet"] != sheet.id:
        return f"answers to the sheet {values['sheet']!r}", f"to the sheet {sheet.id!r}"
    judge = values["judge"]
    if not isinstance(judge, str) or not 0 < len(judge.strip()) <= _LONGEST_NAME:
        return f"the judge {judge!r}", f"a name of at most {_LONGEST_NAME} characters"
    answers = values["answers"]
    if not isinstance(answers, dict) or not any(answers.values()):
        return "no answer at all", "at least one question answered"
    return next((odd for each in answers.items() if (odd := _odd(*each, sheet))), None)


def _odd(number: str, given: Any, sheet: Sheet) -> tuple[str, str] | None:
    """Returns what is wrong with the answers about one comparison, and what was expected."""
    known = {str(each.number) for each in sheet.comparisons}
    if number not in known:
        return f"an answer about comparison {number!r}", f"a number from 1 to {len(known)}"
    if not isinstance(given, dict) or not set(given) <= set(QUESTIONS):
        return f"{given!r} of comparison {number}", f"answers to {', '.join(QUESTIONS)}"
    odd = [each for each in given.values() if each not in CHOICES]
    return (f"the answer {odd[0]!r} of comparison {number}", f"one of {', '.join(CHOICES)}") if odd else None


def keep_answers(answers: Sequence[Answers], folder: Path) -> None:
    """Keeps answers in the judging's folder, a file a person; a later file of the same person replaces the earlier.

    Raises:
        EngineError: If the folder cannot be written.
    """
    for each in answers:
        write_json(asdict(each), folder / PEOPLE / f"{file_name(each.judge)}.json")


def kept_answers(folder: Path, sheet: Sheet) -> list[Answers]:
    """Returns the answers of all people.

    Raises:
        DataError: If a file was damaged since.
    """
    return [read_answers(path, sheet) for path in sorted((folder / PEOPLE).glob("*.json"))]
