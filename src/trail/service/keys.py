"""API keys: made once, kept as digests in one file, read again by a running service when the file changes."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from trail.errors import ConfigError
from trail.service.key_file import (
    LONGEST_NAME,
    Key,
    Scope,
    a_name,
    holding,
    locked,
    read_keys,
    some_scopes,
    write_keys,
)

_LOG = logging.getLogger("trail.service")
#: What every key starts with, by which scanners of code and logs know one.
PREFIX = "trail"
#: A whole key in any text.
_KEY = re.compile(rf"{PREFIX}_([0-9a-f]{{8}})_[A-Za-z0-9_-]{{8,}}")
#: Longest text that is looked at as a key; a real one has 58 characters.
_LONGEST = 200
#: Most days that a key may live: later dates overflow.
_CENTURY = 36_500
_Stamp = tuple[int, int, int] | None

__all__ = ["PREFIX", "Holder", "Key", "KeyRing", "Scope", "create", "listed", "redacted", "revoke"]


def create(
    path: Path, name: str, scopes: Iterable[str], *, days: int = 0, now: datetime | None = None
) -> tuple[Key, str]:
    """Makes a key, adds it to a file and returns it with the text to hand out, which nobody can make again.

    Args:
        path: The file of keys; made if absent.
        name: Who will use it.
        scopes: What it may do: `read`, `explain`, `admin`.
        days: After how many days it is worth nothing; 0 for never.
        now: The time, for tests.

    Raises:
        ConfigError: If an argument is wrong, or the file is damaged; then it is left as it is.
    """
    try:
        named, allowed = a_name(name), some_scopes(list(scopes))
    except ValueError as error:
        raise ConfigError(
            f"{error} that cannot be used",
            expected=f"a name of 1 to {LONGEST_NAME} printable characters and scopes of {', '.join(Scope)}",
        ) from error
    if not 0 <= days <= _CENTURY:
        raise ConfigError(f"{days} days", expected=f"0 to {_CENTURY}, 0 for never")
    created = (now or datetime.now(UTC)).replace(microsecond=0)
    secret = secrets.token_urlsafe(32)
    with locked(path):
        keys = read_keys(path) if path.exists() else ()
        taken = {each.id for each in keys}
        free = next(each for each in iter(lambda: secrets.token_hex(4), "") if each not in taken)
        expires = created + timedelta(days=days) if days else None
        made = Key(free, named, allowed, created, expires, _digest(secret))
        write_keys(path, [*keys, made])
    return made, f"{PREFIX}_{free}_{secret}"


def revoke(path: Path, key_id: str) -> Key:
    """Removes a key from a file and returns what it was; a running service notices by itself.

    Raises:
        ConfigError: If the file has no such key, or is damaged.
    """
    with locked(path):
        keys = read_keys(path)
        gone = [each for each in keys if each.id == key_id]
        if not gone:
            raise ConfigError(
                f"no key {key_id!r}",
                expected=", ".join(each.id for each in keys) or "a file with a key",
                where=str(path),
                fix=f"see `trail keys list {path}`",
            )
        write_keys(path, [each for each in keys if each.id != key_id])
    return gone[0]


def listed(path: Path) -> tuple[Key, ...]:
    """Returns the keys of a file, the oldest first."""
    return tuple(sorted(read_keys(path), key=lambda each: (each.created, each.id)))


def redacted(text: str) -> str:
    """Returns a text with the secret of every key in it struck out."""
    return _KEY.sub(rf"{PREFIX}_\1_***", text) if f"{PREFIX}_" in text else text


@dataclass(frozen=True)
class Holder:
    """Who asks.

    Attributes:
        key: The key that was shown.
        scopes: What it may do, implied scopes included.
    """

    key: Key
    scopes: frozenset[Scope]


class KeyRing:
    """The keys of a file, as a service asks for them.

    Args:
        path: The file of keys.
        every: Seconds between two looks at the file; what was revoked is refused that soon.
        now: The time by which keys expire.
        clock: Seconds that only grow, by which looks are spaced.

    Raises:
        ConfigError: If the file cannot be read or is damaged. Later a damaged file is only logged, once, and the last
            good keys stay.
    """

    def __init__(
        self,
        path: Path,
        *,
        every: float = 1.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path, self._every, self._now, self._clock = path, every, now, clock
        self._stamp = _stamp(path)
        self._holders = _read(path)
        self._next = clock() + every
        self._trouble = ""

    def find(self, text: str) -> Holder | None:
        """Returns who a key belongs to; null if it is malformed, unknown, revoked or expired."""
        self._look()
        prefix, _, rest = text.partition("_")
        key_id, _, secret = rest.partition("_")
        shaped = prefix == PREFIX and bool(secret) and len(text) <= _LONGEST
        holder = self._holders.get(key_id) if shaped else None
        good = _matches(holder.key if holder else None, secret[:_LONGEST])
        return holder if good and holder and holder.key.alive(self._now()) else None

    def get(self, key_id: str) -> Holder | None:
        """Returns the holder of a key's public id, for a session that its key once opened; null as above."""
        self._look()
        holder = self._holders.get(key_id)
        return holder if holder and holder.key.alive(self._now()) else None

    def __len__(self) -> int:
        return len(self._holders)

    def _look(self) -> None:
        """Reads the file again where it changed since the last look."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + self._every
        stamp = _stamp(self._path)  # before reading: a change in between is seen at the next look
        if stamp == self._stamp:
            return
        try:
            self._holders = _read(self._path)
        except ConfigError as error:
            self._complain(str(error))
            if isinstance(error.__cause__, OSError) and stamp is not None:
                return  # nothing was read of it: the next look tries again
        else:
            self._trouble = ""
            _LOG.info("%d keys read again from %s", len(self), self._path)
        self._stamp = stamp

    def _complain(self, why: str) -> None:
        """Logs why keys were not read again, once."""
        if why != self._trouble:
            _LOG.error("the %d keys known before stay in force: %s", len(self), why)
        self._trouble = why


def _digest(secret: str) -> str:
    """Returns the SHA-256 of a secret in hexadecimal.

    A slow hash protects what people think up. These secrets are 32 random bytes, which nobody can try out; so a fast
    one is as safe, and a request does not wait for it.
    """
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _matches(key: Key | None, secret: str) -> bool:
    """Tells whether a secret is a key's, in the same time whether it is or not, and whether there is a key or not."""
    expected = key.digest if key else "0" * 64
    return hmac.compare_digest(_digest(secret), expected) and key is not None


def _read(path: Path) -> Mapping[str, Holder]:
    return {each.id: Holder(each, holding(each.scopes)) for each in read_keys(path)}


def _stamp(path: Path) -> _Stamp:
    """Returns what changes when a file is replaced: its time, its place and its size; null where it is gone."""
    try:
        found = os.stat(path)  # noqa: PTH116 - half the time of Path.stat, and asked for every second of traffic
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
