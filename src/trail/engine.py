"""Where data sits and work runs: an Ibis connection in UTC, whole files, calls side by side."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from trail.errors import EngineError

_T = TypeVar("_T")
_STALE_SECONDS = 3600
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY)


def connect(*, memory_limit: str = "4GB", threads: int | None = None) -> ibis.BaseBackend:
    """Returns an in-memory DuckDB connection in UTC with bounded memory.

    Args:
        memory_limit: DuckDB's own limit; past it, it spills to the temporary folder.
        threads: Worker threads; all cores by default.
    """
    options: dict[str, Any] = {"memory_limit": memory_limit}
    if threads is not None:
        options["threads"] = threads
    connection = ibis.duckdb.connect(**options)
    connection.raw_sql("SET TimeZone = 'UTC'")
    return connection


def kept_open(connection: ibis.BaseBackend, path: Path) -> Path:
    """Returns a name by which a connection reads this very file as long as it lives, though another takes its place.

    A system without names for open files gives the name that it has.
    """
    handle = os.open(path, os.O_RDONLY)
    opened = Path(f"/dev/fd/{handle}")
    if not opened.exists():
        os.close(handle)
        return path
    weakref.finalize(connection, os.close, handle)
    return opened


def side_by_side(calls: Sequence[Callable[[], _T]]) -> list[_T]:
    """Returns what calls return, in their order, a thread a core; for work that leaves the interpreter's lock."""
    with ThreadPoolExecutor(max(1, min(len(calls), os.cpu_count() or 1))) as pool:
        try:
            return [each.result() for each in [pool.submit(call) for call in calls]]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def whole_file(path: Path, mode: int = 0o644) -> Iterator[Path]:
    """Yields a temporary path beside `path` and renames it when the block ends well.

    A crash leaves the old file, or none, never half of one. Until the rename only the owner may read it.

    Args:
        path: The file.
        mode: Who may read and write it then, less what the umask keeps from them.

    Raises:
        EngineError: If the disk is full or the folder cannot be written to.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(mode & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise _unwritten(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path, *, replace: bool = True) -> Iterator[Path]:
    """Yields a temporary folder beside `path` that takes its place when the block ends well.

    Args:
        path: The folder.
        replace: Whether what is there then gives way.

    Raises:
        FileExistsError: If something is there that may not be replaced.
        EngineError: If the disk is full or the folder cannot be written to.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        yield temporary
        temporary.chmod(0o755 & ~_umask())
        if replace and path.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent))
            path.replace(old / "was")
            temporary.replace(path)
            shutil.rmtree(old)
        else:
            temporary.rename(path)  # onto a folder that holds something it fails
    except OSError as error:
        if error.errno in _TAKEN and not replace:
            raise FileExistsError(errno.EEXIST, "it is there already", str(path)) from error
        raise _unwritten(path, error) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def _umask() -> int:
    """Returns what the process keeps from others. Asked of the system where it tells: else it is set, for all threads."""
    with suppress(OSError), Path("/proc/self/status").open(encoding="utf-8") as status:
        for line in status:
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    found = os.umask(0o077)
    os.umask(found)
    return found


def _unwritten(path: Path, error: OSError) -> EngineError:
    return EngineError(f"could not write {path}: {error}", fix="free disk space or change the folder")


def left_behind(path: Path) -> bool:
    """Tells whether nobody wrote to a half-written file or folder for an hour: whoever began it was killed."""
    try:
        return time.time() - path.lstat().st_mtime > _STALE_SECONDS
    except OSError:  # whoever wrote it is done just now
        return False


def write_table(table: pa.Table, path: Path) -> None:
    """Writes an Arrow table as Parquet, whole or not at all."""
    with whole_file(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def write_json(value: Mapping[str, Any], path: Path, mode: int = 0o644) -> None:
    """Writes a mapping as sorted, indented JSON, whole or not at all."""
    with whole_file(path, mode) as temporary:
        temporary.write_text(
            json.dumps(value, indent=2, sort_keys=True, default=str) + "\n", encoding="utf-8"
        )


def file_hash(path: Path) -> str:
    """Returns the SHA-256 of a file's bytes in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def newest_first(paths: Iterable[Path]) -> list[tuple[int, Path]]:
    """Returns files with the time of their last change, nanoseconds since 1970, the latest first.

    One that was removed since it was listed is left out: others clean up folders that are being looked through.
    """
    found = []
    for path in paths:
        with suppress(OSError):
            found.append((path.stat().st_mtime_ns, path))
    return sorted(found, reverse=True)


def value_hash(value: Any) -> str:
    """Returns a short stable hash of a JSON-like value (16 hexadecimal digits)."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def installed_versions(names: Sequence[str]) -> dict[str, str | None]:
    """Returns the version of Python and of each package, null where it is not installed: what a number may depend on."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found
