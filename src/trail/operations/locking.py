"""One nightly run at a time, one reading of the sources, one sender: locks that a killed process does not leave behind."""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from trail.errors import ConfigError, EngineError
from trail.operations.failures import CLOSED

LOCK = ".run.lock"
#: What a disk says that has no locks.
_LOCKLESS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Holds the lock of a project's runs; it ends with the process that holds it, however that ends.

    Raises:
        ConfigError: If another run holds it; says who, where and since when.
        EngineError: If the lock cannot be written.
    """
    with held(folder / LOCK) as other:
        if other:
            raise ConfigError(
                f"another run of this project: {other}",
                expected="one run at a time",
                where=str(folder),
                fix="wait for its end; a killed run holds no lock",
            )
        yield


@contextmanager
def held(path: Path) -> Iterator[str]:
    """Holds a lock; yields who holds it already, in words, and is empty if nobody does.

    Raises:
        EngineError: If the lock cannot be written.
    """
    import fcntl  # noqa: PLC0415 - not on every system, and only runs and senders need it

    try:
        handle = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise _unwritten(path, error) from error
    with handle:
        other = ""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = _holder(handle)
        except OSError as error:
            raise _unwritten(path, error) from error
        if not other:
            _sign(handle, path)
        yield other


@contextmanager
def in_turn(path: Path, waits: Callable[[float, float], None]) -> Iterator[None]:
    """Holds a lock as soon as nobody else does, another thread of this process neither.

    Whoever may not write in the folder holds it together with the like. Where a system or a disk has no locks, nobody waits.

    Args:
        path: The lock; its folder is made if absent.
        waits: Told of a wait when it begins, and when it is over: how much of it is done, of how much.

    Raises:
        EngineError: If the lock cannot be written, though the folder can.
    """
    try:
        import fcntl  # noqa: PLC0415 - not on every system
    except ImportError:
        yield
        return
    how, opened = fcntl.LOCK_EX, None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = path.open("a", encoding="utf-8")
    except OSError as error:
        if error.errno not in CLOSED:
            raise _unwritten(path, error) from error
        how = fcntl.LOCK_SH
        with suppress(OSError):
            opened = path.open(encoding="utf-8")
    with opened or nullcontext() as handle:
        if handle:
            try:
                fcntl.flock(handle, how | fcntl.LOCK_NB)
            except BlockingIOError:
                waits(0, 1)
                fcntl.flock(handle, how)
                waits(1, 1)
            except OSError as error:
                if error.errno not in _LOCKLESS:
                    raise _unwritten(path, error) from error
        yield


def _sign(handle: TextIO, path: Path) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        handle.seek(0)
        handle.truncate()
        handle.write(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since}) + "\n")
        handle.flush()
    except OSError as error:
        raise _unwritten(path, error) from error


def _holder(handle: TextIO) -> str:
    handle.seek(0)
    try:
        found = json.loads(handle.read())
        return f"process {found['pid']} on {found['host']} since {found['since']}"
    except (ValueError, KeyError, TypeError):
        return "it began this moment"


def _unwritten(path: Path, error: OSError) -> EngineError:
    fix = (
        "let this user write in the folder"
        if isinstance(error, PermissionError)
        else "free disk space or change the folder"
    )
    return EngineError(f"could not lock {path}: {error.strerror or error}", fix=fix)
