"""Whether anything changed where snapshots lie, told by the file system alone: no file is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

#: Name, inode, size, and the times at which content and inode were last changed, in nanoseconds.
_Mark = tuple[str, int, int, int, int]
Marks = tuple[_Mark, ...]


def marks_of(folder: Path, pointer: Path) -> Marks:
    """Returns the marks of every snapshot's files, and of the file that says which one is published.

    A write, a replacement, a renaming and a removal each change some mark: the inode's time cannot be set back by a
    program. So files are read, and their hashes taken, only when marks changed.

    Args:
        folder: Where the snapshots lie.
        pointer: The file.
    """
    return (*_mark(pointer), *_marks(folder))


def mark_of(path: Path) -> Marks:
    """Returns the mark of one file; empty where it is missing."""
    return tuple(_mark(path))


def _mark(path: Path) -> Iterator[_Mark]:
    try:
        found = path.stat()
    except (OSError, ValueError):  # of a name that no file can have
        return
    yield (path.name, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _marks(folder: Path) -> Iterator[_Mark]:
    """Yields the marks of the files of each snapshot, by name; half-written snapshots have hidden names."""
    for snapshot in _listed(folder):
        if not snapshot.name.startswith("."):
            yield from _mark(Path(snapshot))
            for file in _listed(Path(snapshot)):
                yield from _mark(Path(file))


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as there:
            return sorted(there, key=lambda each: each.name)
    except OSError:
        return []
