"""The folder of a judging: the sheet for people, its key beside it, and the answers of people and machines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from trail.engine import value_hash, whole_file, write_json
from trail.errors import ConfigError, DataError
from trail.evaluate.judging.comparisons import CHOICES, FIRST, QUESTIONS, SECOND, TIE, Comparison, Sheet
from trail.evaluate.template import filled

SHEET, KEY, FIGURES = "sheet.html", "key.json", "figures.json"
PEOPLE, MACHINES = "people", "machines"
_WORDS = {FIRST: "the first", SECOND: "the second", TIE: "neither"}


def as_page(sheet: Sheet) -> str:
    """Returns the sheet as one HTML page that fetches nothing and names no source."""
    choices = [(choice, _WORDS[choice]) for choice in CHOICES]
    return filled(
        "trail.evaluate.judging", "sheet.html.j2", sheet=sheet, questions=QUESTIONS, choices=choices
    )


def write_sheet(sheet: Sheet, folder: Path) -> bool:
    """Writes `sheet.html` for people and, beside it, `key.json` with everything that is shown and whose it is.

    Returns:
        Whether anything was written: not where the same comparisons lie there already.

    Raises:
        ConfigError: If answers to other comparisons lie there.
        EngineError: If the folder cannot be written.
    """
    if (folder / KEY).is_file():
        same = read_sheet(folder) == sheet
        if same and (folder / SHEET).is_file():
            return False
        if not same and answered(folder):
            raise ConfigError(
                f"answers to other comparisons in {folder}",
                expected="the same snapshot, texts, number of items and seed as before",
                fix="repeat the earlier command, or move that folder away",
            )
    # the key first: a sheet without its key could never be read
    write_json({**asdict(sheet), "id": sheet.id}, folder / KEY)
    with whole_file(folder / SHEET) as temporary:
        temporary.write_text(as_page(sheet), encoding="utf-8")
    return True


def answered(folder: Path) -> list[Path]:
    """Returns the files of all answers, of people first."""
    return [*sorted((folder / PEOPLE).glob("*.json")), *sorted((folder / MACHINES).glob("*.jsonl"))]


def read_sheet(folder: Path) -> Sheet:
    """Reads what `write_sheet` wrote.

    Raises:
        ConfigError: If there is no sheet.
        DataError: If its key is damaged.
    """
    path = folder / KEY
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        sheet = _sheet(values)
    except FileNotFoundError as error:
        raise ConfigError(
            f"no sheet in {folder}", expected="the comparisons to judge", fix="run `trail judge sheet` first"
        ) from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _damaged(path) from error
    if values.get("id") != sheet.id:
        raise _damaged(path)
    return sheet


def _damaged(path: Path) -> DataError:
    return DataError(
        "a damaged key",
        expected="the file as `trail judge sheet` wrote it",
        where=str(path),
        fix="move the folder away and make the sheet again",
    )


def _sheet(values: Mapping[str, Any]) -> Sheet:
    comparisons = tuple(
        Comparison(**{**each, "card": tuple((label, value) for label, value in each["card"])})
        for each in values["comparisons"]
    )
    return Sheet(values["snapshot"], values["seal"], values["seed"], comparisons)


def file_name(judge: str) -> str:
    """Returns a judge's name as the stem of a file: readable, and no other judge's."""
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', judge)[:40].strip('-')}-{value_hash(judge)[:8]}".lstrip("-")
