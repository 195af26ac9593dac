"""`trail.toml`: read strictly, written with a comment for each key."""

from __future__ import annotations

import json
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from trail.engine import whole_file
from trail.errors import ConfigError
from trail.project.section import described, plain
from trail.project.settings import Project

#: The one file of a project that people write; everything else is made from it.
CONFIG = "trail.toml"
#: A list of tables that is said to be empty; a table of its name may not follow.
_EMPTY = re.compile(r"^\s*(\w+)\s*=\s*\[\s*\]", re.MULTILINE)
_HEAD = "# A project of TRAIL: everything else in this folder is made from this file.\n"


def load_project(folder: Path) -> Project:
    """Reads a project's `trail.toml`.

    Raises:
        ConfigError: If there is none, it is no TOML in UTF-8, or it holds something unknown.
    """
    path = folder / CONFIG
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(
            f"a letter in line {line} that is no UTF-8",
            expected="a text in UTF-8",
            where=str(path),
            fix="save it again in UTF-8",
        ) from error
    except OSError as error:
        raise ConfigError(
            f"no {CONFIG} in {folder}",
            expected="the folder of a project",
            fix=f"make one with `trail init {folder} --events FILE`",
        ) from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"a line that is no TOML: {error}", where=str(path), fix=_fix(text)) from error
    return Project.from_dict(values)


def _fix(text: str) -> str:
    """Returns what to do where a list of tables stands beside a line that says that it is empty; else nothing."""
    for found in _EMPTY.finditer(text):
        if re.search(rf"^\s*\[\[{found[1]}\]\]", text, re.MULTILINE):
            return f"remove the line `{found[0].strip()}`"
    return ""


def save_project(project: Project, folder: Path) -> Path:
    """Writes `trail.toml` with a comment above each key and returns its path."""
    path = folder / CONFIG
    with whole_file(path) as temporary:
        temporary.write_text(project_text(project), encoding="utf-8")
    return path


def project_text(project: Project) -> str:
    """Returns a project as TOML; each comment is the docstring of its field."""
    return _HEAD + "\n".join(_lines(project, "")).rstrip() + "\n"


def _lines(section: Any, where: str) -> Iterator[str]:
    """Yields the lines of a section: its own keys first, then the tables inside it.

    A list of no tables is an example in comments: where `name = []` stands, no `[[name]]` may be added.
    """
    words, hints = described(type(section)), get_type_hints(type(section))
    inner = []
    for each in fields(section):
        value, comment = getattr(section, each.name), _comment(words.get(each.name, ""))
        listed = _listed(hints[each.name])
        if listed or is_dataclass(value) or isinstance(value, Mapping):
            inner.append((f"{where}{each.name}", value, comment, listed))
        else:
            yield from comment
            yield f"# {each.name} is not set" if value is None else f"{each.name} = {_literal(plain(value))}"
    for name, value, comment, listed in inner:
        if listed and not value:
            yield from ("", *comment, f"# [[{name}]]", *(f"# {_example(each)}" for each in fields(listed)))
        for one in value if listed else (value,):
            yield from ("", *comment, f"[[{name}]]" if listed else f"[{name}]")
            if isinstance(one, Mapping):
                yield from (f"{_key(key)} = {_literal(each)}" for key, each in one.items())
            else:
                yield from _lines(one, f"{name}.")


def _listed(hint: Any) -> Any:
    """Returns the section of which a field holds any number; null for other fields."""
    inner = get_args(hint)[0] if get_origin(hint) is tuple else None
    return inner if is_dataclass(inner) else None


def _example(key: Field[Any]) -> str:
    """Returns a key with its default; one that must be given is left to be filled in."""
    made = "" if key.default_factory is MISSING else key.default_factory()
    value = made if key.default is MISSING else key.default
    return f"{key.name} is not set" if value is None else f"{key.name} = {_literal(plain(value))}"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, 100, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def _key(name: str) -> str:
    plain_key = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain_key else _literal(name)


def _literal(value: Any) -> str:
    """Returns a value as TOML; its basic strings escape what JSON's do."""
    if isinstance(value, list):
        return f"[{', '.join(_literal(each) for each in value)}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)
