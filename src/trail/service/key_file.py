"""The file of API keys: a key as it is kept, read strictly, written whole, changed by one process at a time."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from trail.engine import write_json
from trail.errors import ConfigError, EngineError

_VERSION = 1
_FIELDS = frozenset({"id", "name", "scopes", "created", "expires", "digest"})
_ID = re.compile(r"[0-9a-f]{8}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
LONGEST_NAME = 64


class Scope(StrEnum):
    """What a key may do, each scope also what those before it may: read, have texts written, read what was counted."""

    READ = "read"
    EXPLAIN = "explain"
    ADMIN = "admin"


def holding(scopes: Iterable[Scope]) -> frozenset[Scope]:
    """Returns scopes with all that they imply."""
    order = list(Scope)
    return frozenset(each for scope in scopes for each in order[: order.index(scope) + 1])


@dataclass(frozen=True)
class Key:
    """A key as it is kept: the secret itself is nowhere.

    Attributes:
        id: Eight hexadecimal digits, the public part of the key.
        name: Who uses it, for people.
        scopes: What it may do, without what that implies.
        created: When it was made (UTC).
        expires: The first instant at which it is worth nothing; null for never.
        digest: SHA-256 of its secret in hexadecimal.
    """

    id: str
    name: str
    scopes: frozenset[Scope]
    created: datetime
    expires: datetime | None
    digest: str = field(repr=False)

    def alive(self, now: datetime) -> bool:
        """Tells whether the key has not expired."""
        return self.expires is None or now < self.expires

    def as_dict(self) -> dict[str, Any]:
        """Returns the key as the file holds it."""
        return {
            "id": self.id,
            "name": self.name,
            "scopes": [each.value for each in Scope if each in self.scopes],
            "created": self.created.isoformat(),
            "expires": self.expires.isoformat() if self.expires else None,
            "digest": self.digest,
        }

    @classmethod
    def from_dict(cls, values: Any) -> Key:
        """Reads a key strictly.

        Raises:
            ValueError: If a field is missing, unknown or not of its kind; the message quotes no value.
        """
        if not isinstance(values, Mapping) or set(values) != _FIELDS:
            raise ValueError("fields")
        return cls(
            id=_matching(_ID, values["id"], "id"),
            name=a_name(values["name"]),
            scopes=some_scopes(values["scopes"]),
            created=_moment(values["created"], "created"),
            expires=None if values["expires"] is None else _moment(values["expires"], "expires"),
            digest=_matching(_DIGEST, values["digest"], "digest"),
        )


def read_keys(path: Path) -> tuple[Key, ...]:
    """Reads a file of keys.

    Raises:
        ConfigError: If it is absent or damaged; the message is one line and quotes nothing of the file.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            "no file of keys",
            where=str(path),
            fix=f"make one with `trail keys create {path} --name NAME --scope read`",
        ) from error
    except OSError as error:
        raise ConfigError(
            f"the file of keys cannot be read: {error.strerror}",
            expected="a file of the user who runs the service",
            where=str(path),
        ) from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "it is no JSON") from error
    rows = values.get("keys") if isinstance(values, dict) and values.get("version") == _VERSION else None
    if not isinstance(rows, list):
        raise _damaged(path, f"no keys of version {_VERSION} in it")
    keys = tuple(_row(path, number, row) for number, row in enumerate(rows, 1))
    if len({each.id for each in keys}) < len(keys):
        raise _damaged(path, "an id stands twice")
    return keys


def write_keys(path: Path, keys: Sequence[Key]) -> None:
    """Writes a file of keys, whole or not at all, that its owner alone may read."""
    write_json({"version": _VERSION, "keys": [each.as_dict() for each in keys]}, path, mode=0o600)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the one right to change a file of keys; the lock is a file beside it, since the file itself is replaced."""
    import fcntl  # noqa: PLC0415 - absent on Windows, where a service without keys still runs

    beside = path.with_name(f".{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EngineError(
            f"could not write {beside}: {error}", fix="choose a folder that is yours"
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _row(path: Path, number: int, row: Any) -> Key:
    try:
        return Key.from_dict(row)
    except ValueError as error:
        raise _damaged(path, f"the {error} of key {number}") from error


def _damaged(path: Path, how: str) -> ConfigError:
    return ConfigError(
        f"a damaged file of keys: {how}",
        expected="the file as `trail keys create` wrote it",
        where=str(path),
        fix="put a copy back, or delete it and make new keys",
    )


def _matching(pattern: re.Pattern[str], value: Any, field_name: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(field_name)
    return value


def a_name(value: Any) -> str:
    """Returns a name that can stand in a line; `ValueError` otherwise."""
    if (
        not isinstance(value, str)
        or not value.strip()
        or len(value) > LONGEST_NAME
        or not value.isprintable()
    ):
        raise ValueError("name")
    return value


def some_scopes(values: Any) -> frozenset[Scope]:
    """Returns scopes by their names; `ValueError` where one is none, or there is none."""
    if (
        not isinstance(values, list)
        or not values
        or not all(isinstance(each, str) and each in set(Scope) for each in values)
    ):
        raise ValueError("scopes")
    return frozenset(Scope(each) for each in values)


def _moment(value: Any, field_name: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ValueError(field_name) from error
    if found.tzinfo is None:
        raise ValueError(field_name)
    return found
