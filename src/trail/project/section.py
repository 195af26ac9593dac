"""One section of a configuration file: a frozen dataclass to and from plain values, strictly."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from trail.errors import ConfigError

Section = TypeVar("Section")


def plain(section: Any) -> Any:
    """Returns a dataclass as nested plain values, keys in the order of its fields."""
    if is_dataclass(section):
        return {each.name: plain(getattr(section, each.name)) for each in fields(section)}
    if isinstance(section, Mapping):
        return {str(key): plain(value) for key, value in section.items()}
    return [plain(each) for each in section] if isinstance(section, tuple) else section


def read_section(kind: type[Section], values: Mapping[str, Any], where: str = "") -> Section:
    """Builds a dataclass, and the dataclasses inside it, from plain values.

    Args:
        kind: The dataclass.
        values: Its values by field name; what is left out keeps its default.
        where: Dotted name of the section in errors; empty for the top.

    Raises:
        ConfigError: If a key is unknown (the nearest known one is named), missing or of another type; of several such
            mistakes all are named.
    """
    wrong: list[ConfigError] = []
    made = _section(kind, values, where, wrong)
    if len(wrong) == 1:
        raise wrong[0]
    if made is None:
        listed = "".join(f"\n  {number}. {each}" for number, each in enumerate(wrong, 1))
        raise ConfigError(f"{len(wrong)} mistakes:{listed}", where="trail.toml", fix="mend each of them")
    return made


def _section(
    kind: type[Section], values: Mapping[str, Any], where: str, wrong: list[ConfigError]
) -> Section | None:
    """Returns the dataclass, or null where something was added to what is wrong."""
    hints, before = get_type_hints(kind), len(wrong)
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
    place = f"[{where}]" if where else "trail.toml"
    meant = set[str]()
    for key in values:
        if key not in known:
            close = get_close_matches(key, known, n=1)
            meant.update(close)
            expected = f"{close[0]!r}?" if close else f"one of {', '.join(known)}"
            wrong.append(ConfigError(f"the unknown key {key!r}", expected=expected, where=place))
    for name, each in known.items():
        needed = each.default is MISSING and each.default_factory is MISSING
        if needed and name not in values and name not in meant:
            wrong.append(ConfigError(f"no {name!r}", expected="it to be given", where=place))
    inner = f"{where}." if where else ""
    given = {
        key: _value(hints[key], value, f"{inner}{key}", wrong)
        for key, value in values.items()
        if key in known
    }
    if len(wrong) > before:
        return None
    try:
        return kind(**given)
    except ConfigError as error:
        wrong.append(error)
        return None


def _value(hint: Any, value: Any, where: str, wrong: list[ConfigError]) -> Any:
    """Checks one value against the type of its field and returns it as that type."""
    options = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    for option in options:
        if isinstance(option, type) and is_dataclass(option) and isinstance(value, Mapping):
            return _section(option, value, where, wrong)
        if get_origin(option) is tuple and isinstance(value, Mapping | list | tuple):
            listed = [value] if isinstance(value, Mapping) else value
            return tuple(_value(get_args(option)[0], each, where, wrong) for each in listed)
        if _fits(option, value):
            return value
    if float in options and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    wrong.append(ConfigError(f"{where} = {value!r}", expected=_words(options), where="trail.toml"))
    return None


def _fits(option: Any, value: Any) -> bool:
    origin = get_origin(option) or option
    if origin is Literal:
        return value in get_args(option)
    if origin is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(origin, type) and isinstance(value, origin)


def _words(options: tuple[Any, ...]) -> str:
    names = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
    found = []
    for option in options:
        if get_origin(option) is Literal:
            found += [repr(each) for each in get_args(option)]
        elif option is not type(None):
            found.append(names.get(option, "a section"))
    return " or ".join(found)


def described(kind: type) -> dict[str, str]:
    """Returns what the docstring of a dataclass says of each field, in one line: the one source of comments."""
    text = inspect.cleandoc(kind.__doc__ or "")
    _, _, listed = text.partition("Attributes:\n")
    found = re.findall(r"^    (\w+): (.*(?:\n        +.*)*)", listed, flags=re.MULTILINE)
    return {name: re.sub(r"\s+", " ", words).strip() for name, words in found}
