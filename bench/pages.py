"""Pages of figures about several logs: a file a log in a folder beside the page, from which the page can be made again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from trail.engine import whole_file
from trail.operations.source import source_hash


def kept_of(name: str, kept: Path) -> dict[str, Any]:
    """Returns what is kept of a log as JSON; empty where nothing is."""
    path = kept / f"{name}.json"
    return json.loads(path.read_text()) if path.is_file() else {}


def code_of(packages: Iterable[str]) -> dict[str, str]:
    """Returns a hash of each package, or module, that decides figures; kept with them as the first of their `code`."""
    return {each: source_hash(each) for each in packages}


def stale(facts: Mapping[str, Any], packages: Iterable[str]) -> str:
    """Returns what to say of figures that other code made, and which of the packages are other now; empty for none."""
    made = facts["code"][0]
    if isinstance(made, str):  # before the packages were told apart
        return "Of an earlier state of the code."
    changed = [name for name, now in code_of(packages).items() if made.get(name) != now]
    return f"Of an earlier state of the code: {', '.join(changed)} changed since." if changed else ""


def write_page(
    to: Path,
    head: str,
    logs: Iterable[str],
    section: Callable[[str, Path], str],
    *,
    opening: Callable[[Sequence[str], Path], str] | None = None,
    closing: Callable[[Sequence[str], Path], str] | None = None,
) -> None:
    """Writes a head, the names of the logs of which nothing is kept, what they have in common, the section of each, and an end.

    Args:
        to: The page; what is kept lies in the folder of its name.
        head: What stands first.
        logs: Names of the logs, in order.
        section: Returns the part of a log from its name and the folder.
        opening: Returns what stands before the sections from the names of these logs and the folder; empty for nothing.
        closing: Returns what ends the page from the same; empty for nothing.
    """
    kept, names = to.with_suffix(""), list(logs)
    made = [each for each in names if kept_of(each, kept)]
    absent = [each for each in names if each not in made]
    parts = [head.strip(), *([f"Not run: {', '.join(absent)}."] if absent else [])]
    parts += [opening(made, kept)] if opening else []
    parts += [section(each, kept) for each in made]
    parts += [closing(made, kept)] if closing else []
    with whole_file(to) as temporary:
        temporary.write_text("\n\n".join([*filter(None, parts), ""]))
    print(f"{to}: {', '.join(made) or 'no log'}")
