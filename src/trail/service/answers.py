"""Answers kept as bytes: a list is written, and compressed, once a snapshot and question, however many ask for it."""

from __future__ import annotations

from collections import OrderedDict

#: What an answer depends on: project, seal of the snapshot, moves counted from, its encoding, and the question.
Key = tuple[str, str, str, str, str]
#: Bytes that keeping an answer costs beside its own, about.
OVERHEAD = 1_000


class Answers:
    """The answers given last, by key, up to a number of bytes; used from the event loop alone.

    Args:
        most: Bytes kept in all.
    """

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._kept: OrderedDict[Key, bytes] = OrderedDict()

    def get(self, key: Key) -> bytes | None:
        """Returns an answer; null if it is not kept."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, key: Key, body: bytes) -> None:
        """Keeps an answer, and forgets those that were asked for longest ago."""
        if _cost(key, body) > self._most or key in self._kept:
            return
        self._kept[key] = body
        self._size += _cost(key, body)
        while self._size > self._most:
            self._size -= _cost(*self._kept.popitem(last=False))

    def forget(self, project: str) -> None:
        """Forgets the answers of a project, which serves another snapshot now."""
        for key in [key for key in self._kept if key[0] == project]:
            self._size -= _cost(key, self._kept.pop(key))

    @property
    def size(self) -> int:
        """Bytes kept, with what keeping them costs."""
        return self._size


def _cost(key: Key, body: bytes) -> int:
    return len(body) + len(key[-1]) + OVERHEAD
