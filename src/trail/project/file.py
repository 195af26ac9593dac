"""`trail.toml`: read strictly, written with a comment for each key."""

from __future__ import annotations

import json
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from trail.engine import whole_file
from trail.errors import ConfigError
from trail.project.section import described, plain
from trail.project.settings import Project

#: The one file of a project that people write; everything else is made from it.
CONFIG = "trail.toml"
_HEAD = "# A project of TRAIL: everything else in this folder is made from this file.\n"


def load_project(folder: Path) -> Project:
    """Reads a project's `trail.toml`.

    Raises:
        ConfigError: If there is none, it is no TOML, or it holds something unknown.
    """
    path = folder / CONFIG
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"no {CONFIG} in {folder}",
            expected="the folder of a project",
            fix=f"make one with `trail init {folder} --events FILE`",
        ) from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"a line that is no TOML: {error}", where=str(path)) from error
    return Project.from_dict(values)


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
    """Yields the lines of a section: its own keys first, then the tables inside it."""
    words = described(type(section))
    inner = []
    for each in fields(section):
        value, comment = getattr(section, each.name), _comment(words.get(each.name, ""))
        if _is_table(value):
            inner.append((f"{where}{each.name}", value, comment))
        else:
            yield from comment
            yield f"# {each.name} is not set" if value is None else f"{each.name} = {_literal(plain(value))}"
    for name, value, comment in inner:
        for one in value if isinstance(value, tuple) else (value,):
            head = f"[[{name}]]" if isinstance(value, tuple) else f"[{name}]"
            yield from ("", *comment, head)
            if isinstance(one, Mapping):
                yield from (f"{_key(key)} = {_literal(each)}" for key, each in one.items())
            else:
                yield from _lines(one, f"{name}.")


def _is_table(value: Any) -> bool:
    return (
        is_dataclass(value)
        or isinstance(value, Mapping)
        or (isinstance(value, tuple) and bool(value) and is_dataclass(value[0]))
    )


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
