"""From a location to the files behind it."""

from __future__ import annotations

import glob
import re
from pathlib import Path

from trail.errors import DataError
from trail.events.source import Role, Source

_FORMATS = {
    "csv": "text", "tsv": "text", "tab": "text", "txt": "text", "dat": "text", "data": "text", "psv": "text",
    "item": "text", "inter": "text", "base": "text",
    "jsonl": "json", "ndjson": "json", "json": "json", "jl": "json",
    "parquet": "parquet", "pq": "parquet", "parq": "parquet",
    "xlsx": "excel", "xls": "excel", "xlsb": "excel", "ods": "excel",
}  # fmt: skip
_PACKED = (".gz", ".zst")
#: File names that tell events from items where a folder holds both.
_NAMES: dict[Role, re.Pattern[str]] = {
    "events": re.compile(
        r"^u\.data$|\.inter$|^(events?|interactions?|ratings?|reviews?|clicks?|plays|views|orders|"
        r"transactions|purchases|sales|log)\b",
        re.IGNORECASE,
    ),
    "items": re.compile(
        r"^u\.item$|\.item$|^(items?|movies|products?|catalog(ue)?|meta|books|tracks|articles)(\b|_)",
        re.IGNORECASE,
    ),
}


def format_of(path: Path) -> str:
    """Returns how a file is read, by its name: text, json, parquet or excel; text where it says nothing."""
    name = path.name.lower()
    for ending in _PACKED:
        name = name.removesuffix(ending)
    return _FORMATS.get(name.rsplit(".", 1)[-1], "text")


def _known(path: Path) -> bool:
    name = path.name.lower()
    for ending in _PACKED:
        name = name.removesuffix(ending)
    return not name.startswith((".", "_")) and name.rsplit(".", 1)[-1] in _FORMATS


def _of_folder(folder: Path, role: Role) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.is_file() and _known(path))
    named = [path for path in found if _NAMES[role].search(path.name)]
    other: Role = "items" if role == "events" else "events"
    chosen = named or [path for path in found if not _NAMES[other].search(path.name)]
    formats = sorted({format_of(path) for path in chosen})
    if len(formats) > 1:
        raise DataError(
            f"files of several formats ({', '.join(formats)}) for the {role}",
            expected="one format",
            where=str(folder),
            fix=f"name the files, such as {folder / ('*' + chosen[0].suffix)}",
        )
    return chosen


def files_of(source: Source, role: Role) -> list[Path]:
    """Returns the files of a source in a stable order; empty files are left out.

    A folder is searched to the bottom. Where it holds a log beside a catalogue, the names tell which is which.

    Raises:
        DataError: If nothing is there, the folder mixes formats, or every file is empty.
    """
    path = Path(source.location).expanduser()
    if path.is_dir():
        found = _of_folder(path, role)
    elif path.is_file():
        found = [path]
    else:
        found = sorted(Path(name) for name in glob.glob(str(path), recursive=True) if Path(name).is_file())  # noqa: PTH207 - an absolute pattern
    if not found:
        raise DataError(
            "no file",
            expected=f"{role} in a file, folder or glob",
            where=source.location,
            fix="check the path",
        )
    filled = [path for path in found if path.stat().st_size]
    if not filled:
        raise DataError(
            "no usable row: the file is empty", expected="at least one row", where=source.location
        )
    return filled
