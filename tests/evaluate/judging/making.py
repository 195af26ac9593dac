"""A little sealed snapshot whose texts a model wrote, all but the last, and a server that speaks the protocol."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pyarrow as pa
from tests.snapshots.making import DRIVERS, K, contents

from trail.facts import render, verify
from trail.snapshots import Explained, Snapshot, outlook_of, seal

#: A title that tries to be markup.
TITLE = '</td><script>alert("x")</script>'


@cache
def _contents():
    manifest, table, cards, texts = contents()
    titles = cards.table["title"].to_pylist()
    titles[0] = TITLE
    at = cards.table.schema.get_field_index("title")
    cards = replace(cards, table=cards.table.set_column(at, "title", pa.array(titles, pa.string())))
    rng = np.random.default_rng(4)
    written = []
    for each in texts[:-1]:
        card, outlook = cards.card(cards.row_of(each.item_id)), outlook_of(table, each.item_id, K)
        text = render(card, outlook, DRIVERS, rng, mask=("metadata",)).text
        written.append(Explained(each.item_id, text, verify(text, card, outlook), DRIVERS, "model"))
    return manifest, table, cards, [*written, texts[-1]]


def sealed(folder) -> Snapshot:
    return seal(folder, *_contents())


@dataclass(frozen=True)
class Reply:
    """What the server sends: a status, a body and headers, after a while."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


def completion(content: Any) -> dict[str, Any]:
    return {
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content}}],
    }


class ChatServer:
    """A server of `/v1/chat/completions` in this process; `reply` answers the parsed request."""

    def __init__(self, reply: Callable[[dict[str, Any]], Reply]) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.requests.append({"path": self.path, **body})
                outer.headers.append({name.lower(): value for name, value in self.headers.items()})
                answer = reply(body)
                time.sleep(answer.delay)
                data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
                try:
                    self.send_response(answer.status)
                    for name, value in {"content-length": str(len(data)), **answer.headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(data)
                except (BrokenPipeError, ConnectionResetError):  # the client did not wait
                    self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
