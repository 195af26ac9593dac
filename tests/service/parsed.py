"""A page taken apart, as a test reads it."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import quote, urlencode

from trail.service.pages.render import POLICY

BROWSER = {"Accept": "text/html,*/*;q=0.8"}


class Parsed(HTMLParser):
    """A page taken apart: its elements with attributes, its text, the rows of its tables."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag, **wanted):
        return [each for name, each in self.elements if name == tag and wanted.items() <= each.items()]


def page(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"] == POLICY
    return Parsed(answer.text)


def item_path(hit, **asked):
    """The address of an item's page; of one with a slash in its name that with a parameter."""
    if "/" in hit["item_id"]:
        return f"/p/shop/items?{urlencode({'id': hit['item_id']} | asked)}"
    path = f"/p/shop/items/{quote(hit['item_id'], safe='')}"
    return f"{path}?{urlencode(asked)}" if asked else path
