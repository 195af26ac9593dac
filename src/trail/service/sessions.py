"""Sessions of the page: a cookie that holds a random name of a session, never a key."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from urllib.parse import quote, urlsplit

#: The cookie's name.
COOKIE = "trail_session"
#: Where somebody who signed in goes when nothing better is known.
HOME = "/"
#: Characters of a path that is gone back to after signing in.
LONGEST_PATH = 2000
_HOUR = 3600


class Sessions:
    """Who is signed in: for so many hours, so many at most, in memory, so that a restart signs everybody out.

    Args:
        hours: How long a session lasts.
        most: How many there are; past it the oldest one ends.
        clock: Seconds that only grow.
    """

    def __init__(
        self, hours: float = 12.0, most: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._most, self._clock = hours * _HOUR, most, clock
        self._open: dict[str, tuple[str, float]] = {}  # in the order of their ends, since all last as long

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, key_id: str) -> str:
        """Opens a session for the holder of a key and returns its name."""
        now = self._clock()
        for name, (_, end) in list(self._open.items()):
            if end > now and len(self._open) < self._most:
                break
            del self._open[name]
        name = secrets.token_urlsafe(32)
        self._open[name] = (key_id, now + self._seconds)
        return name

    def key_of(self, name: str) -> str | None:
        """Returns the id of the key that opened a session; null if there is none, or it is over."""
        found = self._open.get(name)
        if found is None or found[1] <= self._clock():
            self._open.pop(name, None)
            return None
        return found[0]

    def end(self, name: str) -> None:
        """Closes a session; one that is not there stays so."""
        self._open.pop(name, None)


def session_in(cookies: str) -> str:
    """Returns the session's name of a Cookie header; empty if it has none."""
    if COOKIE not in cookies:
        return ""
    for each in cookies.split(";"):
        name, _, value = each.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


def set_cookie(name: str, hours: float, *, secure: bool) -> str:
    """Returns the Set-Cookie header of a session; an empty name takes it back."""
    age = int(hours * _HOUR) if name else 0
    return f"{COOKIE}={name}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{'; Secure' if secure else ''}"


def local_path(text: str) -> str:
    """Returns a path of this service, ready for a Location header; the first page for what might lead anywhere else.

    Browsers read two slashes, a slash and a backslash, and paths with tabs or newlines in them as other places.
    """
    strange = "\\" in text or not text.isprintable() or len(text) > LONGEST_PATH
    if strange or not text.startswith("/") or text.startswith("//"):
        return HOME
    try:
        parts = urlsplit(text)
    except ValueError:
        return HOME
    if parts.scheme or parts.netloc:
        return HOME
    return quote(text, safe="/?&=%:@!$'()*+,;~-._")


def same_origin(origin: str | None, fetch_site: str | None, host: str) -> bool | None:
    """Tells whether a browser says that a page of this service sent a request; null where no browser says anything.

    Args:
        origin: The header Origin.
        fetch_site: The header Sec-Fetch-Site, which a page cannot write and which says more: it decides where it is.
        host: The header Host, with its port.
    """
    if fetch_site is not None:
        return fetch_site == "same-origin"
    if origin is None:
        return None
    # the scheme is left out: a proxy that ends TLS makes it another one on this side
    scheme, _, authority = origin.partition("://")
    return scheme in ("http", "https") and bool(authority) and authority.lower() == host.lower()
