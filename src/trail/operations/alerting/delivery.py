"""A message posted to its address, signed, again after a while where it fails."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx2

from trail.operations.alerting.outbox import Message

#: The signature: time and HMAC-SHA-256 of time, dot and body, so that an old message cannot be sent again as a new one.
SIGNATURE, IDENTITY = "X-Trail-Signature", "X-Trail-Id"
_OK, _REDIRECT, _SERVER = 200, 300, 500
#: Statuses by which a receiver refuses this very message, or any for good; another try is of no use.
FINAL = (400, 410, 413, 422)
#: Those that may pass within seconds, as those of a server in trouble: too early, too many.
_PASSING = (408, 425, 429)


@dataclass(frozen=True)
class Patience:
    """How often and how long a delivery is tried in one run.

    Attributes:
        tries: Posts at most.
        pause: Seconds before the second; doubled before each further one, and spread by half at random.
        timeout: Seconds that one may take, up to its status; what comes after that is not read. The system's search for a
            host has limits of its own.
    """

    tries: int = 5
    pause: float = 1.0
    timeout: float = 10.0


def signature(secret: str, body: bytes, now: int) -> str:
    """Returns the header that proves who sent a body, and when: `t=<Unix time>,v1=<hexadecimal>`.

    Receivers recompute the HMAC over `<t>.<body>` with the shared secret, compare in constant time, and refuse a
    time more than five minutes away.
    """
    digest = hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={now},v1={digest}"


def deliver(
    message: Message,
    secret: str,
    patience: Patience | None = None,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.time,
) -> str:
    """Posts a message until it is taken; a failure that will not pass within seconds is left to later runs.

    Returns:
        Empty if it was taken; else why not: starting with "refused" where trying again is of no use, and with "status" where
        the receiver answered, so that another message may do.
    """
    patience = patience or Patience()
    body = json.dumps(message.body, ensure_ascii=False, sort_keys=True).encode()
    why = ""
    for attempt in range(patience.tries):
        if attempt:
            sleep(patience.pause * 2 ** (attempt - 1) * random.uniform(1.0, 1.5))  # noqa: S311 - no secret
        headers = _headers(message, secret, body, int(clock()))
        why, passing = _posted(message.url, body, headers, patience.timeout)
        if not passing:
            return why
    return why


def _headers(message: Message, secret: str, body: bytes, now: int) -> dict[str, str]:
    signed = signature(secret, body, now)
    return {
        "Content-Type": "application/json",
        "User-Agent": "trail",
        IDENTITY: message.id,
        SIGNATURE: signed,
    }


def _posted(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> tuple[str, bool]:
    """Returns nothing if a post was taken, else why not; and whether another try may do within seconds."""
    try:
        status = asyncio.run(_status(url, body, headers, seconds))
    except TimeoutError:
        return f"no answer within {seconds:g} s", True
    except httpx2.RequestError as error:
        return f"{type(error).__name__}: {error}", True
    except (httpx2.InvalidURL, UnicodeError) as error:  # a host that no name server can be asked for
        return f"not an address that can be asked: {error}", False
    if _OK <= status < _REDIRECT:
        return "", False
    if status in FINAL:
        return f"refused with status {status}", False
    return f"status {status}", status >= _SERVER or status in _PASSING


async def _status(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> int:
    """Posts and returns the status; a client's own limits are for each read, and who trickles keeps them for ever."""
    async with (
        asyncio.timeout(seconds),
        httpx2.AsyncClient(timeout=None, follow_redirects=False) as client,
        client.stream("POST", url, content=body, headers=dict(headers)) as response,
    ):
        return response.status_code
