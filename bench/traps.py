"""Places of a night at which it kills itself outright, before or after one call; and a receiver of its webhook."""

from __future__ import annotations

import importlib
import json
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from trail.operations.night import Night


@dataclass(frozen=True)
class Trap:
    """A call in a step of a night.

    Attributes:
        step: The method of `Night` from whose start on the trap is set.
        call: The function, `module:name`.
        before: Whether the night dies before the call, or after it.
    """

    step: str
    call: str
    before: bool


_ALERTS, _OUTBOX = "trail.operations.alerting", "trail.operations.alerting.outbox"
_PUBLISH, _RETIRE, _MOVING = (
    "trail.operations.publishing",
    "trail.operations.retention",
    "trail.operations.moving",
)
TRAPS: Mapping[str, Trap] = {
    "publish, the mapped files written": Trap("_publish", f"{_PUBLISH}:mapped_files", before=False),
    "publish, the pointer not moved": Trap("_publish", f"{_PUBLISH}:write_json", before=True),
    "publish, the pointer moved": Trap("_publish", f"{_PUBLISH}:write_json", before=False),
    "alerts, messages made": Trap("_alert", f"{_ALERTS}:tell", before=False),
    "alerts, noted what is told": Trap("_alert", f"{_ALERTS}:keep_told", before=False),
    "alerts, one delivered and not noted": Trap("_alert", f"{_OUTBOX}:Outbox.delivered", before=True),
    "alerts, one delivered and noted": Trap("_alert", f"{_OUTBOX}:Outbox.delivered", before=False),
    "moves, not written": Trap("_move", f"{_MOVING}:write_moves", before=True),
    "moves, written": Trap("_move", f"{_MOVING}:write_moves", before=False),
    "retention, none removed": Trap("_retire", f"{_RETIRE}:_remove", before=True),
    "retention, one on its way out": Trap("_retire", "shutil:rmtree", before=True),
    "retention, one removed": Trap("_retire", f"{_RETIRE}:_remove", before=False),
}


def set_trap(trap: Trap) -> None:
    """Lets this process die by SIGKILL at the first such call in the step."""
    step = getattr(Night, trap.step)

    def armed(*arguments: Any, **named: Any) -> Any:
        module, _, path = trap.call.partition(":")
        *owners, name = path.split(".")
        owner: Any = importlib.import_module(module)
        for each in owners:
            owner = getattr(owner, each)
        setattr(owner, name, _deadly(getattr(owner, name), before=trap.before))
        return step(*arguments, **named)

    setattr(Night, trap.step, armed)


def _deadly(call: Callable[..., Any], *, before: bool) -> Callable[..., Any]:
    def last(*arguments: Any, **named: Any) -> None:
        if not before:
            call(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return last


class Receiver:
    """A receiver of webhooks on this machine: it takes everything, and remembers what came under which id."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, tuple[str, str]]] = []
        """Of each delivery the id, and the kind of the news with its item."""
        posted = self.posted

        class Take(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                news = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["news"]
                posted.append((self.headers["X-Trail-Id"], (news["kind"], news["item_id"])))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Prints nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Take)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def told(self) -> dict[tuple[str, str], set[str]]:
        """Returns the ids under which each news came."""
        found: dict[tuple[str, str], set[str]] = {}
        for name, news in self.posted:
            found.setdefault(news, set()).add(name)
        return found
