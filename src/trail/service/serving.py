"""The server: the application with its guard around it, on an address."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from queue import SimpleQueue

import uvicorn
from starlette.types import ASGIApp

from trail.errors import ConfigError, EngineError
from trail.service.app import create_app
from trail.service.audit import AUDIT_FILE, Act, Audit, machine_user
from trail.service.calm import calm
from trail.service.connection import Bounded
from trail.service.guard import GuardSettings, check_open, guarded
from trail.service.hosts import is_loopback
from trail.service.keys import KeyRing
from trail.service.pulling import pull_all
from trail.service.settings import ServiceSettings

#: Seconds that an idle connection stays open.
_IDLE = 15
#: Seconds that running requests get when the server is stopped.
_GRACE = 10
_ACCESS = "trail.access"


@dataclass(frozen=True)
class Address:
    """Where a server listens.

    Attributes:
        host: Name or address; without keys only one of this machine's own.
        port: TCP port; 0 for any that is free.
        certificate: File of the certificate for https; null for http.
        certificate_key: File of its private key.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    certificate: Path | None = None
    certificate_key: Path | None = None


@dataclass(frozen=True)
class Served:
    """A server that is about to listen.

    Attributes:
        app: The application with its guard.
        url: Where people find the page.
        open: Whether it needs no key.
        warning: What whoever starts it should know, in one line; empty without.
    """

    app: ASGIApp
    url: str
    open: bool
    warning: str
    server: uvicorn.Server = field(repr=False)
    listener: socket.socket = field(repr=False)

    def run(self) -> None:
        """Answers until it is stopped by a signal."""
        self.server.run(sockets=[self.listener])


class _Calm(uvicorn.Server):
    """A server that answers evenly once it has started."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, with what is published already open."""
        await super().startup(sockets=sockets)
        calm()


def prepared(
    settings: ServiceSettings, guard: GuardSettings, address: Address, keys: Path | None = None
) -> Served:
    """Returns a server that has its port and has yet to run.

    Args:
        settings: What is served.
        guard: What is let through.
        address: Where.
        keys: The file of keys; null for a server of this machine alone, which needs none.

    Raises:
        ConfigError: If the keys or the certificate cannot be read, or there are no keys and others could reach the
            address.
        EngineError: If the port is taken.
    """
    if keys is None:
        check_open(address.host)
    elif not keys.is_file():
        raise ConfigError(
            f"no file of keys {keys}",
            expected="one made by `trail keys create`",
            fix=f"run `trail keys create {keys} --name NAME --scope read`",
        )
    _check_certificate(address)
    if settings.source:
        pull_all(settings)
    ring = KeyRing(keys) if keys else None
    audit = Audit(keys.with_name(AUDIT_FILE)) if keys else None
    app = guarded(create_app(settings, audit), guard, ring, audit)
    listener = _bound(address)
    host, port = listener.getsockname()[:2]
    if audit:
        audit.note(
            Act.SERVER_STARTED, machine_user(), address=f"{host}:{port}", projects=list(settings.projects)
        )
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        http=Bounded,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_GRACE,
        proxy_headers=False,
        ssl_certfile=address.certificate,
        ssl_keyfile=address.certificate_key,
    )
    shown = f"[{host}]" if ":" in host else host
    url = f"{'https' if address.certificate else 'http'}://{shown}:{port}/"
    return Served(app, url, keys is None, _readable(address), _Calm(config), listener)


def _readable(address: Address) -> str:
    """Returns what to know of an address that others reach without TLS; empty of any other."""
    if address.certificate or is_loopback(address.host):
        return ""
    return (
        f"warning: plain HTTP on {address.host}: keys travel readable, and no browser of another machine stays signed in; "
        "give --certificate and --certificate-key, or put a proxy with TLS before it, which passes on Host and sets "
        "X-Forwarded-Proto"
    )


def _check_certificate(address: Address) -> None:
    """Raises if https would fail later, when the address was told already.

    Raises:
        ConfigError: If certificate or key are missing, damaged, or not each other's.
    """
    if address.certificate is None:
        if address.certificate_key is None:
            return
        raise ConfigError("a private key without its certificate", expected="both", fix="add --certificate")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(address.certificate, address.certificate_key)
    except OSError as error:
        files = " with ".join(
            str(each) for each in (address.certificate, address.certificate_key) if each is not None
        )
        raise ConfigError(
            f"a certificate that cannot be used ({error.strerror or error})",
            expected="a certificate and its private key, as PEM",
            where=files,
            fix="give --certificate and --certificate-key",
        ) from error


def _bound(address: Address) -> socket.socket:
    """Returns a socket on the address, before anything else is begun.

    Raises:
        EngineError: If it is taken or not this machine's.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((address.host, address.port))
    except OSError as error:
        found.close()
        raise EngineError(
            f"the address {address.host}:{address.port} cannot be had ({error.strerror or error})",
            fix="choose another --port, or stop what listens there",
        ) from error
    return found


@contextmanager
def logging_to_stderr() -> Iterator[None]:
    """Has the service's loggers write to stderr until the block ends: what happened as text, requests as JSON, a line each.

    A thread of its own writes, so that no request waits for the terminal.
    """
    lines, words = logging.StreamHandler(), logging.StreamHandler()
    lines.addFilter(lambda record: record.name == _ACCESS)
    words.addFilter(lambda record: record.name != _ACCESS)
    words.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    waiting: SimpleQueue[logging.LogRecord] = SimpleQueue()
    listener = QueueListener(waiting, lines, words)
    for name in (_ACCESS, "trail.service", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [QueueHandler(waiting)], False
        logger.setLevel(logging.INFO)
    listener.start()
    try:
        yield
    finally:
        listener.stop()
