"""Which paths are open, and what a key must be allowed to do for the others: the one place that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from trail.service.keys import Scope

#: Paths that need no key, and folders of such.
OPEN_PATHS = frozenset({"/health", "/ready", "/version", "/login"})
OPEN_FOLDERS = ("/static/",)
#: Paths that are not even counted: who watches over the service must never be refused for asking.
_UNCOUNTED = frozenset({"/health", "/ready"})
#: Paths for programs; every other one is a page, from which a browser without a key is sent to sign in.
PROGRAM_FOLDERS = ("/v1/", "/metrics", "/static/", "/openapi.json")
#: Methods that change nothing.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Rule:
    """What the requests of some paths need.

    Attributes:
        start: How the path begins.
        scope: What the key must be allowed to do.
        what: What of a project it holds for, the part of the path behind the project's name; empty for all.
        explains: Whether such requests may ask for a new explanation, which needs the scope `explain`; whether one does, its
            route knows.
        open_mode: Whether a service without keys allows it in spite of the scope.
    """

    start: str
    scope: Scope
    what: str = ""
    explains: bool = False
    open_mode: bool = False

    def holds(self, path: str) -> bool:
        """Tells whether the rule is that of a path."""
        begins = path == self.start or path.startswith(
            self.start if self.start[-1] == "/" else self.start + "/"
        )
        return begins and self.what in ("", _what_of(path))


def _what_of(path: str) -> str:
    """Returns what of a project is asked for: the fourth part of `/v1/projects/NAME/WHAT/…`, empty without one."""
    return "".join(path.split("/", 5)[4:5])


#: The first that holds counts.
RULES = (
    Rule("/metrics", Scope.ADMIN, open_mode=True),
    Rule("/v1", Scope.READ, what="explanations", explains=True),
    Rule("/", Scope.READ),
)


@lru_cache(maxsize=512)
def rule_of(path: str) -> Rule:
    """Returns what the requests of a path need."""
    return next((each for each in RULES if each.holds(path)), RULES[-1])


def is_open(path: str) -> bool:
    """Tells whether a path needs no key."""
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDERS)


def is_counted(path: str) -> bool:
    """Tells whether requests for a path have a limit; pages' own files, the same for all, have none.

    Behind a proxy everybody comes from its one address, and each page asks for several files.
    """
    return path not in _UNCOUNTED and not path.startswith(OPEN_FOLDERS)


def is_page(path: str) -> bool:
    """Tells whether a path is for people."""
    return not path.startswith(PROGRAM_FOLDERS)


def route_path(scope: Mapping[str, Any]) -> str:
    """Returns the path that routes are found by: without what a proxy put before it.

    Rules must see the very path that the router sees, or a prefix would hide `/metrics` from them.
    """
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if root and path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/"):
        return path[len(root) :]
    return path
