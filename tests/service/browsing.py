"""A server in a thread, and tabs of a real browser that note whatever they must not do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from trail.service import ServiceSettings, create_app
from trail.service.guard import GuardSettings, guarded
from trail.service.keys import KeyRing

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, PHONE = {"width": 1360, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def served(projects: dict[str, Path], keys: Path | None = None) -> Iterator[str]:
    """Serves projects from a thread behind the guard, as `trail serve` does, and yields the address."""
    app, ring = create_app(ServiceSettings(projects=projects)), KeyRing(keys) if keys else None
    config = uvicorn.Config(
        guarded(app, GuardSettings(), ring, None),
        host="127.0.0.1",
        port=0,
        log_level="warning",
        ws="none",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


class Watched:
    """A tab that notes whatever it must not do: complain, or ask any other host."""

    def __init__(self, browser, address: str, **options) -> None:
        self.context = browser.new_context(base_url=address, **{"viewport": DESK, **options})
        self.tab = self.context.new_page()
        self.wrong: list[str] = []
        self.tab.on(
            "console", lambda said: self.note(f"{said.type}: {said.text}", said.type in {"error", "warning"})
        )
        self.tab.on("pageerror", lambda error: self.note(str(error)))
        self.tab.on("request", lambda asked: self.note(asked.url, not asked.url.startswith(f"{address}/")))
        self.tab.on("response", lambda found: self.note(f"{found.status} {found.url}", found.status >= 400))

    def note(self, what: str, wrong: bool = True) -> None:
        if wrong:
            self.wrong.append(what)


def focused(tab) -> str:
    return tab.evaluate(
        "document.activeElement.className || document.activeElement.id || document.activeElement.tagName"
    )


def press(tab, role, name) -> None:
    """Clicks what leads to another page, and waits for it."""
    with tab.expect_navigation():
        tab.get_by_role(role, name=name, exact=True).click()
