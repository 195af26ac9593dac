"""What stands around every page: project, places to go, snapshots to choose from, the address of the JSON twin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from fastapi import Request

from trail.service.backtests import champions
from trail.service.shelf import Shelf

#: Places of a project: last part of the address -> what it is called.
PLACES = {
    "": "List",
    "risers": "Risers",
    "new": "New items",
    "moves": "Moves",
    "scorecard": "Scorecard",
    "backtest": "Backtest",
    "health": "Data health",
}
#: Those of one snapshot, which is carried along by `at`.
_OF_SNAPSHOT = {"", "risers", "new", "moves"}
#: Snapshots offered to choose from, at most.
_OFFERED = 60


@dataclass(frozen=True)
class Frame:
    """What stands around a page.

    Attributes:
        title: Of the window.
        root: Prefix of all addresses, where a proxy adds one.
        project: Name of the project; empty on pages of none.
        place: Which of `PLACES`; null on others.
        at: Name of the past snapshot that is looked at; empty for the published one.
        published: Name of the published one; empty without one.
        names: Snapshots to choose from, the latest first.
        twin: Address of the JSON twin.
        absent: Those of `PLACES` that would show nothing.
    """

    title: str
    root: str = ""
    project: str = ""
    place: str | None = None
    at: str = ""
    published: str = ""
    names: list[str] = field(default_factory=list)
    twin: str = ""
    absent: frozenset[str] = frozenset()

    def to(self, place: str = "", **asked: object) -> str:
        """Returns the address of a place of the project, of the snapshot that is looked at."""
        kept = {"at": self.at} if self.at and place in _OF_SNAPSHOT else {}
        path = f"{self.root}/p/{quote(self.project, safe='')}{f'/{place}' if place else ''}"
        return _asked(path, kept | asked)

    def item(self, item_id: str, **asked: object) -> str:
        """Returns the address of an item's page, of the snapshot that is looked at."""
        return self._of_item(self.items, item_id, asked)

    @property
    def items(self) -> str:
        """Address of all items' pages, which are told apart by `id`."""
        return f"{self.root}/p/{quote(self.project, safe='')}/items"

    def stream(self, item_id: str) -> str:
        """Returns the address at which an item's text is written."""
        return self._of_item(
            f"{self.root}/v1/projects/{quote(self.project, safe='')}/explanations", item_id, {}
        )

    def _of_item(self, folder: str, item_id: str, asked: dict[str, object]) -> str:
        """Returns an address of an item: in the path, unless browsers or proxies would read another path in it."""
        kept = {"at": self.at} if self.at else {}
        if item_id.strip(" .") and not set(item_id) & set("/\\%"):
            return _asked(f"{folder}/{quote(item_id, safe='')}", kept | asked)
        return _asked(folder, {"id": item_id} | kept | asked)

    @property
    def places(self) -> list[tuple[str, str, bool]]:
        """Address, name and whether one is there, of each place that shows something."""
        told = [(place, name) for place, name in PLACES.items() if place not in self.absent]
        return [(self.to(place), name, place == self.place) for place, name in told]


def framed(request: Request, shelf: Shelf, title: str, *, place: str | None = None, at: str = "") -> Frame:
    """Returns what stands around a page of a project.

    Args:
        request: What is answered.
        shelf: The project.
        title: Of the window.
        place: Which of `PLACES`.
        at: Snapshot that was asked for.
    """
    published = shelf.current.name if shelf.ready else ""
    root = root_of(request)
    names = shelf.names()[:_OFFERED]
    chosen = "" if at == published else at
    return Frame(
        title=f"{title} · {shelf.name} · TRAIL",
        root=root,
        project=shelf.name,
        place=place,
        at=chosen,
        published=published,
        names=names if not chosen or chosen in names else [chosen, *names],
        twin=_twin(request),
        absent=absent(shelf, chosen),
    )


def absent(shelf: Shelf, at: str = "") -> frozenset[str]:
    """Returns the places of a project that would show nothing: no backtest was run, no snapshot is older than this one."""
    names = shelf.names()
    looked = at or (shelf.current.name if shelf.ready else "")
    found = {"backtest": not champions(shelf), "moves": not looked or names[-1:] == [looked]}
    return frozenset(place for place, nothing in found.items() if nothing)


def root_of(request: Request) -> str:
    """Returns the prefix that a proxy adds to all addresses."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def path_of(request: Request) -> str:
    """Returns the address that is asked for, without that prefix."""
    return quote(str(request.scope["path"]).removeprefix(root_of(request)))


def is_twin(request: Request) -> bool:
    """Whether the JSON twin of a page is asked for: `format=json`, or `.json` where no path can be an item's."""
    route = getattr(request.scope.get("route"), "path", "")
    return request.query_params.get("format") == "json" or route.endswith(".json")


def _twin(request: Request) -> str:
    asked = {name: value for name, value in request.query_params.items() if value}
    return _asked(root_of(request) + path_of(request), asked | {"format": "json"})


def _asked(path: str, asked: Mapping[str, object]) -> str:
    # a price of 0 is told: it equals False, but is not
    told = {name: value for name, value in asked.items() if value not in ("", None) and value is not False}
    return f"{path}?{urlencode(told)}" if told else path
