"""Answers as gzip for who accepts it; a page that did not change is compressed once."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

#: The one encoding there is beside none, which is empty.
GZIP = "gzip"
#: Compressed pages that are kept, the last so many: a list of fifty texts has some 30 kB.
_MOST = 64


def encoding_of(scope: Mapping[str, Any]) -> str:
    """Returns how the answer to a request is to be encoded: `gzip`, or empty for as it is."""
    return _chosen(next((value for name, value in scope["headers"] if name == b"accept-encoding"), b""))


@lru_cache(maxsize=256)
def _chosen(accepted: bytes) -> str:
    for each in accepted.lower().replace(b" ", b"").split(b","):
        name, _, weight = each.partition(b";q=")
        if name == GZIP.encode():
            return GZIP if not weight or weight.strip(b"0.") else ""
    return ""


def headers_of(encoding: str) -> dict[str, str]:
    """Returns what an answer says of its encoding, so that no cache gives it to who cannot read it."""
    return {"Vary": "Accept-Encoding"} | ({"Content-Encoding": encoding} if encoding else {})


def encoded(body: bytes, encoding: str) -> bytes:
    """Returns a body as it is sent; the same body gives the same bytes."""
    return gzip.compress(body, compresslevel=6, mtime=0) if encoding else body


class Zipped:
    """Pages compressed last, by what they say; used from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, body: bytes, encoding: str) -> bytes:
        """Returns a page as it is sent."""
        if not encoding:
            return body
        name = hashlib.blake2b(body, digest_size=32).digest()
        with self._lock:
            found = self._kept.get(name)
        if found is None:
            found = encoded(body, encoding)
        with self._lock:
            self._kept[name] = found
            self._kept.move_to_end(name)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return found
