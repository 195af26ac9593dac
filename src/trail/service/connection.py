"""One connection: the server's own protocol, with bounds on a request's headers, on the time until they are whole, and on how many there are."""

from __future__ import annotations

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from trail.service.gauges import count_refusal

#: Bytes of a request's line and headers in all, and seconds until the last of them must be here.
HEADERS, SECONDS = 32_768, 10.0
#: Connections at once, open ones that ask nothing included; half of the files that a process may usually open.
CONNECTIONS = 512
_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n"
)
_TOO_LARGE = b"request header fields too large"
#: Bytes of a header's line that are neither name nor value.
_LINE = 4


class Bounded(HttpToolsProtocol):
    """The protocol of `uvicorn`, which bounds headers for its slower parser only.

    A request with larger headers is answered 431, and one whose headers do not end is dropped: both before anybody
    asks whose it is.
    """

    #: Whether the headers of the request at hand are here.
    _whole = False
    #: Bytes since the last piece of a body or the last end of a request or of headers; bytes of the last piece received.
    _loose = _piece = 0
    _refused = False
    _deadline: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begins to count; one connection too many is told so and closed."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            count_refusal(503)
            transport.write(_BUSY)
            transport.close()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the deadline."""
        self._in_time()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Reads on, unless it is too much that is no body."""
        self._piece = len(data)
        self._loose += self._piece
        super().data_received(data)
        if self._loose > HEADERS and not self.transport.is_closing():
            self._refuse()
        elif self._loose and not self._whole and self._deadline is None:
            self._wait()

    def on_headers_complete(self) -> None:
        """Begins to answer, unless the headers were too large."""
        self._in_time()
        # only where so many bytes came at all is it worth adding up
        if max(self._loose, self._piece) > HEADERS and self._size() > HEADERS:
            self._refused = True
            raise ValueError("headers are too large")  # the parser stops, and `send_400_response` is called
        self._whole, self._loose = True, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Passes on a piece of a body, whose size the guard bounds."""
        self._loose = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Gets ready for the next request."""
        self._whole, self._loose = False, 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Says what was wrong with a request that was not understood."""
        if self._refused:
            self._refuse()
        else:
            count_refusal(400)
            super().send_400_response(msg)

    def _size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + _LINE for name, value in self.headers)

    def _refuse(self) -> None:
        """Says that headers are too large, where no other answer is on its way, and closes."""
        count_refusal(431)
        if not self._answering() and not self._whole:
            head = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain\r\nconnection: close\r\n"
            self.transport.write(head + b"content-length: %d\r\n\r\n" % len(_TOO_LARGE) + _TOO_LARGE)
        self.transport.close()

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(SECONDS, self._late)

    def _in_time(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if self._answering():  # of the request before this one
            self._wait()
        else:
            if self._loose:  # it began to ask: counted as what others would answer
                count_refusal(408)
            self.transport.close()
