"""How often a key or an address may ask: moving windows of a minute, kept in memory and bounded."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MovingWindowSupport, Storage
from limits.strategies import MovingWindowRateLimiter

from trail.errors import ConfigError

#: Bits of an IPv6 address that are one customer's: within them a client may take a new address for each request.
_SITE = 64


@dataclass(frozen=True)
class LimitSettings:
    """How much is too much.

    Attributes:
        reads_per_minute: Requests a minute by one key; all of this machine count as one where no key is needed.
        client_reads_per_minute: Requests a minute by one address without a good key.
        explains_per_minute: Requests a minute, by one key, for a text that must be written; those that are sealed, or
            plain, are reading like all else.
        clients: Addresses remembered at most; past it the one that was seen longest ago is forgotten.
    """

    reads_per_minute: int = 30_000
    client_reads_per_minute: int = 600
    explains_per_minute: int = 30
    clients: int = 10_000

    def __post_init__(self) -> None:
        if any(each < 1 for each in vars(self).values()):
            raise ConfigError(f"limits of {vars(self)}", expected="1 or more of each")


class Limits:
    """Counts requests.

    Args:
        settings: How much is too much.
        clock: Seconds that only grow.
    """

    def __init__(self, settings: LimitSettings, clock: Callable[[], float] = time.monotonic) -> None:
        # addresses, which strangers may invent, cannot push out what is known of keys
        self._keys = _Windows(clock, settings.clients)
        self._clients = _Windows(clock, settings.clients)
        self._of_keys, self._of_clients = map(MovingWindowRateLimiter, (self._keys, self._clients))
        self._clock = clock
        self._reads = RateLimitItemPerMinute(settings.reads_per_minute, namespace="r")
        self._explains = RateLimitItemPerMinute(settings.explains_per_minute, namespace="e")
        self._client_reads = RateLimitItemPerMinute(settings.client_reads_per_minute, namespace="r")

    def key(self, key_id: str, *, explains: bool = False) -> int:
        """Counts a request by a key.

        Returns:
            0 where it may pass; else the whole seconds to wait, and it does not count.
        """
        return self._wait(self._of_keys, self._explains if explains else self._reads, key_id)

    def client(self, address: str) -> int:
        """Counts a request by an address; returns as `key` does."""
        return self._wait(self._of_clients, self._client_reads, network(address))

    @property
    def remembered(self) -> int:
        """How many windows of addresses are kept now."""
        return len(self._clients)

    def _wait(self, limiter: MovingWindowRateLimiter, item: RateLimitItem, who: str) -> int:
        if limiter.hit(item, who):
            return 0
        return max(1, math.ceil(limiter.get_window_stats(item, who).reset_time - self._clock()))


@lru_cache(maxsize=4096)
def network(address: str) -> str:
    """Returns whose an address is: itself, of IPv6 its first 64 bits."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:  # noqa: PLR2004 - the protocol's number
        return address
    return str(ipaddress.ip_network((int(found), _SITE), strict=False))


class _Windows(Storage, MovingWindowSupport):
    """The moments of each one's last requests.

    The library's own storage in memory starts a thread every hundredth of a second, which walks over all windows, and
    never forgets an address; this one forgets as it goes, and holds so many at most.
    """

    STORAGE_SCHEME = None  # asked for by no address

    def __init__(self, clock: Callable[[], float], most: int) -> None:
        super().__init__()
        self._clock, self._most = clock, most
        self._moments: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._moments)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Counts a request if the window has room for it."""
        now = self._clock()
        moments = self._window(key, now - expiry)
        if len(moments) + amount > limit:
            return False
        moments.extend([now] * amount)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002 - the base's
        """Returns the moment of the window's first request, now if there is none, and how many there are."""
        now = self._clock()
        moments = self._window(key, now - expiry)
        return (moments[0] if moments else now), len(moments)

    def _window(self, key: str, start: float) -> deque[float]:
        """Returns the moments of a window after its start, as the one that was used last."""
        moments = self._moments.get(key)
        if moments is None:
            self._forget(start)
            moments = self._moments[key] = deque()
        else:
            self._moments.move_to_end(key)
        while moments and moments[0] <= start:
            moments.popleft()
        return moments

    def _forget(self, start: float) -> None:
        """Makes room for one window: drops those used longest ago that are over, two at most, and one where all are full."""
        for _ in range(2):
            oldest = next(iter(self._moments.values()), None)
            if oldest is None or (oldest and oldest[-1] > start):
                break
            self._moments.popitem(last=False)
        if len(self._moments) >= self._most:
            self._moments.popitem(last=False)

    @property
    def base_exceptions(self) -> type[Exception]:
        """None of its own."""
        return LookupError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Counts in a window of its own kind; only the library's other strategies ask for it."""
        self.acquire_entry(key, 2**62, expiry, amount)
        return self.get(key)

    def get(self, key: str) -> int:
        """Returns how many requests are kept."""
        return len(self._moments.get(key, ()))

    def get_expiry(self, key: str) -> float:
        """Returns the moment of the last request."""
        return self._moments[key][-1] if self._moments.get(key) else self._clock()

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forgets everything and returns how many windows that was."""
        number = len(self._moments)
        self._moments.clear()
        return number

    def clear(self, key: str) -> None:
        """Forgets one window."""
        self._moments.pop(key, None)
