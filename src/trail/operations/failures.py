"""Failures of the database, the memory and the disk, as errors of this project's own kind."""

from __future__ import annotations

import errno
import os

from trail.errors import EngineError, TrailError

#: Libraries of the engine, and those of their errors that are no mistake of ours.
_ENGINES = ("duckdb", "sqlalchemy", "psycopg")
_FAILURES = (
    "OutOfMemoryException",
    "IOException",
    "FatalException",
    "ConnectionException",
    "OperationalError",
)
#: How torch says that memory is short, in a plain RuntimeError.
_NO_MEMORY = "not enough memory"
#: How DuckDB says that the user stopped it, in a plain RuntimeError or one of its own.
_STOPPED = "Query interrupted"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: How a system says that a file or folder may not be written to.
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def interrupted(error: Exception) -> bool:
    """Tells whether it was the user who stopped the command: a database at work says so in an error, which others may wrap."""
    return any(
        isinstance(each, RuntimeError) or _library(each) in _ENGINES
        for each in (error, error.__cause__)
        if each and _STOPPED in str(each)
    )


def rightly(error: TrailError) -> TrailError:
    """Returns an error as it is, or as an `EngineError` where it was a full disk that made it.

    A log is read by way of files of its own beside the project; a disk that has no room for these looks like a source that
    cannot be read.
    """
    cause = str(error.__cause__) if error.__cause__ else ""
    full = any(os.strerror(each) in cause for each in _FULL)
    if isinstance(error, EngineError) or not full:
        return error
    found = EngineError(
        cause.strip().splitlines()[0],
        where=error.where,
        fix="free disk space; `trail plan` says what a project takes, and what was finished is kept",
    )
    found.__cause__ = error.__cause__
    return found


def as_engine(error: Exception) -> EngineError | None:
    """Returns a failure of the database, the memory or the disk as an `EngineError`; null of others."""
    if isinstance(error, OSError) and error.errno in CLOSED:
        return EngineError(
            f"{error.strerror}: {error.filename}" if error.filename else str(error),
            expected="files that may be read and folders that may be written to",
            fix="give the user who runs the command the right to them; what was finished is kept",
        )
    full = isinstance(error, OSError) and error.errno in _FULL
    short = isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and _NO_MEMORY in str(error))
    failed = _library(error) in _ENGINES and type(error).__name__ in _FAILURES
    if not (full or short or failed):
        return None
    lines = str(error).strip().splitlines()
    return EngineError(
        lines[0] if lines else type(error).__name__,
        expected="a database, memory and a disk that last to the end",
        where=_library(error),
        fix="`trail plan` says what memory and disk a project takes; what was finished is kept",
    )


def _library(error: BaseException) -> str:
    return type(error).__module__.partition(".")[0].lstrip("_")
