"""Names of this machine and of those that the service answers to."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from functools import lru_cache

from trail.errors import ConfigError


def is_loopback(name: str) -> bool:
    """Tells whether a name or an address is this machine's alone: localhost, 127.0.0.0/8 or ::1."""
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def check_open(host: str) -> None:
    """Refuses to serve without keys where others could ask.

    Args:
        host: The name or address that the server is to listen on.

    Raises:
        ConfigError: If it is not this machine's alone.
    """
    if not is_loopback(host.removeprefix("[").removesuffix("]")):
        raise ConfigError(
            f"a service without keys on {host or 'every address'}",
            expected="127.0.0.1, ::1 or localhost, which nobody else reaches",
            where="--host",
            fix="make a key with `trail keys create keys.json --name NAME --scope read` and pass --keys keys.json",
        )


def check_origins(allowed: Sequence[str]) -> None:
    """Refuses what is no origin of a page.

    Args:
        allowed: Origins, or `*` for all.

    Raises:
        ConfigError: If one could not be one.
    """
    for each in allowed:
        scheme, _, authority = each.partition("://")
        if each != "*" and (scheme not in {"http", "https"} or not name_in(authority)):
            raise ConfigError(
                f"the origin {each!r}", expected="a scheme and a host, such as https://example.org"
            )


def name_in(header: str) -> str:
    """Returns the name of a Host header or of an origin's authority, in small letters and without its port.

    Empty where it is none: ports of letters, brackets that do not close, and what could be read in two ways.
    """
    if header.startswith("["):
        name, closed, port = header[1:].partition("]")
        sound = bool(closed) and _is_ipv6(name) and port[:1] in ("", ":")
        port = port[1:]
    else:
        name, _, port = header.partition(":")
        sound = not set(name) & set("/\\@?#[] \t,")
    return name.lower() if sound and (not port or (port.isascii() and port.isdigit())) else ""


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def host_check(allowed: Sequence[str], *, loopback_only: bool) -> Callable[[bytes], bool]:
    """Returns what tells whether a Host header names this service.

    Args:
        allowed: Names it answers to, `*.example.org` for all under one; none for any name.
        loopback_only: Whether it answers to this machine's names alone. A page of a stranger whose name was pointed at
            this machine asks by the stranger's name, and is refused so.

    Raises:
        ConfigError: If a name has a port, or could not be one.
    """
    names = frozenset(each.lower() for each in allowed)
    for each in names:
        bare = each.removeprefix("*.")
        if not bare or "*" in bare or name_in(f"[{bare}]" if ":" in bare else bare) != bare:
            raise ConfigError(
                f"the host {each!r}", expected="names without a port, such as trail.example.org"
            )
    ends = tuple(each[1:] for each in names if each.startswith("*."))

    @lru_cache(maxsize=256)
    def answers(header: bytes) -> bool:
        name = name_in(header.decode("latin-1"))
        if loopback_only:
            return is_loopback(name)
        return not names or name in names or name.endswith(ends)

    return answers
