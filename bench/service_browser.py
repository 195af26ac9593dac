"""How long a browser with nothing kept takes until a list is visible: Debian's chromium, by playwright."""

from __future__ import annotations

import time

import numpy as np
from playwright.sync_api import Browser, sync_playwright

_CHROMIUM = "/usr/bin/chromium"
#: What is asked for, behind the project's page: the list, a search, filters, the last page.
_PAGES = ("", "?search=copper", "?category=Mugs&risers=true", "?offset=99950")
_ROW = "table.list > tbody > tr th a"
#: Aim of the product, in seconds.
_AIM = 1.0


def first_lists(page: str, rounds: int) -> None:
    """Prints the seconds until the first row of each list is visible.

    Args:
        page: Address of a project's list.
        rounds: How often each is opened.
    """
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        for asked in _PAGES:
            found = np.array([_seconds(browser, page + asked) for _ in range(rounds)])
            print(
                f"{asked or 'the list':28s} visible after {np.median(found):.2f} s, at most {found.max():.2f} "
                f"({rounds} times; aim {_AIM:g} s)"
            )
        browser.close()


def _seconds(browser: Browser, url: str) -> float:
    """Returns the seconds from asking to the first visible row, in a context of its own."""
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    tab, start = context.new_page(), time.perf_counter()
    tab.goto(url, wait_until="commit")
    tab.locator(_ROW).first.wait_for(state="visible")
    took = time.perf_counter() - start
    context.close()
    return took
