"""Bounds of a connection, over a real socket: how large a request's headers may be, and how long they may take."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager

import numpy as np
import pytest
import uvicorn
from uvicorn.server import ServerState

from trail.service import ServiceSettings, connection
from trail.service.connection import HEADERS, Bounded
from trail.service.gauges import REGISTRY
from trail.service.guard import GuardSettings
from trail.service.serving import Address, prepared

ASK = b"GET /a HTTP/1.1\r\nhost: localhost\r\n"


async def app(scope, receive, send):
    """Answers with the number of headers and the bytes of the body."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    body = f"{len(scope['headers'])} {size}".encode()
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": length})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def connected():
    """Yields the reader and the writer of a connection."""
    config, state = uvicorn.Config(app, log_config=None, lifespan="off"), ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: Bounded(config, state, {}), "127.0.0.1", 0
    )
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    try:
        yield reader, writer
    finally:
        writer.close()
        server.close()


async def _answer(reader) -> bytes:
    """Returns all until the connection is closed."""
    try:
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionError:
        return b""


def asked(*pieces: bytes, pause: float = 0.0) -> bytes:
    """Sends pieces over one connection and returns what comes back until it is closed."""

    async def go() -> bytes:
        async with connected() as (reader, writer):
            for each in pieces:
                try:
                    writer.write(each)
                    await writer.drain()
                except ConnectionError:
                    break
                await asyncio.sleep(pause)
            return await _answer(reader)

    return asyncio.run(go())


LAST = b"connection: close\r\n\r\n"


def test_headers_up_to_the_bound_are_read():
    large = b"x-a: " + b"a" * (HEADERS - 200) + b"\r\n"
    assert asked(ASK + large + LAST).endswith(b"\r\n\r\n3 0")
    assert asked(ASK + large[:9000], large[9000:] + LAST, pause=0.02).endswith(b"\r\n\r\n3 0")


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("header", [b"x-a: " + b"a" * HEADERS + b"\r\n", b"x-a: a\r\n" * 4096])
def test_larger_headers_are_refused(header: bytes, whole: bool, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.CRITICAL):
        found = asked(ASK + header + (LAST if whole else b""))
    assert found.split(b"\r\n")[0] == b"HTTP/1.1 431 Request Header Fields Too Large"
    assert b"200 OK" not in found


def test_headers_without_end_are_not_kept():
    async def go() -> int:
        sent = 0
        async with connected() as (_, writer):
            writer.write(ASK + b"x-a: ")
            while sent < 64_000_000 and not writer.is_closing():
                writer.write(b"a" * 65_536)
                try:
                    await writer.drain()
                except ConnectionError:
                    break
                sent += 65_536
        return sent

    assert asyncio.run(go()) < 16_000_000


def test_a_body_may_be_larger_than_headers():
    body = b"x" * 4 * HEADERS
    post = b"POST /a HTTP/1.1\r\nhost: localhost\r\n"
    length = b"content-length: %d\r\n" % len(body)
    assert asked(post + length + LAST + body).endswith(f" {len(body)}".encode())
    chunk = b"%x\r\n%s\r\n" % (1000, b"y" * 1000)
    chunked = post + b"transfer-encoding: chunked\r\n" + LAST
    assert asked(chunked, chunk * 50, chunk * 50, b"0\r\n\r\n", pause=0.01).endswith(b" 100000")


def test_one_request_after_another_counts_from_the_start():
    each = ASK + b"x-a: " + b"a" * (HEADERS // 2) + b"\r\n"
    found = asked(each + b"\r\n", each + b"\r\n", each + b"\r\n" + each + LAST, pause=0.05)
    assert found.count(b"200 OK") == 4


def test_what_comes_after_a_body_is_bounded_too():
    post = b"POST /a HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
    found = asked(post + b"1\r\nx\r\n0\r\n", *[b"x-a: " + b"a" * HEADERS + b"\r\n"] * 8, pause=0.01)
    assert b"200 OK" not in found


def test_headers_that_do_not_end_in_time_are_dropped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "SECONDS", 0.1)
    assert asked() == b"", "one that asks nothing"
    assert asked(ASK) == b"", "half a request"
    assert asked(ASK, *[b"x: y\r\n"] * 10, pause=0.03) == b"", "one that comes by drops"
    found = asked(ASK + b"\r\n", ASK, pause=0.02)
    assert found.count(b"200 OK") == 1, "half a second one"


def test_a_request_in_time_is_not_dropped_while_its_body_comes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "SECONDS", 0.1)
    post = b"POST /a HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n" + LAST
    assert asked(post + b"x", b"y", pause=0.2).endswith(b" 2")


def test_what_is_no_request_is_counted(monkeypatch: pytest.MonkeyPatch):
    def counted() -> list[float]:
        found = (
            REGISTRY.get_sample_value("trail_refusals_total", {"status": each})
            for each in ["400", "408", "431"]
        )
        return [each or 0.0 for each in found]

    monkeypatch.setattr(connection, "SECONDS", 0.1)
    before = np.array(counted())
    for pieces, more in (
        ([b"no request\r\n\r\n"], [1, 0, 0]),
        ([], [0, 0, 0]),
        ([ASK], [0, 1, 0]),
        ([ASK + b"x-a: " + b"a" * HEADERS + b"\r\n" + LAST], [0, 0, 1]),
        ([ASK + LAST], [0, 0, 0]),
    ):
        asked(*pieces)
        assert list(counted() - before) == more, pieces
        before = np.array(counted())


def test_one_connection_too_many_is_told_so_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "CONNECTIONS", 2)

    def refusals() -> float:
        return REGISTRY.get_sample_value("trail_refusals_total", {"status": "503"}) or 0.0

    async def go() -> None:
        before = refusals()
        async with connected() as (first, asking):
            address = asking.get_extra_info("peername")
            _, second = await asyncio.open_connection(*address)
            third, one_too_many = await asyncio.open_connection(*address)
            assert (await _answer(third)).startswith(b"HTTP/1.1 503 ")
            asking.write(ASK + LAST)
            assert b"200 OK" in await _answer(first)
            again, asking_again = await asyncio.open_connection(*address)  # at the place that came free
            asking_again.write(ASK + LAST)
            assert b"200 OK" in await _answer(again)
            for each in (second, one_too_many, asking_again):
                each.close()
        assert refusals() - before == 1

    asyncio.run(go())


def test_the_server_bounds_its_connections_so(shop):
    made = prepared(ServiceSettings(projects={"shop": shop}), GuardSettings(), Address(port=0))
    made.listener.close()
    assert made.server.config.http is Bounded
